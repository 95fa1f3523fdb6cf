"""Looks for writes of unknown outcome: records, repeats the same bytes, gives up, or waits.

The protocol is `rules.queue.uncertain_write`. A call is looked at as a whole, since its elements
were sent together and may be repeated only together.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.errors import Throttled, Unauthorised
from syncd.domain.ids import CallId, TenantId
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import Job
from syncd.domain.model.probing import (
    Adopt,
    GiveUp,
    HoldForNumber,
    ProbeByNumber,
    ProbeVerdict,
    ReplaySame,
    StayUncertain,
    WaitUntil,
)
from syncd.domain.model.probing import RecordApplied as Landed
from syncd.domain.rules.queue import uncertain_write
from syncd.domain.rules.queue.outcome import Deferred, LookAt
from syncd.domain.rules.text import wording
from syncd.engine.core import tenant_mode
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.writes import call_splitting, open_calls, resend, write_ahead
from syncd.engine.writes.kind import D, Element, Kind, L, S, W
from syncd.engine.writes.probe_reads import OpenCalls, ProbeRead, ProbeReads, as_sibling
from syncd.store import desired
from syncd.store.intents import Intent, IntentEnd

TASK = "probe"


async def probe(
    kind: Kind[L, W, D, S], context: SyncContext, tenant: TenantId, claimed: Sequence[Job]
) -> None:
    """Look at these jobs' uncertain writes and settle what the look settles."""
    changeset = ChangeSet(context, tenant, TASK)
    uncertain: list[tuple[L, Intent]] = []
    loaded = await kind.load(context, tenant, claimed)
    opened = await open_calls.load(kind, context, [one.open_intent for one in loaded])
    for one in loaded:
        open_intent = opened.still(one.open_intent)
        if open_intent is None:
            # Settled meanwhile: the next round reads both sides and decides anew.
            kind.settle(changeset, one, Deferred(retry_after_s=0.0))
        else:
            uncertain.append((one, open_intent))
    due, moves = _due(kind, changeset, uncertain, opened)
    reads = await _read(kind, changeset, due, moves, opened)
    changeset.read_at = reads.read_at
    repeated: dict[CallId, list[Element[L, D]]] = {}
    is_still = await tenant_mode.is_still(context, tenant)
    sent = [one for _, open_intent in due for one in opened.elements[open_intent.call]]
    unwanted = await _unwanted(kind, context, tenant, sent)
    seen = await kind.holders(context, tenant, [reads.of(open_intent) for _, open_intent in due])
    for one, open_intent in due:
        read = reads.of(open_intent)
        is_kept = is_still or open_intent.call in unwanted
        verdict = _verdict(context, open_intent, reads, opened, is_still=is_kept)
        element = Element(loaded=one, intent=open_intent, read=read.live)
        if isinstance(verdict, ReplaySame):
            repeated.setdefault(open_intent.call, []).append(element)
        else:
            _act(kind, changeset, element, read, verdict=verdict, seen=seen)
    await changeset.commit()
    stopped = reads.failed if isinstance(reads.failed, Throttled | Unauthorised) else None
    left: list[Element[L, D]] = []
    for call_id, elements in repeated.items():
        if stopped is not None:
            left += elements
            continue
        stopped = await resend.resend(
            kind,
            context,
            tenant,
            opened.calls[call_id],
            sent=opened.elements[call_id],
            waiting=elements,
            read_at=reads.read_at,
        )
    if stopped is not None:
        await resend.put_back(kind, context, tenant, left, wording.in_words(stopped))
        raise stopped


async def _unwanted(
    kind: Kind[L, W, D, S], context: SyncContext, tenant: TenantId, sent: Sequence[Intent]
) -> frozenset[CallId]:
    """The calls of these elements that withdraw what Pipeline has brought back since."""
    withdrawn = [one for one in sent if kind.withdraws(one)]
    if not withdrawn:
        return frozenset()
    keys = sorted({one.key for one in withdrawn})
    living = set(await context.store.fetch(desired.living(tenant, kind.change, keys)))
    return frozenset(one.call for one in withdrawn if one.key in living)


