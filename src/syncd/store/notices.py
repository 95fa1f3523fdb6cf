"""What webhooks brought, newest first, and what they missed: for people.

Called by `engine.webhooks.standing`, and by the review of findings, which notes the misses.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.inbox import InboxState, NoticeOutcome, Source
from syncd.domain.model.value import Value
from syncd.ports.billing import ChangeKind
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("notices")
NEWEST = 2**62
"""Above every notice's number: where reading backwards begins."""
MOST_MISSED = 200
"""Of each tenant."""
MOST_GAPS = 100


class ShownNotice(Value, frozen=True, kw_only=True):
    """One notice; `key` and `label` are of the invoice or customer of ours that it is about."""

    not_shown = ("label",)

    id: int
    source: Source
    category: str
    event: str
    happened_at: datetime
    received_at: datetime
    state: InboxState
    outcome: NoticeOutcome | None
    resource_id: str
    key: str | None
    label: str | None


class LastNotices(Value, frozen=True, kw_only=True):
    """When the last notice of each side came."""

    xero_at: datetime | None
    pipeline_at: datetime | None


class NotedGap(Value, frozen=True, kw_only=True):
    """Numbers of Xero's running count that did not come, both included; open since then."""

    first: int
    last: int
    noted_at: datetime


class MissedChange(Value, frozen=True, kw_only=True):
    """A change that a sweep found and no webhook had announced in time."""

    not_shown = ("label",)

    xero_id: str
    noticed_at: datetime
    kind: ChangeKind | None
    key: str | None
    label: str | None


def newest(
    tenant: TenantId,
    *,
    before: int = NEWEST,
    source: Source | None = None,
    outcome: str | None = None,
    limit: int,
) -> Statement[ShownNotice]:
    """A tenant's notices below number `before`; `outcome` `new` are those with work left."""
    return ask(_QUERIES["newest"], tenant, before, source, outcome, limit, decode=_notice)


def last(tenant: TenantId) -> Statement[LastNotices]:
    """When the last ones came; one row."""
    return ask(_QUERIES["last"], tenant, decode=_last)


def gaps() -> Statement[NotedGap]:
    """What is missing of Xero's running count, which is the app's and no tenant's."""
    return ask(_QUERIES["gaps"], MOST_GAPS, decode=_gap)


def note_missed(
    tenant: TenantId, xero_ids: Iterable[str], at: datetime
) -> Iterable[Statement[None]]:
    """These were not announced in time; the oldest are forgotten."""
    now = rows.to_ms(at)
    yield tell(_QUERIES["note_missed"], [(tenant, each, now) for each in xero_ids])
    yield tell(_QUERIES["forget_missed"], [(tenant, MOST_MISSED)])


def missed(tenant: TenantId, *, limit: int = MOST_MISSED) -> Statement[MissedChange]:
    """What was not announced in time, newest first."""
    return ask(_QUERIES["missed"], tenant, limit, decode=_missed)


_notice = rows.decoder(ShownNotice)
_last = rows.decoder(LastNotices)
_gap = rows.decoder(NotedGap)
_missed = rows.decoder(MissedChange)
