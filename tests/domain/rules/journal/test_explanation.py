"""A story is told oldest first, names who moved what, and ends with what a person can do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.domain.model.explanation import CurrentState, JournalLine, XeroNote
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.result import Difference, MovedBy
from syncd.domain.model.state_change import StateChange, StateChangeKind
from syncd.domain.rules.journal import explanation
from tests.store.build import AT, later

MOVED = Difference(
    field="reference", pipeline="ours", xero="hers", agreed="PO 1", moved_by=MovedBy.BOTH
)
PRESENT = CurrentState(
    number="PL-1",
    state=PublicState.OUT_OF_SYNC,
    reason=None,
    why="",
    version=2,
    changed_by="Lee",
    changed_at=later(20),
    differences=(MOVED,),
)
EDIT = XeroNote(at=later(10), who="Kim", what="Edited", details="")
APART = JournalLine(
    at=later(30),
    who="syncd",
    text="Out of sync.",
    state_change=StateChange(
        what=StateChangeKind.OUT_OF_SYNC, differences=(MOVED,), pipeline_by="Lee"
    ),
)


def test_what_happened_is_told_in_its_order() -> None:
    made = JournalLine(at=AT, who="syncd", text="Created")

    told = explanation.explain([APART, made], [EDIT], PRESENT)

    assert [(one.where, one.who) for one in told.sentences] == [
        ("syncd", "syncd"),
        ("Xero", "Kim"),
        ("Pipeline", "Lee"),
        ("syncd", "syncd"),
    ]
    assert [one.kind for one in told.sentences] == ["entry", "note", "saved", "out_of_sync"]
    (moved,) = told.sentences[-1].differences
    assert "moved in Pipeline by Lee and in Xero by Kim" in moved
    assert told.sentences[-1].fields == ("reference",)
    assert "reference" not in told.sentences[-1].text


def test_movers_are_named_per_side_with_their_instants() -> None:
    (mover,) = explanation.explain([APART], [EDIT], PRESENT).movers

    assert (mover.field, mover.pipeline_by, mover.pipeline_at) == ("reference", "Lee", later(20))
    assert (mover.xero_by, mover.xero_at) == ("Kim", later(10))


@pytest.mark.parametrize(
    ("moved_by", "agreed", "sides"),
    [
        (MovedBy.PIPELINE, "PO 1", (True, False)),
        (MovedBy.XERO, "PO 1", (False, True)),
        (MovedBy.XERO, None, (False, False)),
        (None, "PO 1", (False, False)),
    ],
)
def test_nobody_is_named_for_what_he_did_not_move(
    moved_by: MovedBy | None, agreed: str | None, sides: tuple[bool, bool]
) -> None:
    one = replace(MOVED, moved_by=moved_by, agreed=agreed)

    (mover,) = explanation.explain([], [EDIT], replace(PRESENT, differences=(one,))).movers

    assert (mover.pipeline_by is not None, mover.xero_by is not None) == sides


def test_what_apps_wrote_in_xero_is_told_by_the_journal_alone() -> None:
    told = explanation.explain([], [replace(EDIT, who=explanation.SYSTEM)], PRESENT)

    assert [one.where for one in told.sentences] == ["Pipeline"]


@pytest.mark.parametrize(
    "note", [replace(EDIT, what="Payment Received", who="Pat"), replace(EDIT, at=later(99))]
)
def test_mover_is_who_edited_last_before_it_was_noticed(note: XeroNote) -> None:
    told = explanation.explain([APART], [EDIT, replace(note, who="Pat")], PRESENT)

    (noticed,) = [one.differences for one in told.sentences if one.where == "syncd"]
    assert "in Xero by Kim" in noticed[0]


def test_without_history_the_side_is_named_and_nobody() -> None:
    told = explanation.explain([APART], [], PRESENT)

    assert told.now[1].endswith("moved in Pipeline by Lee and in Xero.")


def test_difference_that_was_decided_is_told_as_such() -> None:
    kept = replace(MOVED, moved_by=None, pipeline=None, xero="x" * 99)

    told = explanation.explain([], [], replace(PRESENT, differences=(kept,)))

    assert told.now[1].startswith("reference: Pipeline nothing, Xero xxx")
    assert told.now[1].endswith("kept so by decision.")
    assert "x" * 81 not in told.now[1]


def test_what_xero_altered_itself_is_laid_on_nobody() -> None:
    """Kim edited something else before."""
    altered = replace(MOVED, moved_by=MovedBy.XERO, xero=None, agreed=None)

    told = explanation.explain([], [EDIT], replace(PRESENT, differences=(altered,)))

    assert told.now[1].endswith(
        "Xero shows it so since syncd's write, and nobody has agreed to that."
    )


def test_agreement_is_told_as_of_the_last_read_where_xero_cannot_be_read_now() -> None:
    agreed = replace(PRESENT, state=PublicState.SYNCED, differences=())

    told = explanation.explain([], [], replace(agreed, is_unread=True))

    assert told.now == ("PL-1 was in sync when Xero was last read.",)
    assert "is read by itself once Xero can be read" in told.can_do
    assert explanation.explain([], [], agreed).now == ("PL-1 is in sync.",)


def test_agreement_is_told_as_of_the_last_read_where_pipeline_cannot_be_read_now() -> None:
    agreed = replace(PRESENT, state=PublicState.SYNCED, differences=(), is_unheard=True)

    told = explanation.explain([], [], agreed)

    assert told.now == ("PL-1 was in sync when Pipeline was last read.",)
    assert "is read by itself once Pipeline can be read" in told.can_do


def test_who_was_left_out_of_a_live_tenants_plan_is_not_told_to_set_it_live_alone() -> None:
    left = replace(PRESENT, state=PublicState.WAITING, reason=Reason.OBSERVING, differences=())

    assert "apply the plan" in explanation.explain([], [], left).can_do


def test_a_contact_without_name_is_told_with_its_whole_id() -> None:
    nameless = f"a contact without a customer here ({'a' * 36})"

    told = explanation.explain(
        [], [], replace(PRESENT, differences=(replace(MOVED, xero=nameless),))
    )

    assert nameless in told.now[1]


@pytest.mark.parametrize("state", PublicState)
@pytest.mark.parametrize("reason", [None, *Reason])
def test_every_standing_ends_with_what_can_be_done(
    state: PublicState, reason: Reason | None
) -> None:
    told = explanation.explain([], [], replace(PRESENT, state=state, reason=reason))

    assert told.now[0].startswith("PL-1 ")
    assert told.can_do
    assert "`" not in told.can_do
