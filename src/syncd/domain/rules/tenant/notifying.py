"""What is told when: one message per concern, again once a day at most, and once that it is over.

Called by `engine.loops.notifications`. Pure: from what is known of each concern and what stands now
follow what is known next and what is told. A clock that was set back delays nothing: an instant
ahead of now is read as now.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from syncd.domain.ids import TenantId
from syncd.domain.model.concern import (
    Concern,
    ConcernKind,
    KnownConcern,
    Notification,
    Phase,
    UnderWay,
    Way,
)
from syncd.domain.model.value import Value

About = tuple[ConcernKind, TenantId | None]
"""What one message is about."""

RESOLVED_AFTER_S = 600.0
"""Gone for so long, a concern is told as resolved; one that comes back before is the same one."""
LONGEST_TEXT = 1_000
MOST_DELAY_S = 3_600.0
"""A message that was not delivered is tried again within this."""
GIVEN_UP_AFTER = timedelta(days=3)
"""A message this old says nothing any more: it is told anew where it still holds."""
_LEAST_DELAY_S = 30.0
_HOUR_S, _DAY_S = 3_600.0, 86_400.0
_SLOW = {
    ConcernKind.NOT_CONNECTED: _HOUR_S,
    ConcernKind.PLAN_WAITS: _HOUR_S,
    ConcernKind.SWEEPS: _HOUR_S,
    ConcernKind.PAUSED: _DAY_S,
}
"""What somebody does on purpose is told once it looks forgotten; the next sweep may be read."""
_TITLES = {
    ConcernKind.STORE: "nothing can be written into the store",
    ConcernKind.DISK: "the disk is full",
    ConcernKind.CLOCK: "this machine's clock is wrong",
    ConcernKind.TOKEN: "its connection to Xero needs you",
    ConcernKind.NOT_CONNECTED: "not connected to Xero",
    ConcernKind.PIPELINE_KEY: "Pipeline refuses its key",
    ConcernKind.MAPPING: "a mapping leads to what Xero does not take",
    ConcernKind.SWEEPS: "changes in Xero cannot be read",
    ConcernKind.HALTED: "halted by a brake",
    ConcernKind.PAUSED: "still paused",
    ConcernKind.OUT_OF_SYNC: "invoices are out of sync",
    ConcernKind.PLAN_WAITS: "invoices wait for a plan",
    ConcernKind.FINDINGS: "something was found that needs you",
    ConcernKind.WEBHOOKS_MISSED: "webhooks of Xero do not come",
    ConcernKind.TEST: "a test, nothing is wrong",
}
_PREFIXES = {Phase.OPENED: "", Phase.REMINDED: "Still: ", Phase.RESOLVED: "Resolved: "}
_PAGES = {
    ConcernKind.HALTED: "brake",
    ConcernKind.OUT_OF_SYNC: "invoices?state=out_of_sync",
    ConcernKind.PLAN_WAITS: "plans",
    ConcernKind.FINDINGS: "findings",
    ConcernKind.WEBHOOKS_MISSED: "webhooks",
}
"""Below a tenant's card in the console; the others are on the card itself."""
_UUID = re.compile(r"\(?\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b\)?")


class Patience(Value, frozen=True, kw_only=True):
    """How long a concern stands before it is told, and how long until it is told again."""

    after_s: float
    repeat_every_s: float


class ToTell(Value, frozen=True, kw_only=True):
    """A message to be made: what it says of which concern."""

    phase: Phase
    known: KnownConcern


class Judged(Value, frozen=True, kw_only=True):
    """What is known next, and what is told; what is in `known` no more is over."""

    known: Mapping[About, KnownConcern]
    tell: Sequence[ToTell]


def about(concern: Concern) -> About:
    """What a message about this concern is about."""
    return concern.kind, concern.tenant


