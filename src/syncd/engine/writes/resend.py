"""Repeats a call: the same bytes under the same idempotency key, noted first.

Called by the probe inside `replay_within_s` only. Answers count for elements that are open still;
a repeated error proves nothing (`rules.queue.uncertain_write.after_refusal`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.domain.errors import Conflict, RemoteError, Throttled, Unauthorised
from syncd.domain.ids import TenantId
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
) -> None:
    """Send `call` again; `sent` are all its elements, `waiting` those whose outcome is sought.

    Changes rest on looks begun at `read_at`, and are not sent once those have grown old.
    """
    changeset = ChangeSet(context, tenant, TASK)
    changeset.read_at = read_at
    try:
        again = await _stored_repeat(context, call, waiting)
    except Conflict:
        # The tenant was switched since the look: nothing goes out, and a later look says the rest.
        answers.uncertain(kind, changeset, waiting, write_ahead.NOT_NOW)
        await changeset.commit()
        return
    try:
        found = await kind.sender(context.ledger)(
            tenant,
            again.prepared(),
            [kind.write_of(one) for one in sent],
            idempotency_key=again.idempotency_key,
            not_after=read_at + timedelta(seconds=context.limits.live_max_age_s),
        )
    except RemoteError as error:
        changeset.extra.append(calls.last_byte_left(call.id, context.now()))
        answers.uncertain(kind, changeset, waiting, wording.in_words(error))
        await changeset.commit()
        if isinstance(error, Throttled | Unauthorised):
            raise
        return
    pairs = [
        (replace(element, intent=_resent(element.intent)), found[element.intent.element])
        for element in waiting
    ]
    await answers.take(kind, changeset, again, pairs)
    await changeset.commit()


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
