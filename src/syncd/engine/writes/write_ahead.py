"""Stores a write call before its first byte leaves, and says what a call that failed means.

What is stored is read here, too, as the protocol of uncertain writes sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from syncd.domain.errors import BREAKER, Conflict, RemoteError, Throttled, TooOld
from syncd.domain.ids import CallId, IdempotencyKey, IntentId, TenantId
from syncd.domain.model.intent_body import EXACT, InvoiceIntentBody
from syncd.domain.model.job import Job, JobKind, Reason
from syncd.domain.model.probing import CallRecord, IntentRecord, IntentState, ProbeLimits
from syncd.domain.model.settings import Mode
from syncd.domain.model.value import like
from syncd.domain.rules.queue.outcome import Deferred, Transient
from syncd.domain.rules.text import wording
from syncd.engine.core.context import SyncContext
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger import PreparedCall
from syncd.store import calls, intents, jobs, tenants
from syncd.store.calls import Call
from syncd.store.intents import Intent, NewIntent
from syncd.store.links import Link
from syncd.store.unit_of_work import Transaction

_JOBS = {ChangeKind.INVOICE: JobKind.PUSH_INVOICE, ChangeKind.CUSTOMER: JobKind.PUSH_CUSTOMER}
NOT_NOW = "A write is under way already, or the tenant was switched meanwhile."


async def open_call(
    context: SyncContext,
    tenant: TenantId,
    prepared: PreparedCall,
    elements: Sequence[NewIntent],
    key: IdempotencyKey,
    *,
    claims: Sequence[Job] = (),
) -> tuple[Call, tuple[Intent, ...]]:
    """Intents and call, committed before the first byte leaves.

    Raises Conflict when one of the objects has an open intent: its outcome comes first; also when
    the tenant was paused, or set to observe, or an object withheld, since the write was decided;
    and when one of `claims` was lost: whoever claimed it since may have written the same.
    """
    if context.policies[tenant].mode is not Mode.LIVE:
        raise Conflict(f"{tenant} only observes now; nothing was written")
    now = context.now()
    try:
        stored = await _stored(context, tenant, prepared, elements, claims, key=key, at=now)
    except Conflict:
        # Pipeline may have overwritten a version since it was decided: then all of it is stored.
        stored = await _stored(
            context, tenant, prepared, elements, claims, key=key, at=now, are_whole=True
        )
    call = Call(
        id=stored[0][1],
        tenant=tenant,
        idempotency_key=key,
        opened_at=now,
        first_sent_at=now,
        last_sent_at=now,
        sends=1,
        **asdict(prepared),
    )
    pairs = zip(elements, stored, strict=True)
    fresh = {
        "end": None, "was_not_unique": False, "clean_looks": 0, "look_at": None, "ties": EXACT,
        "together": 1,
    }  # fmt: skip
    return call, tuple(
        like(Intent, one, id=id_, call=call.id, opened_at=now, **fresh) for one, (id_, _) in pairs
    )


async def _stored(
    context: SyncContext,
    tenant: TenantId,
    prepared: PreparedCall,
    elements: Sequence[NewIntent],
    claims: Sequence[Job],
    *,
    key: IdempotencyKey,
    at: datetime,
    are_whole: bool = False,
) -> Sequence[tuple[IntentId, CallId]]:
    tx = Transaction()
    kind = _JOBS[elements[0].kind]
    tx.add(tenants.may_write(tenant, kind, [one.key for one in elements]))
    if claims:
        tx.add(jobs.must_hold(tenant, claims, context.incarnation))
    tx.add(calls.open_call(tenant, prepared, idempotency_key=key, at=at))
    opened = intents.open_intents(tenant, elements, idempotency_key=key, at=at, are_whole=are_whole)
    tx.add(opened)
    stored = tx.add(intents.ids_of_sent_call(key))
    await context.store.commit(tx)
    return stored.rows


def outcome_of_failed_send(error: RemoteError) -> Deferred | Transient:
    """What becomes of jobs whose call surely was not made.

    A write that grew too old before it could leave costs no attempt: it is read and sent again.
    """
    if isinstance(error, Throttled):
        reason = Reason.BREAKER_OPEN if error.limit == BREAKER else Reason.RATE_LIMITED
        return Deferred(
            retry_after_s=error.retry_after_s, why=wording.in_words(error), reason=reason
        )
    if isinstance(error, TooOld):
        return Deferred(retry_after_s=0.0, why=wording.in_words(error))
    return Transient(why=wording.in_words(error))


def idempotency_key(context: SyncContext, tenant: TenantId) -> IdempotencyKey:
    """`<installation>-<tenant>-<random>`, once per call, never from content; ≤ 128 characters."""
    return IdempotencyKey(f"{context.installation}-{tenant[:48]}-{context.entropy.token(16)}")


def intent_record(one: Intent) -> IntentRecord:
    """A stored intent as the protocol sees it."""
    body = one.body
    assert body is not None, "an open intent is read with what it meant"
    number = body.write.number if isinstance(body, InvoiceIntentBody) else body.write.name
    return IntentRecord(
        step=one.step,
        state=IntentState.NUMBER_REFUSED if one.was_not_unique else IntentState.OPEN,
        number_sent=number,
        clean_looks=one.clean_looks,
        look_at=one.look_at,
    )


def call_record(call: Call, one: Intent) -> CallRecord:
    """A stored call as the protocol sees it, for one of its elements."""
    return CallRecord(
        first_sent_at=call.first_sent_at,
        last_sent_at=call.last_sent_at,
        sends=call.sends,
        any_uncertain_before=one.was_uncertain or call.sends > 1,
    )


def probe_limits(context: SyncContext) -> ProbeLimits:
    """The protocol's waits, as configured."""
    return ProbeLimits(
        probe_after_s=context.limits.probe_after_s,
        replay_within_s=context.limits.replay_within_s,
        late_commit_s=context.limits.late_commit_s,
    )


def was_agreed_lately(context: SyncContext, link: Link[Any]) -> bool:
    """Whether a document is so young that Xero's lagging reads need not show it yet.

    What Xero took within `late_commit_s` is not gone for not being shown.
    """
    since = link.based_at
    return since is not None and context.now() - since < timedelta(
        seconds=context.limits.late_commit_s
    )
