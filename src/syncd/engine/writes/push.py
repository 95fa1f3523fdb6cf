"""Delivers a batch of one kind of document: load, decide, store intents and call, send, settle.

The one door outward. Called by the worker with leased jobs; every one of them is settled when
`push` returns, whatever happened on the way.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.errors import RemoteError, Throttled, Unauthorised
from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import Job
from syncd.domain.rules.queue.outcome import Uncertain
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.writes import send, write_ahead
from syncd.engine.writes.kind import ChosenWrite, D, Kind, L, S, W

EARLIER_IS_OPEN = Uncertain(why="An earlier write has no certain outcome yet.")


async def push(
    kind: Kind[L, W, D, S], context: SyncContext, tenant: TenantId, jobs: Sequence[Job]
) -> None:
    """Bring these objects to Xero, or say of each why not yet."""
    changeset = ChangeSet(context, tenant, kind.task)
    loaded = await kind.load(context, tenant, jobs)
    if await kind.reread(context, tenant, loaded):
        loaded = await kind.load(context, tenant, jobs)
    try:
        chosen = await decide(kind, changeset, loaded)
    except RemoteError as error:
        ended = write_ahead.outcome_of_failed_send(error)
        settled = {settlement.key for settlement in changeset.settlements}
        for one in loaded:
            if one.job.key not in settled:
                kind.settle(changeset, one, ended)
        await changeset.commit()
        if isinstance(error, Unauthorised | Throttled):
            raise
        return
    await changeset.commit()
    # Changes first: one of them may give up a number that a create, or the next of them, has got.
    await send.send(kind, context, tenant, [one for one in chosen if not _is_create(one)])
    await send.send(kind, context, tenant, [one for one in chosen if _is_create(one)])


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
