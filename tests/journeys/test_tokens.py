"""Tokens that survive everything: short lives, and deaths at the worst instants of a refresh."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from tests.journeys.support.harness import LOOP_WITHIN_S, Journey, Stuck, journey, wait_until

pytestmark = pytest.mark.timeout(LOOP_WITHIN_S)

LIFE_S = 3
SHORT_RUN_S = 15
DEATHS = 6
TOKEN = {"method": "POST", "path": "/connect/token"}


def _counters(way: Journey) -> dict[str, int]:
    found: dict[str, int] = way.worlds.xero_books()["counters"]
    return found


def _assert_well_kept(way: Journey) -> None:
    counters = _counters(way)
    assert counters["consents"] == 1
    assert counters["refreshes_most_in_flight"] <= 1
    assert counters["presented_after_successor"] == 0


def _one_refresh_ends(way: Journey) -> None:
    before = _counters(way)["refreshes"]
    wait_until(lambda: _counters(way)["refreshes"] > before, 20, way.daemon.tail)


def _dies(way: Journey, *, at: str) -> None:
    """Killed inside its next refresh; from here, when it makes none."""
    process = way.daemon.process
    assert process is not None
    way.worlds.xero(kill={"pid": process.pid, "at": at, "match": TOKEN})
    try:
        wait_until(lambda: process.poll() is not None, 10, "the ordered death")
    except Stuck:
        way.daemon.end(signal.SIGKILL)
    way.worlds.xero(kill=None)


def test_tokens_of_three_seconds_never_end_a_push_with_a_401(tmp_path: Path, thorough: int) -> None:
    """`SYNCD_CHAOS=4` is the whole minute with 500 pushes."""
    runs_s = SHORT_RUN_S * min(thorough, 4)
    pushes = 125 * min(thorough, 4)
    with journey(
        tmp_path, before=lambda each: each.xero(switches={"access_token_s": LIFE_S})
    ) as way:
        began = _counters(way)["refreshes"]
        customer = way.customer("Short lives")
        until = time.monotonic() + runs_s
        for made in range(pushes):
            way.invoice(customer)
            time.sleep(max(0.0, (until - time.monotonic()) / (pushes - made)))

        way.rest(30)

        way.assert_good("1")
        _assert_well_kept(way)
        assert _counters(way)["refreshes"] - began <= runs_s / LIFE_S * 21 / 20 + 4
        card = way.daemon.get("/api/v1/tenants/demo").json()
        assert (card["status"], card["warning"]) == ("Connected", None)


def test_killed_inside_refreshes_one_consent_lasts(tmp_path: Path, thorough: int) -> None:
    """The emulator kills as the request arrives, is carried out, is answered; between two deaths
    one refresh comes to its end; at a restart Xero's clock jumps by up to 25 minutes."""
    dice = random.Random(3)  # noqa: S311 - a test's dice
    with journey(
        tmp_path, before=lambda each: each.xero(switches={"access_token_s": LIFE_S})
    ) as way:
        customer = way.customer("Long lives")
        for death in range(DEATHS * thorough):
            way.invoice(customer)
            _dies(way, at=("read", "answered", "committed")[death % 3])
            way.worlds.clock(advance_s=dice.uniform(0, 25 * 60))
            way.daemon.start()
            _one_refresh_ends(way)

        way.rest(30)

        way.assert_good("1")
        _assert_well_kept(way)
