"""Contacts: writes, slots, lists, archive, merge (facts §4)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, messages, new_client


def one(client: Client, key: str) -> dict[str, Any]:
    return dict(client.get(f"Contacts/{key}")["Contacts"][0])


def names(answer: Any) -> list[str]:
    return [row["Name"] for row in answer["Contacts"]]


def test_post_finds_by_id_then_number_then_name(client: Client) -> None:
    contact = client.contact("Acme", ContactNumber="C-1")

    by_number = client.post("Contacts", {"ContactNumber": "c-1", "FirstName": "A"})["Contacts"][0]
    by_name = client.post("Contacts", {"Name": "ACME", "LastName": "B"})["Contacts"][0]
    fresh = client.post("Contacts", {"Name": "New"})["Contacts"][0]

    assert by_number["ContactID"] == by_name["ContactID"] == contact
    assert fresh["ContactID"] != contact
    assert one(client, "C-1")["LastName"] == "B"


def test_post_by_id_updates_one(client: Client) -> None:
    contact = client.contact("Acme")

    client.post(f"Contacts/{contact}", {"EmailAddress": "a@b.co"})

    assert one(client, contact)["EmailAddress"] == "a@b.co"
    assert client.send("POST", "Contacts/none", {"Name": "x"}).status == 404


def test_archive_is_allowed_with_open_invoices(client: Client) -> None:
    row = client.invoice()
    contact = row["Contact"]["ContactID"]

    client.post("Contacts", {"ContactID": contact, "ContactStatus": "ARCHIVED"})
    changed = client.post("Invoices", {"InvoiceID": row["InvoiceID"], "Reference": "still"})

    assert changed["Invoices"][0]["StatusAttributeString"] == "OK"
    assert changed["Invoices"][0]["Contact"]["ContactStatus"] == "ARCHIVED"


def test_lists_leave_out_the_archived_unless_asked(client: Client) -> None:
    client.contact("Acme")
    client.command("archive", contact=client.contact("Gone"))

    assert names(client.get("Contacts")) == ["Acme"]
    assert sorted(names(client.get("Contacts", includeArchived="true"))) == ["Acme", "Gone"]
    archived = client.get("Contacts", includeArchived="True", where='ContactStatus=="ARCHIVED"')
    assert names(archived) == ["Gone"]


def test_lists_search_filter_and_page(client: Client) -> None:
    for name, number in (("Acme", "C-1"), ("Beta", "C-2"), ("Acorn", "X-3")):
        client.contact(name, ContactNumber=number, EmailAddress=f"{name}@example.com")

    assert names(client.get("Contacts", searchTerm="AC")) == ["Acme", "Acorn"]
    assert names(client.get("Contacts", searchTerm="c-2")) == ["Beta"]
    assert names(client.get("Contacts", where='ContactNumber=="x-3"')) == ["Acorn"]
    assert names(client.get("Contacts", where='Name.StartsWith("be")', order="Name")) == ["Beta"]
    page = client.get("Contacts", page=2, pageSize=2, order="Name DESC")
    assert names(page) == ["Acme"]
    assert page["pagination"]["itemCount"] == 3
    ids = ",".join(str(each.id) for each in client.books.contacts.current())
    assert len(client.get("Contacts", IDs=ids)["Contacts"]) == 3


def test_merge_archives_the_loser_and_points_to_the_winner(client: Client) -> None:
    loser, winner = client.contact("Loser"), client.contact("Winner")
    row = client.invoice(Contact={"ContactID": loser})
    client.time.pass_s(5)

    client.command("merge", contact=loser, into=winner)

    shown = one(client, loser)
    assert (shown["ContactStatus"], shown["MergedToContactID"]) == ("ARCHIVED", winner)
    invoice = client.get(f"Invoices/{row['InvoiceID']}")["Invoices"][0]
    assert invoice["Contact"]["ContactID"] == winner
    assert invoice["UpdatedDateUTC"] != row["UpdatedDateUTC"]
    assert one(client, winner)["IsCustomer"] is True


def test_merge_leaves_the_invoices_as_switched() -> None:
    client = new_client(merge_moves_invoices=False)
    loser, winner = client.contact("Loser"), client.contact("Winner")
    row = client.invoice(Contact={"ContactID": loser})

    client.command("merge", contact=loser, into=winner)

    invoice = client.get(f"Invoices/{row['InvoiceID']}")["Invoices"][0]
    assert invoice["Contact"]["ContactID"] == loser


def test_person_in_xero_may_bring_an_archived_contact_back(client: Client) -> None:
    contact = client.contact("Acme")
    client.command("archive", contact=contact)

    client.command("edit_contact", contact=contact, set={"ContactStatus": "ACTIVE"})

    assert names(client.get("Contacts")) == ["Acme"]


def test_contact_cannot_be_deleted(client: Client) -> None:
    assert client.send("DELETE", f"Contacts/{client.contact('A')}").status == 404


@pytest.mark.parametrize("summarize", ["true", "false"])
def test_refused_contact_shows_its_zero_id_and_flag(client: Client, summarize: str) -> None:
    client.contact("Acme")
    answer = client.send("PUT", "Contacts", {"Name": "Acme"}, summarizeErrors=summarize)
    body = json.loads(answer.body)

    row = body["Elements" if summarize == "true" else "Contacts"][0]
    assert row["ContactID"] == "00000000-0000-0000-0000-000000000000"
    assert row["HasValidationErrors"] is True
    assert "unique across all active contacts" in messages(row)[0]
    assert ("StatusAttributeString" in row) is (summarize == "false")
