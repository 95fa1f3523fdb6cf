"""What Xero makes of what it takes (facts §3.5, §3.7, §3.8, §4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.xero.builders import line, new_client

TRACKED = [{"Name": "Region", "Option": "North"}]


def lines(*words: str, **fields: Any) -> list[dict[str, Any]]:
    return [line(Description=each, **fields) for each in words]


def shown(row: dict[str, Any]) -> list[str]:
    return [each["Description"] for each in row["LineItems"]]


def test_texts_are_trimmed_unless_switched_off() -> None:
    client = new_client()

    row = client.invoice(Reference=" job ", LineItems=lines(" Labour "))
    client.books.switches.turn({"trims_texts": False})
    as_sent = client.invoice(Reference=" job ", LineItems=lines(" Labour "))

    assert (row["Reference"], shown(row)) == ("job", ["Labour"])
    assert (as_sent["Reference"], shown(as_sent)) == (" job ", [" Labour "])


def test_emoji_are_dropped_as_switched() -> None:
    client = new_client(drops_emoji=True)

    row = client.invoice(Reference="Job 🚧", LineItems=lines("Zaun 🚧 streichen"))

    assert (row["Reference"], shown(row)) == ("Job", ["Zaun  streichen"])


@pytest.mark.parametrize("drops", [True, False])
def test_tracking_is_dropped_as_switched(drops: bool) -> None:
    client = new_client(drops_tracking=drops)

    (row,) = client.invoice(LineItems=lines("Labour", Tracking=TRACKED))["LineItems"]

    assert [each["Option"] for each in row["Tracking"]] == ([] if drops else ["North"])


@pytest.mark.parametrize(("places", "total"), [(4, "123.40"), (2, "120.00")])
def test_unit_prices_are_kept_at_so_many_places(places: int, total: str) -> None:
    client = new_client(unit_places=places)
    sent = client.draft(LineItems=[line(Quantity=1000, UnitAmount=0.1234)])

    row = client.put("Invoices", sent, unitdp="4")["Invoices"][0]

    assert f"{row['SubTotal']:.2f}" == total


@pytest.mark.parametrize(
    ("switches", "order"),
    [
        ({}, ["Third", "Fourth", "First", "Second"]),
        ({"new_lines_first": False}, ["First", "Third", "Second", "Fourth"]),
        ({"reverses_new_lines": True}, ["Fourth", "Third", "First", "Second"]),
    ],
)
def test_new_lines_come_out_where_switched(switches: dict[str, Any], order: list[str]) -> None:
    client = new_client()
    row = client.invoice(LineItems=lines("First", "Second"))
    kept = [{"LineItemID": each["LineItemID"]} for each in row["LineItems"]]
    client.books.switches.turn(switches)
    new = lines("Third", "Fourth")

    sent = {"InvoiceID": row["InvoiceID"], "LineItems": [kept[0], new[0], kept[1], new[1]]}
    after = client.post("Invoices", sent)["Invoices"][0]

    assert shown(after) == order


def test_lines_of_a_create_come_out_in_reverse_as_switched() -> None:
    client = new_client(reverses_new_lines=True)

    assert shown(client.invoice(LineItems=lines("First", "Second"))) == ["Second", "First"]


def test_contacts_lose_what_is_switched() -> None:
    client = new_client(drops_phones=True, cuts_names=7, drops_emoji=True)
    phones = [{"PhoneType": "DEFAULT", "PhoneNumber": "06 1"}]
    sent = {"Name": "Harbour Build", "FirstName": "Ann 🚧", "Phones": phones}

    row = client.put("Contacts", sent)["Contacts"][0]

    shown = {each["PhoneType"]: each["PhoneNumber"] for each in row["Phones"]}
    assert (row["Name"], row["FirstName"], shown["DEFAULT"]) == ("Harbour", "Ann", "")
