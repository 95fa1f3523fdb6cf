"""Chapters of the acceptance story: what Xero tells by itself, and whom it believes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.sandbox.acceptance.support.listening import Delivery, Receiver, receiving
from tests.sandbox.acceptance.support.sdk import Xero


@contextmanager
def subscribed(xero: Xero) -> Iterator[Receiver]:
    """A receiver that has passed the intent-to-receive run."""
    xero.sandbox.switch(webhook_delay_s=0.0)
    with receiving(xero.sandbox.xero["webhook_key"]) as receiver:
        xero.sandbox.control("webhooks", {"url": receiver.url})
        intents = [receiver.next() for _ in range(4)]
        xero.webhooks += intents
        assert sorted(each.is_good for each in intents) == [False, False, False, True]
        assert all(each.events == [] for each in intents)
        yield receiver
        xero.sandbox.control("webhooks", {"url": None})


def told(deliveries: list[Delivery]) -> list[tuple[str, str]]:
    """Category and type of each event, in order."""
    return [
        (event["eventCategory"], event["eventType"])
        for delivery in deliveries
        for event in delivery.events
    ]


def webhooks_tell_what_happened_to_contacts_and_invoices(xero: Xero) -> None:
    with subscribed(xero) as receiver:
        invoice = xero.invoice("PL-1")
        xero.sandbox.commands("edit", invoice="PL-1", set={"Reference": "R-2"})
        came = receiver.events(3)
        xero.webhooks += came

    assert told(came) == [("CONTACT", "CREATE"), ("INVOICE", "CREATE"), ("INVOICE", "UPDATE")]
    assert all(each.is_good for each in came)
    last = came[-1].events[-1]
    assert (last["resourceId"], last["tenantId"]) == (invoice.invoice_id, xero.tenant)
    assert last["resourceUrl"].endswith(f"/Invoices/{invoice.invoice_id}")
    assert not last["eventDateUtc"].endswith("Z")


def webhooks_tell_of_money_by_the_invoice_and_by_the_credit(xero: Xero) -> None:
    with subscribed(xero) as receiver:
        xero.invoice("PL-1")
        xero.sandbox.commands("pay", invoice="PL-1", amount="14")
        for kind in ("CreditNote", "Overpayment", "Prepayment"):
            xero.sandbox.commands("credit", invoice="PL-1", kind=kind, amount="50", allocate=False)
        came = receiver.events(6)
        xero.webhooks += came

    assert told(came)[2:] == [
        ("INVOICE", "UPDATE"),
        ("CREDITNOTE", "CREATE"),
        ("OVERPAYMENT", "CREATE"),
        ("PREPAYMENT", "CREATE"),
    ]
    (note,) = [
        event for each in came for event in each.events if event["eventCategory"] == "CREDITNOTE"
    ]
    assert note["data"] == {"Type": "ACCRECCREDIT", "Status": "AUTHORISED"}


def payment_has_a_category_of_its_own_by_the_switch(xero: Xero) -> None:
    xero.sandbox.switch(payment_events=True, payment_raises_invoice_event=False)
    with subscribed(xero) as receiver:
        xero.invoice("PL-1")
        xero.sandbox.commands("pay", invoice="PL-1", amount="14")
        came = receiver.events(3)
        xero.webhooks += came

    assert told(came)[2:] == [("PAYMENT", "CREATE")]


def own_writes_are_announced_only_by_the_switch(xero: Xero) -> None:
    xero.sandbox.switch(own_writes_raise_events=False)
    with subscribed(xero) as receiver:
        xero.invoice("PL-1")
        xero.sandbox.commands("edit", invoice="PL-1", set={"Reference": "R-2"})
        came = receiver.events(1)
        xero.webhooks += came

    assert told(came) == [("INVOICE", "UPDATE")]
