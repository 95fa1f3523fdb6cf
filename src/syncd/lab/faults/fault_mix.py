"""What goes wrong on a simulated day: every seed draws its own mix and strength (swarm testing).

A world where everything fails a little reaches less than worlds where a few things fail often. So
each kind is armed by chance and given its own strength; half of the seeds leave half of them out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from syncd.domain.errors import StoreFull
from syncd.lab.virtual.net_policy import Connection, Direction

LATE_COMMIT_S = 300
"""Xero may carry out a request this long after its connection broke (design: 420 s are waited)."""
_SPENT_DAY_S = 14_400.0
_ARMED = 0.5
_DEADLY = 0.75
_KILLS_AN_HOUR = (10.0, 50.0)
_LATENCY_S = 0.004
_JITTER_S = 0.03
TOKENS = {"path": "connect/token"}
"""Which calls are for tokens."""
_WRITES: tuple[dict[str, Any], ...] = (
    {"method": "PUT", "path": "Invoices"},
    {"method": "POST", "path": "Invoices"},
    {"method": "PUT", "path": "Contacts"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultMix:
    """One seed's mix: probabilities per request, write, connection, commit; kills a simulated hour.

    `aimed` is the chance of a death soon after each commit in Xero or in the store.
    """

    xero: tuple[dict[str, Any], ...]
    pipeline: tuple[dict[str, Any], ...]
    refuse: float
    cut: float
    stall: float
    commit_fails: float
    store_lags: float
    kills_an_hour: float
    drains: float
    aimed_at_xero: float
    aimed_at_store: float
    longest_death_s: float
    read_lag_s: float = 0.0
    outage: str = ""
    """What is away for a while, now and then: `xero`, `pipeline`, `both`, or the `tokens` alone."""
    stall_s: float = 0.0
    """Instead of being away it answers so late; 0: it is away."""
    token_life_s: int = 0
    """How long an access token lives from the storm's beginning; 0: as ever."""
    sets_back_an_hour: float = 0.0
    """How often a Pipeline is backed up, or put back to its last backup."""
    loses_grants: bool = False
    """A spent refresh token is refused at once: with a lost answer the grant is lost, and a person
    has to consent anew."""
    riddles: float = 0.0
    """The share of Xero's events that come with one nobody can read."""
    day_left: int = 0
    """So many of the day's calls are left when the storm begins; 0: plenty."""

    @property
    def spent_day_s(self) -> float:
        """How much longer rest may take where the day's calls are spent: sweeps are rarer, too."""
        return _SPENT_DAY_S if self.day_left else 0.0


def draw(rng: Random) -> FaultMix:
    """The mix of one seed."""

    def some(most: float) -> float:
        return rng.random() ** 2 * most if rng.random() < _ARMED else 0.0

    kills_an_hour, aimed_at_xero, aimed_at_store = _deaths(rng, some)
    return FaultMix(
        xero=tuple(_xero_rules(rng, some)),
        pipeline=tuple(_pipeline_rules(rng, some)),
        refuse=some(0.1),
        cut=some(0.05),
        stall=some(0.02),
        commit_fails=some(0.03),
        store_lags=some(0.05),
        drains=some(1.0),
        longest_death_s=rng.choice((5.0, 60.0, 400.0, 900.0)),
        kills_an_hour=kills_an_hour,
        aimed_at_xero=aimed_at_xero,
        aimed_at_store=aimed_at_store,
    )


def _deaths(rng: Random, some: Some) -> tuple[float, float, float]:
    """Dozens an hour in most seeds; in the others nobody dies, and what memory keeps is kept."""
    if rng.random() >= _DEADLY:
        return 0.0, 0.0, 0.0
    return rng.uniform(*_KILLS_AN_HOUR), some(0.4), some(0.04)


Some = Callable[[float], float]


