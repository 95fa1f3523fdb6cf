"""Entries of Pipeline's feed that name no object or no version: one finding for each page of them.

Called by intake. The feed goes on behind them; the page is read again now and then, and the finding
closes when nothing in it is unreadable any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from syncd.domain.ids import TenantId
from syncd.domain.model.finding import Finding, FindingKind, Found
from syncd.ports.billing import NamelessChange
from syncd.store import findings
from syncd.store.unit_of_work import Statement

LOOK_AGAIN_AFTER = timedelta(minutes=5)
MOST_PAGES = 5
"""So many pages are read again in one round."""
MOST_NAMED = 5
_PREFIX = "after "
_KIND = FindingKind.UNREADABLE_FEED


def listing(tenant: TenantId) -> Statement[Finding]:
    """Pages with entries nobody could read."""
    return findings.listing(tenant, kind=_KIND, after=findings.START, limit=MOST_PAGES)


def behind(finding: Finding) -> str | None:
    """The cursor its page is behind; None for the beginning of the feed."""
    return finding.key.removeprefix(_PREFIX) or None


def noted(
    tenant: TenantId, nameless: Sequence[NamelessChange], *, behind: str | None, at: datetime
) -> Statement[None]:
    """The page behind that cursor has these."""
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
        tenant, [Found(kind=_KIND, key=_key(behind), label=label, text=text)], at
    )


def still(tenant: TenantId, finding: Finding, at: datetime) -> Statement[None]:
    """Nobody can say whether it is mended: Pipeline does not know the place any more."""
    return findings.open_unanswered(tenant, [finding], at)


def mended(tenant: TenantId, *, behind: str | None, at: datetime) -> Statement[None]:
    """Everything in that page can be read now."""
    return findings.close_unanswered(tenant, _KIND, [_key(behind)], at)


def forgotten(tenant: TenantId, at: datetime) -> Statement[FindingKind]:
    """The feed is read anew from its beginning."""
    return findings.close_aged(tenant, _KIND, before=at + timedelta(milliseconds=1), at=at)


def _key(behind: str | None) -> str:
    return f"{_PREFIX}{behind or ''}"
