"""Settles writes with an unknown outcome: probes, records, repeats the same bytes, or waits.

Called by the schedule for uncertain jobs; the protocol is `rules.queue.uncertain_write`. A call is
looked at as a whole, since its elements were sent together and may be repeated only together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from syncd.domain.errors import Throttled, Unauthorised
from syncd.domain.ids import CallId, TenantId
from syncd.domain.model.invoice import LiveInvoice, StepKind
from syncd.domain.model.job import Job, JobKind
from syncd.domain.model.probing import (
    Adopt,
    FoundUnmanaged,
    GiveUp,
    HoldForNumber,
    ProbeByNumber,
    ProbeVerdict,
    ReplaySame,
    StayUncertain,
    WaitUntil,
)
from syncd.domain.model.probing import RecordApplied as Landed
from syncd.domain.rules.compare import snapshots
from syncd.domain.rules.decide import bases
from syncd.domain.rules.journal.transitions import Proof
from syncd.domain.rules.queue import uncertain_write
from syncd.domain.rules.queue.outcome import Deferred, NothingToDo
from syncd.engine.core import call_splitting, tenant_mode, write_ahead
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import Gate, SyncContext
from syncd.engine.core.probe_reads import OpenCalls, ProbeRead, ProbeReads, as_sibling
from syncd.engine.invoices import answers, loaded_invoice, number_holders, probe_reads, settle
from syncd.engine.invoices.answers import Element
from syncd.engine.invoices.loaded_invoice import LoadedInvoice
from syncd.engine.invoices.number_holders import Holders
from syncd.engine.invoices.settle import End
from syncd.engine.recovery import contact_prober, open_calls, resend
from syncd.store import jobs
from syncd.store.intents import Intent, IntentEnd

TASK = "probe"
LEAST_REST_S = 0.05


async def probe_once(context: SyncContext, tenant: TenantId, *, is_open: Gate) -> float | None:
    """Look at what is due. Answers when the next look is due, None when nothing is uncertain."""
    if not is_open(tenant):
        return None
    (due,) = await context.store.fetch(jobs.next_due(tenant))
    if due.uncertain_at is None:
        return None
    now = context.now()
    if due.uncertain_at > now:  # a look costs no turn among the writers
        return max(LEAST_REST_S, (due.uncertain_at - now).total_seconds())
    claimed = await context.store.run(
        jobs.claim_uncertain(
            tenant,
            incarnation=context.incarnation,
            now=now,
            lease_until=now + timedelta(seconds=context.limits.lease_s),
            limit=context.limits.batch_size,
        )
    )
    if not claimed:
        return LEAST_REST_S
    invoices = [job for job in claimed if job.kind is JobKind.PUSH_INVOICE]
    customers = [job for job in claimed if job.kind is JobKind.PUSH_CUSTOMER]
    if customers:
        await contact_prober.probe(context, tenant, customers)
    if invoices:
        await _probe(context, tenant, invoices)
    return 0.0


async def _probe(context: SyncContext, tenant: TenantId, claimed: Sequence[Job]) -> None:
    changeset = ChangeSet(context, tenant, TASK)
    loaded = await loaded_invoice.load(context, tenant, claimed)
    uncertain: list[tuple[LoadedInvoice, Intent]] = []
    for one in loaded:
        if one.open_intent is None:
            # Settled meanwhile: the next round reads both sides and decides anew.
            settle.settle(changeset, End(loaded=one, outcome=Deferred(retry_after_s=0.0)))
        else:
            uncertain.append((one, one.open_intent))
    opened = await open_calls.load(context, [one for _, one in uncertain])
    due, moves = _due(changeset, uncertain, opened)
    reads = await _read(context, tenant, due, moves, opened)
    changeset.read_at = reads.read_at
    repeated: dict[CallId, list[Element]] = {}
    is_still = await tenant_mode.is_still(context, tenant)
    holders = await number_holders.of(context, tenant, _strangers(reads, due))
    for one, open_intent in due:
        read = reads.of(open_intent)
        verdict = _verdict(context, open_intent, reads, opened, is_still=is_still)
        element = Element(loaded=one, intent=open_intent, read=read.live)
        if isinstance(verdict, ReplaySame):
            repeated.setdefault(open_intent.call, []).append(element)
        else:
            _act(changeset, element, read, verdict, holders)
    await changeset.commit()
    for call_id, elements in repeated.items():
        await resend.invoices(
            context,
            tenant,
            opened.calls[call_id],
            opened.elements[call_id],
            elements,
            read_at=reads.read_at,
        )
    if isinstance(reads.failed, Throttled | Unauthorised):
        raise reads.failed


def _due(
    changeset: ChangeSet, uncertain: Sequence[tuple[LoadedInvoice, Intent]], opened: OpenCalls
) -> tuple[list[tuple[LoadedInvoice, Intent]], list[ProbeByNumber]]:
    """Those whose look is due, and where creates are sought; the others wait on."""
    due: list[tuple[LoadedInvoice, Intent]] = []
    moves: list[ProbeByNumber] = []
    for one, open_intent in uncertain:
        move = uncertain_write.next_move(
            changeset.context.now(),
            write_ahead.intent_record(open_intent),
            write_ahead.call_record(opened.calls[open_intent.call], open_intent),
            write_ahead.probe_limits(changeset.context),
            number_now=one.desired.label if one.desired is not None else None,
        )
        if isinstance(move, WaitUntil):
            end = End(loaded=one, outcome=None, text="An outcome is unknown.", probe_at=move.at)
            settle.settle(changeset, end)
            continue
        if isinstance(move, ProbeByNumber):
            moves.append(move)
        due.append((one, open_intent))
    return due, moves


async def _read(
    context: SyncContext,
    tenant: TenantId,
    due: Sequence[tuple[LoadedInvoice, Intent]],
    moves: Sequence[ProbeByNumber],
    opened: OpenCalls,
) -> ProbeReads[LiveInvoice]:
    """One look at every element of the calls that are due."""
    if not due:
        return ProbeReads(read_at=context.now())
    elements = [
        one
        for call_id in sorted({open_intent.call for _, open_intent in due})
        for one in opened.elements[call_id]
    ]
    siblings = [
        ProbeByNumber(numbers=(number,), since=moves[0].since)
        for one in elements
        if moves and one.step is StepKind.CREATE
        for number in [write_ahead.intent_record(one).number_sent]
        if number
    ]
    return await probe_reads.read(context, tenant, elements, [*moves, *siblings])


def _verdict(
    context: SyncContext,
    one: Intent,
    reads: ProbeReads[LiveInvoice],
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


def _strangers(
    reads: ProbeReads[LiveInvoice], due: Sequence[tuple[LoadedInvoice, Intent]]
) -> list[LiveInvoice]:
    """Documents that were seen with a number of ours, and are not ours to have it."""
    seen = [reads.of(open_intent) for _, open_intent in due]
    return [
        each.live
        for each in seen
        if isinstance(each.result, FoundUnmanaged) and each.live is not None
    ]


def _act(
    changeset: ChangeSet,
    element: Element,
    read: ProbeRead[LiveInvoice],
    verdict: ProbeVerdict,
    holders: Holders,
) -> None:
    """Everything but a repeat."""
    loaded, one = element.loaded, element.intent
    changeset.calls.append(one.call)
    match verdict:
        case Landed():
            _landed(changeset, element, read.live)
        case Adopt():
            assert read.live is not None, "only a found document is adopted"
            _adopt(changeset, element, read.live)
        case StayUncertain():
            changeset.looks.append((one.id, verdict.clean_looks, verdict.look_at))
            text = "Xero has not shown yet whether it took the write."
            end = End(loaded=loaded, outcome=None, text=text, probe_at=verdict.look_at)
            settle.settle(changeset, end)
        case GiveUp():
            changeset.ends.append((one.id, IntentEnd.ABANDONED))
            ended = call_splitting.ended(changeset.context, one, loaded.earlier, "invoice")
            settle.settle(changeset, End(loaded=loaded, outcome=ended, proof=Proof.NOT_TAKEN))
        case HoldForNumber():
            changeset.ends.append((one.id, IntentEnd.REFUSED))
            refused = holders.refused(loaded, element.body.write.number or "")
            settle.settle(changeset, End(loaded=loaded, outcome=refused))
        case ReplaySame():
            raise AssertionError("a repeat is sent by the round")


def _landed(changeset: ChangeSet, element: Element, live: LiveInvoice | None) -> None:
    """It landed: recorded, never sent again."""
    if live is not None:
        answers.applied(changeset, element, live, proof=Proof.FOUND)
        return
    # A withdrawal whose document a good read by id does not know any more.
    changeset.ends.append((element.intent.id, IntentEnd.APPLIED))
    settle.settle(changeset, End(loaded=element.loaded, outcome=NothingToDo(), is_voided=True))


def _adopt(changeset: ChangeSet, element: Element, live: LiveInvoice) -> None:
    """The create landed and was edited since: what we sent becomes the base, then decide anew."""
    body = element.body
    assert body.desired is not None, "a create carries Pipeline's half"
    assert body.expected is not None, "a create carries what Xero should show"
    changeset.ends.append((element.intent.id, IntentEnd.APPLIED))
    base = bases.base_after_adoption(
        desired=body.desired,
        expected=body.expected,
        live=snapshots.of_xero(live),
        tolerance=changeset.context.policies[changeset.tenant].totals_tolerance,
        ties=body.ties,
        aliases=element.loaded.aliases,
    )
    end = End(
        loaded=element.loaded,
        outcome=Deferred(retry_after_s=0.0),
        live=live,
        base=base,
        proof=Proof.ADOPTED,
    )
    settle.settle(changeset, end)
