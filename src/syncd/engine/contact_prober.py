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
    NumberTaken,
    ReplaySame,
    StayUncertain,
    Verdict,
    WaitUntil,
)
from syncd.domain.model.probing import Record as Landed
from syncd.domain.rules import intent
from syncd.domain.rules.outcome import Deferred, Held, Uncertain
from syncd.engine import (
    contact_answers,
    contact_probes,
    contact_settling,
    customers,
    open_calls,
    paper,
    parts,
    replay,
    switches,
)
from syncd.engine.contact_answers import ContactElement
from syncd.engine.contact_settling import ContactEnd
from syncd.engine.customers import KnownCustomer
from syncd.engine.hall import Hall
from syncd.engine.probing import Look, Looks, OpenCalls, as_sibling
from syncd.engine.record import Record
from syncd.store.intents import Intent, IntentEnd

TASK = "probe"


async def probe(hall: Hall, tenant: TenantId, claimed: Sequence[Job]) -> None:
    """Look at these customers' uncertain writes and settle what the look settles."""
    record = Record(hall, tenant, TASK)
    known = await customers.load(hall, tenant, claimed)
    uncertain: list[tuple[KnownCustomer, Intent]] = []
    for one in known:
        if one.open_intent is None:
            contact_settling.settle(
                record, ContactEnd(known=one, outcome=Deferred(retry_after_s=0.0))
            )
        else:
            uncertain.append((one, one.open_intent))
    opened = await open_calls.load(hall, [one for _, one in uncertain])
    due = _due(record, uncertain, opened)
    looks = await _look(hall, tenant, due, opened)
    repeated: dict[CallId, list[ContactElement]] = {}
    is_still = await switches.is_still(hall, tenant)
    for one, open_intent in due:
        verdict = _verdict(hall, open_intent, looks, opened, is_still=is_still)
        element = ContactElement(known=one, intent=open_intent)
        if isinstance(verdict, ReplaySame):
            repeated.setdefault(open_intent.call, []).append(element)
        else:
            _act(record, element, looks.of(open_intent), verdict)
    await record.commit()
    for call_id, elements in repeated.items():
        await replay.contacts(
            hall, tenant, opened.calls[call_id], opened.elements[call_id], elements
        )
    if isinstance(looks.failed, Throttled | Unauthorised):
        raise looks.failed


def _due(
    record: Record, uncertain: Sequence[tuple[KnownCustomer, Intent]], opened: OpenCalls
) -> list[tuple[KnownCustomer, Intent]]:
    due: list[tuple[KnownCustomer, Intent]] = []
    for one, open_intent in uncertain:
        move = intent.next_move(
            record.hall.now(),
            paper.intent_record(open_intent),
            paper.call_record(opened.calls[open_intent.call], open_intent),
            paper.probe_limits(record.hall),
        )
        if isinstance(move, WaitUntil):
            end = ContactEnd(known=one, outcome=Uncertain(why=""), probe_at=move.at)
            contact_settling.settle(record, end)
        else:
            due.append((one, open_intent))
    return due


async def _look(
    hall: Hall,
    tenant: TenantId,
    due: Sequence[tuple[KnownCustomer, Intent]],
    opened: OpenCalls,
) -> Looks[LiveContact]:
    if not due:
        return Looks(looked_at=hall.now())
    elements = [
        one
        for call_id in sorted({open_intent.call for _, open_intent in due})
        for one in opened.elements[call_id]
    ]
    return await contact_probes.look(hall, tenant, elements)


def _verdict(
    hall: Hall, one: Intent, looks: Looks[LiveContact], opened: OpenCalls, *, is_still: bool
) -> Verdict:
    return intent.after_look(
        hall.now(),
        paper.intent_record(one),
        paper.call_record(opened.calls[one.call], one),
        looks.of(one).sight,
        siblings=[as_sibling(looks.of(each).sight) for each in opened.siblings(one)],
        limits=paper.probe_limits(hall),
        is_still=is_still,
    )


def _taken(verdict: NumberTaken, look: Look[LiveContact]) -> Held:
    """Another contact has its name or number, or had it when Xero refused."""
    if look.live is None:
        text = "Xero says that another contact has its name or number, but shows none that does."
        return Held(reason=Reason.CONTACT_NAME_TAKEN, text=text)
    return Held(reason=Reason.CONTACT_NAME_TAKEN, text=verdict.text, in_the_way=(look.live.id,))


def _act(
    record: Record, element: ContactElement, look: Look[LiveContact], verdict: Verdict
) -> None:
    known, one = element.known, element.intent
    record.calls.append(one.call)
    match verdict:
        case Landed() | Adopt():
            assert look.live is not None, "only a found contact has landed"
            contact_answers.applied(record, element, look.live, is_found=True)
        case StayUncertain():
            record.looks.append((one.id, verdict.clean_looks, verdict.look_at))
            end = ContactEnd(known=known, outcome=Uncertain(why=""), probe_at=verdict.look_at)
            contact_settling.settle(record, end)
        case GiveUp():
            record.ends.append((one.id, IntentEnd.ABANDONED))
            ended = parts.ended(record.hall, one, known.given_up, "customer")
            contact_settling.settle(record, ContactEnd(known=known, outcome=ended))
        case NumberTaken():
            record.ends.append((one.id, IntentEnd.REFUSED))
            held = _taken(verdict, look)
            contact_settling.settle(record, ContactEnd(known=known, outcome=held))
        case ReplaySame():
            raise AssertionError("a repeat is sent by the round")
