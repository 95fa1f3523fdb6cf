"""The queue: requests in, leases out, settlements back. One row per (tenant, kind, key), for ever.

    enqueue ─> ready ─claim─> leased ─settle─> done | failed | held | uncertain | ready
    held ─release (predicate, reason, clock, new wish)─> ready
    uncertain ─claim_uncertain─> leased ─settle─> …

`wanted_seq` rises with every wish and a claim copies it; a settlement ends a job only if they are
still equal, else it is ready again. A release finds what is held; what is leased meanwhile, and
then settled to wait for that very topic, counts as wanted anew, for its reads may be from before
the cause. Called by the engine's intake, worker, prober and rescuer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from syncd.domain.ids import IncarnationId, TenantId
from syncd.domain.model.cause import HoldCause
from syncd.domain.model.job import Job, JobKind, JobRequest, JobState, PublicState, Reason
from syncd.domain.model.value import Value
from syncd.ports import trail
from syncd.ports.driver import BoundStatement, Scalar
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("jobs")


class JobSettlement(Value, frozen=True, kw_only=True):
    """How a leased job ends, unless something newer is wanted meanwhile (then: ready, at once).

    `ready_at` is when a ready one is claimed again, a held one looked at again, an uncertain one
    probed; None for done and failed. A held one has a reason, or is out of sync; a failed one has a
    note; `cause` is what others may wait or have failed for too. `predicates` are topics
    (`model.predicate`): an event releases by equality. `detail` is JSON shown to people beside the
    note. `has_waited` False: it surely waits for none, for the journal never said that it waits.
    """

    not_shown = ("detail",)

    tenant: TenantId
    kind: JobKind
    key: str
    leased_until: datetime | None
    """Until when the claim that it ends was made; a later one of the job is another's."""
    state: JobState
    ready_at: datetime | None = None
    attempt: int = 0
    reason: Reason | None = None
    note: str | None = None
    is_out_of_sync: bool = False
    is_voided: bool = False
    predicates: tuple[str, ...] = ()
    detail: bytes | None = None
    cause: HoldCause | None = None
    has_waited: bool = True


class FreedJob(Value, frozen=True, kw_only=True):
    """A job that a release or a rescue moved, and the state it has now."""

    tenant: TenantId
    kind: JobKind
    key: str
    state: JobState


class NextDue(Value, frozen=True, kw_only=True):
    """The earliest instants at which each part of the queue has work; None where it has none."""

    invoice_ready_at: datetime | None
    customer_ready_at: datetime | None
    held_at: datetime | None
    uncertain_at: datetime | None
    is_paused: bool
    is_halted: bool
    is_feed_old: bool
    """The store was restored, and Pipeline's feed was not read to its end since."""


class JobTotals(Value, frozen=True, kw_only=True):
    """How many jobs of one kind there are, and the oldest wish of those that are not done.

    `ready` to `failed` are states of the queue; `waiting` to `voided` what people see.
    """

    kind: JobKind
    all: int
    ready: int
    leased: int
    held: int
    waiting: int
    out_of_sync: int
    uncertain: int
    failed: int
    voided: int
    oldest_ready_at: datetime | None
    oldest_leased_at: datetime | None
    oldest_uncertain_at: datetime | None
    oldest_held_at: datetime | None

    @property
    def by_state(self) -> dict[JobState, int]:
        """Jobs by the queue's state."""
        counts = {
            JobState.READY: self.ready,
            JobState.LEASED: self.leased,
            JobState.HELD: self.held,
            JobState.UNCERTAIN: self.uncertain,
            JobState.FAILED: self.failed,
        }
        return counts | {JobState.DONE: self.all - sum(counts.values())}

    @property
    def by_public_state(self) -> dict[PublicState, int]:
        """Jobs by the state people see."""
        moving = self.ready + self.leased + self.held
        counts = {
            PublicState.PENDING: moving - self.waiting - self.out_of_sync,
            PublicState.WAITING: self.waiting,
            PublicState.OUT_OF_SYNC: self.out_of_sync,
            PublicState.UNCERTAIN: self.uncertain,
            PublicState.FAILED: self.failed,
            PublicState.VOIDED: self.voided,
        }
        return counts | {PublicState.SYNCED: self.all - sum(counts.values())}

    @property
    def oldest_going_at(self) -> datetime | None:
        """Of those that wait for their turn or the other side alone."""
        going = (self.oldest_ready_at, self.oldest_leased_at, self.oldest_uncertain_at)
        return min((at for at in going if at is not None), default=None)


class JobRow(Value, frozen=True, kw_only=True):
    """One job as it stands."""

    kind: JobKind
    key: str
    state: JobState
    wanted_seq: int
    claimed_seq: int
    attempt: int
    ready_at: datetime | None
    first_wanted_at: datetime
    reason: Reason | None
    note: str | None


