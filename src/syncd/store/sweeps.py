"""What sweeps remember: how far each has come, and what Xero last showed of every document of ours.

A sweep's memory moves in the transaction that stores what it brought, so it goes on after a death
where it stood. Called by the engine's sweeper and full sweep.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model import money
from syncd.domain.model.job import JobKind
from syncd.domain.model.snapshot import Base
from syncd.domain.model.trouble import RefusedSweep
from syncd.domain.model.value import Value
from syncd.domain.rules.limits.sweep_pace import Task, TaskProgress
from syncd.ports.billing import ChangeKind
from syncd.ports.driver import Row, Scalar
from syncd.store import bases, rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("sweeps")
_SAME_EVENT_MS = 2_000
"""An event may carry an instant slightly before the document's own."""
# Of many documents nothing is paid or credited.
_REMEMBERED = 8192


class _Told(msgspec.Struct):
    """What of a stored result is compared with Xero's amounts."""

    amount_due: str | None = None
    amount_paid: str | None = None
    amount_credited: str | None = None


_TOLD = msgspec.json.Decoder(_Told)


class StoredTask(Value, frozen=True, kw_only=True):
    """One task: where it stands, and its own memory as JSON (None: it has none yet)."""

    task: Task
    memory: str | None
    progress: TaskProgress


class LastSeen(Value, frozen=True, kw_only=True):
    """What was last seen of a document or contact; texts are of `rules.compare.content_hash`.

    `full_at` None: a summary, which does not change when it was last read in full. `row_digest`:
    that of the summary that shows this; None where none has yet.
    """

    xero_id: str
    updated_at: datetime
    content_hash: str
    money: str = ""
    dated_on: str = ""
    full_at: datetime | None = None
    run: int = 0
    row_digest: str | None = None


class LinkedDocument(Value, frozen=True, kw_only=True):
    """All a summary is compared with: a row as it came, for of a thousand hardly one has moved.

    `base` only where no sweep has seen the document yet. `known_ms` is Xero's newest stamp on it
    that we know, of a write of ours or a whole read.
    """

    key: str
    xero_id: str
    shown: tuple[Scalar, Scalar, Scalar]
    """When it had last changed in milliseconds, content hash, money; None in them: never seen."""
    base: bytes | None
    based_ms: int | None
    known_ms: int | None
    row_digest: str | None
    """Of the summary that shows what was last seen; None where no summary has shown it yet."""
    told: bytes | None
    """What was last published; None while it is under way."""

    @property
    def is_seen(self) -> bool:
        """A sweep has come across it."""
        return self.shown[0] is not None

    def shows_again(self, digest: str) -> bool:
        """Its summary came again as it was, and Pipeline was told the money on it."""
        return self.row_digest == digest and not self.is_told_otherwise(rows.text_of(self.shown[2]))

    def is_as_seen(self, updated_at: datetime, hashed: str, money: str) -> bool:
        """It was last seen so."""
        return self.shown == (rows.to_ms(updated_at), hashed, money)

    @property
    def agreed(self) -> Base | None:
        """Its base."""
        return None if self.base is None else bases.decode(self.base)

    @property
    def based_at(self) -> datetime | None:
        """Since when it has its base."""
        return rows.from_ms_or_none(self.based_ms)

    @property
    def updated_at(self) -> datetime | None:
        """Xero's newest stamp on it that we know."""
        return rows.from_ms_or_none(self.known_ms)

    @property
    def published(self) -> str | None:
        """The money last published to Pipeline; None when none was, or is under way."""
        if self.told is None:
            return None
        said = _TOLD.decode(self.told)
        return _money(said.amount_due, said.amount_paid, said.amount_credited)

    def is_told_otherwise(self, money: str) -> bool:
        """Pipeline was told other money, by numbers."""
        return self.published not in (None, money)


def tasks(tenant: TenantId) -> Statement[StoredTask]:
    """Every task that has begun or was ordered."""
    return ask(_QUERIES["tasks"], tenant, decode=_task)


def remember(
    tenant: TenantId,
    task: Task,
    memory: str | None,
    *,
    began: int,
    ended_at: datetime | None,
    refused: str | None = None,
) -> Statement[None]:
    """A step is done; `ended_at` None: more of the same sweep follows.

    `began` is the newest order (`TaskProgress.wanted_seq`) from before the sweep began; `refused`
    says why a sweep that has ended was not read to its end.
    """
    ended_ms = rows.ms_or_none(ended_at)
    refused_ms = None if refused is None else ended_ms
    row = (tenant, task, memory, ended_at is None, began, ended_ms, refused, refused_ms)
    return tell(_QUERIES["remember"], [row])


def refused(tenant: TenantId) -> Statement[RefusedSweep]:
    """The sweeps that Xero would not be read for when they last came round, oldest first."""
    return ask(_QUERIES["refused"], tenant, decode=rows.decoder(RefusedSweep))


def order(tenant: TenantId, task: Task) -> Statement[int]:
    """A person wants this now; the order's number."""
    return ask(_QUERIES["order"], tenant, task, decode=rows.decoder(int))


def documents(tenant: TenantId) -> Statement[int]:
    """How many invoices stand in Xero; one row."""
    return ask(_QUERIES["documents"], tenant, decode=rows.decoder(int))


def first_agreed(tenant: TenantId, kind: ChangeKind) -> Statement[datetime | None]:
    """When the first document of a kind was agreed on; one row. Slow: for the first sweep."""
    query = _QUERIES["first_agreed"]
    return ask(query, tenant, kind, decode=lambda row: rows.from_ms_or_none(row[0]))


