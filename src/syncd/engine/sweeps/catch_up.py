"""After a reconnection: what moved in Xero meanwhile is read, and its money told, before any write.

    settings ─> invoices changed since the last sweep ─> contacts ─> Pipeline told ─> writing begins

Called by the schedule before the worker's round; the prober and the sweeper rest meanwhile. One
bounded step a round; how far it has come is stored by the reconnection, so it
goes on after a crash, and begins anew after another reconnection. Its calls are writes' calls by
their lane: a spent share for sweeps must not keep a tenant from writing.
"""

from __future__ import annotations

from syncd.domain.ids import TenantId
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.engine.connection.gate import CATCH_UP_WANTED
from syncd.engine.core import organisation_settings
from syncd.engine.core.context import SyncContext
from syncd.engine.sweeps import sweeper
from syncd.store import catch_ups, results

TELLING_DELAY_S = 0.5
"""How often it is asked whether Pipeline was told."""
_TELL = "tell"
_AFTER = {CATCH_UP_WANTED: str(Task.INVOICES), Task.INVOICES: str(Task.CONTACTS)}
"""The step that follows each; the last is telling."""


async def catch_up_once(context: SyncContext, tenant: TenantId) -> float | None:
    """Take one step. Answers when the next is due, None when nothing is left to read and tell.

    Raises RemoteError's leaves, StoreError.
    """
    found = await context.store.fetch(catch_ups.get(tenant))
    if not found:
        return None
    known = found[0]
    if known.step == _TELL:
        if await _is_telling(context, tenant):
            return TELLING_DELAY_S
        await context.store.run(catch_ups.end(tenant, known))
        return None
    if known.step == CATCH_UP_WANTED:
        await organisation_settings.read(context, tenant)
    elif not await sweeper.step_now(context, tenant, Task(known.step), lane=Lane.WRITE):
        return 0.0
    following = _AFTER.get(known.step, _TELL)
    await context.store.run(catch_ups.go_on(tenant, known, following, context.now()))
    return 0.0


async def _is_telling(context: SyncContext, tenant: TenantId) -> bool:
    """A result was not tried yet. Pipeline being down keeps nobody from writing to Xero."""
    (due_at,) = await context.store.fetch(results.next_due_at(tenant))
    return due_at is not None and due_at <= context.now()
