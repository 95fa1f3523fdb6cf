"""Lists of invoices and one (facts §3.4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.xero.builders import Client


@pytest.fixture
def stocked(client: Client) -> Client:
    """Ten invoices a minute apart, PL-0 to PL-9; every third one a draft."""
    for place in range(10):
        status = "AUTHORISED" if place % 3 else "DRAFT"
        client.invoice(InvoiceNumber=f"PL-{place}", Status=status, Date=f"2026-11-{place + 10}")
        client.time.pass_s(60)
    return client


def numbers(answer: Any) -> list[str]:
    return [row["InvoiceNumber"] for row in answer["Invoices"]]


def test_list_without_a_page_is_thin_rows_of_everything(stocked: Client) -> None:
    answer = stocked.get("Invoices")

    assert "pagination" not in answer
    assert len(answer["Invoices"]) == 10
    row = answer["Invoices"][0]
    assert row["LineItems"] == []
    assert set(row["Contact"]) == {
        *("ContactID", "Name", "Addresses", "Phones", "ContactGroups", "ContactPersons"),
        "HasValidationErrors",
    }


def test_page_carries_lines_and_pagination_after_the_date(stocked: Client) -> None:
    answer = stocked.get("Invoices", page=2, pageSize=4)

    assert list(answer)[3:5] == ["DateTimeUTC", "pagination"]
    assert answer["pagination"] == {"page": 2, "pageSize": 4, "pageCount": 3, "itemCount": 10}
    assert numbers(answer) == ["PL-4", "PL-5", "PL-6", "PL-7"]
    assert answer["Invoices"][0]["LineItems"]
    assert {"Payments", "CreditNotes", "AmountCredited"} <= set(answer["Invoices"][0])


def test_default_order_is_by_last_change(stocked: Client) -> None:
    row = stocked.get("Invoices/PL-3")["Invoices"][0]
    stocked.post("Invoices", {"InvoiceID": row["InvoiceID"], "Reference": "x"})

    assert numbers(stocked.get("Invoices", page=1))[-1] == "PL-3"


def test_filters_find_by_id_number_contact_and_status(stocked: Client) -> None:
    rows = stocked.get("Invoices", page=1)["Invoices"]
    ids = ",".join(row["InvoiceID"] for row in rows[2:4])
    other = stocked.contact("Other")
    stocked.invoice(InvoiceNumber="O", Contact={"ContactID": other})

    assert numbers(stocked.get("Invoices", IDs=ids, page=1)) == ["PL-2", "PL-3"]
    assert numbers(stocked.get("Invoices", InvoiceNumbers="PL-7,pl-1,none")) == ["PL-1", "PL-7"]
    assert numbers(stocked.get("Invoices", ContactIDs=other)) == ["O"]
    drafts = stocked.get("Invoices", Statuses="DRAFT,VOIDED")
    assert numbers(drafts) == ["PL-0", "PL-3", "PL-6", "PL-9"]
    assert drafts["pagination"]["itemCount"] == 4


def test_lists_by_id_carry_lines_by_a_switch_and_with_a_page_always(stocked: Client) -> None:
    identifier = stocked.get("Invoices/PL-1")["Invoices"][0]["InvoiceID"]

    assert stocked.get("Invoices", IDs=identifier)["Invoices"][0]["LineItems"]
    stocked.world.set_switches({"ids_bring_lines": False})
    assert stocked.get("Invoices", IDs=identifier)["Invoices"][0]["LineItems"] == []
    assert stocked.get("Invoices", IDs=identifier, page=1)["Invoices"][0]["LineItems"]


def test_created_by_my_app_leaves_out_what_people_wrote(stocked: Client) -> None:
    stocked.command("create_invoice", InvoiceNumber="X-1")

    assert "X-1" in numbers(stocked.get("Invoices"))
    assert "X-1" not in numbers(stocked.get("Invoices", createdByMyApp="true"))


def test_summary_drops_lines_and_money_and_pages(stocked: Client) -> None:
    answer = stocked.get("Invoices", summaryOnly="true")

    assert answer["pagination"]["pageSize"] == 100
    assert not {"LineItems", "Payments", "CreditNotes", "HasAttachments"} & set(
        answer["Invoices"][0]
    )
    assert answer["Invoices"][0]["Total"] == 414


def test_search_looks_into_number_and_reference(stocked: Client) -> None:
    stocked.invoice(InvoiceNumber="Z", Reference="Order pl-77")

    assert numbers(stocked.get("Invoices", searchTerm="PL-7")) == ["PL-7", "Z"]


def test_one_is_found_by_id_and_by_number(stocked: Client) -> None:
    row = stocked.get("Invoices/PL-4")["Invoices"][0]

    assert stocked.get(f"Invoices/{row['InvoiceID']}")["Invoices"] == [row]


def test_number_of_a_sale_wins_over_a_bills(client: Client) -> None:
    client.command(
        "create_invoice", InvoiceNumber="42", Type="ACCPAY", Status="DRAFT", LineItems=[]
    )
    row = client.invoice(InvoiceNumber="42")

    assert client.get("Invoices/42")["Invoices"][0]["InvoiceID"] == row["InvoiceID"]


def test_forty_ids_fit_into_an_address_and_fifty_three_do_not(client: Client) -> None:
    identifier = "00000000-0000-0000-0000-000000000001"

    fits = client.send("GET", "Invoices", IDs=",".join([identifier] * 40), page=1, unitdp=4)
    fails = client.send("GET", "Invoices", IDs=",".join([identifier] * 53))

    assert [fits.status, fails.status] == [200, 404]
