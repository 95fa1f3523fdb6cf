"""How fast the whole daemon drains a queue, and what the official SDK needs for the same work.

    python bench/drain.py [--invoices 20000] [--tenants 10] [--postgresql] [--json FILE]

Both pretend worlds run in one process with Xero's limits switched off, the daemon in another, the
SDK (`xero-python`) in a third, and in a fourth the floor (`bench/floor.py`): the smallest script
that keeps the promise of a create. Only loopback is used. The daemon first takes all invoices into
its queue while it is connected to nothing; then every tenant is connected and the queue drains,
with write-back, journal, metrics and logs (to a file) on. Between slices of the drain the daemon is
stopped (SIGSTOP) while the SDK creates invoices of the same content, 50 and one per call, and the
floor creates its own; so all are measured under the same weather. Told of the SDK and the floor are
medians over their rounds, of the daemon its whole CPU from the first connection to the last result
stored in Pipeline, per invoice; the judge of the journeys says at the end whether the daemon and
the floor did it all right. With `--postgresql` all of it is done once more on a server of its own,
which waits for the disk as SQLite does. Ends by itself; exit 1 when it fails.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.journeys.support.harness import DEFAULTS, PROGRAM, Daemon, Worlds, call  # noqa: E402 - after the path
from tests.journeys.support.judge import Settings, judge  # noqa: E402 - after the path
from tests.support.postgresql import Cluster, started  # noqa: E402 - after the path

TICKS = os.sysconf("SC_CLK_TCK")
RATES = {"NZ": ("0.15", "OUTPUT2"), "AU": ("0.10", "OUTPUT"), "GB": ("0.20", "OUTPUT2")}
SETTINGS = Settings(
    tax_types={"0.15": "OUTPUT2", "0.10": "OUTPUT", "0.20": "OUTPUT2", "0": "ZERORATED"}
)
CUSTOMERS = 20
PATTERNS = 24
SDK_BATCHED, SDK_SINGLE, FLOOR, BATCH = 500, 40, 500, 50
LONGEST_S = 300.0
SCRAPE_S = 15.0
LOOK_S = 0.2
COUNTED = (
    "SELECT (SELECT count(*) FROM {schema}links),"
    " (SELECT count(*) FROM {schema}results WHERE sent_seq = wanted_seq),"
    " (SELECT count(*) FROM {schema}jobs WHERE state = 'ready')"
)
LIMITS = {"minute_limit": 1_000_000, "app_minute_limit": 10_000_000}
WORK = (
    ("Replace copper pipe, labour", "LAB", "3.5", "95.00", None),
    ("Heat pump 6 kW, supply and install", "MAT", "1", "2149.9500", None),
    ("Call-out after hours", "CALL", "1", "180.00", None),
    ("Sundries and travel, zone 2", "MAT", "12.25", "14.3375", "5"),
    ("Second fix, two people", "LAB", "16", "88.40", "10"),
)


@dataclass(slots=True)
class Rounds:
    """What was measured so far."""

    slices: list[tuple[int, float, float]] = field(default_factory=list)  # invoices, CPU s, wall s
    batched: list[float] = field(default_factory=list)  # CPU µs per invoice
    single: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    loop_cpu_s: float = 0.0
    """CPU of the daemon's event loop alone; the rest is the threads of the store."""


class Beside(Protocol):
    """Who works while the daemon stands still."""

    def round(self, count: int, **how: int) -> float:
        """CPU microseconds an invoice of so many."""
        ...


class Other:
    """Another process that does the same work in rounds, told what it needs once at first."""

    def __init__(self, script: str, told: Mapping[str, Any]) -> None:
        self._script = script
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, str(ROOT / "bench" / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say(told)

    def round(self, count: int, **how: int) -> float:
        """CPU µs per invoice of creating `count` invoices."""
        return 1e6 * float(self.ask({"count": count, **how})["cpu_s"]) / count

    def ask(self, order: Mapping[str, Any]) -> Any:
        """One order, and its answer."""
        self._say(order)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._script} ended; its error is above")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _say(self, value: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()


