"""A mass delete is halted, explained from outside, and carried out or undone by a person's word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.journeys.support.harness import FAST, Journey, journey, wait_until

MANY, UNDONE = 60, 25
LIMIT = 20
"""`sync.brake_voids` as it comes."""
SERIES = 'syncd_brake_halted{tenant="demo"}'


def test_a_mass_delete_waits_for_a_persons_word(tmp_path: Path) -> None:
    with journey(tmp_path, sync=FAST | {"brake_window_s": 3600.0}) as way:
        customer = way.customer("Mass Delete")
        invoices = [way.invoice(customer) for _ in range(MANY)]
        way.rest()
        assert _voided(way) == 0

        for each in invoices:
            way.worlds.user("delete", id=each)
        brake = _listed(way, MANY)
        (printed,) = json.loads(way.daemon.run("brakes", "list", "--json").stdout)

        assert _voided(way) <= LIMIT
        assert (printed["seen"], printed["sample"] != []) == (brake["seen"], True)
        status = " ".join(way.daemon.run("status").stdout.split())  # folded at words
        assert status.count("syncd brakes list") == 1
        wait_until(lambda: way.daemon.metrics()[SERIES] == 1, 5, "the metric says it")
        assert way.told(invoices[-1])["reasonCode"] == "brake_halted"

        # What is restored in Pipeline leaves the list: nothing of it is voided.
        for each in invoices[-UNDONE:]:
            way.worlds.user("restore", id=each)
        fewer = _listed(way, MANY - UNDONE)
        path = "/api/v1/tenants/demo/brakes/release"
        stale = way.daemon.post(path, {"seen": brake["seen"]})
        assert (stale.status, _voided(way) <= LIMIT) == (409, True)

        released = way.daemon.run("brakes", "release", "demo", "--seen", fewer["seen"])
        assert released.returncode == 0, released.stderr
        way.rest()
        assert _voided(way) == MANY - UNDONE
        assert way.daemon.metrics()[SERIES] == 0
        assert way.daemon.get("/api/v1/brakes").json()["items"] == []


def _listed(way: Journey, count: int) -> Any:
    """The halted brake, once it and what was voided before it are so many invoices."""
    found: list[Any] = []

    def complete() -> Any:
        found[:] = way.daemon.get("/api/v1/brakes").json()["items"]
        documents = found[0]["documents"] if found else 0
        return documents and documents + _voided(way) == count

    wait_until(complete, 20, lambda: f"{count} are halted, but {found}\n{way.daemon.tail()}")
    return found[0]


def _voided(way: Journey) -> int:
    rows = way.worlds.xero_books()["organisations"][0]["invoices"]
    return sum(row["Status"] == "VOIDED" for row in rows)
