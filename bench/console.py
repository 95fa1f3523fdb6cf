"""What the console's pages cost at 100,000 invoices, and what 20 open tabs cost the drain.

    python bench/console.py [--invoices 100000] [--rounds 40] [--drain 40000] [--json FILE]

Both pretend worlds in one process, the daemon in another. A few invoices go their usual way; then
the daemon is ended, the settled ones are copied in its file until so many stand there (what waits
stays rare), and it is started again. Told of each page is the 95th percentile of the time a client
on loopback waits for it, connection kept, HTML and packed bytes beside it, and the limit. A page's
time holds the client's share too, so it is an upper bound. Then `bench/drain.py`'s drain, with 20
tabs open in every second slice or so: each follows `/live` and reads its part again as a page does,
when it is told; what its opening costs is not counted. `--drain 0` leaves the drain out. Exit 1
where a page answers anything but 200.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import drain, grown  # noqa: E402 - after the path

from tests.journeys.support.harness import (  # noqa: E402 - after the path
    DEFAULTS,
    OPERATOR,
    Daemon,
    Worlds,
    wait_until,
)
from tests.support import stores  # noqa: E402 - after the path

TABS = 20
ZONE = "Pacific/Auckland"
"""Of the reader: instants say more than in UTC."""
THROTTLE_S = 2.0
LIMIT_MS = {"card": 30, "list": 30, "invoice": 50, "part": 15, "inside": 400}
"""A search inside numbers reads all of them, here and in Xero, when a person asks for it."""
HTML_KB, PACKED_KB, STATIC_KB, STATIC_PACKED_KB = 40, 10, 160, 45
FIRST_VISIT = (
    *("pico-2.1.1.min.css", "app.css", "site.js"),
    *("htmx-4.0.1.min.js", "hx-sse-4.0.1.min.js"),
)
SEEDED = 60
UNLIMITED = {"limits": False, **drain.LIMITS, "day_limit": 100_000_000}
PLENTY = {
    "calls_per_minute": drain.LIMITS["minute_limit"],
    "app_calls_per_minute": drain.LIMITS["app_minute_limit"],
}
OK, SEE_OTHER = 200, 303
WARMING = 4
TURNS = (False, True, True, False, False, True, True, False)
"""Slices with tabs or without, all alike, after so many percent for settings and customers."""


# --- a browser without a window


class Visitor:
    """Signed in once; asks for pages over one connection."""

    def __init__(self, daemon: Daemon) -> None:
        self._port = daemon.ports[0]
        self._line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        form = urlencode({"token": OPERATOR, "next": "/"})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        }
        self._line.request("POST", "/login", form, headers)
        answer = self._line.getresponse()
        answer.read()
        if answer.status != SEE_OTHER:
            raise SystemExit(f"signing in: expected 303, got {answer.status}")
        session = str(answer.headers["Set-Cookie"]).partition(";")[0]
        self.cookie = f"{session}; syncd-zone={ZONE}"

    def close(self) -> None:
        """End the connection."""
        self._line.close()

    def ask(self, path: str) -> tuple[float, bytes]:
        """Seconds until the page is here, and the page."""
        began = time.perf_counter()
        self._line.request("GET", path, headers={"Cookie": self.cookie})
        answer = self._line.getresponse()
        body = answer.read()
        took_s = time.perf_counter() - began
        if answer.status != OK:
            raise SystemExit(f"{path}: expected 200, got {answer.status} {body[:200]!r}")
        return took_s, body


class Tab(threading.Thread):
    """An open page: follows the signals, and reads its part again at most every two seconds."""

    def __init__(self, visitor: Visitor, port: int, tenant: str, part: str) -> None:
        super().__init__(daemon=True)
        self._cookie, self._port, self._tenant, self._part = visitor.cookie, port, tenant, part
        self.reads = 0
        self.is_open = True

    def run(self) -> None:
        """Until it is closed, or the daemon ends the stream."""
        headers = {"Cookie": self._cookie}
        stream = http.client.HTTPConnection("127.0.0.1", self._port, timeout=15)
        stream.request("GET", f"/live?t={quote(self._tenant)}", headers=headers)
        signals = stream.getresponse()
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        next_s = 0.0
        while self.is_open and (said := signals.readline()):
            if said.startswith(b"event: moved") and time.monotonic() >= next_s:
                next_s = time.monotonic() + THROTTLE_S
                line.request("GET", self._part, headers=headers)
                line.getresponse().read()
                self.reads += 1
        stream.close()
        line.close()


# --- the pages


def pages(daemon: Daemon, tenant: str) -> Iterator[tuple[str, str, str]]:
    """Name, kind and path of what is measured."""
    card = f"/t/{tenant}"
    api = f"/api/v1/tenants/{tenant}/invoices"

    def first(query: str) -> str:
        return str(daemon.get(f"{api}?limit=1&{query}").json()["items"][0]["id"])

    yield "overview", "card", "/"
    yield "card", "card", card
    yield "card, its part", "part", f"{card}?part=card"
    yield "invoices", "list", f"{card}/invoices"
    yield "invoices, their part", "part", f"{card}/invoices?part=invoices"
    for state in ("synced", "pending", "waiting", "out_of_sync", "uncertain", "failed", "voided"):
        yield f"invoices {state}", "list", f"{card}/invoices?state={state}"
    yield "invoices by reason", "list", f"{card}/invoices?reason=account_unmapped"
    yield "invoices by number", "list", f"{card}/invoices?sort=number"
    yield "invoices by prefix", "list", f"{card}/invoices?q=COPY-0001"
    yield "invoices, no such number", "list", f"{card}/invoices?q=NOWHERE-1"
    yield "invoices, inside numbers", "inside", f"{card}/invoices?q=NOWHERE-1&within=1"
    yield "contacts", "list", f"{card}/contacts"
    yield "findings", "list", f"{card}/findings"
    yield "journal", "list", f"{card}/journal"
    yield "webhooks", "list", f"{card}/webhooks"
    yield "invoice synced", "invoice", f"{card}/invoices/{first('state=synced')}"
    waiting = f"{card}/invoices/{first('state=waiting')}"
    yield "invoice waiting", "invoice", waiting
    yield "invoice, its part", "part", f"{waiting}?part=invoice"


def measured(daemon: Daemon, tenant: str, rounds: int) -> dict[str, Any]:
    """Each page in turn, round by round, so that all meet the same weather."""
    with closing(Visitor(daemon)) as visitor:
        return _measured(visitor, list(pages(daemon, tenant)), rounds)


def _measured(
    visitor: Visitor, wanted: Sequence[tuple[str, str, str]], rounds: int
) -> dict[str, Any]:
    took: dict[str, list[float]] = {name: [] for name, _, _ in wanted}
    sizes: dict[str, tuple[int, int]] = {}
    for at in range(rounds + 1):
        for name, kind, path in wanted:
            # What is asked for alike within a second is drawn once; here each is drawn.
            took_s, body = visitor.ask(f"{path}&round={at}" if kind == "part" else path)
            sizes[name] = (len(body), len(gzip.compress(body, 6)))
            if at:  # the first round fills caches
                took[name].append(1000 * took_s)
    return {
        name: {
            "p95_ms": round(_p95(took[name]), 1),
            "median_ms": round(statistics.median(took[name]), 1),
            "most_ms": LIMIT_MS[kind],
            "html_kb": round(sizes[name][0] / 1000, 1),
            "packed_kb": round(sizes[name][1] / 1000, 1),
        }
        for name, kind, _ in wanted
    }


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def statics() -> tuple[float, float]:
    """Kilobytes of style, script and icons a first visit brings, plain and packed."""
    found = [one for one in (ROOT / "src/syncd/web/static").rglob("*") if one.name in FIRST_VISIT]
    assert len(found) == len(FIRST_VISIT), sorted(one.name for one in found)
    plain = [one.read_bytes() for one in found]
    return sum(map(len, plain)) / 1000, sum(len(gzip.compress(one, 9)) for one in plain) / 1000


@contextmanager
def full(folder: Path, invoices: int) -> Iterator[tuple[Daemon, str]]:
    """A daemon over a store with so many invoices, and its tenant."""
    worlds = Worlds(
        folder,
        "--organisations",
        "2",
        "--customers",
        "20",
        "--invoices",
        str(SEEDED),
        "--seed",
        "1",
    )
    try:
        worlds.xero(switches=UNLIMITED)
        (tenant, *_) = worlds.told["pipeline"]["tenants"]
        sync = DEFAULTS | {"poll_every_s": 2.0}
        daemon = Daemon(worlds, folder, sync=sync, xero=PLENTY)
        try:
            daemon.start()
            daemon.connect(tenant)
            wait_until(lambda: _is_at_rest(daemon, tenant), 120, daemon.tail)
            daemon.end(signal.SIGTERM)
            _grow(folder / "syncd.db", invoices)
            daemon.start()
            yield daemon, tenant
        finally:
            daemon.close()
    finally:
        worlds.close()


def _grow(file: Path, invoices: int) -> None:
    if stores.ON_POSTGRESQL:
        database = stores.url_of(file).partition("@/")[2].partition("?")[0]
        grown.grow_database(stores.server(), database, invoices)
    else:
        grown.grow_file(file, invoices)


def _is_at_rest(daemon: Daemon, tenant: str) -> bool:
    card = daemon.get(f"/api/v1/tenants/{tenant}").json()
    return sum(card["invoices"].values()) >= SEEDED and not card["backlog"]


# --- the drain beside open tabs


class Watched(drain.Bench):
    """A drain watched by open tabs in some of its slices."""

    def compare(self, tenants: list[str]) -> None:
        """Connect, leave the first slice out, then by turns without tabs and with."""
        self.watched: list[tuple[bool, int, float, float]] = []
        self.reads = 0
        visitor = Visitor(self.daemon)
        for place, name in enumerate(tenants):
            self.daemon.connect(name, org=place + 1)
        each = (100 - WARMING) / len(TURNS)
        slices = [(WARMING, None), *((WARMING + each * at, on) for at, on in enumerate(TURNS, 1))]
        for percent, is_open in slices:
            goal = int(self.jobs * percent / 100)
            tabs = self._opened(visitor, tenants[0]) if is_open else []
            self._wait(lambda: all(tab.reads for tab in tabs))  # noqa: B023 - asked at once
            self._mark()
            self._wait(lambda: min(self._now.created, self._now.told) >= goal)  # noqa: B023 - asked at once
            used_s = drain.cpu_s(self.pid) - self._cpu_s
            took_s = time.perf_counter() - self._began
            if is_open is not None:
                done = self._now.created - self._created
                self.watched.append((is_open, done, used_s, took_s))
            for tab in tabs:
                tab.is_open = False
                self.reads += tab.reads

    def _opened(self, visitor: Visitor, tenant: str) -> list[Tab]:
        card = f"/t/{tenant}"
        parts = (f"{card}?part=card", f"{card}/invoices?part=invoices")
        tabs = [
            Tab(visitor, self.daemon.ports[0], tenant, parts[at % len(parts)]) for at in range(TABS)
        ]
        for tab in tabs:
            tab.start()
        return tabs


class _Nobody:
    def round(self, count: int, **how: int) -> float:  # noqa: ARG002 - nothing is done
        return 0.0


def drained(folder: Path, invoices: int) -> dict[str, float | str]:
    """CPU of the daemon an invoice with 20 tabs open, beside none, in one run."""
    worlds = Worlds(folder, "--organisations", "2")
    try:
        worlds.xero(switches=UNLIMITED)
        names = list(worlds.told["pipeline"]["tenants"])
        drain.fill(worlds, drain.shared(invoices, names))
        daemon = Daemon(
            worlds,
            folder,
            sync=DEFAULTS,
            xero=PLENTY,
            tenant={"tax_types": dict(drain.SETTINGS.tax_types)},
            tenants=names,
        )
        try:
            daemon.start()
            jobs = invoices + drain.CUSTOMERS * len(names)
            place = drain.Place(folder=folder)
            bench = Watched(daemon, _Nobody(), _Nobody(), jobs, place.progress)
            bench.take_in()
            bench.compare(names)
        finally:
            daemon.close()
    finally:
        worlds.close()
    return _told(bench)


def _told(bench: Watched) -> dict[str, float | str]:
    def an_invoice(*, is_open: bool) -> tuple[float, float, float]:
        rows = [row[1:] for row in bench.watched if row[0] is is_open]
        done, used_s, took_s = (sum(values) for values in zip(*rows, strict=True))
        return 1e6 * used_s / done, done / took_s, took_s

    alone, beside = an_invoice(is_open=False), an_invoice(is_open=True)
    return {
        "cpu_us_an_invoice_alone": round(alone[0], 1),
        "cpu_us_an_invoice_with_tabs": round(beside[0], 1),
        "cpu_ratio": round(beside[0] / alone[0], 3),
        "invoices_per_s_alone": round(alone[1]),
        "invoices_per_s_with_tabs": round(beside[1]),
        "least_and_most_us_alone": _span(bench, is_open=False),
        "least_and_most_us_with_tabs": _span(bench, is_open=True),
        "parts_read": bench.reads,
        "parts_a_s": round(bench.reads / beside[2], 1),
    }


def _span(bench: Watched, *, is_open: bool) -> str:
    """Of single slices: how far the machine's weather moves them."""
    each = [1e6 * used / done for on, done, used, _ in bench.watched if on is is_open]
    return f"{min(each):.0f} to {max(each):.0f}"


