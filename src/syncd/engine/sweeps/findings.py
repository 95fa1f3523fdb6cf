"""Reviews findings against the store, counts and lists them; makes no call to Xero.

Held jobs are findings by themselves (differing, missing, stranger, unlinked contact): a review
opens and closes them as the queue says. What sweeps found is closed when it is explained. Called by
the sweeper on a beat, and before findings are listed for people.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from syncd.domain.facts import FindingsReviewed
from syncd.domain.ids import TenantId
from syncd.domain.model.finding import Finding, FindingKind, Found
from syncd.domain.model.value import Value
from syncd.engine.core.context import SyncContext
from syncd.store import findings, notices, sweeps
from syncd.store.unit_of_work import Transaction

CLOSED_SHOWN = timedelta(days=30)
ANNOUNCED_WITHIN_S = 1_800.0
"""A change that no webhook has told of after this long was missed."""
MISSES_STAY = timedelta(days=1)
UNREAD_STAY = timedelta(days=7)
"""What no sweep has come across for so long, not even the daily full one, is no more."""
WEBHOOKS_KEY = "invoices"


class FindingPage(Value, frozen=True, kw_only=True):
    """Some open findings; `next_place` is None at the end."""

    items: tuple[Finding, ...]
    next_place: tuple[str, str] | None


async def review(context: SyncContext, tenant: TenantId) -> None:
    """Open, age and close what our own books tell of. Raises StoreError."""
    now = context.now()
    missed = await _misses(context, tenant)
    told = await context.store.fetch(sweeps.mismatches(tenant))
    even = [key for key, seen, said in told if seen == said]
    tx = Transaction()
    opened = [tx.add(findings.open_held(tenant, now))]
    if missed:
        opened.append(tx.add(findings.open_(tenant, [_unannounced(len(missed))], now)))
        tx.add_all(notices.note_missed(tenant, missed, now))
    closed = [
        tx.add(findings.close_held(tenant, now)),
        tx.add(findings.close_readable(tenant, now)),
        tx.add(findings.close_taken(tenant, now)),
        tx.add(findings.close_linked(tenant, now)),
        tx.add(findings.close(tenant, FindingKind.PAID_UNPAID_MISMATCH, even, now)),
        tx.add(
            findings.close_aged(
                tenant, FindingKind.MISSED_WEBHOOK, before=now - MISSES_STAY, at=now
            )
        ),
        tx.add(
            findings.close_aged(
                tenant, FindingKind.UNREADABLE_IN_XERO, before=now - UNREAD_STAY, at=now
            )
        ),
    ]
    counts = tx.add(findings.counts(tenant))
    await context.store.commit(tx)
    context.observe(
        FindingsReviewed(
            tenant=tenant,
            open={str(kind): count for kind, count in counts.rows},
            opened=dict(
                Counter(str(one.kind) for part in opened for one in part.rows if one.is_new)
            ),
            closed=dict(Counter(str(kind) for part in closed for kind in part.rows)),
            missed=len(missed),
        )
    )


async def listing(
    context: SyncContext,
    tenant: TenantId,
    *,
    kind: FindingKind | None = None,
    after: tuple[str, str] = findings.START,
    limit: int,
) -> FindingPage:
    """A page of open findings by kind and key. Raises StoreError."""
    rows = await context.store.fetch(
        findings.listing(tenant, kind=kind, after=after, limit=limit + 1)
    )
    page = rows[:limit]
    return FindingPage(
        items=page,
        next_place=(page[-1].kind, page[-1].key) if len(rows) > limit else None,
    )


async def closed(
    context: SyncContext, tenant: TenantId, *, kind: FindingKind | None, limit: int
) -> FindingPage:
    """What went in the last 30 days, the last one first; one page. Raises StoreError."""
    since = context.now() - CLOSED_SHOWN
    found = await context.store.fetch(findings.closed(tenant, kind=kind, since=since, limit=limit))
    return FindingPage(items=found, next_place=None)


async def _misses(context: SyncContext, tenant: TenantId) -> tuple[str, ...]:
    """Of what in Xero a sweep found changes that nobody has announced in time; each counts once."""
    before = context.now() - timedelta(seconds=ANNOUNCED_WITHIN_S)
    tx = Transaction()
    tx.add(sweeps.announced(tenant))
    missed = tx.add(sweeps.missed(tenant, before))
    await context.store.commit(tx)
    return missed.rows


def _unannounced(missed: int) -> Found:
    changes = "A change" if missed == 1 else f"{missed} changes"
    text = (
        f"{changes} in Xero found by a sweep had not been announced by a webhook within half an "
        "hour. Nothing is lost, but it comes later: check the webhook in Xero's developer portal "
        "(its address, its key, and that it is enabled)."
    )
    return Found(kind=FindingKind.MISSED_WEBHOOK, key=WEBHOOKS_KEY, label="", text=text)
