"""Settles one job of a round: where the queue puts it after its outcome, its row, and its count.

Called by the settling of each kind of document, which adds what that kind keeps beside its job.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import msgspec

from syncd.domain.model.cause import HoldCause
from syncd.domain.model.contact import ContactCandidate
from syncd.domain.model.job import Job, JobState, Reason
from syncd.domain.model.objection import Objection
from syncd.domain.model.push import PushOutcome
from syncd.domain.model.result import Difference
from syncd.domain.rules.journal import transitions
from syncd.domain.rules.queue import hold_cause
from syncd.domain.rules.queue import job as queue
from syncd.domain.rules.queue.holds import HoldContext
from syncd.domain.rules.queue.job import (
    Dead,
    Done,
    Probing,
    RetryAt,
    SettleLimits,
    Transition,
    Waiting,
)
from syncd.domain.rules.queue.outcome import Outcome, OutOfSync
from syncd.engine.core.changeset import ChangeSet
from syncd.store.jobs import JobSettlement


def settle(
    changeset: ChangeSet,
    job: Job,
    outcome: Outcome,
    hold_context: HoldContext,
    *,
    text: str = "",
    is_voided: bool = False,
    differences: Sequence[Difference] = (),
    objections: Sequence[Objection] = (),
    candidates: Sequence[ContactCandidate] = (),
) -> tuple[Transition, JobSettlement]:
    """Add the job's end to the change set; `text` is what is said of a job that is done."""
    limits = changeset.context.limits
    to = queue.settle(
        job,
        outcome,
        hold_context,
        draw=changeset.draw,
        limits=SettleLimits(probe_after_s=limits.probe_after_s, recheck_s=limits.recheck_s),
    )
    moved = differences if (is_out_of_sync := isinstance(outcome, OutOfSync)) else ()
    state, ready_at, attempt = JobState.DONE, None, 0
    reason: Reason | None = None
    note: str | None = None
    match to:
        case Done():
            note = text or None
        case RetryAt():
            state, ready_at, attempt, note = JobState.READY, to.at, to.attempt, to.text
        case Waiting():
            state, ready_at, reason = JobState.HELD, to.recheck_at, to.reason
            note = _held_for(to, moved)
        case Dead():
            state, reason, note = JobState.FAILED, to.reason, to.text or "refused"
        case Probing():
            # Neither a success, which ends the row of failures, nor one more of them.
            state, ready_at, attempt, note = JobState.UNCERTAIN, to.at, job.attempt, to.text
        case _:
            assert_never(to)
    settlement = JobSettlement(
        tenant=changeset.tenant,
        kind=job.kind,
        key=job.key,
        leased_until=job.leased_until,
        state=state,
        ready_at=ready_at,
        attempt=attempt,
        reason=reason,
        note=note,
        is_out_of_sync=is_out_of_sync,
        is_voided=is_voided and state is JobState.DONE,
        cause=_cause(to, hold_context, moved, objections),
        predicates=to.predicates if isinstance(to, Waiting) else (),
        detail=msgspec.json.encode(shown) if (shown := differences or candidates) else None,
        has_waited=job.journaled_as is not None,
    )
    changeset.settlements.append(settlement)
    return to, settlement


def _held_for(to: Waiting, moved: Sequence[Difference]) -> str:
    """What is said of a hold: what moved, where it is out of sync, and what is waited for."""
    words = transitions.moved_in_words(moved) if moved else ""
    return f"{words[:1].upper()}{words[1:]}. {to.text}" if words else to.text


def _cause(
    to: Transition,
    context: HoldContext,
    moved: Sequence[Difference],
    objections: Sequence[Objection],
) -> HoldCause | None:
    """What others may wait or have failed for too; `moved` of what is out of sync."""
    if not isinstance(to, Waiting | Dead):
        return None
    return hold_cause.of_differences(moved) or hold_cause.of_hold(to.reason, context, objections)


def count(changeset: ChangeSet, to: Transition, written: PushOutcome | None) -> None:
    """What the round's metrics say of it; `written`: by a write that was confirmed in the round."""
    if written is not None:
        changeset.outcomes[written] += 1
    match to:
        case Done():
            if written is None:
                changeset.outcomes[PushOutcome.UNCHANGED] += 1
        case RetryAt():
            changeset.outcomes[PushOutcome.DEFERRED] += 1
        case Waiting():
            changeset.outcomes[PushOutcome.HELD] += 1
            changeset.held[str(to.reason or "out_of_sync")] += 1
        case Dead():
            changeset.outcomes[PushOutcome.REFUSED] += 1
        case Probing():
            changeset.outcomes[PushOutcome.UNCERTAIN] += 1
        case _:
            assert_never(to)
