"""What the outward write path costs by itself: the engine between both worlds, in one process.

    python bench/write_path.py [--invoices 1000] [--statements]

Without sockets, threads and fsync nothing but the engine's own work is left, so a change of a few
per cent shows in a run of seconds, also beside other work. Told are CPU microseconds an invoice
from its claim to the result stored in Pipeline: the engine's, SQLite's share of them, the pretend
worlds' in the same run, and the ratio of the two, which is what to compare between two versions.
`--statements` lists what each of the store's statements takes. Exit 1 when an invoice is missing.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from syncd.engine.feed import intake, write_back  # noqa: E402 - after the path
from syncd.engine.loops import worker  # noqa: E402 - after the path
from syncd.ports.driver import BoundStatement, Row  # noqa: E402 - after the path
from syncd.runtime import sqlite_transaction  # noqa: E402 - after the path
from syncd.store import sizes  # noqa: E402 - after the path
from tests.engine.support.rounds import PipelineTransport, Rounds, play  # noqa: E402 - after the path
from tests.xero.support.worlds import TENANT, WorldTransport  # noqa: E402 - after the path

WORK = (
    ("Replace copper pipe, labour", "3.5", "95"),
    ("Heat pump 6 kW, supply and install", "1", "2149.95"),
    ("Call-out after hours", "1", "180"),
    ("Sundries and travel, zone 2", "12.25", "14.3375"),
    ("Second fix, two people", "16", "88.4"),
)
SHOWN = 24


class Spent:
    """CPU seconds of this thread: of the worlds, of transactions, and of each statement."""

    def __init__(self) -> None:
        self.worlds_s = 0.0
        self.store_s = 0.0
        self.statements: defaultdict[str, float] = defaultdict(float)

    def begin(self) -> float:
        """Count from here; what the thread's clock shows."""
        gc.collect()
        self.worlds_s = self.store_s = 0.0
        self.statements.clear()
        return time.thread_time()

    def time_worlds(self, transport: type[Any]) -> None:
        """What a transport takes is the worlds'."""
        send: Callable[..., Awaitable[Any]] = transport.send

        async def timed(*args: Any) -> Any:
            began_s = time.thread_time()
            try:
                return await send(*args)
            finally:
                self.worlds_s += time.thread_time() - began_s

        transport.send = timed

    def time_store(self, *, is_by_statement: bool) -> None:
        """What a transaction takes is the store's."""
        for name in ("write", "read"):
            setattr(sqlite_transaction, name, self._timed(getattr(sqlite_transaction, name)))
        if is_by_statement:
            setattr(sqlite_transaction, "_run", self._noted(sqlite_transaction._run))  # noqa: B010, SLF001 - measured from outside

    def _timed(self, run: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any) -> Any:
            began_s = time.thread_time()
            try:
                return run(*args)
            finally:
                self.store_s += time.thread_time() - began_s

        return timed

    def _noted(
        self, run: Callable[[Any, BoundStatement], tuple[Row, ...]]
    ) -> Callable[[Any, BoundStatement], tuple[Row, ...]]:
        def noted(connection: Any, statement: BoundStatement) -> tuple[Row, ...]:
            began_s = time.thread_time()
            try:
                return run(connection, statement)
            finally:
                self.statements[statement.name] += time.thread_time() - began_s

        return noted


def lines(at: int) -> list[dict[str, Any]]:
    """One to five lines, of which one lies between two cents; other amounts in each invoice."""
    return [
        {
            "description": f"{words} ({at})",
            "quantity": Decimal(quantity) + 2 * at,
            "unitAmount": Decimal(price),
            "costCode": "LAB",
            "taxRate": "0.15",
        }
        for words, quantity, price in (WORK * 2)[at % 5 : at % 5 + 1 + at % 5]
    ]


async def drained(workflows: Sequence[Callable[[], Awaitable[float | None]]]) -> None:
    """A round of each, again and again, until none has work."""
    while any([await once() == 0 for once in workflows]):
        pass


async def measured(rounds: Rounds, spent: Spent, invoices: int) -> None:
    """Take them in, then write and tell them, and say what that took."""
    customer = rounds.customer()
    await rounds.turn()
    for at in range(invoices):
        rounds.invoice(customer, f"PL-{at}", reference=f"JOB-{at:04}", lines=lines(at))
    context = rounds.context
    await drained([lambda: intake.poll_once(context, TENANT)])
    began_s = spent.begin()
    await drained(
        [
            lambda: worker.drain_once(context, TENANT, is_open=lambda _: True),
            lambda: write_back.write_once(context, TENANT),
        ]
    )
    ours_s = time.thread_time() - began_s - spent.worlds_s
    found = [book["Status"] for book in rounds.books()]
    if found != ["AUTHORISED"] * invoices:
        raise SystemExit(f"of {invoices} invoices Xero has {Counter(found)}")
    told = {
        "engine_cpu_us_per_invoice": ours_s,
        "store_cpu_us_per_invoice": spent.store_s,
        "worlds_cpu_us_per_invoice": spent.worlds_s,
    }
    for name, took_s in told.items():
        print(f"{name:28} {1e6 * took_s / invoices:8.1f}")
    print(f"{'engine / worlds':28} {ours_s / spent.worlds_s:8.2f}")
    (size,) = await context.store.fetch(sizes.file())
    print(f"{'store_bytes_per_invoice':28} {size.bytes / invoices:8.0f}")
    longest = sorted(spent.statements.items(), key=itemgetter(1), reverse=True)
    for name, took_s in longest[:SHOWN]:
        print(f"  {name:26} {1e6 * took_s / invoices:8.1f}")


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=1000)
    parser.add_argument("--statements", action="store_true")
    asked = parser.parse_args()
    spent = Spent()
    spent.time_worlds(PipelineTransport)
    spent.time_worlds(WorldTransport)
    spent.time_store(is_by_statement=asked.statements)
    play(lambda rounds: measured(rounds, spent, asked.invoices))


if __name__ == "__main__":
    main()
