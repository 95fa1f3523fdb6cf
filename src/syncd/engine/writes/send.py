"""Sends writes of one kind: stores intents and call, sends, takes the answer; halves a refused one.

One call after another. A call that was refused whole is split until the culprit is alone; what was
given up together goes in parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from syncd.domain.errors import (
    Conflict,
    Garbled,
    NotSent,
    OutcomeUnknown,
    Refused,
    ServerTrouble,
    Throttled,
    Unauthorised,
)
from syncd.domain.facts import ReadToWriteMeasured
from syncd.domain.ids import TenantId
from syncd.domain.rules.queue.outcome import Transient
from syncd.domain.rules.text import wording
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.writes import answers, call_splitting, write_ahead
from syncd.engine.writes.kind import ChosenWrite, D, Element, Kind, L, S, W
from syncd.ports.ledger import ElementRefused, PreparedCall
from syncd.store import calls
from syncd.store.intents import IntentEnd, NewIntent


async def send(
    kind: Kind[L, W, D, S],
    context: SyncContext,
    tenant: TenantId,
    chosen: Sequence[ChosenWrite[L, W, D]],
) -> None:
    """Send creates, or changes; each is settled, or open in the store, when this returns."""
    waiting = call_splitting.apart(chosen, lambda one: call_splitting.given_up(one.loaded.earlier))
    while waiting:
        batch = waiting.pop(0)
        start = 0
        for call in kind.prepare(context.ledger, [one.write for one in batch]):
            part = batch[start : start + call.elements]
            start += call.elements
            if await _send_call(kind, context, tenant, call, part):
                half = len(part) // 2
                waiting = [part[:half], part[half:], *waiting]


async def _send_call(
    kind: Kind[L, W, D, S],
    context: SyncContext,
    tenant: TenantId,
    prepared: PreparedCall,
    part: Sequence[ChosenWrite[L, W, D]],
) -> bool:
    """Store and send one call. True when it was refused whole and has to be split."""
    key = write_ahead.idempotency_key(context, tenant)
    changeset = ChangeSet(context, tenant, kind.task)
    try:
        call, opened = await write_ahead.open_call(
            context,
            tenant,
            prepared,
            _intents(kind, part),
            key,
            claims=[one.loaded.job for one in part],
        )
    except Conflict:
        # Somebody opened an intent for one of them, or claimed it, since we read: nothing was sent.
        for one in part:
            kind.settle(changeset, one.loaded, Transient(why=write_ahead.NOT_NOW))
        await changeset.commit()
        return False
    elements = [
        Element(loaded=one.loaded, intent=intent, read=one.live)
        for one, intent in zip(part, opened, strict=True)
    ]
    reads = [one.read_at or call.opened_at for one in part if one.live is not None]
    changeset.read_at = min((one.read_at for one in part if one.read_at), default=None)
    try:
        found = await kind.sender(context.ledger)(
            tenant,
            prepared,
            [one.write for one in part],
            idempotency_key=key,
            not_after=_not_after(context, reads),
        )
    except Refused as error:
        if len(part) > 1:
            changeset.ends.extend((element.intent, IntentEnd.REFUSED) for element in elements)
            changeset.calls.append(call.id)
            await changeset.commit()
            return True
        messages = (error.detail or wording.in_words(error),)
        alone = ElementRefused(messages=messages, is_whole=True)
        await answers.take(kind, changeset, call, [(elements[0], alone)])
    except (NotSent, Throttled, Unauthorised) as error:
        answers.unsent(kind, changeset, elements, write_ahead.outcome_of_failed_send(error))
    except (OutcomeUnknown, ServerTrouble, Garbled) as error:
        changeset.extra.append(calls.last_byte_left(call.id, context.now()))
        answers.uncertain(kind, changeset, elements, wording.in_words(error))
    else:
        if reads:
            elapsed_s = (context.now() - min(reads)).total_seconds()
            context.observe(ReadToWriteMeasured(tenant=tenant, elapsed_s=elapsed_s))
        await answers.take(kind, changeset, call, list(zip(elements, found, strict=True)))
    await changeset.commit()
    return False


def _not_after(context: SyncContext, reads: Sequence[datetime]) -> datetime | None:
    """When the writes grow too old: a change rests on a read; a create overwrites nothing."""
    if not reads:
        return None
    return min(reads) + timedelta(seconds=context.limits.live_max_age_s)


def _intents(kind: Kind[L, W, D, S], part: Sequence[ChosenWrite[L, W, D]]) -> list[NewIntent]:
    return [
        NewIntent(
            kind=kind.change,
            key=one.loaded.job.key,
            element=index,
            step=one.step,
            version=one.loaded.version,
            body=one.body,
            xero_id=one.xero_id,
            was_uncertain=_was_uncertain(one),
        )
        for index, one in enumerate(part)
    ]


def _was_uncertain(one: ChosenWrite[L, W, D]) -> bool:
    """An earlier call of this same write was given up, and none since was surely refused.

    A refusal ends only when nothing sent before it can take effect any more.
    """
    ends = [each.end for each in one.loaded.earlier if each.step is one.step]
    certain = [end for end in ends if end in (IntentEnd.REFUSED, IntentEnd.ABANDONED)]
    return bool(certain) and certain[-1] is IntentEnd.ABANDONED
