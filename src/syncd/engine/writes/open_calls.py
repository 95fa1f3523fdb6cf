"""Loads uncertain calls with every element that was sent in them."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.ids import CallId
from syncd.engine.core.context import SyncContext
from syncd.engine.writes.kind import D, Kind, L, S, W
from syncd.engine.writes.probe_reads import OpenCalls
from syncd.store import calls, intents
from syncd.store.intents import Intent
from syncd.store.unit_of_work import Transaction


async def load(
    kind: Kind[L, W, D, S], context: SyncContext, opened: Sequence[Intent | None]
) -> OpenCalls:
    """The calls of these intents, with every element sent in them and what it meant."""
    ids = sorted({one.call for one in opened if one is not None})
    read = Transaction()
    found = read.add(calls.get(ids))
    elements = read.add(intents.of_calls(ids))
    await context.store.read(read)
    by_call: dict[CallId, list[Intent]] = {}
    for one in await kind.meant(context, found.rows, elements.rows):
        by_call.setdefault(one.call, []).append(one)
    return OpenCalls(calls={call.id: call for call in found.rows}, elements=by_call)
