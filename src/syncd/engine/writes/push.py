"""Delivers a batch of one kind of document: load, decide, store intents and call, send, settle.

The one door outward. Called by the worker with leased jobs; every one of them is settled when
`push` returns, whatever happened on the way.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.errors import Refused, RemoteError, Throttled, Unauthorised
from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import Job, Reason
from syncd.domain.rules.queue.outcome import Held, Outcome, Uncertain
from syncd.domain.rules.text import wording
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.writes import send, write_ahead
from syncd.engine.writes.kind import ChosenWrite, D, Kind, L, S, W

EARLIER_IS_OPEN = Uncertain(why="An earlier write has no certain outcome yet.")


MOST_ALONE = 3
"""So many objects whose reads Xero refuses one by one say that it is nothing of theirs."""
TRIES = 3
"""So often is a read tried that Xero refuses for one object alone, before a person is told."""


async def push(
    kind: Kind[L, W, D, S], context: SyncContext, tenant: TenantId, jobs: Sequence[Job]
) -> None:
    """Bring these objects to Xero, or say of each why not yet."""
    await _push(kind, context, tenant, jobs, refused_alone=[])


async def _push(
    kind: Kind[L, W, D, S],
    context: SyncContext,
    tenant: TenantId,
    jobs: Sequence[Job],
    *,
    refused_alone: list[Job],
) -> None:
    """Deliver these; in halves, where Xero refuses what is asked for one of them."""
    changeset = ChangeSet(context, tenant, kind.task)
    loaded = await kind.load(context, tenant, jobs)
    if await kind.reread(context, tenant, loaded):
        loaded = await kind.load(context, tenant, jobs)
    try:
        chosen = await decide(kind, changeset, loaded)
    except RemoteError as error:
        settled = {settlement.key for settlement in changeset.settlements}
        left = [one for one in loaded if one.job.key not in settled]
        if isinstance(error, Refused) and len(left) > 1 and len(refused_alone) < MOST_ALONE:
            await changeset.commit()
            half = len(left) // 2
            for some in (left[:half], left[half:]):
                part = [one.job for one in some]
                await _push(kind, context, tenant, part, refused_alone=refused_alone)
            return
        for one in left:
            kind.settle(changeset, one, _unread(error, one.job, is_alone=len(left) == 1))
        if isinstance(error, Refused) and len(left) == 1:
            refused_alone.append(left[0].job)
        await changeset.commit()
        if isinstance(error, Unauthorised | Throttled):
            raise
        return
    await changeset.commit()
    # Changes first: one of them may give up a number that a create, or the next of them, has got.
    await send.send(kind, context, tenant, [one for one in chosen if not _is_create(one)])
    await send.send(kind, context, tenant, [one for one in chosen if _is_create(one)])


def _unread(error: RemoteError, job: Job, *, is_alone: bool) -> Outcome:
    """What becomes of a job whose reads failed; Xero may refuse what is asked for it alone."""
    if isinstance(error, Refused) and is_alone and job.attempt + 1 >= TRIES:
        text = (
            f"Xero refuses to be asked for it: {error.detail or wording.in_words(error)}. Change "
            "its number or name in Pipeline; it is tried again by itself, within the hour."
        )
        return Held(reason=Reason.REFUSED, text=text)
    return write_ahead.outcome_of_failed_send(error)


async def decide(
    kind: Kind[L, W, D, S], changeset: ChangeSet, loaded: Sequence[L]
) -> Sequence[ChosenWrite[L, W, D]]:
    """The writes that follow; a write of unknown outcome comes before any other of its object."""
    for one in loaded:
        if one.open_intent is not None:
            kind.settle(changeset, one, EARLIER_IS_OPEN)
    ready = [one for one in loaded if one.open_intent is None]
    return await kind.decide(changeset, ready)


def _is_create(one: ChosenWrite[L, W, D]) -> bool:
    return one.step is StepKind.CREATE
