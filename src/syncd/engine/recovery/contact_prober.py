"""Settles uncertain contact writes by the same protocol as invoices."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.errors import Throttled, Unauthorised
from syncd.domain.ids import CallId, TenantId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.job import Job, Reason
from syncd.domain.model.probing import (
    Adopt,
    GiveUp,
    HoldForNumber,
    ProbeVerdict,
    ReplaySame,
    StayUncertain,
    WaitUntil,
)
from syncd.domain.model.probing import RecordApplied as Landed
from syncd.domain.rules.queue import uncertain_write
from syncd.domain.rules.queue.outcome import Deferred, Held, Uncertain
from syncd.engine.contacts import answers, loaded_customer, probe_reads, settle
from syncd.engine.contacts.answers import ContactElement
from syncd.engine.contacts.loaded_customer import LoadedCustomer
from syncd.engine.contacts.settle import ContactEnd
from syncd.engine.core import call_splitting, tenant_mode, write_ahead
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.core.probe_reads import OpenCalls, ProbeRead, ProbeReads, as_sibling
from syncd.engine.recovery import open_calls, resend
from syncd.store.intents import Intent, IntentEnd

TASK = "probe"


async def probe(context: SyncContext, tenant: TenantId, claimed: Sequence[Job]) -> None:
    """Look at these customers' uncertain writes and settle what the look settles."""
    changeset = ChangeSet(context, tenant, TASK)
    loaded = await loaded_customer.load(context, tenant, claimed)
    uncertain: list[tuple[LoadedCustomer, Intent]] = []
    for one in loaded:
        if one.open_intent is None:
            settle.settle(changeset, ContactEnd(loaded=one, outcome=Deferred(retry_after_s=0.0)))
        else:
            uncertain.append((one, one.open_intent))
    opened = await open_calls.load(context, [one for _, one in uncertain])
    due = _due(changeset, uncertain, opened)
    reads = await _read(context, tenant, due, opened)
    repeated: dict[CallId, list[ContactElement]] = {}
    is_still = await tenant_mode.is_still(context, tenant)
    for one, open_intent in due:
        verdict = _verdict(context, open_intent, reads, opened, is_still=is_still)
        element = ContactElement(loaded=one, intent=open_intent)
        if isinstance(verdict, ReplaySame):
            repeated.setdefault(open_intent.call, []).append(element)
        else:
            _act(changeset, element, reads.of(open_intent), verdict)
    await changeset.commit()
    for call_id, elements in repeated.items():
        await resend.contacts(
            context, tenant, opened.calls[call_id], opened.elements[call_id], elements
        )
    if isinstance(reads.failed, Throttled | Unauthorised):
        raise reads.failed


def _due(
    changeset: ChangeSet, uncertain: Sequence[tuple[LoadedCustomer, Intent]], opened: OpenCalls
) -> list[tuple[LoadedCustomer, Intent]]:
    due: list[tuple[LoadedCustomer, Intent]] = []
    for one, open_intent in uncertain:
        move = uncertain_write.next_move(
            changeset.context.now(),
            write_ahead.intent_record(open_intent),
            write_ahead.call_record(opened.calls[open_intent.call], open_intent),
            write_ahead.probe_limits(changeset.context),
        )
        if isinstance(move, WaitUntil):
            end = ContactEnd(loaded=one, outcome=Uncertain(why=""), probe_at=move.at)
            settle.settle(changeset, end)
        else:
            due.append((one, open_intent))
    return due


async def _read(
    context: SyncContext,
    tenant: TenantId,
    due: Sequence[tuple[LoadedCustomer, Intent]],
    opened: OpenCalls,
) -> ProbeReads[LiveContact]:
    if not due:
        return ProbeReads(read_at=context.now())
    elements = [
        one
        for call_id in sorted({open_intent.call for _, open_intent in due})
        for one in opened.elements[call_id]
    ]
    return await probe_reads.read(context, tenant, elements)


def _verdict(
    context: SyncContext,
    one: Intent,
    reads: ProbeReads[LiveContact],
    opened: OpenCalls,
    *,
    is_still: bool,
) -> ProbeVerdict:
    return uncertain_write.after_probe(
        context.now(),
        write_ahead.intent_record(one),
        write_ahead.call_record(opened.calls[one.call], one),
        reads.of(one).result,
        siblings=[as_sibling(reads.of(each).result) for each in opened.siblings(one)],
        limits=write_ahead.probe_limits(context),
        is_still=is_still,
    )


def _taken(verdict: HoldForNumber, read: ProbeRead[LiveContact]) -> Held:
    """Another contact has its name or number, or had it when Xero refused."""
    if read.live is None:
        text = "Xero says that another contact has its name or number, but shows none that does."
        return Held(reason=Reason.CONTACT_NAME_TAKEN, text=text)
    return Held(reason=Reason.CONTACT_NAME_TAKEN, text=verdict.text, in_the_way=(read.live.id,))


def _act(
    changeset: ChangeSet,
    element: ContactElement,
    read: ProbeRead[LiveContact],
    verdict: ProbeVerdict,
) -> None:
    loaded, one = element.loaded, element.intent
    changeset.calls.append(one.call)
    match verdict:
        case Landed() | Adopt():
            assert read.live is not None, "only a found contact has landed"
            answers.applied(changeset, element, read.live, is_found=True)
        case StayUncertain():
            changeset.looks.append((one.id, verdict.clean_looks, verdict.look_at))
            end = ContactEnd(loaded=loaded, outcome=Uncertain(why=""), probe_at=verdict.look_at)
            settle.settle(changeset, end)
        case GiveUp():
            changeset.ends.append((one.id, IntentEnd.ABANDONED))
            ended = call_splitting.ended(changeset.context, one, loaded.given_up, "customer")
            settle.settle(changeset, ContactEnd(loaded=loaded, outcome=ended))
        case HoldForNumber():
            changeset.ends.append((one.id, IntentEnd.REFUSED))
            held = _taken(verdict, read)
            settle.settle(changeset, ContactEnd(loaded=loaded, outcome=held))
        case ReplaySame():
            raise AssertionError("a repeat is sent by the round")
