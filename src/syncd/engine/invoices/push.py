"""Delivers a batch of invoices: read, decide, store intents and call, send, settle.

The one door outward for invoices. Called by the worker with leased jobs; every one of them is
settled when `push` returns, whatever happened on the way.
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
    RemoteError,
    ServerTrouble,
    Throttled,
    Unauthorised,
)
from syncd.domain.facts import ReadToWriteMeasured
from syncd.domain.ids import TenantId, XeroInvoiceId
from syncd.domain.model.finding import Found
from syncd.domain.model.invoice import LiveInvoice, StepKind
from syncd.domain.model.job import Job
from syncd.domain.rules.decide import preflight
from syncd.domain.rules.decide.situation import LiveState, live_side
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.queue.outcome import Transient, Uncertain
from syncd.domain.rules.text import wording
from syncd.engine.core import (
    call_splitting,
    organisation_settings,
    reread,
    unreadable_rows,
    write_ahead,
)
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.invoices import (
    answers,
    brake,
    contact_merges,
    decide,
    loaded_invoice,
    number_holders,
    settle,
)
from syncd.engine.invoices.answers import Element
from syncd.engine.invoices.decide import Chosen, Decision, Settled
from syncd.engine.invoices.decision_input import RoundSettings
from syncd.engine.invoices.loaded_invoice import LoadedInvoice, RemoteRead
from syncd.engine.invoices.settle import End
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger import ElementRefused, InvoiceAnswer, PreparedCall
from syncd.ports.rows import Rows, Unread
from syncd.store import calls
from syncd.store.calls import Call
from syncd.store.intents import IntentEnd, NewIntent

TASK = "push_invoices"


async def push(context: SyncContext, tenant: TenantId, jobs: Sequence[Job]) -> None:
    """Bring these invoices to Xero, or say of each why not yet."""
    changeset = ChangeSet(context, tenant, TASK)
    loaded = await loaded_invoice.load(context, tenant, jobs)
    if await reread.invoices(context, tenant, [one.desired for one in loaded]):
        loaded = await loaded_invoice.load(context, tenant, jobs)
    try:
        chosen = await _decide(changeset, loaded)
    except RemoteError as error:
        ended = write_ahead.outcome_of_failed_send(error)
        for one in loaded:
            settle.settle(changeset, End(loaded=one, outcome=ended))
        await changeset.commit()
        if isinstance(error, Unauthorised | Throttled):
            raise
        return
    await changeset.commit()
    creates = [one for one in chosen if one.write.step is StepKind.CREATE]
    changes = [one for one in chosen if one.write.step is not StepKind.CREATE]
    # Changes first: one of them may give up a number that a create, or the next of them, has got.
    await send(context, tenant, changes)
    await send(context, tenant, creates)


async def _decide(changeset: ChangeSet, loaded: Sequence[LoadedInvoice]) -> list[Chosen]:
    """Settle in the change set what needs no write; answer what does, in order."""
    context, tenant = changeset.context, changeset.tenant
    round_settings = RoundSettings(
        policy=context.policies[tenant],
        settings=await organisation_settings.current(context, tenant),
        installation=context.installation,
    )
    ready = [one for one in loaded if one.open_intent is None]
    for one in loaded:
        if one.open_intent is not None:
            why = "An earlier write has no certain outcome yet."
            settle.settle(changeset, End(loaded=one, outcome=Uncertain(why=why)))
    sights = await look(context, tenant, ready)
    changeset.findings.extend(_unread(ready, sights))
    ready = [*await contact_merges.followed(changeset, ready, sights)]
    changeset.read_at = min((one.read_at for one in sights if one.read_at), default=None)
    decisions = [
        decide.decide(one, remote, round_settings)
        for one, remote in zip(ready, sights, strict=True)
    ]
    if _needs_fresh_settings(context, decisions, round_settings):
        # A no that rests on old settings is confirmed by one read before anyone is told.
        settings = await organisation_settings.read(context, tenant)
        fresh = RoundSettings(
            policy=round_settings.policy,
            settings=settings,
            installation=round_settings.installation,
        )
        decisions = [
            decide.decide(one, remote, fresh) for one, remote in zip(ready, sights, strict=True)
        ]
    decisions = await number_holders.named(context, tenant, decisions)
    await contact_merges.waited_for(changeset, decisions)
    admitted = await brake.held_back(changeset, sights, decisions)
    for decided in admitted:
        if isinstance(decided, Settled):
            settle.settle(changeset, end_of(decided))
    return [one for one in admitted if isinstance(one, Chosen)]


def _needs_fresh_settings(
    context: SyncContext, decisions: Sequence[Decision], round_settings: RoundSettings
) -> bool:
    objections = [each for one in decisions if isinstance(one, Settled) for each in one.objections]
    return preflight.needs_fresh_settings(
        objections,
        round_settings.settings.read_at,
        context.now(),
        context.limits.settings_max_age_s,
    )


def end_of(one: Settled) -> End:
    """What is to be stored for a decision without a write."""
    return End(
        loaded=one.loaded,
        outcome=one.outcome,
        text=one.text,
        reason=one.reason,
        live=one.live,
        base=one.base,
        is_voided=one.is_voided,
        in_sync=one.in_sync,
        accepted=one.accepted,
        differences=one.differences,
    )


async def look(
    context: SyncContext, tenant: TenantId, loaded: Sequence[LoadedInvoice]
) -> list[RemoteRead]:
    """Read Xero's side where a decision needs it: linked ones by id, doubtful ones by number.

    With neither base nor intent live counts as absent: the PUT, which cannot overwrite, is the
    look. Raises RemoteError; a read that failed is never "not found".
    """
    ids = [XeroInvoiceId(one.link.xero_id) for one in loaded if one.link is not None]
    numbers = {
        one.desired.label
        for one in loaded
        if one.link is None and one.earlier and one.desired is not None and one.desired.label
    }
    read_at = context.now()
    by_id, named = Rows[LiveInvoice](), Rows[LiveInvoice]()
    if ids:
        by_id = await context.ledger.invoices_by_id(tenant, ids, lane=Lane.WRITE)
    if numbers:
        named = await context.ledger.invoices_by_number(tenant, sorted(numbers), lane=Lane.WRITE)
    by_number = {live.number: live for live in named}
    sights = []
    for one in loaded:
        if one.link is not None:
            live = by_id.get(one.link.xero_id)
            problem = "" if live is not None else by_id.may_hide(one.link.xero_id)
            is_early = live is None and write_ahead.was_agreed_lately(context, one.link)
        elif one.earlier and one.desired is not None:
            live = by_number.get(one.desired.label)
            problem = "" if live is not None else named.may_hide(one.desired.label, one.id)
            is_early = False
        else:
            sights.append(RemoteRead(side=LiveState.ABSENT))
            continue
        side = LiveState.UNREAD if problem or is_early else live_side(live)
        sights.append(RemoteRead(side=side, live=live, read_at=read_at, problem=problem))
    return sights


def _unread(loaded: Sequence[LoadedInvoice], sights: Sequence[RemoteRead]) -> list[Found]:
    """Findings of documents that are there and cannot be read."""
    return unreadable_rows.found(
        Unread(
            id="" if one.link is None else one.link.xero_id,
            label="" if one.desired is None else one.desired.label,
            problem=remote.problem,
        )
        for one, remote in zip(loaded, sights, strict=True)
        if remote.problem
    )


async def send(context: SyncContext, tenant: TenantId, chosen: Sequence[Chosen]) -> None:
    """Send writes of one kind; a whole refusal is split in halves until the culprit is alone.

    What was given up together goes in parts.
    """
    waiting = call_splitting.apart(chosen, lambda one: call_splitting.given_up(one.loaded.earlier))
    while waiting:
        batch = waiting.pop(0)
        prepared = context.ledger.prepare_invoices([one.write for one in batch])
        start = 0
        for call in prepared:
            part = batch[start : start + call.elements]
            start += call.elements
            if await _send_call(context, tenant, call, part):
                half = len(part) // 2
                waiting = [part[:half], part[half:], *waiting]


async def _send_call(
    context: SyncContext, tenant: TenantId, prepared: PreparedCall, part: Sequence[Chosen]
) -> bool:
    """Store and send one call. True when it was refused whole and has to be split."""
    key = write_ahead.idempotency_key(context, tenant)
    changeset = ChangeSet(context, tenant, TASK)
    try:
        call, opened = await write_ahead.open_call(context, tenant, prepared, _intents(part), key)
    except Conflict:
        # Somebody opened an intent for one of them since we read: look again, nothing was sent.
        for one in part:
            end = End(loaded=one.loaded, outcome=Transient(why=write_ahead.NOT_NOW))
            settle.settle(changeset, end)
        await changeset.commit()
        return False
    elements = [
        Element(loaded=one.loaded, intent=intent, read=one.live)
        for one, intent in zip(part, opened, strict=True)
    ]
    changeset.read_at = min((one.read_at for one in part if one.read_at), default=None)
    oldest = _oldest_read(context, part, opened[0].opened_at)
    try:
        found = await context.ledger.send_invoices(
            tenant,
            prepared,
            [one.write for one in part],
            idempotency_key=key,
            not_after=oldest,
        )
    except Refused as error:
        if len(part) > 1:
            changeset.ends.extend((element.intent.id, IntentEnd.REFUSED) for element in elements)
            changeset.calls.append(call.id)
            await changeset.commit()
            return True
        messages = (error.detail or wording.in_words(error),)
        alone = ElementRefused(messages=messages, is_whole=True)
        await _take(changeset, call, [(elements[0], alone)])
    except (NotSent, Throttled, Unauthorised) as error:
        answers.unsent(changeset, elements, write_ahead.outcome_of_failed_send(error))
    except (OutcomeUnknown, ServerTrouble, Garbled) as error:
        changeset.extra.append(calls.last_byte_left(call.id, context.now()))
        for element in elements:
            answers.uncertain(changeset, element, wording.in_words(error))
    else:
        _measure(context, tenant, part)
        await _take(changeset, call, list(zip(elements, found, strict=True)))
    await changeset.commit()
    return False


async def _take(
    changeset: ChangeSet, call: Call, answered: Sequence[tuple[Element, InvoiceAnswer]]
) -> None:
    """Add the answers to the change set, once it is known who has the numbers that were refused."""
    refused = answers.numbers_refused(answered)
    holders = await number_holders.look(changeset.context, changeset.tenant, refused)
    answers.take(changeset, call, answered, holders)


def _intents(part: Sequence[Chosen]) -> list[NewIntent]:
    return [
        NewIntent(
            kind=ChangeKind.INVOICE,
            key=one.loaded.job.key,
            element=index,
            step=one.write.step,
            version=one.loaded.version,
            body=one.body,
            xero_id=one.write.xero_id,
            was_uncertain=_was_uncertain(one),
        )
        for index, one in enumerate(part)
    ]


def _was_uncertain(one: Chosen) -> bool:
    """An earlier call of this same write was given up, and none since was surely refused.

    A refusal ends only when nothing sent before it can take effect any more.
    """
    ends = [each.end for each in one.loaded.earlier if each.step is one.write.step]
    certain = [end for end in ends if end in (IntentEnd.REFUSED, IntentEnd.ABANDONED)]
    return bool(certain) and certain[-1] is IntentEnd.ABANDONED


def _oldest_read(
    context: SyncContext, part: Sequence[Chosen], sent_at: datetime
) -> datetime | None:
    """When the writes grow too old: `live_max_age_s` after the read they rest on."""
    if all(one.live is None for one in part):
        return None
    read_at = min((one.read_at or sent_at) for one in part)
    return read_at + timedelta(seconds=context.limits.live_max_age_s)


def _measure(context: SyncContext, tenant: TenantId, part: Sequence[Chosen]) -> None:
    reads = [one.read_at for one in part if one.live is not None and one.read_at is not None]
    if reads:
        elapsed_s = (context.now() - min(reads)).total_seconds()
        context.observe(ReadToWriteMeasured(tenant=tenant, elapsed_s=elapsed_s))
