"""The allowance: how many calls one tenant may still make at Xero, and which lane goes next.

Called by the Xero client before every call; the only place that counts them. It waits for nobody
and reads no clock: instants come in as seconds of one monotonic clock.

| limit (facts §2.1)     | kept by                                                              |
|------------------------|----------------------------------------------------------------------|
| 60 calls in 60 s       | a sliding log: a call counts from its grant until 60 s after its end,|
|                        | so that no delay on the way can crowd two windows into one           |
| 5 calls in progress    | a slot per ticket; fewer for a while after a `concurrent` problem    |
| the day's calls        | what the headers say, less what was granted since                    |
| 10,000 a minute an app | one log, shared by all tenants                                       |

Lanes share it: writes and their reads leave 15 % to the others, webhook reads have 10 % for
themselves and sweeps 5 %. Beyond that, the lane that has waited longest goes first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from syncd.domain.model.value import Value
from syncd.domain.rules.limits.sliding_window import (
    SLOT_POLL_S,
    AllowanceLimits,
    AppMinute,
    SlidingLog,
    nth_expiry,
)


class Lane(StrEnum):
    """A share of the allowance."""

    WRITE = "write"
    """Writes, and the reads they need."""
    WEBHOOK = "webhook"
    SWEEP = "sweep"


FLOORS = {Lane.WRITE: 0.0, Lane.WEBHOOK: 0.10, Lane.SWEEP: 0.05}
"""The part of every limit that is kept for a lane."""
DAY_TIERS = (1_000, 5_000)
"""Xero's day limits (facts §2.1): the smallest that covers what was seen is taken to be ours."""
DAY_READING_LASTS_S = 900.0
"""After this long, one call may go to see whether the day's limit was reset."""
RECOVERY_S = 60.0
"""A slot taken away by a `concurrent` problem comes back after this long."""
LONGEST_PAUSE_S = 86_400.0
"""A longer pause that Xero asks for is cut to a day."""
LONGEST_CROWDED_S = 30.0
"""Whoever is alone and told that there are too many asks again within this; less than a slot takes
to come back."""
_PATIENCE_S = 5.0
"""A lane that has not asked again this long after it was told to has gone away."""


@dataclass(slots=True, kw_only=True)
class Ticket:
    """A slot and `calls` calls, to be made one after another; `calls` counts those still unmade."""

    lane: Lane
    calls: int


class Granted(Value, frozen=True, kw_only=True, gc=True):
    """Go: report every call's end by `spent`, and close the ticket."""

    ticket: Ticket


class AskAgain(Value, frozen=True, kw_only=True):
    """Ask again at `at_s`, or when a call has ended; `why` names the limit."""

    at_s: float
    why: str


class Parked(Value, frozen=True, kw_only=True):
    """The day's calls are spent: no use asking before `until_s`."""

    until_s: float
    why: str


Answer = Granted | AskAgain | Parked


class BudgetLeft(Value, frozen=True, kw_only=True):
    """What is left, for people: `day` is None until an answer has said, 0 once it is spent.

    `parked_until_s`: no call passes before; `writes_parked_until_s`: what is left of the day is
    kept for payments and sweeps. `minute_free_at_s`: when a spent minute gives a call again,
    or a pause that Xero asks for is over.
    """

    minute: int
    day: int | None
    in_flight: int
    parked_until_s: float | None
    writes_parked_until_s: float | None = None
    minute_free_at_s: float | None = None
    failing_since_s: float | None = None
    """Since when the breaker is open; set by the client."""
    tried_at_s: float | None = None
    """When one of them tries again."""
    minute_limit: int = 60
    day_limit: int | None = None
    """Xero's tier, as far as it can be told from what was seen."""


@dataclass(slots=True, kw_only=True)
class _Waiter:
    since_s: float
    calls: int
    expires_s: float
    is_for_slot: bool


