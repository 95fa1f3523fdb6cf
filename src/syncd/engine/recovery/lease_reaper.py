"""Frees the leases of another incarnation or a lost round, so that no work is stuck in one.

At start everything leased by an earlier run of the daemon is freed; then, on a beat, leases that
have run out. What has an open intent goes to the prober, the rest is ready again. Releases that no
lease can have missed are forgotten with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from syncd.domain.facts import LeasesFreed
from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobState
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.settings import Mode
from syncd.engine.core import tenant_mode
from syncd.engine.core.context import SyncContext
from syncd.engine.feed import scope
from syncd.store import jobs, tenants
from syncd.store.jobs import FreedJob
from syncd.store.unit_of_work import Transaction


async def start_up(context: SyncContext) -> None:
    """Before anything is claimed: know the tenants, free every lease of an earlier run."""
    tx = Transaction()
    tx.add(tenants.ensure(sorted(context.policies)))
    freed = tx.add(jobs.free_leases(context.incarnation, context.now()))
    await context.store.commit(tx)
    _tell(context, freed.rows)
    await apply_choices(context)


async def apply_choices(context: SyncContext) -> None:
    """The configured choices hold from here on, and release what waited for them."""
    for tenant in sorted(context.policies):
        await apply_choices_of(context, tenant)


async def apply_choices_of(context: SyncContext, tenant: TenantId) -> None:
    """One tenant's mode that counts; changed choices, and a live mode, release what waited.

    Decisions go by the new ones already: what is under way by the old ones looks again.
    """
    await tenant_mode.take_mode(context, tenant)
    now = context.now()
    policy = context.policies[tenant]
    digest = sha256(policy.choices.encode()).hexdigest()
    (row,) = await context.store.fetch(tenants.one(tenant))
    tx = Transaction()
    if row.choices != digest:
        tx.add(jobs.release_by_predicate(tenant, Predicate.CHOICES_CHANGED, now))
        tx.add(tenants.set_choices(tenant, digest))
    if policy.mode is Mode.LIVE:
        tx.add(jobs.release_by_predicate(tenant, Predicate.MODE_LIVE, now))
    await context.store.commit(tx)
    await scope.follow_start(context, tenant)


async def rescue_once(context: SyncContext) -> float | None:
    """End leases that have run out; again in a quarter of a lease."""
    tx = Transaction()
    freed = tx.add(jobs.rescue_leases(context.now()))
    tx.add(jobs.forget_releases())
    await context.store.commit(tx)
    _tell(context, freed.rows)
    return context.limits.lease_s / 4


def _tell(context: SyncContext, freed: Sequence[FreedJob]) -> None:
    if freed:
        uncertain = sum(one.state is JobState.UNCERTAIN for one in freed)
        context.observe(LeasesFreed(ready=len(freed) - uncertain, uncertain=uncertain))
