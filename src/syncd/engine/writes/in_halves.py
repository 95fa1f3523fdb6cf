"""Has a batch of jobs done; one that ends in an error nobody foresaw is done in halves.

So one document at which the program itself fails never holds up its neighbours, which still share
their calls, and is told by name. Called by the worker and the prober.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from syncd.domain.errors import (
    StoreDiskFails,
    StoreFull,
    StoreReadOnly,
    Throttled,
    Unauthorised,
)
from syncd.domain.facts import ServiceFailed
from syncd.domain.ids import TenantId
from syncd.domain.model.job import Job, JobState
from syncd.engine.core.context import SyncContext
from syncd.store import jobs

GiveBack = Callable[[Sequence[Job], Exception], Awaitable[float]]
"""Ends the lease of one job that met an error nobody foresaw (none where it was settled all the
same); answers in how many seconds it is tried again."""


async def done(
    context: SyncContext,
    tenant: TenantId,
    claimed: Sequence[Job],
    once: Callable[[Sequence[Job]], Awaitable[None]],
    give_back: GiveBack,
    *,
    service: str,
) -> None:
    """Do `once` for all of these jobs of one kind, or for halves of them down to a single one.

    Raises Throttled, Unauthorised and what a disk answers: those are nothing of the jobs'.
    """
    try:
        await once(claimed)
    except (Throttled, Unauthorised, StoreFull, StoreDiskFails, StoreReadOnly):
        raise
    except Exception as error:  # noqa: BLE001  (the last resort per job: tell, back off, go on)
        left = await _still_leased(context, tenant, claimed)
        if len(claimed) > 1:
            half = (len(left) + 1) // 2
            for part in (left[:half], left[half:]):
                if part:
                    await done(context, tenant, part, once, give_back, service=service)
            return
        delay_s = await give_back(left, error)
        name = f"{service}:{tenant}:{claimed[0].key}"
        text = f"{type(error).__name__}: {error}"
        context.observe(ServiceFailed(service=name, error=text, retry_after_s=delay_s))


async def _still_leased(
    context: SyncContext, tenant: TenantId, claimed: Sequence[Job]
) -> list[Job]:
    """Those the failed round had not settled yet."""
    keys = [job.key for job in claimed]
    rows = await context.store.fetch(jobs.get(tenant, claimed[0].kind, keys))
    leased = {row.key for row in rows if row.state is JobState.LEASED}
    return [job for job in claimed if job.key in leased]
