"""What a full sweep over unchanged invoices costs: calls, CPU, memory, and others' waiting.

    python bench/reconcile.py [--invoices 100000] [--json FILE]

Starts `syncd sandbox` as a process of its own, creates the invoices over HTTP, and fills a store as
it stands a day later: linked, agreed, told, and seen by yesterday's sweep. Then this process sweeps
in full, with the real Xero adapter over sockets and the real store on disk, while a second task
looks how late the loop is (what that look costs by itself is taken off). Exit 1 when it takes more
than 105 calls, asks anybody to do anything, or lets others wait 20 ms (p99).
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode
from urllib.request import urlopen

import anyio
import msgspec

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import sandbox as worlds  # noqa: E402 - after the path

from syncd.domain.facts import CallMade, Fact  # noqa: E402 - after the path
from syncd.domain.ids import (  # noqa: E402 - after the path
    IncarnationId,
    InstallationId,
    PipelineInvoiceId,
    TenantId,
    XeroInvoiceId,
    XeroOrganisationId,
)
from syncd.domain.model.job import PublicState  # noqa: E402 - after the path
from syncd.domain.model.limits import Limits  # noqa: E402 - after the path
from syncd.domain.model.result import InvoiceResult  # noqa: E402 - after the path
from syncd.domain.model.snapshot import Base, LineSnapshot, Snapshot  # noqa: E402 - after the path
from syncd.domain.model.statuses import XeroStatus  # noqa: E402 - after the path
from syncd.domain.model.summary import InvoiceSummary  # noqa: E402 - after the path
from syncd.domain.rules.compare import content_hash, snapshots  # noqa: E402 - after the path
from syncd.domain.rules.limits.allowance import Lane  # noqa: E402 - after the path
from syncd.domain.rules.limits.sliding_window import AllowanceLimits  # noqa: E402 - after the path
from syncd.domain.rules.limits.sweep_pace import Task  # noqa: E402 - after the path
from syncd.engine.core.context import SyncContext  # noqa: E402 - after the path
from syncd.engine.sweeps import full_sweep  # noqa: E402 - after the path
from syncd.engine.sweeps.step import SweepCounts, SweepStep  # noqa: E402 - after the path
from syncd.ports.ledger_sweeps import ListedInvoice, ListPage  # noqa: E402 - after the path
from syncd.ports.tokens import Bearer  # noqa: E402 - after the path
from syncd.runtime.aiohttp_transport import tcp_transport  # noqa: E402 - after the path
from syncd.runtime.aiosqlite_driver import open_driver  # noqa: E402 - after the path
from syncd.runtime.system_clock import SystemClock  # noqa: E402 - after the path
from syncd.runtime.system_entropy import SystemEntropy  # noqa: E402 - after the path
from syncd.store import links, migrate, results, sweeps, tenants  # noqa: E402 - after the path
from syncd.store.links import Link  # noqa: E402 - after the path
from syncd.store.results import ResultKey, ResultKind  # noqa: E402 - after the path
from syncd.store.sweeps import LastSeen  # noqa: E402 - after the path
from syncd.store.unit_of_work import Store, Transaction  # noqa: E402 - after the path
from syncd.xero.client import XeroClient  # noqa: E402 - after the path
from syncd.xero.ledger import XeroLedger  # noqa: E402 - after the path
from syncd.xero.quota import Quota  # noqa: E402 - after the path

TENANT = TenantId("acme")
PLENTY = {"minute_limit": 1_000_000, "app_minute_limit": 1_000_000, "day_limit": 1_000_000}
MOST_CALLS = 105
MOST_LAG_S = 0.020
BEAT_S = 0.005
DAYS = 360
LINES = 3


@dataclass
class OneToken:
    """The Tokens port over one token that outlives the bench."""

    bearer_: Bearer

    async def bearer(self, _: TenantId) -> Bearer:
        """The token."""
        return self.bearer_

    async def renew(self, _: TenantId, spent: Bearer) -> Bearer:
        """There is no other."""
        return spent

    def check(self, _: TenantId) -> None:
        """The gate is open."""


def access_token(told: Mapping[str, str]) -> str:
    """A token of a custom connection: no consent, one organisation."""
    form = urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": told["client_id"],
            "client_secret": told["client_secret"],
        }
    )
    with urlopen(f"{told['identity_url']}/connect/token", form.encode(), timeout=10) as answer:  # noqa: S310 - a loopback address
        return str(json.load(answer)["access_token"])


def organisation(told: Mapping[str, str]) -> str:
    """The organisation of the pretend Xero; asked for while its books are empty."""
    with urlopen(f"{told['control_url']}/dump", timeout=10) as answer:  # noqa: S310 - a loopback address
        return str(json.load(answer)["organisations"][0]["tenant_id"])


def fill(client: worlds.Client, invoices: int) -> None:
    """Put invoices of a year into the books."""
    made = client.ask(
        "PUT", "Contacts", {"Contacts": [{"Name": f"Customer {at}"} for at in range(200)]}
    )
    contacts = [one["ContactID"] for one in made["Contacts"]]
    first = date(2026, 1, 1)
    for start in range(0, invoices, worlds.PER_CALL):
        rows = []
        for at in range(start, min(start + worlds.PER_CALL, invoices)):
            dated = (first + timedelta(days=at % DAYS)).isoformat()
            rows.append(worlds.invoice(at, contacts[at % 200]) | {"Date": dated})
        client.ask("PUT", "Invoices?summarizeErrors=false&unitdp=4", {"Invoices": rows})


async def seed(context: SyncContext, invoices: int) -> None:
    """The store as it stands when every invoice was linked, told and swept yesterday."""
    await context.store.run(tenants.ensure([TENANT]))
    first = date(2026, 1, 1)
    seen = 0
    for day in range(0, DAYS, 30):
        since, before = first + timedelta(days=day), first + timedelta(days=day + 30)
        for page in range(1, 1_000):
            found = await context.ledger.invoice_summaries(
                TENANT, since, before, page=page, lane=Lane.SWEEP
            )
            await _store(context, found)
            seen += len(found.rows)
            if found.is_last:
                break
    assert seen == invoices, f"expected {invoices} invoices in the books, got {seen}"


async def _store(context: SyncContext, page: ListPage[ListedInvoice]) -> None:
    now = context.now()
    digest_of = {row.id: row.digest for row in page.rows}
    read = [row.summary(page.as_of) for row in page.rows]
    rows = [one for one in read if isinstance(one, InvoiceSummary)]
    tx = Transaction()
    tx.add(links.put_invoices(TENANT, [_link(row, now) for row in rows]))
    tx.add(
        sweeps.note_seen(
            TENANT,
            [
                LastSeen(
                    xero_id=row.id,
                    updated_at=row.updated_at,
                    content_hash=content_hash.summary_hash(row),
                    money=content_hash.money_of(row),
                    dated_on=row.invoice_on,
                    full_at=now,
                    row_digest=digest_of[row.id],
                )
                for row in rows
            ],
        )
    )
    told = [(ResultKey(kind=ResultKind.INVOICE, key=_key(row)), _result(row)) for row in rows]
    tx.add(results.put(TENANT, told, now))
    await context.store.commit(tx)
    standing = await context.store.fetch(
        results.contents(TENANT, ResultKind.INVOICE, [_key(row) for row in rows])
    )
    await context.store.run(results.sent(TENANT, standing))


def _key(row: InvoiceSummary) -> str:
    return f"i-{row.number}"


def _link(row: InvoiceSummary, now: datetime) -> Link[Base]:
    line = LineSnapshot(
        id="line", description="labour and materials as agreed", quantity="1", unit_amount="45.25",
        account="200", tax="OUTPUT2",
    )  # fmt: skip
    shown = Snapshot(
        status=row.status, number=row.number, reference=row.reference, contact=row.contact_id,
        invoice_on=row.invoice_on, due_on=row.due_on, currency=row.currency_code,
        line_amount_types=row.line_amount_types, nett=snapshots.total(row.sub_total),
        tax=snapshots.total(row.total_tax), total=snapshots.total(row.total), lines=(line,) * LINES,
    )  # fmt: skip
    return Link(
        key=_key(row), xero_id=row.id, is_ours=True, xero_status=row.status,
        xero_number=row.number, seen_at=now, base=Base(pipeline=shown, xero=shown), based_at=now,
        synced_version=1,
    )  # fmt: skip


def _result(row: InvoiceSummary) -> bytes:
    return msgspec.json.encode(
        InvoiceResult(
            id=PipelineInvoiceId(_key(row)),
            state=PublicState.SYNCED,
            xero_id=XeroInvoiceId(row.id),
            xero_number=row.number,
            xero_status=XeroStatus.AUTHORISED,
            amount_paid=Decimal(0),
            amount_credited=Decimal(0),
            amount_due=row.amount_due,
            synced_version=1,
        )
    )


class Beat:
    """Looks every 5 ms how late the loop is."""

    def __init__(self) -> None:
        self.lags_s: list[float] = []

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            asked = time.perf_counter()
            await anyio.sleep(BEAT_S)
            self.lags_s.append(max(0.0, time.perf_counter() - asked - BEAT_S))

    async def cpu_share(self) -> float:
        """CPU seconds a second that looking takes by itself, so that it can be taken off."""
        async with anyio.create_task_group() as group:
            group.start_soon(self.run)
            cpu_s, wall_s = time.process_time(), time.perf_counter()
            await anyio.sleep(1)
            share = (time.process_time() - cpu_s) / (time.perf_counter() - wall_s)
            group.cancel_scope.cancel()
        self.lags_s.clear()
        return share

    def p99_ms(self) -> float:
        """Of a hundred looks, the second-latest but one."""
        found = sorted(self.lags_s)
        return 1_000 * found[int(len(found) * 0.99)]


async def sweep(
    context: SyncContext, calls: list[CallMade]
) -> tuple[SweepCounts, float, float, Beat]:
    """A full sweep to its end: what it saw, CPU seconds, wall seconds, and the beat beside it."""
    beat = Beat()
    share = await beat.cpu_share()
    seen, checkpoint = SweepCounts(), None
    calls.clear()
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    async with anyio.create_task_group() as group:
        group.start_soon(beat.run)
        is_new = True
        while True:
            step = SweepStep(
                context=context,
                tenant=TENANT,
                task=Task.FULL,
                checkpoint=checkpoint,
                is_new=is_new,
                began=0,
                period_s=0.0,
            )
            swept = await full_sweep.sweep(step)
            seen += swept.counts
            (remembered,) = await context.store.fetch(sweeps.tasks(TENANT))
            checkpoint, is_new = remembered.memory, False
            if swept.is_complete:
                break
        cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
        group.cancel_scope.cancel()
    return seen, cpu_s - share * wall_s, wall_s, beat


async def measure(told: Mapping[str, str], own: str, invoices: int) -> dict[str, Any]:
    """Everything, in a folder of its own."""
    token = access_token(told)
    clock, calls = SystemClock(), list[CallMade]()

    def told_of(fact: Fact) -> None:
        if isinstance(fact, CallMade):
            calls.append(fact)

    tokens = OneToken(
        Bearer(access_token=token, organisation_id=XeroOrganisationId(own), generation=1)
    )
    transport = tcp_transport("xero")
    plenty = AllowanceLimits(minute=1_000_000, app_minute=1_000_000)
    xero = XeroClient(
        transport, api_url=told["api_url"], tokens=cast("Any", tokens), clock=clock,
        quota=Quota(plenty), on_call=told_of,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        driver = await open_driver(Path(folder) / "syncd.db")
        await migrate.upgrade(driver, datetime.now(UTC))
        context = SyncContext(
            store=Store(driver), clock=clock, entropy=SystemEntropy(), observe=told_of,
            ledger=XeroLedger(xero, clock=clock), billing=cast("Any", None), policies={},
            limits=Limits(), installation=InstallationId("installation-1"),
            incarnation=IncarnationId("boot-1"),
        )  # fmt: skip
        try:
            await seed(context, invoices)
            before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            seen, cpu_s, wall_s, beat = await sweep(context, calls)
        finally:
            await driver.close()
            await transport.close()
    return {
        "invoices": invoices,
        "calls": len(calls),
        "moved": seen.news + seen.enqueued,
        "loop_lag_p99_ms": round(beat.p99_ms(), 2),
        "cpu_us_per_invoice": round(1e6 * cpu_s / invoices, 2),
        "took_s": round(wall_s, 2),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "rss_before_mb": round(before_kb / 1024, 1),
    }


def main() -> int:
    """Measure, tell, and say whether it is within bounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--invoices", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with worlds.sandbox() as (_, told, _):
        client = worlds.Client(told)
        client.control("faults", {"switches": {**PLENTY, "limits": False}})
        own = organisation(told)
        fill(client, options.invoices)
        found = anyio.run(measure, told, own, options.invoices)
    for name, value in found.items():
        print(f"{name:22}{value:>12}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), "utf-8")
    is_within = (
        found["calls"] <= MOST_CALLS
        and not found["moved"]
        and found["loop_lag_p99_ms"] <= 1_000 * MOST_LAG_S
    )
    return 0 if is_within else 1


if __name__ == "__main__":
    sys.exit(main())
