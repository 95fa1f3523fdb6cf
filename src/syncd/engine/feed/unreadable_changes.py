"""Entries of Pipeline's feed that name no object or no version: one finding for each page of them.

Called by intake. The feed goes on behind them; the page is read again now and then, and the finding
closes when nothing in it is unreadable any more. Pipeline cuts pages as it likes: read again it may
end earlier, so the finding knows from where to where it was, and moves on until all of it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.domain.ids import TenantId
from syncd.domain.model.finding import Finding, FindingKind, Found
from syncd.ports.billing import ChangePage
from syncd.store import findings
from syncd.store.unit_of_work import Statement

LOOK_AGAIN_AFTER = timedelta(minutes=5)
MOST_PAGES = 5
"""So many findings are looked at again in one round, and so many pages read for each."""
MOST_KNOWN = 500
MOST_NAMED = 5
_PREFIX, _TO = "after ", " to "
_KIND = FindingKind.UNREADABLE_FEED


def listing(tenant: TenantId) -> Statement[Finding]:
    """Pages with entries nobody could read."""
    return findings.listing(tenant, kind=_KIND, after=findings.START, limit=MOST_KNOWN)


def next_of(known: Sequence[Finding]) -> list[Finding]:
    """Those of a round: not looked at for longest, so that each has its turn."""
    return sorted(known, key=lambda one: one.seen_at)[:MOST_PAGES]


def behind(finding: Found) -> str | None:
    """The cursor its page is behind; None for the beginning of the feed."""
    return _place(finding)[0] or None


def noted(tenant: TenantId, page: ChangePage, *, key: str, at: datetime) -> Statement[None]:
    """What of this page nobody can read, under that key."""
    nameless = page.nameless
    named = [f"{one.label or 'no name'} ({one.problem})" for one in nameless[:MOST_NAMED]]
    more = len(nameless) - len(named)
    text = (
        f"Pipeline's feed has {len(nameless)} {'entry' if len(nameless) == 1 else 'entries'} that "
        f"cannot be read: {'; '.join(named)}{f'; and {more} more' if more else ''}. Everything "
        "else goes on. Correct the object in Pipeline, or tell Pipeline's support; the page is "
        "read again by itself every five minutes."
    )
    label = ", ".join(one.label for one in nameless[:MOST_NAMED] if one.label)
    return findings.open_unanswered(
        tenant, [Found(kind=_KIND, key=key, label=label, text=text)], at
    )


def still(tenant: TenantId, finding: Found, at: datetime) -> Statement[None]:
    """Nobody can say whether it is mended: Pipeline fails at the place."""
    return findings.open_unanswered(tenant, [finding], at)


def left_of(finding: Found, page: ChangePage) -> Found | None:
    """What is still to be read once `page`, behind the finding's cursor, was read without fault."""
    _, end = _place(finding)
    if not page.has_more or page.next_cursor == end:
        return None
    return replace(finding, key=f"{_PREFIX}{page.next_cursor}{_TO}{end}")


def from_beginning(finding: Found) -> Found:
    """It where Pipeline knows its place no more: what it held is read from the feed's beginning."""
    return replace(finding, key=f"{_PREFIX}{_TO}{_place(finding)[1]}")


def moved(
    tenant: TenantId, finding: Found, left: Found | None, at: datetime
) -> tuple[Statement[None], ...]:
    """The finding is over, or goes on behind a later cursor."""
    over = findings.close_unanswered(tenant, _KIND, [finding.key], at)
    return (over,) if left is None else (over, findings.open_unanswered(tenant, [left], at))


def forgotten(tenant: TenantId, at: datetime) -> Statement[FindingKind]:
    """The feed is read anew from its beginning."""
    return findings.close_aged(tenant, _KIND, before=at + timedelta(milliseconds=1), at=at)


def key_of(behind: str | None, page: ChangePage) -> str:
    """The key of what is found in the page behind that cursor: from where to where it goes."""
    return f"{_PREFIX}{behind or ''}{_TO}{page.next_cursor}"


def _place(finding: Found) -> tuple[str, str]:
    """From where to where; no end is known of a finding of before."""
    start, _, end = finding.key.removeprefix(_PREFIX).partition(_TO)
    return start, end
