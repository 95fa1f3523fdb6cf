"""The ways a day is lived: with every layer, or with one switched off and its backup alone.

Redundancy hides bugs: what a broken webhook loses, a sweep brings, and nobody notices either. So
each layer is also lived without the other, and judged by its own promise. The clock that looks at
holds again is such a backup as well: without it, nothing but events may bring an end to a wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from syncd.domain.rules.limits import sweep_pace
from syncd.domain.rules.limits.sweep_pace import Task


class Without(StrEnum):
    """The layer that is switched off."""

    SWEEPS = "sweeps"
    WEBHOOKS = "webhooks"
    RECHECKS = "rechecks"


NEVER_S = 3e8
_SWEEPS_EVERY_S = (120.0, 240.0, 480.0)
_FULL_EVERY_S = (600.0, 1200.0)
_RECHECKS_S = (600.0, 100_000.0)
"""Holds are looked at again by the clock, or in half of the worlds by their events alone."""
_ALONE = 0.5
"""Without webhooks, the sweep of changes is often without the full sweep behind it as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beats:
    """How often the daemon sweeps and looks at holds again on one day, in seconds."""

    reconcile_s: float
    full_s: float
    recheck_s: float

    @property
    def tasks(self) -> tuple[str, ...]:
        """The sweeps that come round."""
        if self.reconcile_s == NEVER_S:
            return ()
        changes = ("invoices", "contacts")
        return changes if self.full_s == NEVER_S else (*changes, "full")

    @property
    def longest_s(self) -> float:
        """How long a sweep may be in coming round: with the least calls a day left, at their pace.

        The periods are the daemon's, which stretches all of them where a day's calls are few.
        """
        paced = sweep_pace.periods(
            reconcile_every_s=self.reconcile_s,
            full_every_s=self.full_s,
            documents=1,
            day_remaining=sweep_pace.LEAST_DAY_CALLS,
        )
        return max((paced[Task(task)] for task in self.tasks), default=0.0)

    def as_options(self) -> dict[str, float]:
        """The daemon's own words for it."""
        return {
            "reconcile_every_s": self.reconcile_s,
            "full_sweep_every_s": self.full_s,
            "recheck_s": self.recheck_s,
        }


def beats(rng: Random, without: Without | None) -> Beats:
    """One seed's beats; a day without sweeps has none of them, one without rechecks no clock."""
    reconcile_s, full_s = rng.choice(_SWEEPS_EVERY_S), rng.choice(_FULL_EVERY_S)
    recheck_s = rng.choice(_RECHECKS_S)
    if without is Without.WEBHOOKS and rng.random() < _ALONE:
        full_s = NEVER_S
    if without is Without.RECHECKS:
        recheck_s = NEVER_S
    if without is Without.SWEEPS:
        reconcile_s = full_s = NEVER_S
    return Beats(reconcile_s=reconcile_s, full_s=full_s, recheck_s=recheck_s)


def switches(rng: Random) -> dict[str, Any]:
    """What Xero's webhooks are like on this day: late, lost, doubled, out of order."""

    def some(most: float) -> float:
        return rng.random() * most if rng.random() < 0.5 else 0.0  # noqa: PLR2004 - a coin

    return {
        "webhook_delay_s": rng.choice((0.05, 0.5, 5.0)),
        "webhook_delay_spread_s": some(60.0),
        "webhook_losses": some(0.5),
        "webhook_duplicates": some(0.5),
        "webhook_reorders": some(0.5),
        "webhook_strangers": some(0.3),
        "payment_events": rng.random() < 0.3,  # noqa: PLR2004 - as likely as it is (facts, U)
        "portal_tries_again_s": 5.0,
    }
