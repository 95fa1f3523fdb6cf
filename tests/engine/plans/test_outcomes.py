"""An item is carried out only when it is as the plan saw it; what is done is never done again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.planned import ACTS, PlanAction, PlanItem, PlanKind
from syncd.domain.rules import plan_file
from syncd.engine.plans import outcomes
from syncd.engine.plans.outcomes import PlanOutcome, outcome_of
from tests.domain import builders

SAID = plan_file.invoice_fingerprint(builders.invoice())
SHOWN = plan_file.document_fingerprint(builders.live_invoice())
OTHER = plan_file.document_fingerprint(replace(builders.live_invoice(), reference="by hand"))
ITEM = PlanItem(
    kind=PlanKind.INVOICE,
    action=PlanAction.UPDATE,
    why="Changed.",
    key="p1",
    name="PL-1",
    xero_id="x1",
    desired=SAID,
    live=SHOWN,
)
LEAVE = replace(ITEM, action=PlanAction.LEAVE, why="Both sides agree.")


def _outcome(item: PlanItem, now: PlanItem | None, linked_to: str = "x1") -> PlanOutcome:
    return outcome_of(item, now, linked_to=linked_to, is_asked=False).outcome


@given(
    action=st.sampled_from(ACTS),
    other=st.sampled_from(PlanAction),
    live=st.sampled_from([SHOWN, OTHER, plan_file.NOTHING]),
    desired=st.sampled_from([SAID, plan_file.NOTHING]),
    linked_to=st.sampled_from(["", "x1", "x2"]),
)
def test_nothing_is_applied_unless_all_is_the_same(
    action: PlanAction, other: PlanAction, live: str, desired: str, linked_to: str
) -> None:
    item = replace(ITEM, action=action)
    now = replace(ITEM, action=other, live=live, desired=desired)

    found = outcome_of(item, now, linked_to=linked_to, is_asked=False)

    if found.outcome is PlanOutcome.APPLIED:
        assert now == item
    assert found.why


@pytest.mark.parametrize("action", [PlanAction.LINK, PlanAction.ADOPT, PlanAction.ADOPT_DIFFERING])
def test_what_is_linked_so_is_done(action: PlanAction) -> None:
    item = replace(ITEM, action=action)

    assert _outcome(item, LEAVE, "x1") is PlanOutcome.ALREADY
    assert _outcome(item, LEAVE, "x2") is PlanOutcome.REFUSED
    assert _outcome(item, item, "") is PlanOutcome.APPLIED


def test_what_is_written_is_done() -> None:
    created = replace(ITEM, action=PlanAction.CREATE, xero_id="", live=plan_file.NOTHING)

    assert _outcome(created, LEAVE, "x9") is PlanOutcome.ALREADY
    assert _outcome(created, created, "") is PlanOutcome.APPLIED
    assert _outcome(ITEM, replace(LEAVE, live=OTHER)) is PlanOutcome.ALREADY
    assert _outcome(ITEM, replace(LEAVE, desired=plan_file.NOTHING)) is PlanOutcome.REFUSED
    assert _outcome(replace(ITEM, remap=True), None) is PlanOutcome.ALREADY
    assert _outcome(ITEM, None) is PlanOutcome.REFUSED


def test_what_was_asked_for_is_not_asked_for_twice() -> None:
    again = outcome_of(ITEM, ITEM, linked_to="x1", is_asked=True)

    assert again.outcome is PlanOutcome.ALREADY


def test_a_refusal_names_the_side_and_the_field() -> None:
    moved = replace(ITEM, live=OTHER, action=PlanAction.HOLD)
    held = replace(ITEM, action=PlanAction.HOLD, why="A lock date.")

    assert outcome_of(ITEM, moved, linked_to="x1", is_asked=False).why == (
        "Xero moved (reference) since the plan was made. Plan again."
    )
    assert outcome_of(ITEM, held, linked_to="x1", is_asked=False).why == (
        "It would now be hold: A lock date. Plan again."
    )
    assert outcomes.refused(ITEM, "Busy.").why == "Busy."


@given(
    action=st.sampled_from(ACTS),
    other=st.sampled_from(PlanAction),
    desired=st.sampled_from([SAID, OTHER, plan_file.NOTHING]),
    linked_to=st.sampled_from(["", "x1", "x2"]),
)
def test_only_what_the_plan_has_shown_is_not_left_out(
    action: PlanAction, other: PlanAction, desired: str, linked_to: str
) -> None:
    item = replace(ITEM, action=action)
    now = replace(ITEM, action=other, desired=desired)
    found = outcome_of(item, now, linked_to=linked_to, is_asked=False)

    is_shown = desired == item.desired or other is PlanAction.LEAVE
    assert found.is_left_out == (found.outcome is PlanOutcome.REFUSED or not is_shown)
