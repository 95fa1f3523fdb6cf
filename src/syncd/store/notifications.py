"""Concerns as they are known, and the messages about them until they are delivered or given up.

What is known next and the messages that follow from it are written in one transaction, so that a
message is made once. Called by `engine.loops.notifications` and `engine.operator.concerns`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.concern import (
    Concern,
    ConcernKind,
    KnownConcern,
    Notification,
    UnderWay,
    Way,
)
from syncd.domain.model.value import Value
from syncd.ports.driver import Row, Scalar
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("notifications")
_NOTIFICATION = msgspec.json.Decoder(Notification)


class Undelivered(Value, frozen=True, kw_only=True):
    """How many messages are under way, and since when the oldest."""

    count: int
    oldest_at: datetime | None


def known() -> Statement[KnownConcern]:
    """Every concern that is known."""
    return ask(_QUERIES["known"], decode=_known)


def keep(concerns: Iterable[KnownConcern]) -> Statement[None]:
    """These are known so from here on."""
    return tell(_QUERIES["keep"], [_row(one) for one in concerns])


def forget(concerns: Iterable[tuple[ConcernKind, TenantId | None]]) -> Statement[None]:
    """These are over."""
    return tell(_QUERIES["forget"], [(kind, tenant or "") for kind, tenant in concerns])


def send(notification: Notification, ways: Iterable[Way]) -> Statement[None]:
    """This message is to be delivered on each of these ways."""
    body, at = msgspec.json.encode(notification), rows.to_ms(notification.at)
    return tell(_QUERIES["send"], [(way, body, at) for way in ways])


def waiting(way: Way, limit: int) -> Statement[UnderWay]:
    """Messages that are not delivered yet on this way, in the order they were made."""
    return ask(_QUERIES["waiting"], way, limit, decode=_under_way)


def under_way() -> Statement[Undelivered]:
    """What is not delivered yet; one row."""
    return ask(_QUERIES["under_way"], decode=_undelivered)


def again(message: UnderWay) -> Statement[None]:
    """It could not be delivered; its turn comes again as it says."""
    row = (message.id, message.attempt, rows.to_ms(message.ready_at))
    return tell(_QUERIES["again"], [row])


def ended(message: UnderWay) -> Statement[None]:
    """It is delivered, or given up."""
    return tell(_QUERIES["ended"], [(message.id,)])


def withheld(tenant: TenantId) -> Statement[int]:
    """How many invoices wait until a plan carries them out, or somebody says so; one row."""
    return ask(_QUERIES["withheld"], tenant, decode=rows.decoder(int))


def _row(known: KnownConcern) -> tuple[Scalar, ...]:
    concern, since = known.concern, rows.to_ms(known.since)
    told_at, gone_at = rows.ms_or_none(known.told_at), rows.ms_or_none(known.gone_at)
    return (concern.kind, concern.tenant or "", concern.text, since, told_at, gone_at)


def _known(row: Row) -> KnownConcern:
    kind, tenant, text, since, told_at, gone_at = row
    name = rows.text_or_none(tenant)
    return KnownConcern(
        concern=Concern(
            kind=ConcernKind(rows.text_of(kind)),
            tenant=None if name is None else TenantId(name),
            text=rows.text_of(text),
        ),
        since=rows.from_ms(since),
        told_at=rows.from_ms_or_none(told_at),
        gone_at=rows.from_ms_or_none(gone_at),
    )


_under_way = rows.decoder(UnderWay, notification=_NOTIFICATION.decode)
_undelivered = rows.decoder(Undelivered)
