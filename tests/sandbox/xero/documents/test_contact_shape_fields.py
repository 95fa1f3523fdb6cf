"""Which fields a contact shows in which answer, and in which order (facts §4)."""

from __future__ import annotations

from typing import Any

from tests.sandbox.xero.builders import Client, messages

WRITTEN = [
    *("ContactID", "ContactNumber", "AccountNumber", "ContactStatus", "Name", "FirstName"),
    *("LastName", "EmailAddress", "BankAccountDetails", "Addresses", "Phones", "UpdatedDateUTC"),
    *("ContactGroups", "IsSupplier", "IsCustomer", "DefaultCurrency", "SalesTrackingCategories"),
    *("PurchasesTrackingCategories", "ContactPersons", "HasValidationErrors"),
    "StatusAttributeString",
]
READ = [
    *("ContactID", "ContactNumber", "AccountNumber", "ContactStatus", "Name", "FirstName"),
    *("LastName", "EmailAddress", "BankAccountDetails", "TaxNumber", "Addresses", "Phones"),
    *("UpdatedDateUTC", "ContactGroups", "IsSupplier", "IsCustomer", "DefaultCurrency"),
    *("Balances", "MergedToContactID", "ContactPersons", "Attachments", "HasAttachments"),
    "HasValidationErrors",
]
TRACKING = {"SalesTrackingCategories", "PurchasesTrackingCategories"}
OPTIONAL = {
    *("ContactNumber", "AccountNumber", "FirstName", "LastName", "TaxNumber", "DefaultCurrency"),
    *("Balances", "MergedToContactID", "BankAccountDetails", "EmailAddress"),
}
NO_ID = "00000000-0000-0000-0000-000000000000"


def written(client: Client, **more: Any) -> dict[str, Any]:
    return dict(client.put("Contacts", {"Name": "Acme Ltd", **more})["Contacts"][0])


def one(client: Client, key: str) -> dict[str, Any]:
    return dict(client.get(f"Contacts/{key}")["Contacts"][0])


def phones(row: dict[str, Any]) -> list[str]:
    return [each["PhoneType"] for each in row["Phones"]]


def test_answer_to_a_write_says_mail_and_bank_even_when_empty(client: Client) -> None:
    row = written(client)
    more = written(client, Name="Other", ContactNumber="n", FirstName="f", DefaultCurrency="NZD")

    assert [*row] == [
        name for name in WRITTEN if name not in OPTIONAL - {"EmailAddress", "BankAccountDetails"}
    ]
    assert (row["EmailAddress"], row["BankAccountDetails"]) == ("", "")
    assert [*more] == [name for name in WRITTEN if name in more]
    assert phones(row) == ["DEFAULT", "DDI", "FAX", "MOBILE"]


def test_reads_leave_out_tracking_and_empties(client: Client) -> None:
    identifier = written(client)["ContactID"]
    by_id = one(client, identifier)
    (page,) = client.get("Contacts", page=1)["Contacts"]
    (unpaged,) = client.get("Contacts")["Contacts"]

    assert [*by_id] == [name for name in READ if name not in OPTIONAL]
    assert page == unpaged == {name: by_id[name] for name in by_id if name != "Attachments"}
    assert phones(by_id) == ["DDI", "DEFAULT", "FAX", "MOBILE"]
    assert not TRACKING & set(by_id)


def test_contact_inside_an_invoice_has_tracking_and_only_what_is_stored(client: Client) -> None:
    written(client)
    row = client.invoice(Contact={"Name": "Acme Ltd"})

    for contact in (
        row["Contact"],
        client.get(f"Invoices/{row['InvoiceID']}")["Invoices"][0]["Contact"],
    ):
        assert set(contact) >= TRACKING
        assert not {"EmailAddress", "BankAccountDetails", "HasAttachments"} & set(contact)