def sdk_of(worlds: Worlds, org: int, patterns: list[Mapping[str, Any]]) -> Other:
    """The SDK's process, with a token and an organisation of its own."""
    told = worlds.told["xero"]
    token = _token(told, org)
    contact = worlds.bookkeeper("create_contact", organisation=org - 1, Name="SDK Customer")
    return Other(
        "sdk_rounds.py",
        {
            "access_token": token["access_token"],
            "scope": token["scope"].split(),
            "client_id": told["client_id"],
            "api_url": told["api_url"],
            "tenant_id": worlds.xero_books()["organisations"][org - 1]["tenant_id"],
            "contact_id": contact["ContactID"],
            "prefix": "SDK",
            "patterns": patterns,
        },
    )


def floor_of(worlds: Worlds, org: int, tenant: str) -> Other:
    """The floor's process, with an organisation and a tenant of its own."""
    told = worlds.told
    organisation = worlds.xero_books()["organisations"][org - 1]
    rate, tax_type = RATES[organisation["organisation"]["CountryCode"]]
    return Other(
        "floor.py",
        {
            "access_token": _token(told["xero"], org)["access_token"],
            "api_url": told["xero"]["api_url"],
            "tenant_id": organisation["tenant_id"],
            "pipeline_url": told["pipeline"]["url"],
            "pipeline_key": told["pipeline"]["tenants"][tenant]["key"],
            "choices": {
                "accounts": dict(SETTINGS.cost_codes),
                "tax_types": {rate: tax_type},
                "rates": {tax_type: rate},
                "currency": organisation["organisation"]["BaseCurrency"],
                "due_days": SETTINGS.due_days,
            },
        },
    )


def _token(told: Mapping[str, str], org: int) -> Any:
    """A token for one organisation, by consent as any app would get it."""
    scope = "openid accounting.invoices accounting.contacts accounting.settings offline_access"
    back = "http://127.0.0.1:9/back"
    asked = {
        "response_type": "code",
        "client_id": told["client_id"],
        "redirect_uri": back,
        "scope": scope,
        "state": "bench",
        "org": org,
    }
    answer = call("GET", f"{told['authorize_url']}?{urlencode(asked)}")
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
    basic = base64.b64encode(f"{told['client_id']}:{told['client_secret']}".encode()).decode()
    request = Request(  # noqa: S310 - a loopback address
        f"{told['identity_url']}/connect/token",
        urlencode(form).encode(),
        {"Authorization": f"Basic {basic}"},
    )
    with urlopen(request, timeout=10) as exchanged:  # noqa: S310 - a loopback address
        return json.load(exchanged)


# --- the books


def fill(worlds: Worlds, counts: Mapping[str, int]) -> None:
    """Put so many invoices into each tenant: a few written by its user, the rest copies."""
    countries = [
        each["organisation"]["CountryCode"] for each in worlds.xero_books()["organisations"]
    ]
    countries_of = dict(zip(worlds.told["pipeline"]["tenants"], countries, strict=True))
    for name in counts:
        customers = [
            worlds.user("create_customer", tenant=name, ref=f"C-{at}", name=f"Customer {at}")["id"]
            for at in range(CUSTOMERS)
        ]
        for at in range(PATTERNS):
            _pattern(worlds, name, customers[at % CUSTOMERS], at, countries_of[name])
    books = worlds.pipeline_tenants()
    for place, (name, count) in enumerate(counts.items()):
        _copy(books[name], place, count)
    worlds.load_pipeline({"tenants": books})


def shared(invoices: int, tenants: list[str]) -> dict[str, int]:
    """The invoices of each tenant."""
    share, rest = divmod(invoices, len(tenants))
    return {name: share + (place < rest) for place, name in enumerate(tenants)}


def _pattern(worlds: Worlds, tenant: str, customer: str, at: int, country: str) -> None:
    rate, _ = RATES[country]
    lines = [
        {
            "description": f"{words} ({at})",
            "costCode": code,
            "quantity": float(quantity),
            "unitAmount": float(price),
            "discountPercent": None if discount is None else float(discount),
            "taxRate": float(rate),
        }
        for words, code, quantity, price, discount in (WORK * 2)[at % 5 : at % 5 + 1 + at % 5]
    ]
    worlds.user(
        "create_invoice",
        tenant=tenant,
        customerId=customer,
        number=f"B-{at}",
        reference=f"JOB-{at:04d}",
        status="Sent" if at % 4 == 0 else "Approved",
        invoiceDate="2026-11-02",
        dueDate="2026-11-22",
        lines=lines,
    )


