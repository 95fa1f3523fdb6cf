"""Slots, names and numbers of contacts (facts §4); wrong contacts stand in test_refusals."""

from __future__ import annotations

from typing import Any

from tests.sandbox.xero.builders import Client, messages, new_client


def one(client: Client, key: str) -> dict[str, Any]:
    return dict(client.get(f"Contacts/{key}")["Contacts"][0])


def test_slots_merge_by_their_type(client: Client) -> None:
    contact = client.contact(
        "Acme",
        Phones=[{"PhoneType": "DEFAULT", "PhoneNumber": "1", "PhoneAreaCode": "09"}],
        Addresses=[{"AddressType": "STREET", "City": "Nelson"}],
    )

    client.post(
        "Contacts",
        {"ContactID": contact, "Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "2"}]},
    )
    client.post(
        "Contacts",
        {"ContactID": contact, "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "3"}]},
    )

    row = one(client, contact)
    phones = {
        each["PhoneType"]: (each["PhoneNumber"], each["PhoneAreaCode"]) for each in row["Phones"]
    }
    assert (phones["DEFAULT"], phones["MOBILE"]) == (("3", "09"), ("2", ""))
    assert row["Addresses"][0]["City"] == "Nelson"


def test_archived_name_is_free_again(client: Client) -> None:
    first = client.contact("Acme")
    client.post("Contacts", {"ContactID": first, "ContactStatus": "ARCHIVED"})

    assert client.contact("Acme") != first


def test_archived_number_is_held(client: Client) -> None:
    client.command("archive", contact=client.contact("Acme", ContactNumber="C-1"))

    row = client.put("Contacts", {"Name": "B", "ContactNumber": "C-1"})["Contacts"][0]

    assert row["StatusAttributeString"] == "ERROR"


def test_archived_number_is_free_again_as_switched() -> None:
    client = new_client(archived_contacts_hold_number=False)
    first = client.contact("Acme", ContactNumber="C-1")
    client.post("Contacts", {"ContactID": first, "ContactStatus": "ARCHIVED"})

    second = client.contact("Acme", ContactNumber="C-1")

    assert second != first
    assert one(client, "C-1")["ContactID"] == second


def test_names_that_differ_in_case_only_are_two_as_switched() -> None:
    client = new_client(contact_names_ignore_case=False)
    client.contact("Acme")

    assert client.contact("ACME")


def test_account_number_is_one_contacts_archived_ones_too_section_4() -> None:
    client = new_client(account_numbers_unique=True)
    client.contact("One Ltd", AccountNumber="A-1")
    client.command("archive", contact=client.contact("Gone Ltd", AccountNumber="A-9"))

    rows = client.put(
        "Contacts",
        {"Contacts": [{"Name": f"New {at}", "AccountNumber": at} for at in ("a-1", "A-9", "B")]},
    )["Contacts"]

    taken = "The Account Number already exists. Please enter a different Account Number."
    assert [messages(row) for row in rows] == [[taken], [taken], []]


def test_name_is_as_long_as_it_likes_or_as_switched(client: Client) -> None:
    """Facts §4: 255 in the description, 263 exist."""
    name = "N" * 263
    client.contact(name)
    strict = new_client(texts_max=255)

    (row,) = strict.put("Contacts", {"Name": name})["Contacts"]

    assert messages(row) == ["The field Name is longer than 255 characters"]
