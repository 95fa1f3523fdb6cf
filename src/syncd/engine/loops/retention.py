"""Retention: deletes what is old enough from the store, a little at a time, for all tenants.

Ended writes (calls and intents), events, closed findings and consents have an age each (`[sync]`).
The journal, links and agreed content are kept for ever: they are what the store is for. Then the
store is measured; what is freed goes back to the disk by itself (`runtime.sqlite_transaction`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from syncd.domain.facts import RecordsForgotten
from syncd.domain.model.store_size import StoreSize
from syncd.engine.core.context import SyncContext
from syncd.store import retention, sizes
from syncd.store.retention import Chunk, Forget, ForgetSome
from syncd.store.unit_of_work import Statement, Store, Transaction

ROWS_A_CHUNK = 100
"""A chunk is a transaction: of intents of a few kB about 5 ms, fsync included."""
ROWS_A_ROUND = 2_000
SOON_S = 1.0
"""With more to forget the next round comes after this: others write in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """A long table, walked from its oldest row to the first that is young."""

    kind: str
    keep_s: float
    chunk: Callable[[int, int], Statement[Chunk]]
    forget: Forget


async def forget_once(context: SyncContext) -> float | None:
    """Take out what is old, some thousand rows at most. Answers when the next round is due.

    Raises StoreError.
    """
    began_at = context.now()
    limits = context.limits
    counts: Counter[str] = Counter()
    walks = (
        _Walk(
            kind="intents", keep_s=limits.keep_writes_s,
            chunk=retention.chunk_of_intents, forget=retention.forget_intents,
        ),
        _Walk(
            kind="calls", keep_s=limits.keep_writes_s,
            chunk=retention.chunk_of_calls, forget=retention.forget_calls,
        ),
        _Walk(
            kind="events", keep_s=limits.keep_events_s,
            chunk=retention.chunk_of_events, forget=retention.forget_events,
        ),
    )  # fmt: skip
    for walk in walks:
        await _walk(context, walk, counts)
    some: tuple[tuple[str, float, ForgetSome], ...] = (
        ("gaps", limits.keep_events_s, retention.forget_gaps),
        ("findings", limits.keep_findings_s, retention.forget_findings),
        ("consents", limits.keep_consents_s, retention.forget_consents),
    )
    for kind, keep_s, forget in some:
        await _take(context, kind, forget(context.after(-keep_s), ROWS_A_CHUNK), counts)
    if counts.total():
        took_s = (context.now() - began_at).total_seconds()
        context.observe(RecordsForgotten(counts=dict(+counts), took_s=took_s))
    if counts.total() >= ROWS_A_CHUNK:
        return SOON_S
    context.observe(await measure(context.store))
    return limits.retention_every_s


async def measure(store: Store) -> StoreSize:
    """How large the store is; each table apart: nobody else reads meanwhile. Raises StoreError."""
    (file,) = await store.fetch(sizes.file())
    rows = {table: (await store.fetch(count))[0] for table, count in sizes.counts().items()}
    return StoreSize(
        file_bytes=file.bytes, free_bytes=file.free_bytes, log_bytes=store.log_bytes, rows=rows
    )


async def _walk(context: SyncContext, walk: _Walk, counts: Counter[str]) -> None:
    """Chunk after chunk, until the rows are young or enough was done for one round."""
    before = context.after(-walk.keep_s)
    place = 0
    while counts.total() < ROWS_A_ROUND:
        (chunk,) = await context.store.fetch(walk.chunk(place, ROWS_A_CHUNK))
        if chunk.last is None or _is_young(chunk, before):
            return
        await _take(context, walk.kind, walk.forget(place, chunk.last, before), counts)
        place = chunk.last


async def _take(
    context: SyncContext, kind: str, forget: Statement[None], counts: Counter[str]
) -> None:
    tx = Transaction()
    tx.add(forget)
    changed = tx.add(retention.changed())
    await context.store.commit(tx)
    counts[kind] += changed.one


def _is_young(chunk: Chunk, before: datetime) -> bool:
    return chunk.oldest_at is not None and chunk.oldest_at >= before