def enqueue(requests: Iterable[JobRequest], at: datetime) -> Statement[None]:
    """Look at these keys. `at` is now; a request's delay is how much later its `ready_at` is.

    They are on the trail that is worked on here, or stay on the one they were.
    """
    now, on = rows.to_ms(at), trail.current()
    return tell(
        _QUERIES["enqueue"],
        [(job.tenant, job.kind, job.key, rows.to_ms(job.ready_at), now, on) for job in requests],
    )


def look(tenant: TenantId, kind: JobKind, keys: Iterable[str], at: datetime) -> Statement[None]:
    """Look at these now."""
    return enqueue([JobRequest(tenant=tenant, kind=kind, key=key, ready_at=at) for key in keys], at)


def claim(
    tenant: TenantId,
    kind: JobKind,
    *,
    incarnation: IncarnationId,
    now: datetime,
    lease_until: datetime,
    limit: int,
) -> Statement[Job]:
    """Lease up to `limit` ready jobs, those that have waited longest, to this incarnation."""
    return ask(
        _QUERIES["claim"],
        tenant,
        kind,
        incarnation,
        rows.to_ms(now),
        rows.to_ms(lease_until),
        limit,
        decode=job_of,
    )


def claim_uncertain(
    tenant: TenantId,
    *,
    incarnation: IncarnationId,
    now: datetime,
    lease_until: datetime,
    limit: int,
) -> Statement[Job]:
    """Lease up to `limit` uncertain jobs of both kinds whose probe is due; costs no attempt."""
    return ask(
        _QUERIES["claim_uncertain"],
        tenant,
        incarnation,
        rows.to_ms(now),
        rows.to_ms(lease_until),
        limit,
        decode=job_of,
    )


def held_claims(
    tenant: TenantId, claims: Iterable[Job | JobSettlement], incarnation: IncarnationId
) -> Statement[tuple[JobKind, str]]:
    """Those of these claims that were neither freed nor made anew since, by kind and key."""
    return ask(
        _QUERIES["held_claims"],
        tenant,
        incarnation,
        _claims(claims),
        decode=lambda row: (JobKind(str(row[0])), str(row[1])),
    )


def must_hold(
    tenant: TenantId, claims: Iterable[Job | JobSettlement], incarnation: IncarnationId
) -> Statement[None]:
    """A guard for a transaction that only the holder of these claims may make; else Conflict."""
    row = (tenant, incarnation, _claims(claims))
    return tell(_QUERIES["must_hold"], [row], must_change=1)


def _claims(claims: Iterable[Job | JobSettlement]) -> str:
    listed = [(one.kind, one.key, rows.ms_or_none(one.leased_until)) for one in claims]
    return msgspec.json.encode(listed).decode()


def settle(
    settlements: Sequence[JobSettlement], *, incarnation: IncarnationId, at: datetime
) -> tuple[Statement[None], ...]:
    """End leases of this incarnation; one that was lost meanwhile is left as it is."""
    now = rows.to_ms(at)
    leases = [(one, lease(one, incarnation)) for one in settlements]
    return (
        tell(_QUERIES["forget_predicates"], [claim for one, claim in leases if one.has_waited]),
        tell(
            _QUERIES["want_released"],
            [
                (*claim, rows.json_list(topics))
                for one, claim in leases
                for topics in [_waited_for(one)]
                if topics
            ],
        ),
        tell(
            _QUERIES["remember_predicate"],
            [(*claim, predicate) for one, claim in leases for predicate in one.predicates],
        ),
        tell(
            _QUERIES["forget_detail"],
            [claim for one, claim in leases if one.detail is None],
        ),
        tell(
            _QUERIES["remember_detail"],
            [(*claim, one.detail) for one, claim in leases if one.detail is not None],
        ),
        tell(_QUERIES["settle"], [(*claim, *_end(one), now, _cause(one)) for one, claim in leases]),
        tell(_QUERIES["settle_again"], [(incarnation, now, _ended(settlements))]),
    )


def _ended(settlements: Sequence[JobSettlement]) -> str:
    ended = [
        (
            *(one.tenant, one.kind, one.key, rows.ms_or_none(one.leased_until)),
            *(one.state, one.reason, int(one.is_out_of_sync)),
        )
        for one in settlements
    ]
    return msgspec.json.encode(ended).decode()


def release_by_predicate(tenant: TenantId, predicate: str, at: datetime) -> Statement[FreedJob]:
    """Held jobs that wait for the topic `predicate` are ready now.

    Commit it with its cause: what is leased now and then waits for it is looked at once more.
    """
    return release_by_predicates(tenant, (predicate,), at)