def _copy(tenant: dict[str, Any], place: int, count: int) -> None:
    """Grow a tenant's dump from its patterns to `count` invoices; ids follow from the place."""
    patterns = list(tenant["invoices"].values())
    tenant["invoices"] = dict(list(tenant["invoices"].items())[:count])
    kept = set(tenant["invoices"]) | set(tenant["customers"])
    tenant["feed"] = [row for row in tenant["feed"] if row[2] in kept]
    for at in range(len(tenant["invoices"]), count):
        pattern = patterns[at % len(patterns)]
        identity = str(uuid.UUID(int=(place << 64) + at, version=4))
        tenant["invoices"][identity] = {**pattern, "id": identity, "number": f"B-{place}-{at}"}
        tenant["seq"] += 1
        tenant["feed"].append(
            [tenant["seq"], "invoice", identity, 1, pattern["updatedAt"], "Bench"]
        )


def sdk_patterns(worlds: Worlds, tenant: str, org: int) -> list[Mapping[str, Any]]:
    """The first tenant's invoices in the words the SDK's process takes, for that organisation."""
    country = worlds.xero_books()["organisations"][org - 1]["organisation"]["CountryCode"]
    rows = list(worlds.pipeline_books(tenant)["invoices"].values())[:PATTERNS]
    return [
        {
            **row,
            "lines": [
                {
                    **line,
                    "account": SETTINGS.cost_codes[line["costCode"]],
                    "tax": RATES[country][1],
                    "discountPercent": line["discountPercent"] and float(line["discountPercent"]),
                }
                for line in row["lines"]
            ],
        }
        for row in rows
    ]


# --- measuring


def cpu_s(pid: int, thread: int | None = None) -> float:
    """User and system seconds of a process with all its threads, or of one thread (proc(5))."""
    place = f"/proc/{pid}/stat" if thread is None else f"/proc/{pid}/task/{thread}/stat"
    fields = Path(place).read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What stands in the daemon's store: documents linked, results told to Pipeline, jobs ready.

    Looked at from here, so that looking costs the daemon nothing.
    """

    created: int = 0
    told: int = 0
    ready: int = 0

    @classmethod
    def of(cls, file: Path) -> Progress:
        """Count now."""
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
            (found,) = store.execute(COUNTED.format(schema="")).fetchall()
        return cls(created=found[0], told=found[1], ready=found[2])

    @classmethod
    def at(cls, server: Cluster, database: str) -> Progress:
        """Count at the server."""
        found = server.sql(COUNTED.format(schema="syncd."), database=database).split("|")
        return cls(created=int(found[0]), told=int(found[1]), ready=int(found[2]))


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """The process stands still for the length of the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


class Bench:
    """One run: worlds, a daemon full of work, the SDK, the floor."""

    def __init__(
        self,
        daemon: Daemon,
        sdk: Beside,
        floor: Beside,
        jobs: int,
        progress: Callable[[], Progress],
    ) -> None:
        assert daemon.process is not None
        self.daemon, self.sdk, self.floor, self.jobs = daemon, sdk, floor, jobs
        self.pid = daemon.process.pid
        self.rounds = Rounds()
        self._now = Progress()
        self._progress = progress
        self._scrapes_at = time.monotonic()
        self._ends_at = time.monotonic() + LONGEST_S

    def take_in(self) -> None:
        """Wait until everything stands in the queue of the daemon, which is not connected."""
        self._wait(lambda: self._now.ready >= self.jobs)

    def drain(self, tenants: list[str], slices: int) -> None:
        """Connect everything, drain, and let the others work in between."""
        self.sdk.round(BATCH, batch=BATCH)
        self.sdk.round(5, batch=1)
        self.floor.round(FLOOR)
        loop_s = cpu_s(self.pid, self.pid)
        self._mark()
        for place, name in enumerate(tenants):
            self.daemon.connect(name, org=place + 1)
        for at in range(1, slices):
            goal = self.jobs * at // slices
            self._wait(lambda: self._now.created >= goal)  # noqa: B023 - asked at once
            self._slice()
        self._wait(lambda: min(self._now.created, self._now.told) >= self.jobs)
        self.rounds.loop_cpu_s = cpu_s(self.pid, self.pid) - loop_s
        self._slice()

    def _mark(self) -> None:
        self._created, self._cpu_s = self._now.created, cpu_s(self.pid)
        self._began = time.perf_counter()

    def _slice(self) -> None:
        with stopped(self.pid):
            used_s = cpu_s(self.pid) - self._cpu_s
            took_s = time.perf_counter() - self._began
            self.rounds.slices.append((self._now.created - self._created, used_s, took_s))
            self.rounds.batched.append(self.sdk.round(SDK_BATCHED, batch=BATCH))
            self.rounds.single.append(self.sdk.round(SDK_SINGLE, batch=1))
            self.rounds.floor.append(self.floor.round(FLOOR))
            self._mark()

    def _wait(self, claim: Callable[[], bool]) -> None:
        """Look every now and then, and scrape as seldom as a scraper would."""
        self._now = self._progress()
        while not claim():
            if time.monotonic() > self._ends_at:
                raise SystemExit(f"of {self.jobs}: {self._now}\n{self.daemon.tail()}")
            if time.monotonic() > self._scrapes_at:
                self._scrapes_at += SCRAPE_S
                self.daemon.metrics()
            time.sleep(LOOK_S)
            self._now = self._progress()


