"""How a contact looks (facts §4)."""

from __future__ import annotations

from typing import Any

from tests.sandbox.xero.builders import Client


def one(client: Client, key: str) -> dict[str, Any]:
    return dict(client.get(f"Contacts/{key}")["Contacts"][0])


def test_slots_are_fixed_and_empties_are_empty_texts(client: Client) -> None:
    row = one(client, client.contact("Acme"))

    assert [each["AddressType"] for each in row["Addresses"]] == ["STREET", "POBOX"]
    assert [each["PhoneType"] for each in row["Phones"]] == ["DDI", "DEFAULT", "FAX", "MOBILE"]
    empties = {"PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}
    assert row["Phones"][2] == {"PhoneType": "FAX", **empties}
    assert "FirstName" not in row
    assert row["HasValidationErrors"] is False


def test_unpaged_and_summary_rows_show_less(client: Client) -> None:
    client.contact("Acme", ContactPersons=[{"FirstName": "Ann"}])

    assert client.get("Contacts", page=1) | {"pagination": 0} != client.get("Contacts")
    assert client.get("Contacts")["Contacts"][0]["ContactPersons"]
    assert "Phones" not in client.get("Contacts", summaryOnly="true")["Contacts"][0]
