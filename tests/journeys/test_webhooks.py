"""What happens in Xero comes back by webhook, over real sockets, through any death."""

from __future__ import annotations

import hmac
import json
import signal
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.journeys.harness import FAST, Daemon, Journey, Worlds, wait_until

DEFAULT_WAITS = FAST | {"webhook_quiet_s": 1.0, "webhook_most_s": 3.0}
BY_WEBHOOK_S = 5.0
Deed = Callable[["Hooked", str], object]


class Hooked(Journey):
    """A journey whose worlds post webhooks to the daemon, and whose feed is polled seldom."""

    def aim(self, *, on: bool) -> None:
        public = f"http://127.0.0.1:{self.daemon.ports[1]}"
        xero = f"{public}/webhooks/xero" if on else None
        pipeline = f"{public}/webhooks/pipeline/{{tenant}}" if on else None
        self.worlds._command("xero", "webhooks", {"url": xero})
        self.worlds._command("pipeline", "webhooks", {"url": pipeline})
        if on:
            wait_until(lambda: self.hook()["state"] == "healthy", 15, self.daemon.tail)

    def hook(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.worlds.xero_books()["webhooks"]
        return found

    def synced(self, customer: str) -> str:
        invoice = self.invoice(customer)
        self.wait_told(invoice, state="synced")
        return invoice

    def own(self, invoice: str) -> str:
        return str(self.told(invoice)["xeroInvoiceId"])

    def payments(self, invoice: str) -> list[Any]:
        return list(self.worlds.pipeline_books()["payments"].get(invoice, {}).values())

    def money_differs(self, invoice: str) -> str:
        """Where Pipeline's money is not Xero's; empty when it is the same."""
        (stands,), told = self.documents(invoice), self.told(invoice)
        names = {
            "amountPaid": "AmountPaid",
            "amountCredited": "AmountCredited",
            "amountDue": "AmountDue",
        }
        wrong = [
            f"{ours} {told.get(ours)}, Xero {stands[theirs]}"
            for ours, theirs in names.items()
            if Decimal(str(told.get(ours, "-1"))) != Decimal(str(stands[theirs]))
        ]
        alive = [one for one in self.payments(invoice) if one["status"] == "Authorised"]
        total = sum(Decimal(str(one["amount"])) for one in alive)
        if total != Decimal(str(stands["AmountPaid"])) + Decimal(str(stands["AmountCredited"])):
            wrong.append(f"payments add up to {total}")
        if told["xeroStatus"] != stands["Status"]:
            wrong.append(f"{told['xeroStatus']}, Xero {stands['Status']}")
        return "; ".join(wrong)

    def wait_money(self, invoice: str, within_s: float = 15.0) -> None:
        wait_until(
            lambda: not self.money_differs(invoice),
            within_s,
            lambda: f"{self.money_differs(invoice)}\n{self.daemon.tail()}",
        )


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hooked]:
    folder = tmp_path_factory.mktemp("webhooks")
    worlds = Worlds(folder)
    try:
        worlds.xero(switches={"minute_limit": 6000, "day_limit": 1_000_000})
        secret = worlds.told["pipeline"]["tenants"]["demo"]["webhook_secret"]
        daemon = Daemon(
            worlds,
            folder,
            sync=DEFAULT_WAITS | {"poll_every_s": 60.0},
            tenant={"pipeline_webhook_secret": secret},
        )
        try:
            daemon.start()
            daemon.connect()
            way = Hooked(worlds, daemon)
            way.aim(on=True)
            yield way
            assert way.leaks() == []
        finally:
            daemon.close()
    finally:
        worlds.close()


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


def pay(**fields: Any) -> Deed:
    return lambda way, own: way.worlds.bookkeeper("pay", invoice=own, **fields)


def credit(kind: str, **fields: Any) -> Deed:
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
    (credit("Prepayment", amount="4"),),
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

    for invoice in invoices:
        hooked.wait_money(invoice)
        assert hooked.told(invoice)["state"] == "synced"


def test_five_thousand_events_for_others_documents_cost_no_call(hooked: Hooked) -> None:
    hooked.synced(hooked.customer("Ours"))
    time.sleep(4)  # its own event has gone by
    organisation = hooked.worlds.xero_books()["organisations"][0]["organisation"]
    tenant = organisation.get("OrganisationID") or organisation["id"]
    before = hooked.calls()
    dropped = 'syncd_webhooks_digested_total{tenant="demo",verdict="not_ours"}'
    counted = hooked.daemon.metrics()[dropped]

    connection = HTTPConnection("127.0.0.1", hooked.daemon.ports[1], timeout=10)
    key = hooked.worlds.told["xero"]["webhook_key"]
    for first in range(100_001, 105_001, 50):
        assert post(connection, key, strangers(tenant, first, 50)) == (200, b"")
    connection.close()

    def all_dropped() -> bool:
        return hooked.daemon.metrics()[dropped] - counted == 5_000

    wait_until(all_dropped, 20, lambda: f"{hooked.daemon.metrics()}\n{hooked.daemon.tail()}")
    assert hooked.calls() == before


def strangers(tenant: str, first: int, count: int) -> bytes:
    rows = [
        {
            "resourceUrl": "",
            "resourceId": str(uuid.uuid4()),
            "tenantId": tenant,
            "tenantType": "ORGANISATION",
            "eventCategory": "INVOICE",
            "eventType": "UPDATE",
            "eventDateUtc": "2026-11-22T03:15:09.027",
        }
        for _ in range(count)
    ]
    spans = {"firstEventSequence": first, "lastEventSequence": first + count - 1}
    return json.dumps({"events": rows, **spans, "entropy": "A" * 20}).encode()


def post(connection: HTTPConnection, key: str, body: bytes) -> tuple[int, bytes]:
    signed = b64encode(hmac.digest(key.encode(), body, "sha256")).decode()
    connection.request("POST", "/webhooks/xero", body, {"x-xero-signature": signed})
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_event_answered_before_a_kill_has_its_effect_after_it(hooked: Hooked) -> None:
    """Nothing repeats the event: webhooks are off when the daemon comes back, and no sweep runs."""
    invoice = hooked.synced(hooked.customer("Killed"))
    time.sleep(3)  # its own event has gone by
    before = hooked.hook().get("delivered", 0)

    hooked.worlds.bookkeeper("pay", invoice=hooked.own(invoice), amount="11")
    ends_at = time.monotonic() + 5
    while hooked.hook().get("delivered", 0) == before and time.monotonic() < ends_at:
        time.sleep(0.01)
    hooked.daemon.end(signal.SIGKILL)
    told = hooked.payments(invoice)
    hooked.aim(on=False)
    hooked.daemon.start()

    hooked.wait_money(invoice)
    assert told == [], "killed too late to prove anything"
    hooked.aim(on=True)
