"""What becomes of a plan's item when it is applied: compared with what would be planned now.

Pure. Called by `applying`. An item is carried out only when both sides still show what the plan saw
and the same would follow from it; what was done already is said so, and all else is refused by what
has moved.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from enum import StrEnum

from syncd.domain.model.brake import Braked, BrakeStep
from syncd.domain.model.planned import PlanAction, PlanItem
from syncd.domain.model.value import Value, like
from syncd.domain.rules import plan_file


class PlanOutcome(StrEnum):
    """What became of an item."""

    APPLIED = "applied"
    """Linked, or handed to the worker."""
    ALREADY = "already_applied"
    REFUSED = "refused"


class ItemOutcome(Value, frozen=True, kw_only=True):
    """One item of the plan and what became of it; `why` says what moved, or what follows."""

    not_shown = ("name", "why")

    kind: str
    key: str
    name: str
    action: str
    outcome: PlanOutcome
    why: str = ""
    is_left_out: bool = False
    """Something would be written for it that the plan has not shown."""


_LINKS = (PlanAction.LINK, PlanAction.ADOPT, PlanAction.ADOPT_DIFFERING)
_NEXT = {
    PlanAction.LINK: "to be linked",
    PlanAction.ADOPT: "linked; nothing is written to it",
    PlanAction.ADOPT_DIFFERING: "linked as out of sync; nothing is written to it",
    PlanAction.CREATE: "to be created",
    PlanAction.UPDATE: "to be updated",
    PlanAction.VOID: "to be withdrawn",
}


def outcome_of(
    item: PlanItem, now: PlanItem | None, *, linked_to: str, is_asked: bool
) -> ItemOutcome:
    """What becomes of `item`, which would be `now` if it were planned anew (None: nothing).

    `linked_to` is the document or contact it is linked to now, `is_asked` whether this plan was
    applied before.
    """
    if _is_done(item, now, linked_to):
        ended = _ended(item, PlanOutcome.ALREADY, "It is so already.")
        return replace(ended, is_left_out=now is not None and _is_news(item, now))
    if now is None:
        return _ended(item, PlanOutcome.REFUSED, "Nothing would follow for it now. Plan again.")
    if _is_same(item, now):
        if is_asked and item.action not in (PlanAction.ADOPT, PlanAction.ADOPT_DIFFERING):
            return _ended(item, PlanOutcome.ALREADY, "It is in the worker's hands.")
        return _ended(item, PlanOutcome.APPLIED, _NEXT[item.action])
    return _ended(item, PlanOutcome.REFUSED, _moved(item, now))


def refused(item: PlanItem, why: str) -> ItemOutcome:
    """The item is refused for another reason than its sides."""
    return _ended(item, PlanOutcome.REFUSED, why)


def _is_news(item: PlanItem, now: PlanItem) -> bool:
    """What Pipeline says has moved since the plan, and more follows from it than it showed."""
    return now.action is not PlanAction.LEAVE and now.desired != item.desired


def _is_same(item: PlanItem, now: PlanItem) -> bool:
    seen = (item.action, item.xero_id, item.desired, item.live, item.remap)
    return seen == (now.action, now.xero_id, now.desired, now.live, now.remap)


def _is_done(item: PlanItem, now: PlanItem | None, linked_to: str) -> bool:
    """What the item wants stands already."""
    if item.action in _LINKS:
        return bool(linked_to) and linked_to == item.xero_id
    if now is None:
        return item.remap
    if item.action is PlanAction.CREATE:
        return bool(linked_to)
    return now.action is PlanAction.LEAVE and item.desired == now.desired


def _moved(item: PlanItem, now: PlanItem) -> str:
    """What is not as the plan saw it."""
    given = [
        f"{side} moved ({what})"
        for side, what in (
            ("Pipeline", plan_file.moved(item.kind, item.desired, now.desired)),
            ("Xero", _in_xero(item, now)),
        )
        if what
    ]
    if given:
        return f"{' and '.join(given)} since the plan was made. Plan again."
    return f"It would now be {now.action}: {now.why} Plan again."


def _in_xero(item: PlanItem, now: PlanItem) -> str:
    if now.xero_id != item.xero_id or now.live == plan_file.NOTHING != item.live:
        # Another document, or none that it could be: fingerprints would compare two things.
        return "" if now.candidates else plan_file.moved(item.kind, item.live, now.live)
    return plan_file.moved(item.kind, item.live, now.live)


def _ended(item: PlanItem, outcome: PlanOutcome, why: str) -> ItemOutcome:
    is_left_out = outcome is PlanOutcome.REFUSED
    return like(ItemOutcome, item, outcome=outcome, why=why, is_left_out=is_left_out)


_STEPS = {
    PlanAction.UPDATE: (BrakeStep.UPDATE,),
    PlanAction.VOID: (BrakeStep.VOID, BrakeStep.DELETE),
}


def ordered(item: PlanItem, version: int) -> tuple[Braked, ...]:
    """The changes of `version` that a person who applies the item has seen: no brake counts them.

    A withdrawal is a void or a delete by what the document is when its turn comes.
    """
    return tuple(
        Braked(
            key=item.key,
            version=version,
            step=step,
            label=item.name,
            xero_id=item.xero_id,
            currency=item.currency,
            amount=abs(Decimal(item.after) - Decimal(item.before)),
        )
        for step in _STEPS.get(item.action, ())
    )
