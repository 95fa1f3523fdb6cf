"""The daemon under steady work and steady faults for long: what it takes stays flat.

    python bench/soak.py [--minutes 30] [--every 15] [--json FILE]

Both pretend worlds and the daemon run as processes of their own on loopback. People edit a fixed
number of invoices twice a second, make a new one now and then, and pay small sums; all the while
Xero and Pipeline lose answers, refuse, break off, throttle and are slow, at random. Old writes and
events are forgotten after a minute here, so that retention is at work as it is in a year. Every
`--every` seconds a line: memory, open handles, threads, the store's file and its log, invoices
written so far, calls. After the end of the faults the books must agree to the cent. Judged, over
the second half: memory rises by no more than 1 MB a minute and 6 MB in all, handles do not rise,
the log stays below 80 MB, and the file grows by no more than 6 kB a write (the journal, which is
kept). Exit 1 where one of it does not hold.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.journeys.support.harness import FAST, Daemon, Journey, journey  # noqa: E402 - after the path

WAITS = FAST | {
    "retention_every_s": 10.0,
    "keep_writes_s": 60.0,
    "keep_events_s": 60.0,
    "keep_findings_s": 60.0,
    "reconcile_every_s": 20.0,
    "full_sweep_every_s": 120.0,
    "poll_every_s": 1.0,
    "late_commit_s": 10.0,
    "draft_quiet_s": 0.2,
}
XERO_FAULTS = [
    {"do": "drop_before_commit", "probability": 0.01},
    {"do": "drop_after_commit", "probability": 0.02},
    {"do": "truncated", "probability": 0.01},
    {"do": "error_after_commit", "probability": 0.01},
    {"do": "late_commit", "seconds": 2, "probability": 0.005},
    {"do": "unavailable", "probability": 0.02},
    {"do": "html", "probability": 0.005},
    {"do": "throttle", "problem": "minute", "retry_after": 1, "probability": 0.01},
    {"do": "slow", "seconds": 0.5, "probability": 0.02},
]
PIPELINE_FAULTS = [
    {"do": "drop_after_commit", "probability": 0.02},
    {"do": "error_after_commit", "probability": 0.01},
    {"do": "truncated", "probability": 0.01},
    {"do": "unavailable", "probability": 0.02},
    {"do": "throttle", "retry_after": 1, "probability": 0.01},
]
INVOICES, CUSTOMERS = 150, 15
NEW_EVERY, PAID_EVERY = 50, 20
"""Deeds."""
DEED_EVERY_S = 0.5
MEMORY_A_MINUTE_MB, MEMORY_IN_ALL_MB = 1.0, 6.0
HANDLES_MORE, LOG_MB, FILE_A_WRITE_KB = 5, 80.0, 6.0
SETTLES_WITHIN_S = 240.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the daemon takes at one moment."""

    minute: float
    memory_mb: float
    handles: int
    threads: int
    file_mb: float
    log_mb: float
    writes: float
    calls: float


def looked(daemon: Daemon, began_s: float) -> Look:
    """Ask the kernel, the disk and the daemon."""
    assert daemon.process is not None, "it was started"
    proc = Path(f"/proc/{daemon.process.pid}")
    status = dict(line.split(":", 1) for line in (proc / "status").read_text("utf-8").splitlines())
    store = daemon.folder / "syncd.db"
    series = daemon.metrics()

    def summed(name: str) -> float:
        return sum(value for each, value in series.items() if each.startswith(name))

    return Look(
        minute=round((time.monotonic() - began_s) / 60, 2),
        memory_mb=round(int(status["VmRSS"].split()[0]) / 1024, 1),
        handles=sum(1 for _ in (proc / "fd").iterdir()),
        threads=int(status["Threads"]),
        file_mb=round(store.stat().st_size / 2**20, 2),
        log_mb=round(store.with_name("syncd.db-wal").stat().st_size / 2**20, 2),
        writes=sum(
            summed(f'syncd_pushes_total{{outcome="{outcome}"') for outcome in ("created", "updated")
        ),
        calls=summed("syncd_xero_requests_total"),
    )