class Allowance:
    """One tenant's allowance. Until the first answer has come, one ticket at a time."""

    def __init__(self, limits: AllowanceLimits, app: AppMinute) -> None:
        self._limits = limits
        self._app = app
        self._logs = {lane: SlidingLog(limits.window_s) for lane in Lane}
        self._others = SlidingLog(limits.window_s)
        self._waiting: dict[Lane, _Waiter] = {}
        self._open = 0
        self._slots = limits.in_flight
        self._recovers_at_s = math.inf
        self._crowded = 0
        self._has_learnt = False
        self._paused_until_s = -math.inf
        self._pause = ""
        self._parked_until_s = -math.inf
        self._day: int | None = None
        self._day_read_at_s = -math.inf
        self._day_most = 0
        self._day_said = 0

    def ask(self, now_s: float, lane: Lane, calls: int = 1) -> Answer:
        """A ticket for `calls` calls of `lane`, or when to ask again. Grants are counted at once.

        Raises ValueError for more calls than the lane can ever have in one window.
        """
        most = self._limits.minute - sum(self._floor(other) for other in Lane if other is not lane)
        if not 1 <= calls <= most:
            raise ValueError(f"expected 1 to {most} calls for lane {lane}, got {calls}")
        if now_s < self._parked_until_s:
            return Parked(until_s=self._parked_until_s, why="the day's calls are spent")
        day = self._day_answer(now_s, lane, calls)
        if day is not None:
            return day
        wait = self._wait(now_s, lane, calls)
        if wait is not None:
            return wait
        self._waiting.pop(lane, None)
        self._open += 1
        self._logs[lane].pending += calls
        self._app.take(calls)
        self._day = None if self._day is None else self._day - calls
        return Granted(ticket=Ticket(lane=lane, calls=calls))

    def spent(self, now_s: float, ticket: Ticket) -> None:
        """One of the ticket's calls has ended, with whatever answer or none."""
        assert ticket.calls > 0
        ticket.calls -= 1
        self._logs[ticket.lane].pending -= 1
        self._logs[ticket.lane].end(now_s)
        self._app.spent(now_s)

    def close(self, ticket: Ticket) -> None:
        """The ticket is done with: its slot is free, and calls it did not make are given back."""
        self._open -= 1
        self._logs[ticket.lane].pending -= ticket.calls
        self._app.give_back(ticket.calls)
        if self._day is not None:
            self._day += ticket.calls
        ticket.calls = 0

    def learn(
        self,
        now_s: float,
        *,
        minute_remaining: int | None,
        day_remaining: int | None,
        app_remaining: int | None,
    ) -> None:
        """What an answer's headers say is left, after its call was reported by `spent`.

        What Xero has counted beyond our own calls was spent by others, or before we started.
        """
        self._has_learnt = True
        if minute_remaining is not None:
            ended = self._used(now_s) - self._pending()
            unseen = self._limits.minute - minute_remaining - ended - self._open
            if unseen > 0:
                self._others.end(now_s, unseen)
        if day_remaining is not None:
            self._day = day_remaining - self._pending()
            # More than answers out of order explain: a new day, perhaps under another plan.
            is_new_day = day_remaining > self._day_said + self._limits.in_flight
            is_other = is_new_day or self._was_odd(now_s, day_remaining)
            self._day_most = day_remaining if is_other else max(self._day_most, day_remaining)
            self._day_said, self._day_read_at_s = day_remaining, now_s
        if app_remaining is not None:
            self._app.learn(now_s, app_remaining)

    def throttled(self, now_s: float, problem: str, retry_after_s: float | None) -> None:
        """Xero answered 429: `problem` is its X-Rate-Limit-Problem, empty when it named none."""
        window_s = self._limits.window_s
        pause_s = min(max(retry_after_s or window_s, 0), LONGEST_PAUSE_S)
        if problem in ("minute", "appminute"):
            pause_s = min(pause_s, window_s)  # by then it is another minute
        match problem:
            case "day":
                pause_s = pause_s if retry_after_s else DAY_READING_LASTS_S
                self._parked_until_s = max(self._parked_until_s, now_s + pause_s)
                self._day = None
            case "concurrent":
                self._take_slot(now_s)
            case "appminute":
                self._app.pause(now_s + pause_s)
            case _:
                self._paused_until_s = max(self._paused_until_s, now_s + pause_s)
                self._pause = problem or "unnamed limit"

    def _take_slot(self, now_s: float) -> None:
        """Of several calls one less; the slots are others' where there is only one already."""
        self._recovers_at_s = now_s + RECOVERY_S
        if self._slots > 1:
            self._slots -= 1
        elif now_s >= self._paused_until_s:
            self._paused_until_s = now_s + min(2.0**self._crowded, LONGEST_CROWDED_S)
            self._pause = "concurrent"
            self._crowded = min(self._crowded + 1, 10)

    def is_asked_to_wait(self, now_s: float) -> bool:
        """Whether Xero has asked for a pause that is not over: it binds tickets granted before."""
        return now_s < max(self._pause_ends_s, self._parked_until_s)

    def budget_left(self, now_s: float) -> BudgetLeft:
        """What is left at `now_s`: while Xero asks for a pause, nothing of the minute."""
        left = max(0, self._limits.minute - self._used(now_s))
        free_at_s = max(now_s if left else self._nth_expiry(now_s, 1), self._pause_ends_s)
        is_spent = now_s < self._parked_until_s
        return BudgetLeft(
            minute=left if free_at_s <= now_s else 0,
            day=0 if is_spent else self._day,
            in_flight=self._open,
            parked_until_s=self._parked_s(now_s, Lane.SWEEP),
            writes_parked_until_s=self._parked_s(now_s, Lane.WRITE),
            minute_free_at_s=None if free_at_s <= now_s else free_at_s,
            minute_limit=self._limits.minute,
            day_limit=self._tier() if self._day_most else None,
        )

    @property
    def _pause_ends_s(self) -> float:
        """Until when Xero has asked for a pause, of this tenant or of all."""
        return max(self._paused_until_s, self._app.paused_until_s)

    def _was_odd(self, now_s: float, day_remaining: int) -> bool:
        """Whether more was said than any plan has, of which nobody can have spent the rest."""
        windows = (now_s - self._day_read_at_s) / self._limits.window_s
        most_spent = self._limits.minute * (windows + 2)
        return self._day_most > DAY_TIERS[-1] and self._day_said - day_remaining > most_spent

    def _tier(self) -> int:
        """The day's limit, as far as it can be told."""
        return next((tier for tier in DAY_TIERS if tier >= self._day_most), self._day_most)

    def _parked_s(self, now_s: float, lane: Lane) -> float | None:
        """Until when the day gives this lane no call."""
        if now_s < self._parked_until_s:
            return self._parked_until_s
        day = self._day_answer(now_s, lane, 1)
        return None if day is None else day.until_s

    def _nth_expiry(self, now_s: float, calls: int) -> float:
        """When that many more of the minute's calls will be free."""
        logs = (*self._logs.values(), self._others)
        expiries = sorted(at_s for log in logs for at_s in log.expiries())
        return nth_expiry(iter(expiries), calls, now_s)

    def _day_answer(self, now_s: float, lane: Lane, calls: int) -> Parked | None:
        """Each lane leaves the floors of those that matter less on one bad day, sweeps none."""
        if self._day is None:
            return None
        tier = self._tier()
        kept = {Lane.WRITE: (Lane.WEBHOOK, Lane.SWEEP), Lane.WEBHOOK: (Lane.SWEEP,)}
        floor = sum(math.ceil(FLOORS[other] * tier) for other in kept.get(lane, ()))
        if self._day - calls >= floor:
            return None
        stale_at_s = self._day_read_at_s + DAY_READING_LASTS_S
        if now_s >= stale_at_s and self._open == 0:
            return None
        return Parked(
            until_s=max(stale_at_s, now_s + SLOT_POLL_S),
            why=f"{max(self._day, 0)} of the day's calls are left",
        )

    def _wait(self, now_s: float, lane: Lane, calls: int) -> AskAgain | None:
        if now_s < self._paused_until_s:
            return AskAgain(at_s=self._paused_until_s, why=self._pause)
        app_s = self._app.ready_at(now_s, calls)
        if app_s > now_s:
            return AskAgain(at_s=app_s, why="appminute")
        rivals = self._rivals(now_s, lane)
        slots = self._slots_at(now_s) - self._open
        if slots <= sum(1 for rival in rivals.values() if rival.is_for_slot):
            at_s = now_s + SLOT_POLL_S
            return self._queue(now_s, lane, calls, AskAgain(at_s=at_s, why="concurrent"))
        used = self._used(now_s)
        is_within_floor = self._logs[lane].count(now_s) + calls <= self._floor(lane)
        kept = 0
        for other in Lane:
            if other is not lane:
                left = self._floor(other) - self._logs[other].count(now_s)
                wants = rivals[other].calls if other in rivals and not is_within_floor else 0
                kept += max(left, wants, 0)
        over = used + kept + calls - self._limits.minute
        if over <= 0:
            return None
        at_s = self._nth_expiry(now_s, over)
        return self._queue(now_s, lane, calls, AskAgain(at_s=at_s, why="minute"))

    def _queue(self, now_s: float, lane: Lane, calls: int, wait: AskAgain) -> AskAgain:
        """Remember that the lane waits, and since when."""
        waiter = self._waiting.get(lane)
        self._waiting[lane] = _Waiter(
            since_s=now_s if waiter is None or waiter.expires_s < now_s else waiter.since_s,
            calls=calls,
            expires_s=wait.at_s + _PATIENCE_S,
            is_for_slot=wait.why == "concurrent",
        )
        return wait

    def _rivals(self, now_s: float, lane: Lane) -> dict[Lane, _Waiter]:
        """The lanes that have waited longer than this one and are still there."""
        own = self._waiting.get(lane)
        since_s = now_s if own is None or own.expires_s < now_s else own.since_s
        return {
            other: waiter
            for other, waiter in self._waiting.items()
            if other is not lane and waiter.expires_s >= now_s and waiter.since_s < since_s
        }

    def _slots_at(self, now_s: float) -> int:
        while self._slots < self._limits.in_flight and now_s >= self._recovers_at_s:
            self._slots += 1
            self._crowded = 0
            self._recovers_at_s += RECOVERY_S
        return self._slots if self._has_learnt else 1

    def _floor(self, lane: Lane) -> int:
        return math.ceil(FLOORS[lane] * self._limits.minute)

    def _used(self, now_s: float) -> int:
        return self._others.count(now_s) + sum(log.count(now_s) for log in self._logs.values())

    def _pending(self) -> int:
        return sum(log.pending for log in self._logs.values())