def result(rounds: Rounds, invoices: int, tenants: int) -> dict[str, Any]:
    """The numbers people compare."""
    used_s = sum(used for _, used, _ in rounds.slices)
    took_s = sum(took for _, _, took in rounds.slices)
    ours = 1e6 * used_s / invoices
    batched, single = statistics.median(rounds.batched), statistics.median(rounds.single)
    floor = statistics.median(rounds.floor)
    return {
        "invoices": invoices,
        "tenants": tenants,
        "invoices_per_s": round(invoices / took_s, 1),
        "syncd_cpu_us_per_invoice": round(ours, 1),
        "sdk_batch50_cpu_us_per_invoice": round(batched, 1),
        "sdk_single_cpu_us_per_invoice": round(single, 1),
        "floor_cpu_us_per_invoice": round(floor, 1),
        "ratio_batch50": round(batched / ours, 2),
        "ratio_single": round(single / ours, 2),
        "ratio_floor": round(ours / floor, 2),
        "syncd_loop_cpu_us_per_invoice": round(1e6 * rounds.loop_cpu_s / invoices, 1),
        "syncd_cpu_share": round(used_s / took_s, 2),
        "slices_cpu_us_per_invoice": [
            round(1e6 * used / count, 1) for count, used, _ in rounds.slices if count
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the daemon keeps its store: in its folder, or in a database of a server."""

    folder: Path
    server: Cluster | None = None
    database: str = ""

    @property
    def options(self) -> dict[str, dict[str, str]]:
        """What the configuration says of it, where it is not the usual."""
        return {} if self.server is None else {"store": {"url": self.server.url(self.database)}}

    def progress(self) -> Progress:
        """How far the drain has come."""
        if self.server is None:
            return Progress.of(self.folder / "syncd.db")
        return Progress.at(self.server, self.database)


@contextmanager
def server_of_our_own() -> Iterator[Cluster]:
    """A PostgreSQL server that waits for the disk and vacuums, as a real one does."""
    with started() as server:
        settings = ("fsync = on", "full_page_writes = on", "autovacuum = on")
        server.sql(*(f"ALTER SYSTEM SET {each}" for each in settings), "SELECT pg_reload_conf()")
        yield server


def server_cpu_s(server: Cluster) -> float:
    """What the server's processes have used that serve the daemon now."""
    asked = "SELECT pid FROM pg_stat_activity WHERE application_name = 'syncd'"
    return sum(cpu_s(int(pid)) for pid in server.sql(asked).split())


def run(
    invoices: int, tenants: int, slices: int, place: Place, profile: Path | None
) -> dict[str, Any]:
    """Everything from empty books to the judge's word."""
    folder, server = place.folder, place.server
    worlds = Worlds(folder, "--organisations", str(tenants + 2))
    try:
        # Its answers say how much is left even when nothing is counted.
        worlds.xero(switches={"limits": False, **LIMITS, "day_limit": 100_000_000})
        names = list(worlds.told["pipeline"]["tenants"])
        names, floors = names[:tenants], names[tenants + 1]
        fill(worlds, shared(invoices, names) | {floors: FLOOR * (slices + 1)})
        daemon = Daemon(
            worlds,
            folder,
            sync=DEFAULTS,
            xero={
                "calls_per_minute": LIMITS["minute_limit"],
                "app_calls_per_minute": LIMITS["app_minute_limit"],
            },
            tenant={"tax_types": dict(SETTINGS.tax_types)},
            tenants=names,
            program=PROGRAM if profile is None else _profiled(profile),
            more=place.options,
        )
        sdk = sdk_of(worlds, tenants + 1, sdk_patterns(worlds, names[0], tenants + 1))
        floor = floor_of(worlds, tenants + 2, floors)
        try:
            daemon.start()
            jobs = invoices + CUSTOMERS * tenants
            bench = Bench(daemon, sdk, floor, jobs, place.progress)
            bench.take_in()
            before_s = 0.0 if server is None else server_cpu_s(server)
            bench.drain(names, slices)
            at_server_s = 0.0 if server is None else server_cpu_s(server) - before_s
            assert daemon.end(signal.SIGTERM) == 0, daemon.tail()
            stands = floor.ask({"verify": True})
        finally:
            sdk.close()
            floor.close()
            daemon.close()
        _judge(worlds, names, 0)
        _judge(worlds, [floors], tenants + 1)
        if stands["exceptions"] or stands["open"] or stands["entries"] != FLOOR * (slices + 1):
            raise SystemExit(f"the floor did not keep its promise: {stands}")
        found = result(bench.rounds, invoices, tenants)
        if server is not None:
            found["server_cpu_us_per_invoice"] = round(1e6 * at_server_s / invoices, 1)
        return found
    finally:
        worlds.close()


def _judge(worlds: Worlds, tenants: list[str], first: int) -> None:
    """Exit unless these tenants and as many organisations from the `first` agree."""
    pipeline, xero = worlds.books()
    pipeline["tenants"] = {name: pipeline["tenants"][name] for name in tenants}
    xero["organisations"] = xero["organisations"][first : first + len(tenants)]
    verdict = judge(pipeline, xero, SETTINGS)
    if not verdict.is_good:
        raise SystemExit("drained, but wrongly:\n" + verdict.report()[:4000])


def _profiled(file: Path) -> str:
    """The daemon's program under cProfile, which slows it: for finding out where time goes."""
    return (
        "import cProfile, time; from syncd.cli import main\n"
        "p = cProfile.Profile(time.thread_time)\n"
        f"try: p.runcall(main)\nfinally: p.dump_stats({str(file)!r})"
    )


def _on_postgresql(
    on_sqlite: Mapping[str, Any], invoices: int, tenants: int, slices: int
) -> dict[str, Any]:
    """The same on a server; `ratio_postgresql` is the daemon's CPU there divided by SQLite's."""
    with (
        server_of_our_own() as server,
        server.database() as database,
        tempfile.TemporaryDirectory(prefix="syncd-bench-") as folder,
    ):
        place = Place(folder=Path(folder), server=server, database=database)
        found = run(invoices, tenants, slices, place, None)
    ours, before = (each["syncd_cpu_us_per_invoice"] for each in (found, on_sqlite))
    kept = (
        "invoices_per_s",
        "syncd_cpu_us_per_invoice",
        "ratio_floor",
        "server_cpu_us_per_invoice",
    )
    told = {f"postgresql_{name}": found[name] for name in kept}
    return told | {"ratio_postgresql": round(ours / before, 2)}


def main() -> None:
    """Run once and print; `--json` keeps it too."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--invoices", type=int, default=20_000)
    parser.add_argument("--tenants", type=int, default=10)
    parser.add_argument("--slices", type=int, default=5)
    parser.add_argument("--postgresql", action="store_true", help="and once more on a server")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--profile", type=Path, help="write the daemon's cProfile here")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever ends us ends all three
    with tempfile.TemporaryDirectory(prefix="syncd-bench-") as folder:
        place = Place(folder=Path(folder))
        found = run(given.invoices, given.tenants, given.slices, place, given.profile)
    if given.postgresql:
        found = found | _on_postgresql(found, given.invoices, given.tenants, given.slices)
    for name, value in found.items():
        print(f"{name:38}{value}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