def judge(
    known: Mapping[About, KnownConcern],
    standing: Iterable[Concern],
    now: datetime,
    patience: Patience,
) -> Judged:
    """What follows from what was known and what stands now."""
    now_standing = {about(one): one for one in standing}
    after: dict[About, KnownConcern] = {}
    tell = []
    for key in sorted({*known, *now_standing}, key=str):
        one, phase = _followed(known.get(key), now_standing.get(key), now, patience)
        if phase is not None:
            told = one or _not_ahead(known[key], now)
            tell.append(ToTell(phase=phase, known=told))
        if one is not None:
            after[key] = one
    return Judged(known=after, tell=tuple(tell))


def _followed(
    known: KnownConcern | None, concern: Concern | None, now: datetime, patience: Patience
) -> tuple[KnownConcern | None, Phase | None]:
    before = None if known is None else _not_ahead(known, now)
    if concern is None:
        return (None, None) if before is None else _gone(before, now)
    since, told_at = (now, None) if before is None else (before.since, before.told_at)
    phase = None
    if told_at is None:
        if (now - since).total_seconds() >= max(patience.after_s, _SLOW.get(concern.kind, 0.0)):
            phase, told_at = Phase.OPENED, now
    elif (now - told_at).total_seconds() >= patience.repeat_every_s:
        phase, told_at = Phase.REMINDED, now
    return KnownConcern(concern=concern, since=since, told_at=told_at), phase


def _gone(known: KnownConcern, now: datetime) -> tuple[KnownConcern | None, Phase | None]:
    """What was never told goes in silence, what was told with a word."""
    if known.told_at is None:
        return None, None
    gone_at = known.gone_at or now
    if (now - gone_at).total_seconds() >= RESOLVED_AFTER_S:
        return None, Phase.RESOLVED
    kept = KnownConcern(
        concern=known.concern, since=known.since, told_at=known.told_at, gone_at=gone_at
    )
    return kept, None


def _not_ahead(known: KnownConcern, now: datetime) -> KnownConcern:
    return KnownConcern(
        concern=known.concern,
        since=min(known.since, now),
        told_at=None if known.told_at is None else min(known.told_at, now),
        gone_at=None if known.gone_at is None else min(known.gone_at, now),
    )


def message(
    to_tell: ToTell, *, message_id: str, now: datetime, console: str | None
) -> Notification:
    """The message as people get it: no identifier nobody knows, and a link where there is one."""
    concern = to_tell.known.concern
    whom = concern.tenant or "syncd"
    text = _UUID.sub("", concern.text)[:LONGEST_TEXT]
    return Notification(
        id=message_id,
        phase=to_tell.phase,
        concern=Concern(kind=concern.kind, tenant=concern.tenant, text=text),
        title=f"{_PREFIXES[to_tell.phase]}{whom}: {_TITLES[concern.kind]}",
        since=to_tell.known.since,
        at=now,
        url=None if console is None else _page(console, concern),
    )


def due(waiting: Sequence[UnderWay], now: datetime) -> tuple[UnderWay, ...]:
    """Messages whose turn it is, of those that wait in the order they were made.

    One follows on its way whatever was to be told of the same concern before, which is due with it:
    told the other way round, what is over would seem to go on.
    """

    def what(one: UnderWay) -> tuple[Way, About]:
        return one.way, about(one.notification.concern)

    last = {what(one): place for place, one in enumerate(waiting) if _is_due(one, now)}
    return tuple(one for place, one in enumerate(waiting) if place <= last.get(what(one), -1))


def _is_due(one: UnderWay, now: datetime) -> bool:
    """A clock that was set back holds nothing up: what was made, or is due, far ahead is due."""
    latest_at = now + timedelta(seconds=MOST_DELAY_S)
    return one.ready_at <= now or one.made_at > now or one.ready_at > latest_at


def delay_s(attempt: int) -> float:
    """How long a message that was not delivered waits for its next try: from 30 s to an hour."""
    return min(MOST_DELAY_S, _LEAST_DELAY_S * float(2 ** min(attempt, 10)))


def _page(console: str, concern: Concern) -> str:
    if concern.tenant is None:
        return console
    card = f"{console}/t/{quote(concern.tenant, safe='')}"
    below = _PAGES.get(concern.kind)
    return card if below is None else f"{card}/{below}"