def _xero_rules(rng: Random, some: Some) -> list[dict[str, Any]]:
    everywhere: list[dict[str, Any]] = [
        {"do": "drop_before_commit", "probability": some(0.1)},
        {"do": "error_before", "probability": some(0.1)},
        {"do": "truncated", "probability": some(0.05)},
        {"do": "html", "probability": some(0.05)},
        {"do": "unavailable", "probability": some(0.1)},
        {"do": "slow", "probability": some(0.05), "seconds": rng.choice((3, 20, 70))},
        {"do": "throttle", "probability": some(0.05), "problem": "minute", "retry_after": 20},
        {"do": "throttle", "probability": some(0.05), "problem": "concurrent"},
    ]
    writes: list[dict[str, Any]] = []
    for match in _WRITES:
        writes += [
            {"do": "drop_after_commit", "match": match, "probability": some(0.6)},
            {"do": "error_after_commit", "match": match, "probability": some(0.3)},
            {"do": "partial_commit", "match": match, "probability": some(0.3)},
            *(
                {"do": "late_commit", "match": match, "probability": some(0.4), "seconds": late_s}
                for late_s in rng.sample(range(5, LATE_COMMIT_S), 3)
            ),
        ]
    refreshes: list[dict[str, Any]] = [
        {"do": "drop_after_commit", "match": TOKENS, "probability": some(0.5)},
        {"do": "late_commit", "match": TOKENS, "probability": some(0.2), "seconds": 30},
    ]
    return [rule for rule in (*writes, *refreshes, *everywhere) if rule["probability"]]


def _pipeline_rules(rng: Random, some: Some) -> list[dict[str, Any]]:
    results = {"path": "sync-results"}
    rules: list[dict[str, Any]] = [
        {"do": "drop_after_commit", "match": results, "probability": some(0.4)},
        {"do": "error_after_commit", "match": results, "probability": some(0.3)},
        {"do": "drop_before_commit", "probability": some(0.1)},
        {"do": "error_before", "probability": some(0.1)},
        {"do": "truncated", "probability": some(0.05)},
        {"do": "html", "probability": some(0.05)},
        {"do": "unavailable", "probability": some(0.1)},
        {"do": "slow", "probability": some(0.05), "seconds": rng.choice((3, 20, 70))},
        {"do": "throttle", "probability": some(0.05), "retry_after": 20},
        {"do": "gone", "match": {"path": "changes"}, "probability": some(0.02)},
    ]
    return [rule for rule in rules if rule["probability"]]


class FaultyNet:
    """A network with latency that, while `is_calm` is false, refuses, cuts and stalls."""

    def __init__(self, rng: Random, mix: FaultMix) -> None:
        self._rng = rng
        self._mix = mix
        self.is_calm = True
        self.refused = 0
        self.cuts = 0
        self.stalls = 0

    def refuses(self, conn: Connection) -> bool:
        """Whether this attempt to connect fails."""
        del conn
        is_refused = not self.is_calm and self._rng.random() < self._mix.refuse
        self.refused += is_refused
        return is_refused

    def latency_s(self, conn: Connection, direction: Direction, n_bytes: int) -> float:
        """Milliseconds; a stalled connection never hears of these bytes."""
        del conn, direction
        if n_bytes and not self.is_calm and self._rng.random() < self._mix.stall:
            self.stalls += 1
            return math.inf
        return _LATENCY_S + self._rng.random() ** 4 * _JITTER_S

    def cut(self, conn: Connection, direction: Direction, n_bytes: int) -> int | None:
        """Both ends are reset after some of these bytes."""
        del conn, direction
        if self.is_calm or self._rng.random() >= self._mix.cut:
            return None
        self.cuts += 1
        return self._rng.randint(0, n_bytes)


class FaultyDisk:
    """A disk that, while `is_calm` is false, is full now and then, and slow now and then."""

    def __init__(self, rng: Random, mix: FaultMix) -> None:
        self._rng = rng
        self._mix = mix
        self.is_calm = True
        self.failures = 0

    def before_commit(self) -> None:
        """Raise StoreFull in place of this COMMIT, sometimes."""
        if not self.is_calm and self._rng.random() < self._mix.commit_fails:
            self.failures += 1
            raise StoreFull("the simulated disk is full; nothing was written; make room on it")

    def latency_s(self) -> float:
        """Mostly nothing, sometimes seconds."""
        if self.is_calm or self._rng.random() >= self._mix.store_lags:
            return 0.0
        return self._rng.random() ** 3 * 8.0
