"""What the queue does with a job, given what became of its element.

Called by the engine when it settles a leased job. A transition says only where the job goes: the
statement that stores it makes the job ready again instead whenever something newer was wanted
meanwhile (`wanted_seq` above `claimed_seq`), so no edit during a push is lost.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import assert_never

from syncd.domain.model.job import Job, JobState, PublicState, Reason
from syncd.domain.model.statuses import PipelineStatus
from syncd.domain.model.value import Value
from syncd.domain.rules.queue import backoff, holds
from syncd.domain.rules.queue.holds import HoldContext
from syncd.domain.rules.queue.outcome import (
    Applied,
    Deferred,
    ElementRefused,
    Held,
    LookAt,
    NothingToDo,
    Outcome,
    OutOfSync,
    Transient,
    Uncertain,
)

LOOKS_TOGETHER = 4
"""Into so many parts is the time between two looks at a hold divided, each with one look at all."""
SHOWN_AS_WAITING_S = 120.0
"""A pause asked of us that is longer than this is shown as `rate_limited`, not as `pending`."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Done(Value, frozen=True, kw_only=True):
    """Nothing more to do until something new is wanted."""


class RetryAt(Value, frozen=True, kw_only=True):
    """Ready again at `at`; `attempt` is how often it has failed in a row by now."""

    at: datetime
    attempt: int
    text: str


class Waiting(Value, frozen=True, kw_only=True):
    """Held: any of `predicates` releases it; looked at again by the clock at `recheck_at`."""

    reason: Reason | None
    predicates: tuple[str, ...]
    text: str
    recheck_at: datetime


class Dead(Value, frozen=True, kw_only=True):
    """Failed: a person changes the document, and the new version makes the job ready."""

    reason: Reason
    text: str


class Probing(Value, frozen=True, kw_only=True):
    """Uncertain: the intent's protocol looks at `at`."""

    at: datetime
    text: str


Transition = Done | RetryAt | Waiting | Dead | Probing


class SettleLimits(Value, frozen=True, kw_only=True):
    """The waits of the queue, as configured."""

    probe_after_s: float = 20
    recheck_s: float = 3600


def settle(
    job: Job,
    outcome: Outcome,
    context: HoldContext,
    *,
    draw: float,
    limits: SettleLimits,
) -> Transition:
    """Where `job` goes after `outcome`; `context.now` is now, `draw` in [0, 1) spreads delays."""
    now = context.now
    match outcome:
        case Applied() | NothingToDo():
            return Done()
        case ElementRefused():
            return Dead(reason=outcome.reason, text="; ".join(outcome.messages))
        case Held() | OutOfSync():
            return _waiting(outcome, context, limits=limits)
        case Deferred():
            return _deferred(job, outcome, context)
        case Transient():
            delay_s = backoff.delay_s(job.attempt + 1, draw)
            return RetryAt(at=_later(now, delay_s), attempt=job.attempt + 1, text=outcome.why)
        case Uncertain() | LookAt():
            soon = _later(now, limits.probe_after_s)
            at = outcome.at if isinstance(outcome, LookAt) else soon
            return Probing(at=at, text=outcome.why)
    assert_never(outcome)


def _waiting(outcome: Held | OutOfSync, context: HoldContext, *, limits: SettleLimits) -> Waiting:
    """A hold with all that releases it.

    The clock's look comes between three quarters of `recheck_s` and the whole of it: at the end of
    the quarter it falls in, so that a tenant's holds are looked at together, fifty in one call.
    """
    if isinstance(outcome, Held):
        context = replace(context, in_the_way=outcome.in_the_way)
    return Waiting(
        reason=outcome.reason,
        predicates=holds.predicates_for(outcome.reason, context),
        text=outcome.text,
        recheck_at=_recheck_at(context.now, limits.recheck_s / LOOKS_TOGETHER),
    )


def _recheck_at(now: datetime, quarter_s: float) -> datetime:
    since = now - _EPOCH
    ended = since // timedelta(seconds=quarter_s)
    return _EPOCH + timedelta(seconds=quarter_s) * (ended + LOOKS_TOGETHER)


def _deferred(job: Job, outcome: Deferred, context: HoldContext) -> RetryAt | Waiting:
    at = _later(context.now, outcome.retry_after_s)
    if outcome.retry_after_s <= SHOWN_AS_WAITING_S:
        return RetryAt(at=at, attempt=job.attempt, text=outcome.why)
    return Waiting(
        reason=outcome.reason,
        predicates=holds.predicates_for(outcome.reason, context),
        text=outcome.why,
        recheck_at=at,
    )


def ready_at(status: PipelineStatus | None, now: datetime, draft_quiet_s: float) -> datetime:
    """When a changed invoice may be pushed: a draft waits, so that a burst of edits is one push.

    Approved, sent and deleted (`status` None) go at once.
    """
    return _later(now, draft_quiet_s) if status is PipelineStatus.DRAFT else now


def public_state(
    state: JobState, reason: Reason | None, *, is_voided: bool, is_out_of_sync: bool
) -> PublicState:
    """The word people see for an invoice.

    A hold with a reason code is `waiting`, unless the two sides also differ: then that is the
    news. What was withdrawn and is settled is `voided`.
    """
    match state:
        case JobState.READY | JobState.LEASED:
            return PublicState.PENDING
        case JobState.UNCERTAIN:
            return PublicState.UNCERTAIN
        case JobState.FAILED:
            return PublicState.FAILED
        case JobState.HELD:
            shows_difference = is_out_of_sync or reason is None
            return PublicState.OUT_OF_SYNC if shows_difference else PublicState.WAITING
        case JobState.DONE:
            return PublicState.VOIDED if is_voided else PublicState.SYNCED
    assert_never(state)


def _later(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)
