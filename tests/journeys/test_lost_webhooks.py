"""Webhooks are hints: what is lost, doubled or late with them comes by sweep, and costs little."""

from __future__ import annotations

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Any

from tests.journeys.support.harness import wait_until
from tests.journeys.support.hooked import NO_SWEEPS, Hooked, hooked_journey
from tests.support import stores

INVOICES = 100
DEEDS = 1_000
KILL_AT = (300, 650)
RETRY_S = 900
"""Xero tries a failed webhook again after so long."""
STORM = {
    "webhook_losses": 0.3,
    "webhook_duplicates": 0.3,
    "webhook_duplicate_within_s": 3.0,
    "webhook_reorders": 0.2,
    "webhook_reorder_s": 2.0,
    "webhook_delay_spread_s": 1.0,
}
HALF_AN_HOUR_S = 1_800


def test_payment_whose_webhook_was_lost_comes_by_sweep_and_is_counted_as_a_miss(
    tmp_path: Path,
) -> None:
    """Xero's clock is behind ours, so that what it has not announced is overdue already."""
    sync = {**NO_SWEEPS, "reconcile_every_s": 1.0, "poll_every_s": 0.2}
    with hooked_journey(tmp_path, sync=sync, behind_s=HALF_AN_HOUR_S + 100) as way:
        invoice = way.synced(way.customer("Lost"))
        time.sleep(2.5)  # its own event has gone by, and is no news of what follows
        way.worlds.xero(switches={"webhook_losses": 1.0})

        way.worlds.bookkeeper("pay", invoice=way.own(invoice), amount="10")

        way.wait_money(invoice)
        missed = 'syncd_webhooks_missed_total{tenant="demo"}'
        wait_until(lambda: way.daemon.metrics()[missed] == 1, 15, way.daemon.tail)
        answer = way.daemon.get("/api/v1/tenants/demo/findings").json()
        assert [one["kind"] for one in answer["items"]] == ["missed_webhook"]


def test_storm_of_webhooks_ends_equal_and_costs_few_calls(tmp_path: Path) -> None:
    """1,000 changes: three in ten unannounced, some twice, in any order, and two deaths.

    A digest reads forty documents to a call, in as many calls as it must; one that was killed may
    have read all of them. When a credit was used stands with the credit note alone: they are read
    twenty to a call. What nobody announced is one page of a sweep.
    """
    with hooked_journey(tmp_path) as way:
        customer = way.customer("Storm")
        invoices = [way.invoice(customer) for _ in range(INVOICES)]
        documents = wait_until(lambda: _documents(way, invoices), 20, way.daemon.tail)
        wait_until(lambda: _is_digested(way), 20, way.daemon.tail)
        way.worlds.xero(switches=STORM)
        before = way.calls()

        _storm(way, documents)
        wait_until(lambda: _is_digested(way), 40, lambda: f"{way.hook()}\n{way.daemon.tail()}")

        spent = way.calls() - before
        rounds = [one["fetched"] for one in _digested(way) if one["fetched"]]
        killed = len(KILL_AT) * ceil(INVOICES / 40)
        assert spent.keys() <= {"GET Invoices", "GET CreditNotes"}
        assert spent["GET Invoices"] <= ceil(sum(rounds) / 40) + len(rounds) + killed, rounds
        assert spent["GET CreditNotes"] <= ceil(sum(rounds) / 20) + len(rounds) + 2 * killed, rounds
        way.worlds.xero(switches={"webhook_losses": 1.0})
        for key in documents[:20]:
            way.worlds.bookkeeper("pay", invoice=key, amount="0.01")

        before = way.calls()
        answer = way.daemon.post("/api/v1/tenants/demo/reconcile")

        assert answer.status in (200, 202), answer
        way.wait_money(*invoices)
        spent = way.calls() - before
        assert spent.pop("GET CreditNotes", 0) <= ceil(DEEDS / 20)
        assert spent == {"GET Invoices": 1, "GET Contacts": 1}


def _documents(way: Hooked, invoices: list[str]) -> list[str]:
    """Their ids in Xero, once all of them stand there; empty until then."""
    told = way.worlds.pipeline_books()["results"]["invoice"]
    found = [told[key]["xeroInvoiceId"] for key in invoices if key in told]
    return found if len(found) == len(invoices) and all(found) else []


def _storm(way: Hooked, documents: list[str]) -> None:
    """Money moves on and on while the daemon dies."""
    dice = random.Random(5)  # noqa: S311 - a test's dice
    stands: Counter[tuple[str, str]] = Counter()
    for at in range(DEEDS):
        if at in KILL_AT:
            way.daemon.end(signal.SIGKILL)
            way.daemon.spawn()
        key = dice.choice(documents)
        deed = dice.choices(("pay", "credit", "delete_payment", "deallocate"), (6, 2, 2, 1))[0]
        if deed in _TAKES_BACK and not stands[key, _TAKES_BACK[deed]]:
            deed = "pay"
        amount = {"amount": "0.01"} if deed in {"pay", "credit"} else {}
        way.worlds.bookkeeper(deed, invoice=key, **amount)
        stands[key, _TAKES_BACK.get(deed, deed)] += -1 if deed in _TAKES_BACK else 1
        if at in {each + 200 for each in KILL_AT}:
            way.daemon.wait_ready()
            way.worlds.clock(advance_s=RETRY_S)


_TAKES_BACK = {"delete_payment": "pay", "deallocate": "credit"}


def _is_digested(way: Hooked) -> bool:
    """Xero has nothing more to post, and the daemon nothing more to work through."""
    time.sleep(0.2)  # whole books are asked for, which is dear
    asked = "SELECT count(*) FROM inbox WHERE state = 'new'"
    waiting = stores.one(way.daemon.folder / "syncd.db", asked)
    return waiting == 0 and way.hook()["kept"] == 0


def _digested(way: Hooked) -> Iterator[dict[str, Any]]:
    for line in way.daemon.log.read_text("utf-8").splitlines():
        if '"webhooks.digested"' in line:
            yield json.loads(line)
