"""What the bookkeeper does (facts §9)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, new_client


@pytest.fixture
def stocked(client: Client) -> Client:
    client.invoice(InvoiceNumber="A")
    client.time.pass_s(60)
    return client


@pytest.mark.parametrize(
    "command",
    [
        {"do": "dance"},
        {"do": "pay", "invoice": "none"},
        {"do": "archive", "contact": "nobody"},
        {"do": "role", "role": "king"},
        {"do": "account", "code": "none"},
        {"do": "tax_rate", "type": "none"},
        {"do": "credit", "invoice": "A", "kind": "Gift"},
        {"do": "refund", "credit": "none"},
        {"do": "deallocate", "invoice": "A"},
        {"do": "delete_payment", "invoice": "A"},
        {"do": "touchless_edit", "invoice": "A", "set": {"Colour": "red"}},
        {"do": "pay", "invoice": "A", "organisation": 3},
        {"do": "merge", "contact": "Acme Ltd", "into": "Acme Ltd"},
    ],
)
def test_command_that_cannot_be_done_says_why(stocked: Client, command: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        stocked.world.bookkeeper(command)


def test_organisations_are_picked_by_place_or_id() -> None:
    client = new_client(organisations=2)
    second = list(client.world.books)[1]

    client.world.bookkeeper({"do": "create_contact", "Name": "P", "organisation": 1})
    client.world.bookkeeper({"do": "create_contact", "Name": "Q", "tenant": second})

    names = sorted(each.name for each in client.world.books[second].contacts.current())
    assert names == ["P", "Q"]
