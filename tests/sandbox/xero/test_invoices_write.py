"""Creating and updating invoices (facts §3.2, §3.3, §3.7)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, line, messages, new_client


def update(client: Client, row: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"InvoiceID": row["InvoiceID"], **more}
    answer = client.post("Invoices", body, unitdp=4)["Invoices"][0]
    assert answer["StatusAttributeString"] == "OK", answer
    return dict(answer)


def whole(client: Client, row: dict[str, Any]) -> dict[str, Any]:
    return dict(client.get(f"Invoices/{row['InvoiceID']}", unitdp=4)["Invoices"][0])


def test_answer_of_a_create_is_the_recorded_example(client: Client) -> None:
    """Facts §3.3: the example of a batch of two."""
    row = client.invoice(
        InvoiceNumber="PL-2041",
        Reference="pipeline:ord_8812",
        Url="https://pipeline.example/invoices/2041",
        CurrencyCode="NZD",
    )

    expected = {
        "Type": "ACCREC",
        "InvoiceNumber": "PL-2041",
        "Reference": "pipeline:ord_8812",
        "Prepayments": [],
        "Overpayments": [],
        "AmountDue": 414,
        "AmountPaid": 0,
        "SentToContact": False,
        "CurrencyRate": 1,
        "IsDiscounted": False,
        "HasErrors": False,
        "InvoicePaymentServices": [],
        "UpdatedDateUTCString": "2026-11-22T00:15:00Z",
        "DateString": "2026-11-20T00:00:00",
        "Date": "/Date(1795132800000+0000)/",
        "DueDateString": "2026-12-20T00:00:00",
        "DueDate": "/Date(1797724800000+0000)/",
        "Url": "https://pipeline.example/invoices/2041",
        "Status": "AUTHORISED",
        "LineAmountTypes": "Exclusive",
        "SubTotal": 360,
        "TotalTax": 54,
        "Total": 414,
        "UpdatedDateUTC": "/Date(1795306500000+0000)/",
        "CurrencyCode": "NZD",
        "StatusAttributeString": "OK",
    }
    assert {name: row[name] for name in expected} == expected
    assert set(row) - set(expected) == {"InvoiceID", "Contact", "BrandingThemeID", "LineItems"}
    account = client.books.settings.by_code["200"].id
    own = dict(row["LineItems"][0])
    own.pop("LineItemID")
    assert own == {
        "Description": "Install, zone 2",
        "UnitAmount": 120,
        "TaxType": "OUTPUT2",
        "TaxAmount": 54,
        "LineAmount": 360,
        "AccountCode": "200",
        "Tracking": [],
        "Quantity": 3,
        "AccountID": account,
        "ValidationErrors": [],
    }


def test_batch_answers_in_order_and_saves_the_good(client: Client) -> None:
    client.invoice(InvoiceNumber="PL-1999")
    numbers = ["PL-1", "PL-1999", "PL-2"]

    rows = client.put("Invoices", {"Invoices": [client.draft(InvoiceNumber=n) for n in numbers]})[
        "Invoices"
    ]

    assert [row["InvoiceNumber"] for row in rows] == numbers
    assert [row["StatusAttributeString"] for row in rows] == ["OK", "ERROR", "OK"]
    assert rows[1]["InvoiceID"] == "00000000-0000-0000-0000-000000000000"
    assert rows[1]["HasErrors"] is True
    assert messages(rows[1]) == ["Invoice # must be unique."]
    assert (rows[1]["SubTotal"], rows[1]["TotalTax"], rows[1]["Total"]) == (360, 54, 414)
    assert "UpdatedDateUTC" not in rows[1]


@pytest.mark.parametrize(("saves", "numbers"), [(False, []), (True, ["A"])])
def test_mixed_batch_as_400_saves_as_switched(saves: bool, numbers: list[str]) -> None:
    client = new_client(save_good_on_400=saves)
    batch = [client.draft(InvoiceNumber="A"), client.draft(InvoiceNumber="B", Type="x")]

    answer = client.send("PUT", "Invoices", {"Invoices": batch})

    assert answer.status == 400
    assert [each["InvoiceNumber"] for each in json.loads(answer.body)["Elements"]] == ["B"]
    assert [each.number for each in client.books.invoices.truth()] == numbers


def test_number_twice_in_one_batch_is_refused_either_way(client: Client) -> None:
    batch = {"Invoices": [client.draft(InvoiceNumber="A") for _ in range(2)]}

    together = client.send("PUT", "Invoices", batch)
    assert together.status == 400
    assert len(client.books.invoices) == 0

    rows = client.put("Invoices", batch)["Invoices"]
    assert [row["StatusAttributeString"] for row in rows] == ["OK", "ERROR"]


@pytest.mark.parametrize("envelope", ["Invoices", "invoices", None])
def test_envelope_is_matched_whatever_its_case_or_absence(
    client: Client, envelope: str | None
) -> None:
    sent = client.draft(InvoiceNumber="A")

    answer = client.put("Invoices", {envelope: [sent]} if envelope else sent)

    assert answer["Invoices"][0]["InvoiceNumber"] == "A"


def test_number_is_given_by_xero_when_absent(client: Client) -> None:
    client.invoice(InvoiceNumber="INV-0002")

    numbers = [client.invoice()["InvoiceNumber"] for _ in range(2)]

    assert numbers == ["INV-0001", "INV-0003"]


def test_bills_share_numbers(client: Client) -> None:
    bill = {"Type": "ACCPAY", "LineItems": [line(AccountCode="429", TaxType="INPUT2")]}

    rows = [client.invoice(InvoiceNumber="42", **bill) for _ in range(2)]

    assert rows[0]["InvoiceID"] != rows[1]["InvoiceID"]
    assert "Reference" not in rows[0]


def test_put_never_changes_what_stands(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")

    again = client.put("Invoices", client.draft(InvoiceNumber="A", InvoiceID=row["InvoiceID"]))

    assert messages(again["Invoices"][0]) == ["Invoice # must be unique."]


@pytest.mark.parametrize("edits", [True, False])
def test_post_by_number_edits_as_switched(edits: bool) -> None:
    client = new_client(post_by_number_edits=edits)
    client.invoice(InvoiceNumber="A")

    row = client.post("Invoices", client.draft(InvoiceNumber="A", Reference="new"))["Invoices"][0]

    assert row["StatusAttributeString"] == ("OK" if edits else "ERROR")
    assert len(client.books.invoices) == 1


@pytest.mark.parametrize("stays", [True, False])
def test_dead_number_stays_taken_as_switched(stays: bool) -> None:
    client = new_client(dead_numbers_stay_taken=stays)
    client.invoice(InvoiceNumber="A")
    client.hand("void", invoice="A")

    row = client.put("Invoices", client.draft(InvoiceNumber="A"))["Invoices"][0]

    assert row["StatusAttributeString"] == ("ERROR" if stays else "OK")


def test_unknown_id_is_404_as_switched() -> None:
    client = new_client(unknown_invoice_is_404=True)
    body = {"InvoiceID": "00000000-0000-0000-0000-000000000001", "Reference": "x"}

    assert client.send("POST", "Invoices", body, summarizeErrors="false").status == 404


def test_status_machine_allows_exactly_its_table() -> None:
    """Facts §3.7."""
    table = {
        "DRAFT": {"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"},
        "SUBMITTED": {"SUBMITTED", "AUTHORISED", "DRAFT", "DELETED"},
        "AUTHORISED": {"AUTHORISED", "VOIDED"},
    }
    for start, allowed in table.items():
        for target in ("DRAFT", "SUBMITTED", "AUTHORISED", "DELETED", "VOIDED", "PAID"):
            client = new_client()
            row = client.invoice(Status=start)
            body = {"InvoiceID": row["InvoiceID"], "Status": target}
            found = client.post("Invoices", body)["Invoices"][0]
            is_ok = found["StatusAttributeString"] == "OK"
            assert is_ok is (target in allowed), (start, target)


def test_voided_invoice_keeps_number_and_totals_and_owes_nothing(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")

    voided = update(client, row, Status="VOIDED")

    assert (voided["Status"], voided["Total"], voided["AmountDue"]) == ("VOIDED", 414, 0)
    assert len(voided["LineItems"]) == 1


def test_lines_left_out_of_an_update_stay(client: Client) -> None:
    row = client.invoice(LineItems=[line(), line()])

    changed = update(client, row, Reference="new")

    assert changed["LineItems"] == row["LineItems"]
    assert changed["Reference"] == "new"


def test_lines_are_updated_made_and_deleted_by_their_ids(client: Client) -> None:
    row = client.invoice(LineItems=[line(), line(Description="gone"), line()])
    first, _, third = [each["LineItemID"] for each in row["LineItems"]]

    changed = update(
        client,
        row,
        LineItems=[{"LineItemID": third, "Quantity": 5}, {"LineItemID": first}, line(UnitAmount=1)],
    )

    ids = [each["LineItemID"] for each in changed["LineItems"]]
    assert ids[:2] == [third, first]
    assert ids[2] not in {first, third}
    assert [each["LineAmount"] for each in changed["LineItems"]] == [600, 360, 3]
    assert changed["Total"] == pytest.approx(963 * 1.15)


def test_lines_without_ids_get_new_ones(client: Client) -> None:
    row = client.invoice()

    changed = update(client, row, LineItems=[line()])

    assert changed["LineItems"][0]["LineItemID"] != row["LineItems"][0]["LineItemID"]


def test_unknown_line_id_makes_a_line_as_switched() -> None:
    client = new_client(unknown_line_is_error=False)
    row = client.invoice()

    changed = update(
        client, row, LineItems=[line(LineItemID="00000000-0000-0000-0000-000000000001")]
    )

    assert len(changed["LineItems"]) == 1


def test_changing_the_terms_reckons_every_line_anew(client: Client) -> None:
    row = client.invoice()

    inclusive = update(client, row, LineAmountTypes="Inclusive")
    untaxed = update(client, row, LineAmountTypes="NoTax")

    assert (inclusive["SubTotal"], inclusive["TotalTax"], inclusive["Total"]) == (
        313.04,
        46.96,
        360,
    )
    assert (untaxed["TotalTax"], untaxed["LineItems"][0]["TaxType"]) == (0, "NONE")


def test_unit_amounts_keep_four_places_only_when_asked_on_both_ways(client: Client) -> None:
    sent = {"LineItems": [line(Quantity=1000, UnitAmount=0.1234)]}
    fine = client.invoice(**sent)
    coarse = client.put("Invoices", client.draft(**sent))["Invoices"][0]

    assert (fine["LineItems"][0]["LineAmount"], coarse["LineItems"][0]["LineAmount"]) == (
        123.4,
        120,
    )
    shown = client.get(f"Invoices/{fine['InvoiceID']}")["Invoices"][0]["LineItems"][0]
    assert (shown["UnitAmount"], shown["LineAmount"]) == (0.12, 123.4)


def test_line_without_tax_type_takes_the_accounts(client: Client) -> None:
    row = client.invoice(LineItems=[line(TaxType=None, AccountCode="230")])

    assert row["LineItems"][0]["TaxType"] == "ZERORATEDOUTPUT"


def test_account_may_be_named_by_its_id(client: Client) -> None:
    account = client.books.settings.by_code["210"].id

    row = client.invoice(LineItems=[line(AccountCode=None, AccountID=account)])

    assert row["LineItems"][0]["AccountCode"] == "210"


def test_tax_given_by_hand_stands_until_the_line_changes(client: Client) -> None:
    row = client.invoice(LineItems=[line(TaxAmount=54.01)])
    assert row["TotalTax"] == 54.01

    described = update(
        client,
        row,
        LineItems=[{"LineItemID": row["LineItems"][0]["LineItemID"], "Description": "x"}],
    )
    assert described["TotalTax"] == 54.01

    changed = update(
        client,
        row,
        LineItems=[{"LineItemID": row["LineItems"][0]["LineItemID"], "Quantity": 1}],
    )
    assert changed["TotalTax"] == 18


def test_discounts_come_off_the_line(client: Client) -> None:
    row = client.invoice(LineItems=[line(DiscountRate=12.5), line(DiscountAmount=10)])

    assert [each["LineAmount"] for each in row["LineItems"]] == [315, 350]
    assert row["IsDiscounted"] is True


def test_description_only_line_is_worth_nothing(client: Client) -> None:
    row = client.invoice(LineItems=[line(), {"Description": "Thank you"}])

    own = row["LineItems"][1]
    assert (own["LineAmount"], "Quantity" in own, "UnitAmount" in own) == (0, False, False)


def test_negative_line_is_a_discount_on_the_invoice(client: Client) -> None:
    row = client.invoice(LineItems=[line(), line(Quantity=-1, UnitAmount=60)])

    assert row["Total"] == 345


def test_tracking_is_taken_by_name(client: Client) -> None:
    row = client.invoice(LineItems=[line(Tracking=[{"Name": "Region", "Option": "North"}])])

    tracking = row["LineItems"][0]["Tracking"][0]
    assert (tracking["Name"], tracking["Option"]) == ("Region", "North")


def test_date_is_today_where_the_organisation_is(client: Client) -> None:
    client.time.pass_s(11 * 3600)  # before noon UTC it is the next day in Auckland
    client.connect()

    row = client.invoice(Date=None)

    assert row["DateString"] == "2026-11-23T00:00:00"


def test_draft_needs_neither_due_date_nor_account_nor_lines(client: Client) -> None:
    row = client.invoice(Status=None, DueDate=None, LineItems=[])

    assert row["Status"] == "DRAFT"
    assert "DueDate" not in row


def test_approving_a_draft_checks_what_stands(client: Client) -> None:
    row = client.invoice(Status="DRAFT", LineItems=[line(AccountCode=None, TaxType=None)])

    body = {"InvoiceID": row["InvoiceID"], "Status": "AUTHORISED"}
    found = client.post("Invoices", body)["Invoices"][0]

    assert messages(found) == ["Account code or ID must be specified"]


def test_sent_to_contact_is_only_for_the_approved(client: Client) -> None:
    assert client.invoice(Status="DRAFT", SentToContact=True)["SentToContact"] is False
    assert client.invoice(SentToContact=True)["SentToContact"] is True


def test_paid_invoice_lets_its_free_fields_move(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    client.hand("pay", invoice="A")
    own = row["LineItems"][0]["LineItemID"]

    changed = update(
        client,
        row,
        Reference="r",
        InvoiceNumber="B",
        DueDate="2027-01-01",
        Url="https://pipeline.example/1",
        LineItems=[{"LineItemID": own, "Description": "new", "AccountCode": "210"}],
    )

    assert (changed["Status"], changed["InvoiceNumber"], changed["Reference"]) == ("PAID", "B", "r")
    assert changed["LineItems"][0]["Description"] == "new"
    assert client.get("Invoices/B")["Invoices"]


def test_part_paid_invoice_takes_its_own_values_again(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    client.hand("pay", invoice="A", amount="14")

    update(client, row, Date="2026-11-20", LineAmountTypes="Exclusive", CurrencyCode="NZD")


def test_silent_edit_does_not_bump(client: Client) -> None:
    """Facts §3.4: DueDate and SentToContact on part-paid documents."""
    row = client.invoice(InvoiceNumber="A")
    client.hand("pay", invoice="A", amount="14")
    stamp = whole(client, row)["UpdatedDateUTC"]
    client.time.pass_s(60)

    update(client, row, DueDate="2027-02-02", SentToContact=True)
    assert whole(client, row)["UpdatedDateUTC"] == stamp

    update(client, row, Reference="seen")
    assert whole(client, row)["UpdatedDateUTC"] != stamp


def test_contact_fields_beside_the_id_change_the_contact(client: Client) -> None:
    contact = client.contact("Acme", ContactPersons=[{"FirstName": "Ann"}])

    client.invoice(Contact={"ContactID": contact, "ContactPersons": []})

    assert client.get(f"Contacts/{contact}")["Contacts"][0]["ContactPersons"] == []


def test_name_alone_finds_an_active_contact_or_makes_one(client: Client) -> None:
    known = client.contact("Acme")

    found = client.invoice(Contact={"Name": "acme"})["Contact"]["ContactID"]
    made = client.invoice(Contact={"Name": "Zenith"})["Contact"]["ContactID"]

    assert found == known
    assert client.get(f"Contacts/{made}")["Contacts"][0]["Name"] == "Zenith"


def test_first_document_makes_a_customer_without_a_bump(client: Client) -> None:
    contact = client.contact("Acme")
    client.time.pass_s(60)

    client.invoice(Contact={"ContactID": contact})

    row = client.get(f"Contacts/{contact}")["Contacts"][0]
    assert (row["IsCustomer"], row["IsSupplier"]) == (True, False)
    assert row["UpdatedDateUTC"] == "/Date(1795306500000+0000)/"


def test_post_by_id_updates_one(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")

    changed = client.post(f"Invoices/{row['InvoiceID']}", {"Status": "VOIDED"})["Invoices"]

    assert [each["Status"] for each in changed] == ["VOIDED"]


def test_every_change_is_written_into_the_history(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A", Reference="old")
    update(client, row, Reference="new")
    client.hand("edit", invoice="A", set={"Reference": "newer"}, who="Bea")

    history = client.world.dump()["organisations"][0]["invoices"][0]["History"]

    told = [(each["who"], each["what"], each["fields"]) for each in history]
    assert told == [
        ("app", "created", []),
        ("app", "edited", [["Reference", "old", "new"]]),
        ("Bea", "edited", [["Reference", "new", "newer"]]),
    ]


def test_adviser_may_write_before_the_period_lock_nobody_before_the_years(client: Client) -> None:
    client.hand("lock", period="2026-11-20")
    client.hand("role", role="adviser")
    client.invoice()

    client.hand("lock", year="2026-11-20")
    row = client.put("Invoices", client.draft())["Invoices"][0]

    assert "end of year lock date" in messages(row)[0]
    assert client.invoice(Date="2026-11-21")