def test_slots_nobody_touched_are_bare_on_what_the_api_did_not_make(client: Client) -> None:
    client.command(
        "create_contact", Name="By Hand", Phones=[{"PhoneType": "FAX", "PhoneNumber": "1"}]
    )

    (row,) = client.get("Contacts", page=1)["Contacts"]

    assert row["Addresses"] == [{"AddressType": "POBOX"}, {"AddressType": "STREET"}]
    assert row["Phones"][0] == {"PhoneType": "DDI"}
    assert row["Phones"][2] == {
        "PhoneType": "FAX",
        "PhoneNumber": "1",
        "PhoneAreaCode": "",
        "PhoneCountryCode": "",
    }


def test_balances_are_there_while_something_is_open_and_below_zero_for_a_credit(
    client: Client,
) -> None:
    identifier = written(client)["ContactID"]
    before = one(client, identifier)
    mine = {"ContactID": identifier}
    client.invoice(Contact=mine, InvoiceNumber="A", DueDate="2026-11-21", Date="2026-11-01")
    client.invoice(Contact=mine, InvoiceNumber="B")
    open_ = one(client, identifier)
    client.command("pay", invoice="A")
    client.command("credit", invoice="B", amount=500, allocate=False)
    credited = one(client, identifier)

    nothing = {"Outstanding": 0, "Overdue": 0}
    assert "Balances" not in before
    assert open_["Balances"] == {
        "AccountsReceivable": {"Outstanding": 828, "Overdue": 414},
        "AccountsPayable": nothing,
    }
    assert credited["Balances"]["AccountsReceivable"] == {"Outstanding": -86, "Overdue": 0}
    assert open_["UpdatedDateUTC"] == before["UpdatedDateUTC"]


def test_merged_contact_says_into_whom_when_paged_or_asked_for(client: Client) -> None:
    loser, winner = written(client)["ContactID"], written(client, Name="Stays")["ContactID"]
    client.command("merge", contact=loser, into=winner)

    def lost(rows: list[dict[str, Any]]) -> dict[str, Any]:
        return next(each for each in rows if each["ContactID"] == loser)

    paged = lost(client.get("Contacts", page=1, includeArchived="true")["Contacts"])
    unpaged = lost(client.get("Contacts", includeArchived="true")["Contacts"])
    assert one(client, loser)["MergedToContactID"] == winner
    assert paged["MergedToContactID"] == winner
    assert "MergedToContactID" not in unpaged


def test_refused_contact_is_a_thin_echo(client: Client) -> None:
    written(client)
    row = written(client, EmailAddress="a@b.co", Phones=[{"PhoneType": "FAX", "PhoneNumber": "1"}])

    assert [*row] == [
        *("ContactID", "Name", "EmailAddress", "Addresses", "Phones", "ContactGroups"),
        *("ContactPersons", "HasValidationErrors", "StatusAttributeString", "ValidationErrors"),
    ]
    assert row["ContactID"] == NO_ID
    assert row["Phones"] == [{"PhoneType": "FAX", "PhoneNumber": "1", "ValidationErrors": []}]
    assert row["HasValidationErrors"] is True


def test_refused_change_of_an_archived_contact_echoes_its_name(client: Client) -> None:
    identifier = written(client)["ContactID"]
    client.command("archive", contact=identifier)

    (row,) = client.post(f"Contacts/{identifier}", {"FirstName": "Bo"})["Contacts"]

    assert [*row][:3] == ["ContactID", "ContactStatus", "Name"]
    assert (row["ContactID"], row["Name"]) == (identifier, "Acme Ltd")
    assert messages(row)[0].startswith("The specified contact details matched an archived contact")


def test_account_number_stays_taken_archived_or_merged(client: Client) -> None:
    """Facts §4; by hand it may stand twice, as in books of long ago."""
    identifier = written(client, AccountNumber="A-1")["ContactID"]
    client.command("archive", contact=identifier)

    row = written(client, Name="Next", AccountNumber="a-1")

    assert messages(row) == [
        "The Account Number already exists. Please enter a different Account Number."
    ]
    client.command("create_contact", Name="By hand", AccountNumber="A-1")
