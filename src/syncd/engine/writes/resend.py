"""Repeats a call: the same bytes under the same idempotency key, noted first.

Called by the probe inside `replay_within_s` only. Room for it in the allowance comes first, for
what is noted counts as sent: looks are counted anew, and nothing is certain until long after it.
Answers count for elements that are open still; a repeated error proves nothing
(`rules.queue.uncertain_write.after_refusal`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.domain.errors import Conflict, RemoteError, Throttled, TooOld, Unauthorised
from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import StepKind
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.text import wording
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.writes import answers, write_ahead
from syncd.engine.writes.kind import D, Element, Kind, L, S, W
from syncd.store import calls, intents, tenants
from syncd.store.calls import Call
from syncd.store.intents import Intent
from syncd.store.unit_of_work import Transaction

TASK = "probe"


async def resend(
    kind: Kind[L, W, D, S],
    context: SyncContext,
    tenant: TenantId,
    call: Call,
    *,
    sent: Sequence[Intent],
    waiting: Sequence[Element[L, D]],
    read_at: datetime,
) -> Throttled | Unauthorised | None:
    """Send `call` again; `sent` are all its elements, `waiting` those whose outcome is sought.

    Changes rest on looks begun at `read_at`, and are not sent once those have grown old. Answers
    what no other call would get past either.
    """
    not_after = _not_after(context, call, sent, read_at)
    try:
        await context.ledger.reserve(tenant, lane=Lane.WRITE, calls=1)
        if context.now() > not_after:
            raise TooOld(f"call {call.id} came too late to be sent again", system="xero")
        again = await _stored_repeat(context, call, waiting)
    except Conflict:
        # The tenant was switched since the look: nothing goes out, and a later look says the rest.
        await put_back(kind, context, tenant, waiting, write_ahead.NOT_NOW)
        return None
    except RemoteError as error:
        await put_back(kind, context, tenant, waiting, wording.in_words(error))
        return error if isinstance(error, Throttled | Unauthorised) else None
    changeset = ChangeSet(context, tenant, TASK)
    changeset.read_at = read_at
    try:
        found = await kind.sender(context.ledger)(
            tenant,
            again.prepared(),
            [kind.write_of(one) for one in sent],
            idempotency_key=again.idempotency_key,
            not_after=not_after,
        )
    except RemoteError as error:
        changeset.extra.append(calls.last_byte_left(call.id, context.now()))
        answers.uncertain(kind, changeset, waiting, wording.in_words(error))
        await changeset.commit()
        return error if isinstance(error, Throttled | Unauthorised) else None
    pairs = [
        (replace(element, intent=_resent(element.intent)), found[element.intent.element])
        for element in waiting
    ]
    await answers.take(kind, changeset, again, pairs)
    await changeset.commit()
    return None


async def put_back(
    kind: Kind[L, W, D, S],
    context: SyncContext,
    tenant: TenantId,
    waiting: Sequence[Element[L, D]],
    why: str,
) -> None:
    """What was to be sent again and was not: as uncertain as before, for a later look."""
    changeset = ChangeSet(context, tenant, TASK)
    answers.uncertain(kind, changeset, waiting, why)
    await changeset.commit()


def _not_after(
    context: SyncContext, call: Call, sent: Sequence[Intent], read_at: datetime
) -> datetime:
    """While Xero surely knows the key; a change, which may overwrite, also while its look is young.

    A create overwrites nothing: a look among thousands of documents may take longer than that.
    """
    limits = context.limits
    forgotten_at = call.first_sent_at + timedelta(seconds=limits.replay_within_s)
    if all(one.step is StepKind.CREATE for one in sent):
        return forgotten_at
    return min(forgotten_at, read_at + timedelta(seconds=limits.live_max_age_s))


async def _stored_repeat(
    context: SyncContext, call: Call, waiting: Sequence[Element[L, D]]
) -> Call:
    """The repeat is noted before its first byte: its looks are counted from none.

    Raises Conflict where the tenant may not write any more.
    """
    now = context.now()
    tx = Transaction()
    job = waiting[0].loaded.job.kind
    tx.add(tenants.may_write(call.tenant, job, [one.intent.key for one in waiting]))
    tx.add(calls.resent(call.id, now))
    tx.add(intents.resent(call.id))
    await context.store.commit(tx)
    return replace(call, last_sent_at=now, sends=call.sends + 1)


def _resent(one: Intent) -> Intent:
    return replace(one, was_uncertain=True, was_not_unique=False, clean_looks=0, look_at=None)