def first_looked_for(tenant: TenantId, kind: JobKind) -> Statement[datetime | None]:
    """Since when the first of those is wanted that wait for an unmanaged document; one row."""
    query = _QUERIES["first_looked_for"]
    return ask(query, tenant, kind, decode=lambda row: rows.from_ms_or_none(row[0]))


def last_seen(tenant: TenantId, xero_ids: Iterable[str]) -> Statement[LastSeen]:
    """What was last seen of these."""
    return ask(_QUERIES["last_seen"], tenant, rows.json_list(xero_ids), decode=_last_seen)


def note_seen(tenant: TenantId, documents: Iterable[LastSeen]) -> Statement[None]:
    """These were seen so; the last of each counts."""
    last = {one.xero_id: one for one in documents}
    listed = [
        (
            one.xero_id,
            rows.to_ms(one.updated_at),
            one.content_hash,
            one.money,
            one.dated_on,
            rows.ms_or_none(one.full_at),
            one.run,
            one.row_digest,
        )
        for one in last.values()
    ]
    return tell(_QUERIES["note_seen"], [(tenant, msgspec.json.encode(listed).decode())])


def note_unchanged(tenant: TenantId, xero_ids: Iterable[str], run: int) -> Statement[None]:
    """Full sweep `run` has seen these unchanged."""
    return tell(_QUERIES["note_unchanged"], [(tenant, rows.json_list(xero_ids), run)])


def note_alike(tenant: TenantId, digests: Iterable[tuple[str, str]], run: int) -> Statement[None]:
    """The same of summaries that were compared field by field: (Xero id, the row's digest)."""
    return tell(_QUERIES["note_alike"], [(tenant, own, digest, run) for own, digest in digests])


def linked_documents(tenant: TenantId, xero_ids: Iterable[str]) -> Statement[LinkedDocument]:
    """What a page of summaries is compared with: those that are linked."""
    return ask(
        _QUERIES["linked_documents"], tenant, rows.json_list(xero_ids), decode=_linked_document
    )


def bounds(tenant: TenantId, *, every: int) -> Statement[date]:
    """The dates at which ranges of about `every` of our documents begin, oldest first."""
    return ask(_QUERIES["bounds"], tenant, every, decode=_date)


def unseen(tenant: TenantId, run: int, *, after: str, limit: int) -> Statement[str]:
    """Ids of living documents that full sweep `run` has not come across, after an id."""
    return ask(_QUERIES["unseen"], tenant, run, after, limit, decode=_text)


def stale(tenant: TenantId, before: datetime, *, limit: int) -> Statement[str]:
    """Ids of living documents not read in full since then, the longest first."""
    return ask(_QUERIES["stale"], tenant, rows.to_ms(before), limit, decode=_text)


def read_in_full(tenant: TenantId, xero_ids: Iterable[str], at: datetime) -> Statement[None]:
    """These were read in full, found or not."""
    return tell(_QUERIES["read_in_full"], [(tenant, rows.json_list(xero_ids), rows.to_ms(at))])


def unannounced(tenant: TenantId, changes: Mapping[str, datetime]) -> Statement[None]:
    """A sweep found these changes of Xero ids, made at these instants."""
    return tell(
        _QUERIES["unannounced"],
        [(tenant, xero_id, rows.to_ms(at)) for xero_id, at in sorted(changes.items())],
    )


def announced(tenant: TenantId) -> Statement[None]:
    """Forget the changes that a webhook has told of."""
    return tell(_QUERIES["announced"], [(tenant, _SAME_EVENT_MS)])


def missed(tenant: TenantId, before: datetime) -> Statement[str]:
    """Those made before then that nobody has told of; each is answered once."""
    return ask(_QUERIES["missed"], tenant, rows.to_ms(before), decode=_text)


def mismatches(tenant: TenantId) -> Statement[tuple[str, str, str | None]]:
    """Open findings of amounts: key, money last read, money last published."""
    return ask(_QUERIES["mismatches"], tenant, decode=_mismatch)


def busy(tenant: TenantId, now: datetime) -> Statement[bool]:
    """Whether the worker has an invoice to look at now, or leased; one row."""
    return ask(_QUERIES["busy"], tenant, rows.to_ms(now), decode=rows.decoder(bool))


_task = rows.decoder(StoredTask)


def _last_seen(row: Row) -> LastSeen:
    xero_id, updated_at, content_hash, money = row
    return LastSeen(
        xero_id=rows.text_of(xero_id),
        updated_at=rows.from_ms(updated_at),
        content_hash=rows.text_of(content_hash),
        money=rows.text_of(money),
    )


def _linked_document(row: Row) -> LinkedDocument:
    key, xero_id, updated_at, content_hash, money, base, based_at, known_at, digest, told = row
    return LinkedDocument(
        key=rows.text_of(key),
        xero_id=rows.text_of(xero_id),
        shown=(updated_at, content_hash, money),
        base=rows.bytes_or_none(base),
        based_ms=None if based_at is None else rows.whole_of(based_at),
        known_ms=None if known_at is None else rows.whole_of(known_at),
        row_digest=rows.text_or_none(digest),
        told=rows.bytes_or_none(told),
    )


def _mismatch(row: Row) -> tuple[str, str, str | None]:
    key, seen, due, paid, credited = row
    return rows.text_of(key), rows.text_of(seen), _money(due, paid, credited)


def _money(due: Scalar, paid: Scalar, credited: Scalar) -> str | None:
    """Amounts of a result as `rules.compare.content_hash` has them; None: one was never told."""
    if due is None or paid is None or credited is None:
        return None
    return " ".join([_shortest(rows.text_of(each)) for each in (due, paid, credited)])


@lru_cache(_REMEMBERED)
def _shortest(amount: str) -> str:
    return money.canonical(Decimal(amount))


_date = rows.decoder(date)
_text = rows.decoder(str)
