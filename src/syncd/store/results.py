"""Results for Pipeline, durably: one row per (kind, object, part), the newest content only.

    put ─> due ─> (sent over the wire) ─> sent | stale | deferred

Content is put under a revision of its own, in the transaction of what it tells; Pipeline keeps the
highest revision, so a repeated or reordered result does no harm. Called by the engine's write-back,
the only sender, one round per tenant at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.ports.driver import Row, Scalar
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("results")


class ResultKind(StrEnum):
    """What a result is about."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    CUSTOMER = "customer"


class ResultKey(Value, frozen=True, kw_only=True):
    """One result's place; `part` is a payment's id, empty for the others."""

    kind: ResultKind
    key: str
    part: str = ""


class Result(Value, frozen=True, kw_only=True):
    """What is to stand in Pipeline.

    `content` is the JSON without its `revision`, which is above all that was told before for this
    key. `seq` is handed back when it was sent. `seen_at`, of what is due: when both sides of the
    invoice or customer were last looked at, and `trail` what the log names it by.
    """

    not_shown = ("content",)

    at: ResultKey
    content: bytes
    seq: int
    revision: int
    attempt: int
    seen_at: datetime | None = None
    trail: str | None = None


class Queued(Value, frozen=True, kw_only=True):
    """An invoice or customer whose work is queued, while Pipeline was told something else.

    `content` and `seq` as last put, None and zero when nothing ever was; the rest is its link.
    """

    not_shown = ("content",)

    key: str
    content: bytes | None
    seq: int
    is_unsent: bool
    """What was last put does not stand in Pipeline yet."""
    xero_id: str | None
    xero_status: str | None
    xero_label: str | None
    synced_version: int | None


class QueuedState(Value, frozen=True, kw_only=True):
    """What Pipeline is to be told of queued work: a state, and why, by the content's own field."""

    state: str
    why: str
    why_field: str


def put(
    tenant: TenantId, contents: Iterable[tuple[ResultKey, bytes]], at: datetime
) -> Statement[None]:
    """Tell Pipeline this, unless it is what was last put: then nothing is to be sent."""
    now = rows.to_ms(at)
    return tell(
        _QUERIES["put"],
        [(tenant, to.kind, to.key, to.part, content, now) for to, content in contents],
    )


def queued(
    tenant: TenantId, kind: ResultKind, saying: QueuedState, wanted_by: datetime, *, limit: int
) -> Statement[Queued]:
    """Work queued and wanted at `wanted_by` or before, of which Pipeline was not told `saying`."""
    path = f"$.{saying.why_field}"
    at = rows.to_ms(wanted_by)
    return ask(
        _QUERIES["queued"], tenant, kind, at, saying.state, saying.why, path, limit, decode=_queued
    )


def put_queued(
    tenant: TenantId, kind: ResultKind, contents: Iterable[tuple[Queued, bytes]], at: datetime
) -> Statement[None]:
    """Tell Pipeline this of what is queued still, unless something else was put since the look."""
    now = rows.to_ms(at)
    return tell(
        _QUERIES["put_queued"],
        [(tenant, kind, one.key, content, one.seq, now) for one, content in contents],
    )


def due(tenant: TenantId, now: datetime, *, limit: int) -> Statement[Result]:
    """What is to be sent now, longest waiting first."""
    return ask(_QUERIES["due"], tenant, rows.to_ms(now), limit, decode=_result)


def sent(tenant: TenantId, results: Iterable[Result]) -> Statement[None]:
    """These stand in Pipeline: what was put since is due still."""
    return tell(_QUERIES["sent"], [(*_place(tenant, one), one.seq) for one in results])


def stale(
    tenant: TenantId, revisions: Iterable[tuple[Result, int]], now: datetime
) -> Statement[None]:
    """Pipeline has the given higher revisions.

    One not below ours (a restored backup): due again, above it, and one more attempt; otherwise
    dropped.
    """
    ms = rows.to_ms(now)
    return tell(
        _QUERIES["stale"],
        [(*_place(tenant, one), one.seq, revision, ms) for one, revision in revisions],
    )


def deferred(
    tenant: TenantId, results: Iterable[Result], *, ready_at: datetime, note: str
) -> Statement[None]:
    """These could not be sent: one more attempt, from `ready_at` on; what was put since is due."""
    ms = rows.to_ms(ready_at)
    return tell(
        _QUERIES["deferred"], [(*_place(tenant, one), one.seq, ms, note) for one in results]
    )


def due_at_once(tenant: TenantId, now: datetime) -> Statement[None]:
    """What could not be sent is due now: Pipeline answers again."""
    return tell(_QUERIES["due_at_once"], [(tenant, rows.to_ms(now))])


def doubt(tenant: TenantId, keys: Iterable[str], at: datetime) -> Statement[None]:
    """What Pipeline was told of these objects, it may have forgotten."""
    ms = rows.to_ms(at)
    return tell(_QUERIES["doubt"], [(tenant, key, ms) for key in keys])


def tell_again(tenant: TenantId, at: datetime) -> Statement[None]:
    """All that Pipeline was told it may have forgotten: it is told once more, as it is."""
    return tell(_QUERIES["tell_again"], [(tenant, rows.to_ms(at))])


def next_due_at(tenant: TenantId) -> Statement[datetime | None]:
    """When the next result is to be sent; one row."""
    return ask(_QUERIES["next_due_at"], tenant, decode=_instant)


def contents(tenant: TenantId, kind: ResultKind, keys: Iterable[str]) -> Statement[Result]:
    """What was last put for these objects, every part."""
    return ask(_QUERIES["contents"], tenant, kind, rows.json_list(keys), decode=_result)


def _place(tenant: TenantId, result: Result) -> tuple[Scalar, ...]:
    return (tenant, result.at.kind, result.at.key, result.at.part)


def _instant(row: Row) -> datetime | None:
    return rows.from_ms_or_none(row[0])


_result = rows.decoder(Result)
_queued = rows.decoder(Queued)