def deeds(way: Journey, chance: Random) -> Iterator[None]:
    """What people do, one deed a step, for ever."""
    customers = [way.customer(f"C-{number}") for number in range(CUSTOMERS)]
    invoices: list[str] = []
    for turn in range(10**9):
        if len(invoices) < INVOICES or chance.randrange(NEW_EVERY) == 0:
            invoices.append(way.invoice(chance.choice(customers)))
        else:
            own = chance.choice(invoices[-INVOICES:])
            way.worlds.user("edit_invoice", id=own, set={"reference": f"PO {turn}"})
        if turn % PAID_EVERY == 0 and (documents := way.documents(chance.choice(invoices))):
            document = documents[0]
            if document["Status"] == "AUTHORISED":
                way.worlds.bookkeeper("pay", invoice=document["InvoiceID"], amount="0.01")
        yield


def soaked(way: Journey, *, minutes: float, every_s: float) -> list[Look]:
    """Work under faults for so long, looked at now and then."""
    began_s = time.monotonic()
    ends_s, looks, work = began_s + minutes * 60, list[Look](), deeds(way, Random(7))  # noqa: S311 - no secret
    next_look_s = began_s
    while time.monotonic() < ends_s:
        next(work)
        if time.monotonic() >= next_look_s:
            looks.append(looked(way.daemon, began_s))
            told = " ".join(f"{name}={value:g}" for name, value in asdict(looks[-1]).items())
            print(told, flush=True)
            next_look_s += every_s
        time.sleep(DEED_EVERY_S)
    return looks


def a_minute(looks: Sequence[Look], values: Sequence[float]) -> float:
    """How much a figure rises a minute, by the line that fits best."""
    return statistics.linear_regression([one.minute for one in looks], values).slope


def judged(looks: Sequence[Look]) -> dict[str, tuple[float, float]]:
    """Each figure of the second half with what it may be at most."""
    half = looks[len(looks) // 2 :]
    first, last = half[0], half[-1]
    memory = [one.memory_mb for one in half]
    third = max(1, len(half) // 3)
    more = max(one.handles for one in half[-third:]) - max(one.handles for one in half[:third])
    written = max(1.0, last.writes - first.writes)
    return {
        "memory_mb_a_minute": (round(a_minute(half, memory), 3), MEMORY_A_MINUTE_MB),
        "memory_mb_more": (
            round(statistics.mean(memory[-third:]) - statistics.mean(memory[:third]), 2),
            MEMORY_IN_ALL_MB,
        ),
        "handles_more": (more, HANDLES_MORE),
        "log_mb_most": (max(one.log_mb for one in looks), LOG_MB),
        "file_kb_a_write": (
            round((last.file_mb - first.file_mb) * 1024 / written, 2),
            FILE_A_WRITE_KB,
        ),
    }


def main() -> int:
    """Soak, print, judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--every", type=float, default=15.0)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, journey(Path(folder), sync=WAITS) as way:
        way.worlds.xero(rules=XERO_FAULTS)
        way.worlds.pipeline(rules=PIPELINE_FAULTS)
        looks = soaked(way, minutes=asked.minutes, every_s=asked.every)
        way.worlds.xero(rules=[])
        way.worlds.pipeline(rules=[])
        way.rest(SETTLES_WITHIN_S)
        verdict = way.assert_good()
        log = way.daemon.log.read_text("utf-8")
    found: dict[str, Any] = {name: each[0] for name, each in judged(looks).items()}
    failed = [name for name, (value, most) in judged(looks).items() if value > most]
    found |= {
        "writes": looks[-1].writes,
        "calls": looks[-1].calls,
        "errors_nobody_foresaw": log.count('"service.failed"'),
        "books": verdict.report().splitlines()[0],
        "beyond_its_bound": failed,
    }
    print(json.dumps(found, indent=2))
    if asked.json is not None:
        asked.json.write_text(json.dumps([asdict(one) for one in looks]), "utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
