"""The inbox: every notice from outside, stored once before it is answered, processed later.

    add ─> new ─settle─> done | ignored ─replay─> new
           new ─put_off─> new, due later
                 add ─> ignored (nobody we know, nothing we know)

The same notice sent again is the same row. Called by the engine's inbox and digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.inbox import InboxState, NoticeOutcome, PipelineNote, ResourceChange, Source
from syncd.domain.model.value import Value
from syncd.domain.rules.inbound.event_routing import LONGEST_PAUSE, Gap, Reread
from syncd.ports.driver import Scalar
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("inbox")
_RECENT_ROWS = 50_000
"""How far back in the inbox an event of the same instant is sought."""


class Kept(Value, frozen=True, kw_only=True):
    """Notices that were not there before. `tenant` None: nobody we know.

    `last_id` is the highest id among them, `verdict` empty for those with work left in them.
    """

    tenant: TenantId | None
    state: InboxState
    verdict: str
    count: int
    last_id: int


class Notice(Value, frozen=True, kw_only=True):
    """One notice that has work left in it."""

    id: int
    category: str
    resource_id: str
    resource_type: str
    happened_at: datetime
    received_at: datetime
    tries: int = 0
    """How many reads showed its document as it was before."""


class Span(Value, frozen=True, kw_only=True):
    """When the first and the last notice now due came, and when the next put off is due."""

    first_at: datetime | None
    last_at: datetime | None
    again_at: datetime | None


def of_xero(
    change: ResourceChange,
    tenant: TenantId | None,
    ignored: NoticeOutcome | None,
    received_at: datetime,
) -> tuple[Scalar, ...]:
    """The row of one event; `ignored` says why it has no work in it."""
    return (
        tenant,
        Source.XERO,
        change.organisation_id,
        change.category,
        change.event,
        change.resource_id,
        change.resource_type,
        rows.to_ms(change.happened_at),
        change.sequence,
        rows.to_ms(received_at),
        InboxState.NEW if ignored is None else InboxState.IGNORED,
        ignored,
    )


def of_pipeline(note: PipelineNote, received_at: datetime) -> tuple[Scalar, ...]:
    """The row of one note of Pipeline's; it has done its work when it has woken the feed."""
    return (
        note.tenant,
        Source.PIPELINE,
        note.tenant,
        note.type,
        "note",
        note.id,
        "",
        rows.to_ms(note.sent_at),
        0,
        rows.to_ms(received_at),
        InboxState.DONE,
        NoticeOutcome.WOKE,
    )


def add(notices: Iterable[tuple[Scalar, ...]]) -> Statement[None]:
    """Keep these rows; those that are there already stay as they are."""
    return tell(_QUERIES["add"], notices)


def kept(after: int) -> Statement[Kept]:
    """What was added since the id `after`, by tenant and verdict."""
    return ask(_QUERIES["kept"], after, decode=_kept)


def last_id() -> Statement[int]:
    """The highest id so far, zero in an empty inbox; one row."""
    return ask(_QUERIES["last_id"], decode=rows.decoder(int))


def waiting(tenant: TenantId, now: datetime, *, after: int = 0, limit: int) -> Statement[Notice]:
    """What has work left in it and is due, oldest first, from the one after the id `after`."""
    return ask(_QUERIES["waiting"], tenant, after, limit, *_pauses(now), decode=_notice)


def span(tenant: TenantId, now: datetime) -> Statement[Span]:
    """Since when something waits, and until when the rest does; one row."""
    return ask(_QUERIES["span"], tenant, *_pauses(now), decode=_span)


def settle(
    ended: Iterable[tuple[Notice, InboxState, NoticeOutcome]], at: datetime
) -> Statement[None]:
    """These have no work left in them."""
    now = rows.to_ms(at)
    return tell(
        _QUERIES["settle"], [(notice.id, state, verdict, now) for notice, state, verdict in ended]
    )


def put_off(notices: Iterable[tuple[Notice, Reread]]) -> Statement[None]:
    """These are not due before then; what was settled meanwhile stays so."""
    puts = [(notice.id, again.tries, rows.to_ms(again.at)) for notice, again in notices]
    return tell(_QUERIES["put_off"], puts)


def announced(
    tenant: TenantId, category: str, *, since: datetime, until: datetime
) -> Statement[datetime]:
    """When events of that category happened, among what came lately."""
    span_of = (rows.to_ms(since), rows.to_ms(until))
    return ask(
        _QUERIES["announced"],
        tenant,
        category,
        *span_of,
        _RECENT_ROWS,
        decode=rows.decoder(datetime),
    )


def replay(since: datetime, tenant: TenantId | None = None) -> Statement[TenantId]:
    """What came since then, of all or of one tenant, has work left again; a row for each."""
    query = _QUERIES["replay"]
    return ask(query, rows.to_ms(since), tenant, decode=rows.decoder(TenantId))


def left(tenant: TenantId, since: datetime, until: datetime) -> Statement[int]:
    """How many of what came in that span have work left in them; one row."""
    span_of = (rows.to_ms(since), rows.to_ms(until))
    return ask(_QUERIES["left"], tenant, *span_of, decode=rows.decoder(int))


def highest() -> Statement[int]:
    """How far the running count of Xero's webhook was seen; no row before the first event."""
    return ask(_QUERIES["highest"], Source.XERO, decode=rows.decoder(int))


def gaps() -> Statement[Gap]:
    """What is missing below, in order."""
    return ask(_QUERIES["gaps"], Source.XERO, decode=_gap)


def count_to(
    reached: int, *, before: int, closed: Sequence[Gap], opened: Iterable[Gap], at: datetime
) -> Iterable[Statement[None]]:
    """Note how far the running count has come from `before`, and which gaps went and came.

    Conflict where another process has counted, or closed one of these gaps, since.
    """
    now = rows.to_ms(at)
    yield tell(_QUERIES["count_to"], [(Source.XERO, reached, before)], must_change=1)
    gone = [(Source.XERO, gap.first, gap.last) for gap in closed]
    yield tell(_QUERIES["close_gap"], gone, must_change=len(gone))
    yield tell(_QUERIES["open_gap"], [(Source.XERO, gap.first, gap.last, now) for gap in opened])


_kept = rows.decoder(Kept)
_notice = rows.decoder(Notice)


def _pauses(now: datetime) -> tuple[int, int]:
    """Between these, excluding the first, lies whatever was put off and is not due."""
    return rows.to_ms(now), rows.to_ms(now + LONGEST_PAUSE)


_span = rows.decoder(Span)
_gap = rows.decoder(Gap)
