"""The bookkeeper's actions on documents, contacts and settings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, line


@pytest.fixture
def stocked(client: Client) -> Client:
    client.invoice(InvoiceNumber="A")
    client.time.pass_s(60)
    return client


def row(client: Client, key: str = "A") -> dict[str, Any]:
    return dict(client.get(f"Invoices/{key}", unitdp=4)["Invoices"][0])


def test_lines_are_edited_added_and_removed_by_place(stocked: Client) -> None:
    stocked.command("edit", invoice="A", lines=[{"place": 0, "set": {"UnitAmount": "110.5"}}])
    assert row(stocked)["SubTotal"] == 331.5

    extra = {"Description": "More", "UnitAmount": "10", "AccountCode": "200"}
    stocked.command("edit", invoice="A", lines=[{"set": extra}])
    assert len(row(stocked)["LineItems"]) == 2

    stocked.command("edit", invoice="A", lines=[{"place": 0, "remove": True}])
    assert [each["Description"] for each in row(stocked)["LineItems"]] == ["More"]


def test_touchless_edit_leaves_the_stamp(stocked: Client) -> None:
    before = row(stocked)["UpdatedDateUTC"]

    stocked.command("touchless_edit", invoice="A", set={"DueDate": "2027-03-03"})

    after = row(stocked)
    assert (after["UpdatedDateUTC"], after["DueDateString"][:10]) == (before, "2027-03-03")


def test_totals_may_be_adjusted_by_ten_cents(stocked: Client) -> None:
    stocked.command("adjust_totals", invoice="A", by="-0.03")

    assert row(stocked)["Total"] == 413.97
    assert row(stocked)["RoundingAmount"] == -0.03
    with pytest.raises(ValueError, match="by"):
        stocked.command("adjust_totals", invoice="A", by="0.11")


def test_draft_is_approved_and_deleted(client: Client) -> None:
    client.invoice(InvoiceNumber="D", Status="DRAFT")
    client.invoice(InvoiceNumber="E", Status="DRAFT")

    assert client.command("approve", invoice="D")["Status"] == "AUTHORISED"
    assert client.command("void", invoice="E")["Status"] == "DELETED"


def test_fields_stand_in_set_or_beside_the_deed(client: Client) -> None:
    beside = client.command("create_contact", Name="Zed", AccountNumber="C-1")
    inside = client.command("create_contact", set={"Name": "Yan", "AccountNumber": "C-2"})

    assert (beside["AccountNumber"], inside["AccountNumber"]) == ("C-1", "C-2")


def test_invoice_of_xeros_own_needs_only_a_number(client: Client) -> None:
    made = client.command("create_invoice", InvoiceNumber="X-1")

    assert (made["Status"], made["InvoiceNumber"]) == ("AUTHORISED", "X-1")
    assert made["CreatedBy"] == "the bookkeeper"


def test_settings_change_under_the_hand(client: Client) -> None:
    client.command("tax_rate", type="OUTPUT2", name="GST", status="ARCHIVED")
    client.command("account", code="210", status="ARCHIVED", name="Old labour")

    rates = {each["TaxType"]: each for each in client.get("TaxRates")["TaxRates"]}
    accounts = {each.get("Code"): each for each in client.get("Accounts")["Accounts"]}
    assert (rates["OUTPUT2"]["Name"], rates["OUTPUT2"]["Status"]) == ("GST", "ARCHIVED")
    assert (accounts["210"]["Status"], accounts["210"]["Name"]) == ("ARCHIVED", "Old labour")


def test_tracking_option_is_renamed_and_archived_and_stays_on_its_lines(client: Client) -> None:
    tracked = [{"Name": "Region", "Option": "North"}]
    client.invoice(InvoiceNumber="A", LineItems=[line(Tracking=tracked)])
    client.command("tracking_option", category="Region", option="North", to="Far North")
    client.command("tracking_option", category="Region", option="Far North", archive=True)

    (category,) = client.get("TrackingCategories")["TrackingCategories"]
    (own,) = client.get("Invoices/A")["Invoices"][0]["LineItems"][0]["Tracking"]
    again = [{"Name": "Region", "Option": "Far North"}]
    refused = client.put("Invoices", client.draft(LineItems=[line(Tracking=again)]))

    assert category["Options"][0]["Status"] == "ARCHIVED"
    assert own["Option"] == "Far North"
    assert refused["Invoices"][0]["StatusAttributeString"] == "ERROR"
