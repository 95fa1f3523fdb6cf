"""What a store of 1,000,000 finished invoices costs beside one of 1,000: on SQLite and PostgreSQL.

    python bench/full_store.py [--invoices 1000000] [--beside 1000] [--drain 3000] [--rounds 20]
        [--engines sqlite,postgresql] [--json FILE]

Both pretend worlds in one process, the daemon in another. A few invoices of the first tenant go
their usual way; then the daemon is ended, the settled ones are copied in its store until so many
stand, and it is started again: told is how long it takes until it is ready, and works. Then the
95th percentile of each list of the console, as `bench/console.py` asks for them. Then the second
tenant is connected, and its queue drains: told is the daemon's CPU an invoice, that of the server's
processes, and the time. Done for both sizes, in turn, so that the ratios are of one machine's
weather. Ends by itself; exit 1 when a page fails or a queue does not drain.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import console, drain, grown  # noqa: E402 - after the path

from tests.journeys.support.harness import (  # noqa: E402 - after the path
    DEFAULTS,
    Daemon,
    Worlds,
    wait_until,
)
from tests.support.postgresql import Cluster  # noqa: E402 - after the path

SEEDED = ("--organisations", "2", "--customers", "20", "--invoices", "60", "--seed", "1")
GOALS = {"start_s": 2.0, "list_ms": 30.0, "drain_ratio": 1.15}
LONGEST_S = 600.0


class Full:
    """One engine and one size: worlds, a daemon, and what was measured."""

    def __init__(self, folder: Path, place: drain.Place, jobs: int) -> None:
        self._place, self._jobs = place, jobs
        self.worlds = Worlds(folder, *SEEDED)
        self.worlds.xero(switches=console.UNLIMITED)
        self._first, self._second = list(self.worlds.told["pipeline"]["tenants"])
        books = self.worlds.pipeline_tenants()
        books[self._second] |= {"invoices": {}, "customers": {}, "feed": []}
        self.worlds.load_pipeline({"tenants": books})
        drain.fill(self.worlds, {self._second: jobs})
        self.daemon = Daemon(
            self.worlds,
            folder,
            sync=DEFAULTS | {"poll_every_s": 2.0},
            xero=console.PLENTY,
            tenant={"tax_types": dict(drain.SETTINGS.tax_types)},
            more=place.options,
        )

    def measured(self, invoices: int, rounds: int) -> dict[str, Any]:
        """Everything, in its order."""
        self.daemon.start()
        self._works()
        self.daemon.connect(self._first)
        self._rests(self._first)
        assert self.daemon.end(signal.SIGTERM) == 0, self.daemon.tail()
        began = time.monotonic()
        self._grow(invoices)
        grown_s = time.monotonic() - began
        start_s = self._started_again()
        pages = console.measured(self.daemon, self._first, rounds)
        lists = {name: row["p95_ms"] for name, row in pages.items() if _is_list(name)}
        return {
            "grown_in_s": round(grown_s, 1),
            "start_s": round(start_s, 2),
            "lists_p95_ms": lists,
            **self._drained(),
        }

    def close(self) -> None:
        """End both processes."""
        self.daemon.close()
        self.worlds.close()

    def _grow(self, invoices: int) -> None:
        server = self._place.server
        if server is None:
            grown.grow_file(self._place.folder / "syncd.db", invoices)
        else:
            grown.grow_database(server, self._place.database, invoices)
        os.sync()  # else the first commit waits for gigabytes of somebody else's

    def _started_again(self) -> float:
        began = time.perf_counter()
        self.daemon.spawn()
        wait_until(lambda: self.daemon.get("/readyz").status == console.OK, 120, self.daemon.tail)
        self._works()
        return time.perf_counter() - began

    def _works(self) -> None:
        wait_until(self.daemon.holds_lease, 120, self.daemon.tail)

    def _drained(self) -> dict[str, Any]:
        """CPU an invoice of the daemon and of the server, and how many a second."""
        assert self.daemon.process is not None
        server, pid = self._place.server, self.daemon.process.pid
        wait_until(lambda: self._backlog() >= self._jobs, 120, self.daemon.tail)
        began, used_s = time.perf_counter(), drain.cpu_s(pid)
        before_s = 0.0 if server is None else drain.server_cpu_s(server)
        self.daemon.connect(self._second, org=2)
        self._rests(self._second)
        took_s = time.perf_counter() - began
        found = {
            "cpu_us_per_invoice": round(1e6 * (drain.cpu_s(pid) - used_s) / self._jobs, 1),
            "invoices_per_s": round(self._jobs / took_s, 1),
        }
        if server is not None:
            at_server_s = drain.server_cpu_s(server) - before_s
            found["server_cpu_us_per_invoice"] = round(1e6 * at_server_s / self._jobs, 1)
        return found

    def _backlog(self) -> int:
        return int(self.daemon.get(f"/api/v1/tenants/{self._second}").json()["backlog"])

    def _rests(self, tenant: str) -> None:
        """Wait until nothing of the tenant is on its way."""

        def rests() -> bool:
            card = self.daemon.get(f"/api/v1/tenants/{tenant}").json()
            return bool(card["invoices"].get("synced")) and not card["backlog"]

        wait_until(rests, LONGEST_S, self.daemon.tail)


def _is_list(name: str) -> bool:
    """A search inside numbers reads all of them, when a person asks for it."""
    return "part" not in name and "inside" not in name and not name.startswith("invoice ")


@contextmanager
def places(engine: str) -> Iterator[Cluster | None]:
    """The server of an engine that has one."""
    if engine == "sqlite":
        yield None
        return
    with drain.server_of_our_own() as server:
        yield server


def of_engine(
    engine: str, sizes: tuple[int, int], jobs: int, rounds: int
) -> dict[str, dict[str, Any]]:
    """Both sizes, the small one first."""
    found = {}
    with places(engine) as server:
        for invoices in sizes:
            with tempfile.TemporaryDirectory(prefix="syncd-bench-") as folder:
                database = "" if server is None else server.new_database()
                place = drain.Place(folder=Path(folder), server=server, database=database)
                full = Full(Path(folder), place, jobs)
                try:
                    found[f"{invoices}"] = full.measured(invoices, rounds)
                finally:
                    full.close()
    small, large = found.values()
    for name in ("cpu_us_per_invoice", "server_cpu_us_per_invoice"):
        if name in large:
            large[f"{name}_ratio"] = round(large[name] / small[name], 2)
    large["time_ratio"] = round(small["invoices_per_s"] / large["invoices_per_s"], 2)
    return found


def shown(found: dict[str, dict[str, Any]]) -> None:
    """Every figure in a line."""
    print(f"goals: {GOALS}")
    for engine, sizes in found.items():
        for size, figures in sizes.items():
            print(f"{engine}, {int(size):,} invoices")
            for name, value in figures.items():
                if isinstance(value, dict):
                    worst = sorted(value.items(), key=lambda one: -one[1])
                    for page, took_ms in worst:
                        print(f"  p95 of {page:28}{took_ms:8.1f} ms")
                else:
                    print(f"  {name:35}{value}")


def main() -> None:
    """Run once and print; `--json` keeps it too."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--invoices", type=int, default=1_000_000)
    parser.add_argument("--beside", type=int, default=1_000)
    parser.add_argument("--drain", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    sizes = (given.beside, given.invoices)
    found = {
        engine: of_engine(engine, sizes, given.drain, given.rounds)
        for engine in given.engines.split(",")
    }
    shown(found)
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
