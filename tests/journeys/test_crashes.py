"""The process is killed again and again while work flows; at rest nothing is lost or doubled, and
nothing waits: nobody here gives anything a reason to.

Most deaths are sent by the pretend Xero at the worst instants: a write read but not carried out,
carried out but not answered, just answered. `SYNCD_CHAOS=10` makes every loop ten times as long.
"""

from __future__ import annotations

import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.journeys.support.harness import (
    FAST,
    LOOP_WITHIN_S,
    SIXTIETH,
    Journey,
    Stuck,
    journey,
    wait_until,
)

pytestmark = pytest.mark.timeout(LOOP_WITHIN_S)

KILLS = 20
"""In CI; `make chaos` kills ten times as often."""
MOMENTS = ("committed", "read", "answered")
WRITES = ({"method": "PUT", "path": "Invoices"}, {"method": "POST", "path": "Invoices"})
SETTLED_WITHIN_S = 60
BY_EVENTS = {"recheck_s": 3600.0}
"""No hold is looked at again by the clock: what still waits then waits for a reason."""


class Office:
    """A person who keeps work flowing: seeded, over HTTP."""

    def __init__(self, way: Journey, seed: int) -> None:
        self.way = way
        self.dice = random.Random(seed)  # noqa: S311 - a test's dice
        self.customers = [way.customer(f"Crash {at}") for at in range(3)]
        self.alive: list[str] = []

    def work(self, deeds: int) -> None:
        """A turn. It deletes one at most: were the daemon dead for six turns on end, as it may be
        beside other work, the deletes of all would be a brake's business."""
        choice = ["create", "create", "edit_line", "edit_line", "rename", "send", "delete"]
        for _ in range(deeds):
            deed = self.dice.choice(choice)
            self.step(deed)
            if deed == "delete":
                choice.remove(deed)

    def step(self, deed: str) -> None:
        if deed == "create" or not self.alive:
            status = self.dice.choice(("Draft", "Approved", "Approved", "Sent"))
            customer = self.dice.choice(self.customers)
            self.alive.append(self.way.invoice(customer, status=status))
            return
        chosen = self.dice.choice(self.alive)
        if deed == "delete":
            self.alive.remove(chosen)
            self.way.worlds.user("delete", id=chosen)
        elif deed == "edit_line":
            amount = self.dice.randint(1, 99_999) / 100
            self.way.worlds.user("edit_line", id=chosen, set={"unitAmount": amount})
        elif deed == "rename":
            number = f"RE-{self.dice.randint(1, 10**9)}"
            self.way.worlds.user("edit_invoice", id=chosen, set={"number": number})
        else:
            self.way.worlds.user("send", id=chosen)


def kill_again_and_again(way: Journey, kills: int, seed: int) -> int:
    """Work and die `kills` times; how many deaths the pretend Xero sent."""
    office = Office(way, seed)
    aimed = 0
    for turn in range(kills):
        process = way.daemon.process
        assert process is not None
        is_aimed = turn % 3 != 2
        if is_aimed:
            moment, match = MOMENTS[turn // 2 % len(MOMENTS)], WRITES[turn % 2]
            way.worlds.xero(kill={"pid": process.pid, "at": moment, "match": match})
        office.work(8)
        if is_aimed:
            aimed += died_by_order(way)
        else:
            way.daemon.wait_ready()
            time.sleep(office.dice.uniform(0.0, 0.4))
            way.daemon.end(signal.SIGKILL)
        way.worlds.xero(kill=None)
        way.daemon.spawn()
    way.daemon.wait_ready()
    return aimed


def died_by_order(way: Journey) -> bool:
    """Whether the ordered death came; a while after the start it is sent from here instead."""
    process = way.daemon.process
    assert process is not None
    with suppress(Stuck):  # beside other work a start takes seconds; it may die in it
        way.daemon.wait_ready()
    try:
        wait_until(lambda: process.poll() is not None, 5, "the ordered death")
    except Stuck:
        way.daemon.end(signal.SIGKILL)
        return False
    return True


def test_killed_again_and_again_every_invoice_stands_once_and_newest(
    tmp_path: Path, thorough: int
) -> None:
    with journey(tmp_path, sync=FAST | BY_EVENTS) as way:
        aimed = kill_again_and_again(way, KILLS * thorough, seed=1)

        way.rest(SETTLED_WITHIN_S)
        way.assert_good("0.95")
        assert way.waiting() == []
        assert aimed >= KILLS * thorough / 3


def test_killed_again_and_again_with_lost_answers_and_late_commits(
    tmp_path: Path, thorough: int
) -> None:
    """One write answer in ten is lost after the commit, one in twenty commits up to five minutes
    after its timeout; Xero's time runs sixty times as fast and every duration is a sixtieth."""
    late = [
        {"do": "late_commit", "match": match, "probability": 0.03, "seconds": seconds}
        for match in WRITES
        for seconds in (20, 120, 300)
    ]
    lost = [{"do": "drop_after_commit", "match": match, "probability": 0.1} for match in WRITES]
    with journey(tmp_path, sync=SIXTIETH | BY_EVENTS) as way:
        way.worlds.clock(rate=60)
        way.worlds.xero(rules=lost + late)

        aimed = kill_again_and_again(way, KILLS * thorough, seed=2)

        way.worlds.xero(rules=[])
        time.sleep(300 / 60)  # until the last late commit
        way.rest(SETTLED_WITHIN_S)
        way.assert_good("0.95")
        assert way.waiting() == []
        assert aimed >= KILLS * thorough / 3
        assert way.worlds.xero_books()["counters"]["faults"].keys() >= {"drop_after_commit"}
