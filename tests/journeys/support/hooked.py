"""A journey whose worlds post webhooks to the daemon, and where its money stands in both books."""

from __future__ import annotations

import hmac
import json
import uuid
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.journeys.support.harness import FAST, Daemon, Journey, Worlds, wait_until

DEFAULT_WAITS = FAST | {"webhook_quiet_s": 1.0, "webhook_most_s": 3.0}
NO_SWEEPS = {"reconcile_every_s": 30 * 86_400.0, "full_sweep_every_s": 30 * 86_400.0}
"""Nothing but a webhook, or a person, brings anything back."""
_AMOUNTS = {
    "amountPaid": "AmountPaid",
    "amountCredited": "AmountCredited",
    "amountDue": "AmountDue",
}


class Hooked(Journey):
    """A journey with webhooks, whose feed is polled seldom."""

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

    @cached_property
    def organisation(self) -> str:
        return str(self.worlds.xero_books()["organisations"][0]["tenant_id"])

    def changed_at(self, invoice: str) -> str:
        """When its document last changed, as an event says it."""
        (document,) = self.documents(invoice)
        at = datetime.fromtimestamp(document["UpdatedMs"] / 1000, tz=UTC)
        return at.isoformat(timespec="milliseconds").removesuffix("+00:00")

    def synced(self, customer: str) -> str:
        invoice = self.invoice(customer)
        self.wait_told(invoice, state="synced")
        return invoice

    def own(self, invoice: str) -> str:
        return str(self.told(invoice)["xeroInvoiceId"])

    def payments(self, invoice: str) -> list[Any]:
        return list(self.worlds.pipeline_books()["payments"].get(invoice, {}).values())

    def money_differs(self, *invoices: str) -> list[str]:
        """Where Pipeline's money is not Xero's; empty when all is the same."""
        pipeline, xero = self.worlds.books()
        tenant = pipeline["tenants"]["demo"]
        documents = {one["InvoiceID"]: one for one in xero["organisations"][0]["invoices"]}
        found = []
        for key in invoices:
            told = tenant["results"]["invoice"].get(key, {})
            stands = documents[told["xeroInvoiceId"]]
            parts = tenant["payments"].get(key, {})
            found += [
                f"{stands['InvoiceNumber']}: {each}" for each in _differs(told, stands, parts)
            ]
        return found

    def wait_money(self, *invoices: str, within_s: float = 15.0) -> None:
        wait_until(
            lambda: not self.money_differs(*invoices),
            within_s,
            lambda: f"{self.money_differs(*invoices)}\n{self.daemon.tail()}",
        )

    def post(self, connection: HTTPConnection, body: bytes) -> tuple[int, bytes]:
        """Post a body as Xero would, signed."""
        key = self.worlds.told["xero"]["webhook_key"].encode()
        signed = b64encode(hmac.digest(key, body, "sha256")).decode()
        connection.request("POST", "/webhooks/xero", body, {"x-xero-signature": signed})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def events(self, first: int, resources: Sequence[str], at: str) -> bytes:
        """A body of INVOICE events, its running count beginning with `first`."""
        rows = [
            {
                "resourceUrl": "",
                "resourceId": one,
                "tenantId": self.organisation,
                "tenantType": "ORGANISATION",
                "eventCategory": "INVOICE",
                "eventType": "UPDATE",
                "eventDateUtc": at,
            }
            for one in resources
        ]
        spans = {"firstEventSequence": first, "lastEventSequence": first + len(rows) - 1}
        return json.dumps({"events": rows, **spans, "entropy": "A" * 20}).encode()


def strangers(count: int) -> list[str]:
    """Ids of documents that are nobody's."""
    return [str(uuid.uuid4()) for _ in range(count)]


@contextmanager
def hooked_journey(
    folder: Path,
    *,
    sync: Mapping[str, float] = NO_SWEEPS,
    switches: Mapping[str, Any] | None = None,
    behind_s: float = 0.0,
) -> Iterator[Hooked]:
    """Both worlds, aimed at a connected daemon; their clock is `behind_s` behind ours."""
    worlds = Worlds(folder)
    try:
        worlds.clock(advance_s=-behind_s)
        worlds.xero(switches={"minute_limit": 6000, "day_limit": 1_000_000, **(switches or {})})
        secret = worlds.told["pipeline"]["tenants"]["demo"]["webhook_secret"]
        daemon = Daemon(
            worlds,
            folder,
            sync=DEFAULT_WAITS | {"poll_every_s": 60.0} | sync,
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


def _differs(told: Any, stands: Any, parts: Mapping[str, Any]) -> Iterator[str]:
    for ours, theirs in _AMOUNTS.items():
        if Decimal(str(told.get(ours, "-1"))) != Decimal(str(stands[theirs])):
            yield f"{ours} {told.get(ours)}, Xero {stands[theirs]}"
    alive = [one for one in parts.values() if one["status"] == "Authorised"]
    total = sum(Decimal(str(one["amount"])) for one in alive)
    if total != Decimal(str(stands["AmountPaid"])) + Decimal(str(stands["AmountCredited"])):
        yield f"payments add up to {total}"
    if told["xeroStatus"] != stands["Status"]:
        yield f"{told['xeroStatus']}, Xero {stands['Status']}"
