"""Documents and contacts in Xero that cannot be read: the findings that name them.

Called by whoever read a list. They are left as they stand, and everything else goes on; the finding
closes when a sweep has read the same one well, or has not come across it for a week.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.finding import FindingKind, Found
from syncd.ports.rows import Unread
from syncd.store import findings
from syncd.store.unit_of_work import Statement

DOCUMENT, CONTACT = "document", "contact"
_KIND = FindingKind.UNREADABLE_IN_XERO


def in_words(problem: str, what: str = DOCUMENT) -> str:
    """Why nothing is done with one, for people."""
    return (
        f"Its {what} in Xero cannot be read ({problem}). It is left as it stands until it can be, "
        f"and is read again by itself. Correct it in Xero, or tell Xero's support."
    )


def found(unread: Iterable[Unread], what: str = DOCUMENT) -> list[Found]:
    """The findings of these."""
    return [
        Found(
            kind=_KIND,
            key=one.id or one.label or what,
            label=one.label,
            text=(
                f"{one.label or 'Something'} in Xero ({what}) cannot be read: {one.problem}. It is "
                "left as it stands, and everything else goes on. Correct it in Xero, or tell "
                "Xero's support; the finding closes once it can be read."
            ),
        )
        for one in unread
    ]


def noted(
    tenant: TenantId,
    readable: Sequence[str],
    unread: Sequence[Unread],
    at: datetime,
    what: str = DOCUMENT,
) -> Iterable[Statement[None]]:
    """What a page of a sweep showed: these ids could be read, and those rows could not."""
    if readable:
        yield findings.close_unanswered(tenant, _KIND, readable, at)
    if unread:
        yield findings.open_unanswered(tenant, found(unread, what), at)
