"""Claims one job by its key for a person: leased for a moment, whatever it waits for.

Called where an operator decides about one invoice. What the job waited for stays stored until it
settles (`store.jobs`), so that it can be given back as if nobody had touched it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from syncd.domain.ids import IncarnationId, TenantId
from syncd.domain.model.job import Job, JobKind, JobState
from syncd.store import rows, sql
from syncd.store.jobs import job_of, lease
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("claims")


def take(
    tenant: TenantId,
    kind: JobKind,
    key: str,
    *,
    incarnation: IncarnationId,
    lease_until: datetime,
) -> Statement[Job]:
    """Lease this job to this incarnation.

    No row while it is worked on, uncertain, unknown, or a write of it has no outcome yet.
    """
    until = rows.to_ms(lease_until)
    return ask(_QUERIES["take"], tenant, kind, key, incarnation, until, decode=job_of)


def give_back(
    job: Job, state: JobState, *, incarnation: IncarnationId, at: datetime
) -> Statement[None]:
    """A job that was taken is in `state` again; ready, when something newer was wanted since.

    What it waits for may have been released since as well: then it is ready too.
    """
    claim = lease(job, incarnation)
    wanted = tell(_QUERIES["want_released"], [(*claim, state)])
    given = tell(_QUERIES["give_back"], [(*claim, state, rows.to_ms(at))])
    return replace(wanted, then=(given.bound,))