def shown(found: Mapping[str, Any]) -> None:
    """The figures, each beside its limit."""
    print(f"{'page':28}{'p95 ms':>8}{'median':>8}{'limit':>7}{'HTML KB':>9}{'packed':>8}")
    for name, row in found["pages"].items():
        over = "  above" if row["p95_ms"] > row["most_ms"] else ""
        print(
            f"{name:28}{row['p95_ms']:8}{row['median_ms']:8}{row['most_ms']:7}"
            f"{row['html_kb']:9}{row['packed_kb']:8}{over}"
        )
    print(f"limits of a page: {HTML_KB} KB, {PACKED_KB} KB packed")
    print(
        f"first visit's files: {found['static_kb']:.0f} KB (limit {STATIC_KB}),"
        f" {found['static_packed_kb']:.0f} KB packed (limit {STATIC_PACKED_KB})"
    )
    for name, value in found.get("drain", {}).items():
        print(f"{name:34}{value}")


def main() -> None:
    """Run once and print; `--json` keeps it too."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--invoices", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument(
        "--drain", type=int, default=40_000, help="long enough that tabs are told in each slice"
    )
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    plain, packed = statics()
    found: dict[str, Any] = {"static_kb": plain, "static_packed_kb": packed}
    with (
        tempfile.TemporaryDirectory(prefix="syncd-bench-") as folder,
        full(Path(folder), given.invoices) as (daemon, tenant),
    ):
        found["pages"] = measured(daemon, tenant, given.rounds)
    if given.drain:
        with tempfile.TemporaryDirectory(prefix="syncd-bench-") as folder:
            found["drain"] = drained(Path(folder), given.drain)
    shown(found)
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
