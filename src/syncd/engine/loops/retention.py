"""Retention: deletes what is old enough from the store, a little at a time, for all tenants.

Ended writes (calls and intents), events, closed findings and consents have an age each (`[sync]`),
and so may the journal's words; its entries, links and agreed content are kept for ever: they are
what the store is for. How much is taken at once follows from how long it took, so that no write
waits long behind it. Then the store is measured; what is freed goes back to the disk by itself
(`runtime.sqlite_transaction`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import anyio

from syncd.domain.facts import RecordsForgotten
from syncd.domain.ids import TenantId
from syncd.domain.model.store_size import StoreSize
from syncd.domain.rules.limits.retention_pace import FEWEST_ROWS, next_rows
from syncd.engine.core import journal_audit
from syncd.engine.core.context import SyncContext
from syncd.store import journal, retention, sizes
from syncd.store.retention import Chunk, Forget, ForgetSome, OldWords
from syncd.store.unit_of_work import Statement, Store, Transaction

ROWS_A_ROUND = 2_000
ROWS_A_READ = 1_000
"""Of the journal; reading keeps nobody waiting."""
SOON_S = 1.0
"""With more to forget the next round comes after this: others write in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """A long table, walked from its oldest row to the first that is young."""

    kind: str
    keep_s: float
    chunk: Callable[[int, int], Statement[Chunk]]
    forget: Forget


@dataclass(slots=True)
class Memory:
    """What a process need not read again: the journal's words up to this number are settled."""

    words_after: int = 0


@dataclass(slots=True)
class _Work:
    """One round: what was taken out, and how much is taken at once."""

    context: SyncContext
    counts: Counter[str] = field(default_factory=Counter)
    rows: int = FEWEST_ROWS

    @property
    def is_enough(self) -> bool:
        """Whether others should write in between."""
        return self.counts.total() >= ROWS_A_ROUND

    async def commit(self, tx: Transaction) -> None:
        """One transaction, measured; it is not seen how much of it was waiting for another."""
        began_s = anyio.current_time()
        await self.context.store.commit(tx)
        self.rows = next_rows(self.rows, anyio.current_time() - began_s)

    async def take(self, kind: str, forget: Statement[int]) -> int:
        """Take out what a statement names; how many rows that were."""
        tx = Transaction()
        taken = tx.add(forget)
        await self.commit(tx)
        self.counts[kind] += len(taken.rows)
        return len(taken.rows)


async def forget_once(context: SyncContext, memory: Memory | None = None) -> float | None:
    """Take out what is old, some thousand rows at most. Answers when the next round is due.

    Raises StoreError.
    """
    began_at = context.now()
    limits, work = context.limits, _Work(context)
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
        await _walk(work, walk)
    some: tuple[tuple[str, float, ForgetSome], ...] = (
        ("gaps", limits.keep_events_s, retention.forget_gaps),
        ("findings", limits.keep_findings_s, retention.forget_findings),
        ("consents", limits.keep_consents_s, retention.forget_consents),
    )
    for kind, keep_s, forget in some:
        while not work.is_enough:
            rows = work.rows
            if await work.take(kind, forget(context.after(-keep_s), rows)) < rows:
                break
    if limits.keep_words_s is not None:
        await _erase_words(work, limits.keep_words_s, memory or Memory())
    counts = work.counts
    if counts.total():
        took_s = (context.now() - began_at).total_seconds()
        context.observe(RecordsForgotten(counts=dict(+counts), took_s=took_s))
    if work.is_enough:
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


async def _walk(work: _Work, walk: _Walk) -> None:
    """Chunk after chunk, until the rows are young or enough was done for one round."""
    before = work.context.after(-walk.keep_s)
    place = 0
    while not work.is_enough:
        (chunk,) = await work.context.store.fetch(walk.chunk(place, work.rows))
        if chunk.last is None or _is_young(chunk, before):
            return
        await work.take(walk.kind, walk.forget(place, chunk.last, before))
        place = chunk.last


async def _erase_words(work: _Work, keep_s: float, memory: Memory) -> None:
    """Erase the journal's words that are old; each erasure is an entry, as a person's is."""
    before = work.context.after(-keep_s)
    while not work.is_enough:
        found = retention.words_after(memory.words_after, ROWS_A_READ)
        page = await work.context.store.fetch(found)
        old = [one for one in page if one.at < before]
        for tenant, seqs in _by_tenant(old).items():
            await _erase(work, tenant, seqs)
        if old:
            memory.words_after = old[-1].seq
        if len(old) < ROWS_A_READ:
            return


async def _erase(work: _Work, tenant: TenantId, seqs: list[int]) -> None:
    while seqs:
        some, seqs = seqs[: work.rows], seqs[work.rows :]
        tx = Transaction()
        tx.add_all(journal_audit.erasure(work.context, tenant, some))
        await work.commit(tx)
        work.counts["words"] += len(some)


def _by_tenant(words: Sequence[OldWords]) -> dict[TenantId, list[int]]:
    """Those that may be erased: what the journal says of itself stays."""
    found: defaultdict[TenantId, list[int]] = defaultdict(list)
    for one in words:
        if one.has_words and one.object_type != journal.OBJECT_TYPE:
            found[one.tenant].append(one.seq)
    return found


def _is_young(chunk: Chunk, before: datetime) -> bool:
    return chunk.oldest_at is not None and chunk.oldest_at >= before
