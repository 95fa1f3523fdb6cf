"""Collects every concern there is now: of each tenant, as its card says it, and of the disk.

Called on a beat by `engine.loops.notifications`. Calls nobody outside.
"""

from __future__ import annotations

from syncd.domain.errors import NotServed
from syncd.domain.ids import TenantId
from syncd.domain.model.concern import Concern, ConcernsSeen
from syncd.domain.model.finding import WANT_A_PERSON, FindingKind
from syncd.domain.model.job import JobKind
from syncd.domain.model.trouble import Trouble
from syncd.domain.rules.tenant import concerns
from syncd.domain.rules.tenant.concerns import TenantStanding
from syncd.engine.connection.gate import Connections
from syncd.engine.core.context import SyncContext
from syncd.engine.operator.tenant_troubles import Allowance, TroublesRead
from syncd.store import findings, jobs, notifications
from syncd.store.unit_of_work import Transaction

_FOUND = tuple(kind for kind in WANT_A_PERSON if kind is not FindingKind.MISSED_WEBHOOK)
"""Missed webhooks are a concern of their own."""


async def standing(context: SyncContext, gates: Connections, allowance: Allowance) -> ConcernsSeen:
    """Every concern but that of a store that cannot be used. Raises StoreError.

    A tenant at which the program itself fails is told and left out: the others' are no less.
    """
    found, unread = list[Concern](), set[TenantId]()
    if (disk := concerns.of_disk(has_reserve=context.store.standing.has_reserve)) is not None:
        found.append(disk)
    troubles: list[Trouble] = []
    for tenant in sorted(context.policies):
        at: TenantStanding | None = None
        with context.alone(tenant, service="notify"):
            at = await _tenant(context, gates, allowance, tenant)
        if at is not None:
            troubles += at.troubles
            found += concerns.of_tenant(at, context.now())
        elif tenant in context.policies:
            unread.add(tenant)
    if (clock := concerns.of_clock(troubles)) is not None:
        found.append(clock)
    return ConcernsSeen(concerns=tuple(found), unread=frozenset(unread))


async def _tenant(
    context: SyncContext, gates: Connections, allowance: Allowance, tenant: TenantId
) -> TenantStanding:
    read = Transaction()
    totals = read.add(jobs.totals(tenant))
    withheld = read.add(notifications.withheld(tenant))
    open_findings = read.add(findings.counts(tenant))
    look = TroublesRead(read, tenant)
    await context.store.read(read)
    if tenant not in context.policies:
        raise NotServed(f"This daemon serves {tenant} no more")
    found = dict(open_findings.rows)
    return TenantStanding(
        tenant=tenant,
        troubles=look.troubles(context, gates, allowance(tenant)),
        refresh_expires_at=gates.card(tenant).refresh_expires_at,
        out_of_sync=sum(
            each.out_of_sync for each in totals.rows if each.kind is JobKind.PUSH_INVOICE
        ),
        withheld=withheld.one,
        findings=sum(found.get(kind, 0) for kind in _FOUND),
        webhooks_missed=found.get(FindingKind.MISSED_WEBHOOK, 0),
    )
