"""The bookkeeper's actions on money."""

from __future__ import annotations

import pytest

from tests.sandbox.xero.builders import Client


@pytest.fixture
def stocked(client: Client) -> Client:
    client.invoice(InvoiceNumber="A")
    client.time.pass_s(60)
    return client


def test_hand_obeys_xeros_rules(stocked: Client) -> None:
    stocked.command("pay", invoice="A", amount="14")

    with pytest.raises(ValueError, match="payments or credit notes allocated"):
        stocked.command("void", invoice="A")
    with pytest.raises(ValueError, match="exceeds the amount outstanding"):
        stocked.command("pay", invoice="A", amount="401")


def test_reconciled_payment_stands_until_it_is_undone(stocked: Client) -> None:
    stocked.command("pay", invoice="A")
    stocked.command("reconcile_payment", invoice="A")

    with pytest.raises(ValueError, match="reconciled"):
        stocked.command("delete_payment", invoice="A")
    stocked.command("reconcile_payment", invoice="A", undo=True)
    assert stocked.command("delete_payment", invoice="A")["Status"] == "DELETED"
