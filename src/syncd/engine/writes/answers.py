"""Interprets the answer to each document written: recorded, refused, or unknown until probed.

Called after a first send and after a repeated one.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.model.probing import Definite, ProbeNow, StayUncertain
from syncd.domain.rules.queue import outcome, uncertain_write
from syncd.domain.rules.queue.outcome import LookAt, Outcome, Uncertain
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.writes import write_ahead
from syncd.engine.writes.kind import Answer, D, Element, Kind, L, Refusal, S, W
from syncd.ports.ledger import ElementRefused, ElementUnclear
from syncd.store.calls import Call
from syncd.store.intents import IntentEnd


async def take(
    kind: Kind[L, W, D, S],
    changeset: ChangeSet,
    call: Call,
    answered: Sequence[tuple[Element[L, D], Answer[D]]],
) -> None:
    """Add every element's answer to the change set."""
    refused: list[Refusal[L, D]] = []
    for element, answer in answered:
        match answer:
            case ElementRefused():
                if _is_sure(kind, changeset, call, element, answer):
                    refused.append((element, answer))
            case ElementUnclear():
                uncertain(kind, changeset, [element], answer.why)
            case _:
                changeset.ends.append((element.intent, IntentEnd.APPLIED))
                kind.applied(changeset, element, answer.live)
    if refused:
        seen = await kind.in_the_way(changeset.context, changeset.tenant, refused)
        for element, answer in refused:
            changeset.ends.append((element.intent, IntentEnd.REFUSED))
            kind.refused(changeset, element, answer, seen)
    changeset.calls.append(call.id)


def uncertain(
    kind: Kind[L, W, D, S], changeset: ChangeSet, elements: Sequence[Element[L, D]], why: str
) -> None:
    """Nobody can say: the intents stay open and the prober looks."""
    for element in elements:
        kind.settle(changeset, element.loaded, Uncertain(why=why))


def unsent(
    kind: Kind[L, W, D, S],
    changeset: ChangeSet,
    elements: Sequence[Element[L, D]],
    ended: Outcome,
) -> None:
    """Surely no byte was accepted: the intents close and the jobs come back."""
    for element in elements:
        changeset.ends.append((element.intent, IntentEnd.UNSENT))
        changeset.calls.append(element.intent.call)
        kind.settle(changeset, element.loaded, ended)


def _is_sure(
    kind: Kind[L, W, D, S],
    changeset: ChangeSet,
    call: Call,
    element: Element[L, D],
    answer: ElementRefused,
) -> bool:
    """Whether Xero surely refused it; a number that is taken may be this very write's, late."""
    one, now = element.intent, changeset.context.now()
    move = uncertain_write.after_refusal(
        now,
        write_ahead.intent_record(one),
        write_ahead.call_record(call, one),
        outcome.meaning_of(answer.messages),
        write_ahead.probe_limits(changeset.context),
    )
    match move:
        case Definite():
            return True
        case ProbeNow():
            changeset.not_unique.append(one.id)
            at = now
        case StayUncertain():
            changeset.looks.append((one.id, move.clean_looks, move.look_at))
            at = move.look_at
    kind.settle(changeset, element.loaded, LookAt(at=at, why="; ".join(answer.messages)))
    return False
