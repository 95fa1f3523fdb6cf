"""The journal tells a turn once, in words; what stands as it stood is no turn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.domain.ids import TenantId
from syncd.domain.model.job import Job, JobKind, JobState, Reason
from syncd.domain.model.result import Difference, MovedBy
from syncd.domain.model.state_change import StateChange, StateChangeKind
from syncd.domain.rules.journal import transitions
from syncd.domain.rules.journal.transitions import Ending, Proof
from tests.store.build import AT

FRESH = Job(
    tenant=TenantId("acme"),
    kind=JobKind.PUSH_INVOICE,
    key="i1",
    attempt=1,
    first_wanted_at=AT,
)
UNCERTAIN = replace(FRESH, was_uncertain=True)
WAITED = replace(FRESH, journaled_as=Reason.CONTACT_UNMAPPED)
APART = replace(FRESH, journaled_as=transitions.OUT_OF_SYNC)
DONE = Ending(state=JobState.DONE)
WRITTEN = Ending(state=JobState.DONE, is_written=True)
HELD = Ending(state=JobState.HELD, reason=Reason.CONTACT_UNMAPPED)
OUT = Ending(state=JobState.HELD, is_out_of_sync=True)
FAILED = Ending(state=JobState.FAILED, reason=Reason.REFUSED)
DOUBT = Ending(state=JobState.UNCERTAIN)
AGAIN = Ending(state=JobState.READY)


@pytest.mark.parametrize(
    ("was", "ending", "what"),
    [
        (FRESH, DONE, None),
        (FRESH, WRITTEN, None),
        (FRESH, AGAIN, None),
        (WAITED, AGAIN, None),
        (FRESH, HELD, StateChangeKind.HELD),
        (WAITED, HELD, None),
        (APART, HELD, StateChangeKind.HELD),
        (FRESH, OUT, StateChangeKind.OUT_OF_SYNC),
        (APART, OUT, None),
        (WAITED, OUT, StateChangeKind.OUT_OF_SYNC),
        (FRESH, replace(OUT, is_written=True), StateChangeKind.OUT_OF_SYNC),
        (APART, replace(OUT, is_written=True), StateChangeKind.OUT_OF_SYNC),
        (FRESH, FAILED, StateChangeKind.REFUSED),
        (replace(FRESH, journaled_as=Reason.REFUSED), FAILED, None),
        (WAITED, DONE, StateChangeKind.RESUMED),
        (WAITED, WRITTEN, StateChangeKind.RESUMED),
        (APART, DONE, StateChangeKind.RESUMED),
        (WAITED, replace(DONE, is_never_sent=True), StateChangeKind.NEVER_SENT),
        (FRESH, replace(DONE, is_never_sent=True), None),
        (FRESH, DOUBT, StateChangeKind.UNCERTAIN),
        (UNCERTAIN, DOUBT, None),
        (UNCERTAIN, replace(WRITTEN, proof=Proof.FOUND), StateChangeKind.FOUND),
        (UNCERTAIN, WRITTEN, StateChangeKind.SENT_AGAIN),
        (UNCERTAIN, replace(AGAIN, proof=Proof.ADOPTED), StateChangeKind.ADOPTED),
        (UNCERTAIN, replace(AGAIN, proof=Proof.NOT_TAKEN), StateChangeKind.NOT_TAKEN),
        (FRESH, replace(DONE, is_linked_now=True), StateChangeKind.ADOPTED),
        (FRESH, replace(DONE, is_ended=True), StateChangeKind.ENDED),
    ],
)
def test_turn_is_what_changed(was: Job, ending: Ending, what: StateChangeKind | None) -> None:
    found = transitions.state_change(was, ending)

    assert (None if found is None else found.what) is what


@pytest.mark.parametrize("ending", [HELD, OUT, FAILED])
def test_what_was_told_is_not_told_again(ending: Ending) -> None:
    after = replace(FRESH, journaled_as=transitions.journaled_as(ending))

    assert transitions.state_change(after, ending) is None


def test_line_names_the_fields_and_the_side_that_moved_them() -> None:
    moved = (
        Difference(field="lines", pipeline="1", xero="2", agreed="0", moved_by=MovedBy.BOTH),
        Difference(field="dueDate", pipeline="1", xero="2", agreed="1", moved_by=MovedBy.XERO),
    )
    found = StateChange(what=StateChangeKind.OUT_OF_SYNC, differences=moved, text="Choose a side.")

    said = transitions.in_words(found, "PL-1")

    assert said == (
        "Out of sync: PL-1; moved on both sides: lines; moved in Xero: dueDate. Choose a side."
    )


def test_long_list_of_fields_is_cut_in_the_line() -> None:
    moved = [
        Difference(field=f"f{n}", pipeline="1", xero="2", agreed=None, moved_by=MovedBy.XERO)
        for n in range(11)
    ]

    assert transitions.moved_in_words(moved).endswith("f7 and 3 more")


@pytest.mark.parametrize("what", StateChangeKind)
def test_every_turn_has_words(what: StateChangeKind) -> None:
    found = StateChange(what=what, reason=Reason.LOCKED_PERIOD, text="Why.", fields=("lines",))

    assert transitions.in_words(found, "PL-1").endswith("Why.")
    assert transitions.after_words(found)


def test_a_write_that_xero_altered_says_so_in_its_own_entry() -> None:
    moved = Difference(
        field="lines[0].tracking", pipeline="A: B", xero=None, agreed=None, moved_by=MovedBy.XERO
    )
    found = transitions.state_change(FRESH, replace(OUT, is_written=True, differences=(moved,)))

    assert found is not None
    assert transitions.after_words(found) == (
        "; but Xero shows something else than was sent (lines[0].tracking): out of sync"
    )


def test_an_edit_that_the_policy_accepts_is_on_record_with_its_fields() -> None:
    for was in (FRESH, APART):
        found = transitions.state_change(was, replace(DONE, accepted=("reference", "dueDate")))
        assert found is not None
        assert transitions.in_words(found, "PL-1") == (
            "Changed in Xero, and accepted as xero_edits says: PL-1; reference, dueDate."
        )
