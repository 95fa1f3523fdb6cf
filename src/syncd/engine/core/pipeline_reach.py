"""Notes whether each tenant's Pipeline is reached, and tells when that changes.

Called by whoever reads the feed (`intake`) or tells results (`write_back`); read for the tenant's
card and the gauges. What it keeps is live state: after a start Pipeline counts as reached until it
is asked.
"""

from __future__ import annotations

from syncd.domain.errors import RemoteError
from syncd.domain.facts import RemoteMoved
from syncd.domain.ids import TenantId
from syncd.domain.rules.tenant import pipeline_reach
from syncd.domain.rules.tenant.pipeline_reach import Reach
from syncd.engine.core.context import SyncContext

SYSTEM = "pipeline"


def of(context: SyncContext, tenant: TenantId) -> Reach:
    """How the tenant's Pipeline is reached; the first question begins to count."""
    return context.reached.setdefault(tenant, Reach(read_at=context.now()))


def read(context: SyncContext, tenant: TenantId, error: RemoteError | None = None) -> None:
    """The feed was read, or could not be."""
    before = of(context, tenant)
    _note(context, tenant, before, pipeline_reach.after_reading(before, context.now(), error))


def told(context: SyncContext, tenant: TenantId, error: RemoteError | None = None) -> None:
    """Results were told, or could not be."""
    before = of(context, tenant)
    _note(context, tenant, before, pipeline_reach.after_sending(before, context.now(), error))


def _note(context: SyncContext, tenant: TenantId, before: Reach, after: Reach) -> None:
    context.reached[tenant] = after
    is_failing = after.failing_since is not None
    if is_failing is not (before.failing_since is not None):
        context.observe(
            RemoteMoved(tenant=tenant, system=SYSTEM, is_failing=is_failing, cause=after.words)
        )
