"""What happens in Xero comes back by webhook, over real sockets, through any death."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from http.client import HTTPConnection

import pytest

from tests.journeys.support.harness import wait_until
from tests.journeys.support.hooked import Hooked, hooked_journey, strangers

BY_WEBHOOK_S = 5.0
STUCK = 200
LONG_AGO = "2026-11-22T03:15:09.027"
Deed = Callable[[Hooked, str], object]


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hooked]:
    with hooked_journey(tmp_path_factory.mktemp("webhooks")) as way:
        yield way


def test_note_of_pipelines_brings_the_feed_at_once(hooked: Hooked) -> None:
    """The feed itself is polled once a minute here."""
    customer = hooked.customer("Noted")
    began = time.monotonic()

    hooked.synced(customer)

    assert time.monotonic() - began < BY_WEBHOOK_S


def test_payment_in_xero_is_in_pipeline_within_five_seconds(hooked: Hooked) -> None:
    invoice = hooked.synced(hooked.customer("Payer"))
    time.sleep(3)  # its own event has gone by
    began = time.monotonic()

    hooked.worlds.bookkeeper("pay", invoice=hooked.own(invoice), amount="10", reference="BACS")
    wait_until(lambda: hooked.payments(invoice), BY_WEBHOOK_S + 1, hooked.daemon.tail)

    took_s = time.monotonic() - began
    (payment,) = hooked.payments(invoice)
    assert Decimal(str(payment["amount"])) == 10
    assert (payment["reference"], payment["type"]) == ("BACS", "Payment")
    assert took_s < BY_WEBHOOK_S, f"{took_s:.2f} s"


MENDED: dict[str, tuple[str, dict[str, str]]] = {
    "name": ("contact_name_taken", {"Name": "Mended (old) Ltd"}),
    "number": ("contact_name_taken", {"AccountNumber": "Mended"}),
    "restored": ("contact_archived", {"ContactStatus": "ACTIVE"}),
}
"""What a bookkeeper does to the contact in the way: renamed, given the reference, brought back."""


@pytest.mark.parametrize("how", MENDED)
def test_what_a_bookkeeper_mends_at_a_contact_lets_the_invoice_go_in_seconds(
    hooked: Hooked, how: str
) -> None:
    reason, mended = MENDED[how]
    name = f"Mended {how}"
    fields = {"Name": f"{name} Ltd"}
    if how == "restored":
        fields["AccountNumber"] = name
    own = hooked.worlds.bookkeeper("create_contact", set=fields)["ContactID"]
    if how == "restored":
        hooked.worlds.bookkeeper("archive", contact=own)
    invoice = hooked.invoice(hooked.customer(name))
    told = hooked.wait_told(invoice, state="waiting", reasonCode=reason)
    assert f"{name} Ltd ({own})" in told["reason"]
    assert "Create the customer in Xero first" not in told["reason"]

    began = time.monotonic()
    edit = {key: value.replace("Mended", name) for key, value in mended.items()}
    hooked.worlds.bookkeeper("edit_contact", contact=own, set=edit)
    hooked.wait_told(invoice, state="synced")

    assert time.monotonic() - began < 2 * BY_WEBHOOK_S


def test_a_number_a_stranger_gives_up_lets_the_invoice_go_in_seconds(hooked: Hooked) -> None:
    own = hooked.worlds.bookkeeper("create_invoice", InvoiceNumber="SHOP-1")["InvoiceID"]
    invoice = hooked.invoice(hooked.customer("Shop"), number="SHOP-1")
    hooked.wait_told(invoice, state="waiting", reasonCode="number_taken")

    began = time.monotonic()
    hooked.worlds.bookkeeper("edit", invoice=own, set={"InvoiceNumber": "SHOP-1-old"})
    hooked.wait_told(invoice, state="synced")

    assert time.monotonic() - began < 2 * BY_WEBHOOK_S


def pay(**fields: str) -> Deed:
    return lambda way, own: way.worlds.bookkeeper("pay", invoice=own, **fields)


def credit(kind: str, **fields: str) -> Deed:
    return lambda way, own: way.worlds.bookkeeper("credit", invoice=own, kind=kind, **fields)


def hand(deed: str) -> Deed:
    return lambda way, own: way.worlds.bookkeeper(deed, invoice=own)


MOVEMENTS: tuple[tuple[Deed, ...], ...] = (
    (pay(),),
    (pay(amount="0.01"),),
    (pay(amount="5"), pay(amount="6.07"), pay()),
    (pay(), hand("delete_payment")),
    (pay(amount="9"), hand("delete_payment"), pay(amount="9")),
    (credit("CreditNote"),),
    (credit("Overpayment", amount="3.33"),),
    (credit("Prepayment", amount="4"), hand("deallocate")),
    (credit("CreditNote", amount="4"), pay()),
    (credit("CreditNote", amount="4"), hand("deallocate")),
)


def test_ten_kinds_of_money_movement_end_equal(hooked: Hooked) -> None:
    customer = hooked.customer("Money")
    invoices = [hooked.invoice(customer) for _ in MOVEMENTS]
    for invoice in invoices:
        hooked.wait_told(invoice, state="synced")

    for invoice, deeds in zip(invoices, MOVEMENTS, strict=True):
        for deed in deeds:
            deed(hooked, hooked.own(invoice))

    hooked.wait_money(*invoices)
    assert {hooked.told(invoice)["state"] for invoice in invoices} == {"synced"}


def test_five_thousand_events_for_others_documents_cost_no_call(hooked: Hooked) -> None:
    hooked.synced(hooked.customer("Ours"))
    time.sleep(4)  # its own event has gone by
    before = hooked.calls()
    dropped = 'syncd_webhooks_digested_total{tenant="demo",verdict="not_ours"}'
    counted = hooked.daemon.metrics()[dropped]

    connection = HTTPConnection("127.0.0.1", hooked.daemon.ports[1], timeout=10)
    for first in range(100_001, 105_001, 50):
        body = hooked.events(first, strangers(50), at=LONG_AGO)
        assert hooked.post(connection, body) == (200, b"")
    connection.close()

    def all_dropped() -> bool:
        return hooked.daemon.metrics()[dropped] - counted == 5_000

    wait_until(all_dropped, 20, lambda: f"{hooked.daemon.metrics()}\n{hooked.daemon.tail()}")
    assert hooked.calls() == before


def test_two_hundred_stuck_connections_keep_no_webhook_waiting(hooked: Hooked) -> None:
    address = ("127.0.0.1", hooked.daemon.ports[1])
    begun = b"POST /webhooks/xero HTTP/1.1\r\nHost: x\r\n"
    with ExitStack() as stack:
        for number in range(STUCK):
            stuck = stack.enter_context(socket.create_connection(address))
            stuck.sendall(begun if number % 2 else begun + b"Content-Length: 100\r\n\r\nhalf")
        connection = HTTPConnection(*address, timeout=10)
        stack.callback(connection.close)
        began = time.monotonic()

        answer = hooked.post(connection, hooked.events(150_001, strangers(1), at=LONG_AGO))

        assert answer == (200, b"")
        assert time.monotonic() - began < 3


def test_event_answered_before_a_kill_has_its_effect_after_it(hooked: Hooked) -> None:
    """The answer is read, the next instruction kills. Nothing repeats the event; no sweep runs."""
    invoice = hooked.synced(hooked.customer("Killed"))
    time.sleep(3)  # its own event has gone by
    own = hooked.own(invoice)
    hooked.aim(on=False)
    hooked.worlds.bookkeeper("pay", invoice=own, amount="11")
    body = hooked.events(200_001, [own], at=hooked.changed_at(invoice))
    connection = HTTPConnection("127.0.0.1", hooked.daemon.ports[1], timeout=10)

    answer = hooked.post(connection, body)
    hooked.daemon.end(signal.SIGKILL)

    connection.close()
    assert answer == (200, b"")
    assert hooked.payments(invoice) == [], "killed too late to prove anything"
    hooked.daemon.start()
    hooked.wait_money(invoice, within_s=20)
    assert [Decimal(str(one["amount"])) for one in hooked.payments(invoice)] == [Decimal(11)]
    hooked.aim(on=True)
