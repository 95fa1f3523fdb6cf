"""The pace of sweeps: how often each may come round, so that idling stays cheap.

Pure arithmetic over Xero's day limit. Called by the engine's sweeper before each round.

| task     | wanted every           | calls each time, when nothing has changed                    |
|----------|------------------------|--------------------------------------------------------------|
| invoices | `reconcile_every_s`    | 1: the newest row, or a page of what changed                 |
| contacts | 4 × that               | 1                                                            |
| settings | `full_sweep_every_s`   | 5                                                            |
| full     | `full_sweep_every_s`   | a page per 1,000 documents, and what splitting costs         |
| rotation | `full_sweep_every_s`   | its share of every document in full once in 30 days          |
| review   | a minute               | 0: it looks at our own books                                 |

Settings keep their day, and come round sooner while something waits for newer ones; everything else
is stretched by one factor until all of it together costs at most a tenth of the day's calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from math import ceil

from syncd.domain.model.value import Value

DAY_S = 86_400.0
IDLE_SHARE = 0.10
LEAST_DAY_CALLS = 1_000
"""Xero's smallest plan (facts §2.1): assumed until an answer has said more."""
DAY_TIERS = (1_000, 5_000)
SETTINGS_CALLS = 5
SUMMARIES_A_CALL = 1_000
WINDOW_ROWS = 45_000
"""Summaries are asked for in ranges of dates of about so many: Xero refuses large results."""
FULL_A_CALL = 40
FULL_ONCE_IN_DAYS = 30
REVIEW_S = 60.0
SETTINGS_SOON_S = 300.0
SETTINGS_SELDOM_S = 3_600.0
"""No event tells of a lock date, an account, a tax rate or a currency that was mended in Xero."""
TRIAL_BELOW_S = 60.0
"""A period below a minute is a trial's, whose worlds run fast: it is kept as it is."""
CONTACTS_TIMES = 4
"""So many sweeps of invoices come to one of contacts."""


class Task(StrEnum):
    """What there is to sweep, most urgent first."""

    REVIEW = "review"
    INVOICES = "invoices"
    CONTACTS = "contacts"
    SETTINGS = "settings"
    FULL = "full"
    ROTATION = "rotation"


class TaskProgress(Value, frozen=True, kw_only=True):
    """How one task stands: under way since a step that was not its last, or ended then.

    Orders are counted: `wanted_seq` is the newest, `began_seq` the newest from before the last
    sweep began, `served_seq` the same of the last that ended.
    """

    is_under_way: bool = False
    wanted_seq: int = 0
    began_seq: int = 0
    served_seq: int = 0
    ended_at: datetime | None = None


NEVER = TaskProgress()


def periods(
    *,
    reconcile_every_s: float,
    full_every_s: float,
    documents: int,
    day_remaining: int | None,
    settings_waited_s: float | None = None,
) -> Mapping[Task, float]:
    """Seconds between two rounds of each task.

    `settings_waited_s` is how long the youngest of what waits for newer settings has waited.
    """
    wanted = {
        Task.INVOICES: reconcile_every_s,
        Task.CONTACTS: CONTACTS_TIMES * reconcile_every_s,
        Task.FULL: full_every_s,
        Task.ROTATION: full_every_s,
    }
    factor = stretch(wanted, documents=documents, day_calls=day_calls(day_remaining))
    paced = {task: period_s * factor for task, period_s in wanted.items()}
    paced[Task.SETTINGS] = max(full_every_s, DAY_S) if full_every_s >= TRIAL_BELOW_S else DAY_S
    if settings_waited_s is not None:
        paced[Task.SETTINGS] = min(settings_delay_s(settings_waited_s), paced[Task.SETTINGS])
    paced[Task.REVIEW] = min(REVIEW_S, reconcile_every_s)
    return paced


def settings_delay_s(waited_s: float) -> float:
    """How soon settings are read anew for what waits: soon at first, hourly in the end.

    A person mends what they were just told of; a day of waiting costs about 40 reads.
    """
    return min(max(waited_s / 4, SETTINGS_SOON_S), SETTINGS_SELDOM_S)


def stretch(wanted: Mapping[Task, float], *, documents: int, day_calls: int) -> float:
    """By how much the wanted periods grow, at least 1."""
    if min(wanted.values()) < TRIAL_BELOW_S:
        return 1.0
    variable = sum(cost_a_day(task, period_s, documents) for task, period_s in wanted.items())
    left = IDLE_SHARE * day_calls - SETTINGS_CALLS
    return max(1.0, variable / max(left, 1.0))


def cost_a_day(task: Task, period_s: float, documents: int) -> float:
    """Calls a task costs in a day in which nothing happens, coming round every `period_s`."""
    rounds = DAY_S / period_s
    match task:
        case Task.REVIEW:
            return 0.0
        case Task.SETTINGS:
            return SETTINGS_CALLS * rounds
        case Task.FULL:
            return full_calls(documents) * rounds
        case Task.ROTATION:
            return rotation_calls(documents) * rounds
        case Task.INVOICES | Task.CONTACTS:
            return rounds


def full_calls(documents: int) -> int:
    """Calls of one full sweep over unchanged documents: none where there is no document."""
    if not documents:
        return 0
    windows = ceil(documents / WINDOW_ROWS)
    return ceil(documents / SUMMARIES_A_CALL) + windows


def rotation_calls(documents: int) -> int:
    """Calls of one rotation: as many as read every document once in 30 of them."""
    return ceil(documents / FULL_A_CALL / FULL_ONCE_IN_DAYS)


def day_calls(day_remaining: int | None) -> int:
    """The day's limit, judged by what is left of it: the smallest plan that covers that."""
    if day_remaining is None:
        return LEAST_DAY_CALLS
    return next((tier for tier in DAY_TIERS if tier >= day_remaining), day_remaining)


def due(
    progress: Mapping[Task, TaskProgress], paced: Mapping[Task, float], now: datetime
) -> tuple[Task, float]:
    """The task that is due first, and in how many seconds (0: now)."""
    delays = {task: _delay_s(progress.get(task, NEVER), paced[task], now) for task in Task}
    ready = [task for task, delay_s in delays.items() if delay_s <= 0]
    if ready:
        return ready[0], 0.0
    nearest = min(delays, key=lambda task: delays[task])
    return nearest, delays[nearest]


def _delay_s(progress: TaskProgress, period_s: float, now: datetime) -> float:
    ended_at = progress.ended_at
    if progress.is_under_way or ended_at is None or progress.wanted_seq > progress.served_seq:
        return 0.0
    elapsed_s = (now - ended_at).total_seconds()
    # It ended later than now: the clock was set back, and nobody knows how long it has rested.
    return period_s - elapsed_s if elapsed_s >= 0 else 0.0