def release_by_predicates(
    tenant: TenantId, predicates: Iterable[str], at: datetime
) -> Statement[FreedJob]:
    """`release_by_predicate` for each of these at once."""
    query, topics = _QUERIES["release_by_predicates"], sorted(set(predicates))
    freed = ask(query, tenant, rows.json_list(topics), rows.to_ms(at), decode=_freed)
    return replace(freed, then=_noted(tenant, topics))


def release_by_reason(tenant: TenantId, reason: Reason, at: datetime) -> Statement[FreedJob]:
    """Held and failed jobs with this reason are ready now: an operator asked."""
    query = _QUERIES["release_by_reason"]
    freed = ask(query, tenant, reason, rows.to_ms(at), decode=_freed)
    return replace(freed, then=_noted(tenant, [_asked_by(reason)]))


def release_customers(
    tenant: TenantId, reasons: Iterable[Reason], at: datetime
) -> Statement[FreedJob]:
    """`release_by_reason` for some reasons, of customers alone."""
    query, listed = _QUERIES["release_customers"], list(reasons)
    freed = ask(query, tenant, rows.json_list(listed), rows.to_ms(at), decode=_freed)
    return replace(freed, then=_noted(tenant, [_asked_by(each) for each in listed]))


def waiting_since(tenant: TenantId, predicate: str) -> Statement[datetime | None]:
    """Since when the youngest of those that wait for this topic does; one row."""
    query = _QUERIES["waiting_since"]
    return ask(query, tenant, predicate, decode=lambda row: rows.from_ms_or_none(row[0]))


def forget_releases() -> Statement[None]:
    """Forget what was released before everything that is leased now: for a beat."""
    return tell(_QUERIES["forget_releases"])


def due_at_once(tenant: TenantId, now: datetime) -> Statement[None]:
    """What was put off for the other side's sake is due now: it answers again."""
    return tell(_QUERIES["due_at_once"], [(tenant, rows.to_ms(now))])


def release_due(tenant: TenantId, now: datetime, *, limit: int) -> Statement[FreedJob]:
    """Held jobs whose clock has come (`ready_at`) are ready, `limit` of them at most."""
    return ask(_QUERIES["release_due"], tenant, rows.to_ms(now), limit, decode=_freed)


def free_leases(incarnation: IncarnationId, at: datetime) -> Statement[FreedJob]:
    """At start: end every lease of an earlier incarnation; open intents make it uncertain."""
    return ask(_QUERIES["free_leases"], incarnation, rows.to_ms(at), decode=_freed)


def rescue_leases(now: datetime) -> Statement[FreedJob]:
    """End every lease that has run out, whoever has it; open intents make it uncertain."""
    return ask(_QUERIES["rescue_leases"], rows.to_ms(now), decode=_freed)


def next_due(tenant: TenantId) -> Statement[NextDue]:
    """When the worker, the releaser and the prober have work next; one row."""
    return ask(_QUERIES["next_due"], tenant, decode=_next_due)


def totals(tenant: TenantId) -> Statement[JobTotals]:
    """How many jobs there are, by kind; finished work is not read for it."""
    return ask(_QUERIES["totals"], tenant, decode=_totals)


def get(tenant: TenantId, kind: JobKind, keys: Iterable[str]) -> Statement[JobRow]:
    """These jobs as they stand, by key."""
    return ask(_QUERIES["get"], tenant, kind, rows.json_list(keys), decode=_job_row)


def _noted(tenant: TenantId, topics: Sequence[str]) -> tuple[BoundStatement, ...]:
    listed = rows.json_list(sorted(set(topics)))
    return (tell(_QUERIES["note_releases"], [(tenant, listed)]).bound,)


def _asked_by(reason: Reason) -> str:
    """The topic of an operator's release of a reason."""
    return f"reason:{reason}"


def _waited_for(one: JobSettlement) -> tuple[str, ...]:
    """What releases the job once it is settled so; nothing where only a new wish does."""
    if one.state not in (JobState.HELD, JobState.FAILED):
        return ()
    return one.predicates if one.reason is None else (*one.predicates, _asked_by(one.reason))


def _end(one: JobSettlement) -> tuple[Scalar, ...]:
    ready_at = rows.ms_or_none(one.ready_at)
    why = (one.reason, one.note, one.is_out_of_sync, one.is_voided)
    return (one.state, ready_at, one.attempt, *why)


def _cause(one: JobSettlement) -> str | None:
    return None if one.cause is None else one.cause.text


def lease(one: Job | JobSettlement, incarnation: IncarnationId) -> tuple[Scalar, ...]:
    """The claim that a statement is about: only while nobody has freed it or claimed it anew."""
    return (one.tenant, one.kind, one.key, incarnation, rows.ms_or_none(one.leased_until))


job_of = rows.decoder(Job)
_freed = rows.decoder(FreedJob)
_next_due = rows.decoder(NextDue)
_totals = rows.decoder(JobTotals)
_job_row = rows.decoder(JobRow)
