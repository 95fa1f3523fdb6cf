"""Sends contact writes: stores intents and call, one call after another, in halves when refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from syncd.domain.errors import (
    Conflict,
    Garbled,
    NotSent,
    OutcomeUnknown,
    Refused,
    RemoteError,
    ServerTrouble,
    Throttled,
    Unauthorised,
)
from syncd.domain.ids import TenantId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.intent_body import ContactIntentBody
from syncd.domain.model.invoice import StepKind
from syncd.domain.rules.queue import outcome
from syncd.domain.rules.queue.outcome import Transient
from syncd.domain.rules.text import wording
from syncd.engine.contacts import answers, probe_reads, settle
from syncd.engine.contacts.answers import ContactElement
from syncd.engine.contacts.loaded_customer import ChosenContact
from syncd.engine.contacts.settle import ContactEnd
from syncd.engine.core import call_splitting, write_ahead
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger import ContactAnswer, ElementRefused, PreparedCall
from syncd.store import calls
from syncd.store.intents import IntentEnd, NewIntent

TASK = "push_customers"


async def send(context: SyncContext, tenant: TenantId, chosen: Sequence[ChosenContact]) -> None:
    """As delivery does: one call after another, a whole refusal split in halves."""
    waiting = call_splitting.apart(chosen, lambda one: one.loaded.given_up)
    while waiting:
        batch = waiting.pop(0)
        start = 0
        for call in context.ledger.prepare_contacts([one.write for one in batch]):
            part = batch[start : start + call.elements]
            start += call.elements
            if await _send_call(context, tenant, call, part):
                half = len(part) // 2
                waiting = [part[:half], part[half:], *waiting]


async def _send_call(
    context: SyncContext, tenant: TenantId, prepared: PreparedCall, part: Sequence[ChosenContact]
) -> bool:
    """Store and send one call. True when it was refused whole and has to be split."""
    key = write_ahead.idempotency_key(context, tenant)
    changeset = ChangeSet(context, tenant, TASK)
    try:
        call, opened = await write_ahead.open_call(context, tenant, prepared, _intents(part), key)
    except Conflict:
        for one in part:
            ended = Transient(why=write_ahead.NOT_NOW)
            settle.settle(changeset, ContactEnd(loaded=one.loaded, outcome=ended))
        await changeset.commit()
        return False
    elements = [
        ContactElement(loaded=one.loaded, intent=intent)
        for one, intent in zip(part, opened, strict=True)
    ]
    try:
        found = await context.ledger.send_contacts(
            tenant,
            prepared,
            [one.write for one in part],
            idempotency_key=key,
            not_after=_not_after(context, part),
        )
    except Refused as error:
        if len(part) > 1:
            changeset.ends.extend((element.intent.id, IntentEnd.REFUSED) for element in elements)
            changeset.calls.append(call.id)
            await changeset.commit()
            return True
        messages = (error.detail or wording.in_words(error),)
        alone = ElementRefused(messages=messages, is_whole=True)
        namesakes = await _namesakes(context, tenant, part, [alone])
        answers.refused(changeset, call, elements[0], alone, namesakes)
    except (NotSent, Throttled, Unauthorised) as error:
        answers.unsent(changeset, elements, write_ahead.outcome_of_failed_send(error))
    except (OutcomeUnknown, ServerTrouble, Garbled) as error:
        changeset.extra.append(calls.last_byte_left(call.id, context.now()))
        for element in elements:
            answers.uncertain(changeset, element, wording.in_words(error))
    else:
        namesakes = await _namesakes(context, tenant, part, found)
        answered = list(zip(elements, found, strict=True))
        answers.take(changeset, call, answered, namesakes)
    changeset.calls.append(call.id)
    await changeset.commit()
    return False


def _not_after(context: SyncContext, part: Sequence[ChosenContact]) -> datetime | None:
    """A change rests on a read, which grows old; a create overwrites nothing."""
    read_at = [one.read_at for one in part if one.read_at is not None]
    if not read_at:
        return None
    return min(read_at) + timedelta(seconds=context.limits.live_max_age_s)


async def _namesakes(
    context: SyncContext,
    tenant: TenantId,
    part: Sequence[ChosenContact],
    found: Sequence[ContactAnswer],
) -> tuple[LiveContact, ...]:
    """Who has what was refused to contacts of ours; what cannot be read is not shown."""
    refused = [
        one.write
        for one, answer in zip(part, found, strict=True)
        if isinstance(answer, ElementRefused)
        and one.write.xero_id is not None
        and outcome.meaning_of(answer.messages) in answers.TAKEN
    ]
    if not refused:
        return ()
    try:
        return (await probe_reads.who_has(context, tenant, refused)).rows
    except RemoteError:
        return ()


def _intents(part: Sequence[ChosenContact]) -> list[NewIntent]:
    return [
        NewIntent(
            kind=ChangeKind.CUSTOMER,
            key=one.loaded.job.key,
            element=index,
            step=StepKind.CREATE if one.write.xero_id is None else StepKind.UPDATE,
            version=one.loaded.desired.version if one.loaded.desired is not None else 0,
            body=ContactIntentBody(
                desired=one.loaded.desired.content if one.loaded.desired is not None else None,
                write=one.write,
                base_xero=one.before,
            ),
            xero_id=one.write.xero_id,
            was_uncertain=bool(one.loaded.given_up),
        )
        for index, one in enumerate(part)
    ]