def _due(
    kind: Kind[L, W, D, S],
    changeset: ChangeSet,
    uncertain: Sequence[tuple[L, Intent]],
    opened: OpenCalls,
) -> tuple[list[tuple[L, Intent]], list[ProbeByNumber]]:
    """Those whose look is due, and where creates are sought; the others wait on."""
    due: list[tuple[L, Intent]] = []
    moves: list[ProbeByNumber] = []
    for one, open_intent in uncertain:
        move = uncertain_write.next_move(
            changeset.context.now(),
            write_ahead.intent_record(open_intent),
            write_ahead.call_record(opened.calls[open_intent.call], open_intent),
            write_ahead.probe_limits(changeset.context),
            number_now=kind.number_now(one),
        )
        if isinstance(move, WaitUntil):
            if open_intent.look_at is not None and move.at < open_intent.look_at:
                # Bounded, for a clock was set back; kept, or it would be bounded anew each time.
                changeset.looks.append((open_intent.id, open_intent.clean_looks, move.at))
            kind.settle(changeset, one, LookAt(at=move.at, why="An outcome is unknown."))
            continue
        if isinstance(move, ProbeByNumber):
            moves.append(move)
        due.append((one, open_intent))
    return due, moves


async def _read(
    kind: Kind[L, W, D, S],
    changeset: ChangeSet,
    due: Sequence[tuple[L, Intent]],
    moves: Sequence[ProbeByNumber],
    opened: OpenCalls,
) -> ProbeReads[D]:
    """One look at every element of the calls that are due."""
    if not due:
        return ProbeReads(read_at=changeset.context.now())
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
    return await kind.read(changeset.context, changeset.tenant, elements, [*moves, *siblings])


def _verdict(
    context: SyncContext,
    one: Intent,
    reads: ProbeReads[D],
    opened: OpenCalls,
    *,
    is_still: bool,
) -> ProbeVerdict:
    return uncertain_write.after_probe(
        context.now(),
        write_ahead.intent_record(one),
        write_ahead.call_record(opened.calls[one.call], one),
        reads.of(one).result,
        siblings=[as_sibling(each, reads.of(each).result) for each in opened.siblings(one)],
        limits=write_ahead.probe_limits(context),
        is_still=is_still,
    )


def _act(
    kind: Kind[L, W, D, S],
    changeset: ChangeSet,
    element: Element[L, D],
    read: ProbeRead[D],
    *,
    verdict: ProbeVerdict,
    seen: S,
) -> None:
    """Everything but a repeat."""
    loaded, one = element.loaded, element.intent
    changeset.calls.append(one.call)
    match verdict:
        case Landed():
            assert read.live is not None, "only a found document has landed"
            changeset.ends.append((one, IntentEnd.APPLIED))
            kind.found(changeset, element, read.live)
        case Adopt():
            assert read.live is not None, "only a found document is adopted"
            changeset.ends.append((one, IntentEnd.APPLIED))
            kind.adopted(changeset, element, read.live)
        case StayUncertain():
            changeset.looks.append((one.id, verdict.clean_looks, verdict.look_at))
            why = "Xero has not shown yet whether it took the write."
            kind.settle(changeset, loaded, LookAt(at=verdict.look_at, why=why))
        case GiveUp():
            changeset.ends.append((one, IntentEnd.ABANDONED))
            ended = call_splitting.ended(changeset.context, one, loaded.earlier, str(kind.change))
            kind.given_up(changeset, loaded, ended)
        case HoldForNumber():
            changeset.ends.append((one, IntentEnd.REFUSED))
            kind.taken(changeset, element, verdict, seen)
        case ReplaySame():
            raise AssertionError("a repeat is sent by the round")
