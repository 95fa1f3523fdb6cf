"""Repeats a call: the same bytes under the same idempotency key, noted first.

Called by the prober inside `replay_within_s` only. Answers count for elements that are open still;
a repeated error proves nothing (rules.intent.after_refusal).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.domain.errors import RemoteError, Throttled, Unauthorised
from syncd.domain.ids import TenantId
from syncd.domain.model.intent_body import ContactIntentBody, InvoiceIntentBody
from syncd.domain.rules.text import wording
from syncd.engine.contacts import answers as contact_answers
from syncd.engine.contacts.answers import ContactElement
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.invoices import answers
from syncd.engine.invoices.answers import Element
from syncd.store import calls, intents
from syncd.store.calls import Call
from syncd.store.intents import Intent
from syncd.store.unit_of_work import Transaction

TASK = "probe"


async def invoices(
    context: SyncContext,
    tenant: TenantId,
    call: Call,
    sent: Sequence[Intent],
    waiting: Sequence[Element],
    *,
    read_at: datetime,
) -> None:
    """Send `call` again; `sent` are all its elements, `waiting` those whose outcome is sought.

    It rests on looks begun at `read_at`, and is not sent once they have grown old.
    """
    changeset = ChangeSet(context, tenant, TASK)
    changeset.read_at = read_at
    again = await _stored_repeat(context, call)
    writes = [one.body.write for one in sent if isinstance(one.body, InvoiceIntentBody)]
    try:
        found = await context.ledger.send_invoices(
            tenant,
            again.prepared(),
            writes,
            idempotency_key=again.idempotency_key,
            not_after=read_at + timedelta(seconds=context.limits.live_max_age_s),
        )
    except RemoteError as error:
        changeset.extra.append(calls.last_byte_left(call.id, context.now()))
        for element in waiting:
            answers.uncertain(changeset, element, wording.in_words(error))
        await changeset.commit()
        _reraise(error)
        return
    by_element = dict(enumerate(found))
    pairs = [(_fresh(element), by_element[element.intent.element]) for element in waiting]
    answers.take(changeset, again, pairs)
    await changeset.commit()


async def contacts(
    context: SyncContext,
    tenant: TenantId,
    call: Call,
    sent: Sequence[Intent],
    waiting: Sequence[ContactElement],
) -> None:
    """The same for contacts."""
    changeset = ChangeSet(context, tenant, TASK)
    again = await _stored_repeat(context, call)
    writes = [one.body.write for one in sent if isinstance(one.body, ContactIntentBody)]
    try:
        found = await context.ledger.send_contacts(
            tenant,
            again.prepared(),
            writes,
            idempotency_key=again.idempotency_key,
            not_after=None,
        )
    except RemoteError as error:
        changeset.extra.append(calls.last_byte_left(call.id, context.now()))
        for element in waiting:
            contact_answers.uncertain(changeset, element, wording.in_words(error))
        await changeset.commit()
        _reraise(error)
        return
    by_element = dict(enumerate(found))
    pairs = [
        (replace(element, intent=_resent(element.intent)), by_element[element.intent.element])
        for element in waiting
    ]
    contact_answers.take(changeset, again, pairs)
    await changeset.commit()


async def _stored_repeat(context: SyncContext, call: Call) -> Call:
    """The repeat is noted before its first byte: its looks are counted from none."""
    now = context.now()
    tx = Transaction()
    tx.add(calls.resent(call.id, now))
    tx.add(intents.resent(call.id))
    await context.store.commit(tx)
    return replace(call, last_sent_at=now, sends=call.sends + 1)


def _fresh(element: Element) -> Element:
    return replace(element, intent=_resent(element.intent))


def _resent(one: Intent) -> Intent:
    return replace(one, was_uncertain=True, was_not_unique=False, clean_looks=0, look_at=None)


def _reraise(error: RemoteError) -> None:
    if isinstance(error, Throttled | Unauthorised):
        raise error
