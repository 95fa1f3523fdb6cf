"""The laws of the sixteen rows, over every combination of what can be known."""

from __future__ import annotations

from itertools import product

import msgspec
import pytest

from syncd.domain.model.job import Reason
from syncd.domain.model.objection import Objection
from syncd.domain.rules.compare.comparison import Moves
from syncd.domain.rules.compare.ownership_mark import FOREIGN, Owner, Ownership
from syncd.domain.rules.decide import threeway
from syncd.domain.rules.decide.situation import (
    DesiredState,
    LiveState,
    Situation,
    VerdictKind,
    live_side,
)
from tests.domain import builders

FLAGS = (False, True)
MARKS = (
    Ownership(owner=Owner.OURS),
    Ownership(owner=Owner.OURS_OTHER, other=builders.OTHER_INVOICE_ID),
    FOREIGN,
)
MOVES = tuple(
    Moves(
        pipeline=pipeline,
        xero=xero,
        converged=converged or not (pipeline or xero or altered),
        equal=equal,
        kept_touched=touched and pipeline and not converged,
        pipeline_regressed=back_here and pipeline and not converged,
        xero_regressed=back_there and xero,
        altered=altered and not converged,
    )
    for pipeline, xero, converged, equal, touched, back_here, back_there, altered in product(
        FLAGS, repeat=8
    )
)
EVERYTHING = tuple(
    Situation(
        open_intent=open_intent,
        desired=desired,
        has_base=has_base,
        earlier_intent=earlier,
        restore_outstanding=restore,
        live=live,
        mark=sight,
        moves=moves,
    )
    for open_intent, desired, has_base, earlier, restore, live, sight, moves in product(
        FLAGS, DesiredState, FLAGS, FLAGS, FLAGS, LiveState, MARKS, dict.fromkeys(MOVES)
    )
)


def table(now: Situation) -> int:
    """The table of the design told as a tree, to be held against the list of rows."""
    if now.open_intent:
        return 0
    if now.desired is DesiredState.UNSEEN or now.is_unread:
        traces = now.has_base or now.earlier_intent or now.restore_outstanding
        if now.desired is DesiredState.UNSEEN or traces:
            return 1
    alive, found = now.live is LiveState.ALIVE, now.live in (LiveState.ALIVE, LiveState.GONE)
    assert now.moves is not None
    if now.desired is DesiredState.WITHDRAWN:
        if not now.has_base:
            return 2
        return 3 if not alive else 4 if now.moves.xero else 5
    if not now.has_base:
        return (
            {Owner.OURS: 6, Owner.OURS_OTHER: 7, Owner.FOREIGN: 8}[now.mark.owner] if found else 9
        )
    return agreed_table(now.moves) if alive else 10


def agreed_table(moves: Moves) -> int:
    """Rows 11 to 15, by how many sides moved."""
    if not moves.pipeline and not moves.xero and not moves.altered:
        return 11
    if moves.converged:
        return 12
    if moves.pipeline and (moves.xero or moves.altered):
        return 15
    if moves.xero or moves.altered:
        return 14
    return 15 if moves.kept_touched or moves.pipeline_regressed else 13


def test_every_situation_lands_in_the_row_the_table_says() -> None:
    for now in EVERYTHING:
        verdict = threeway.classify(now)
        assert verdict.row == table(now) == threeway.row_of(now).number, now


def test_every_row_is_reachable_and_numbered_in_order() -> None:
    reached = {threeway.row_of(now).number for now in EVERYTHING}

    assert [row.number for row in threeway.ROWS] == list(range(16))
    assert reached == {*range(16)}


def test_a_row_says_one_kind_of_thing() -> None:
    kinds: dict[int, dict[VerdictKind, None]] = {}
    for now in EVERYTHING:
        verdict = threeway.classify(now)
        kinds.setdefault(verdict.row, {})[verdict.kind] = None

    several = {row: sorted(found) for row, found in kinds.items() if len(found) > 1}
    assert several == {
        1: [VerdictKind.READ_PIPELINE, VerdictKind.READ_XERO],
        2: [VerdictKind.ADOPT, VerdictKind.OUT_OF_SYNC, VerdictKind.VOIDED],
        6: [VerdictKind.ADOPT, VerdictKind.OUT_OF_SYNC],
        14: [VerdictKind.OUT_OF_SYNC, VerdictKind.XERO_MOVED],
    }


WRITES = (VerdictKind.CREATE, VerdictKind.UPDATE, VerdictKind.WITHDRAW)


def test_nothing_is_written_while_a_write_is_open_or_a_side_unknown() -> None:
    for now in EVERYTHING:
        unknown = now.desired is DesiredState.UNSEEN or (
            now.has_base and now.live is LiveState.UNREAD
        )
        if now.open_intent or unknown:
            assert threeway.classify(now).kind not in WRITES, now


def test_nothing_is_written_over_an_edit_in_xero() -> None:
    for now in EVERYTHING:
        assert now.moves is not None
        if now.has_base and now.moves.xero and now.live is LiveState.ALIVE:
            assert threeway.classify(now).kind not in WRITES, now


def test_what_xero_altered_is_neither_in_sync_nor_written_over_nor_turned_by_a_policy() -> None:
    for now in EVERYTHING:
        assert now.moves is not None
        is_alive = now.desired is DesiredState.PRESENT and now.live is LiveState.ALIVE
        if now.has_base and now.moves.altered and is_alive and not now.open_intent:
            assert threeway.classify(now).kind is VerdictKind.OUT_OF_SYNC, now


def test_nothing_is_created_where_a_document_was_found_or_may_have_been_sent() -> None:
    for now in EVERYTHING:
        if threeway.classify(now).kind is VerdictKind.CREATE:
            assert not now.has_base
            assert not now.is_found
            assert now.live is LiveState.ABSENT or not (
                now.earlier_intent or now.restore_outstanding
            )


def test_what_was_left_as_it_is_by_decision_rests_until_it_is_otherwise() -> None:
    """Alive although deleted here, or gone although wanted; every other row stays as it was."""
    for now in EVERYTHING:
        if not now.has_base:
            continue
        before = threeway.classify(now)
        after = threeway.classify(msgspec.structs.replace(now, is_left=True))
        if before.row in (4, 5):
            assert (after.row, after.kind) == (11, VerdictKind.LEFT)
        elif before.row == 10:
            assert (after.row, after.kind) == (11, VerdictKind.VOIDED)
        else:
            assert after == before, now


def test_row_eleven_wins_whenever_nothing_moved() -> None:
    for equal in FLAGS:
        now = Situation(
            desired=DesiredState.PRESENT,
            live=LiveState.ALIVE,
            has_base=True,
            moves=Moves(equal=equal),
        )
        assert threeway.classify(now).kind is VerdictKind.IN_SYNC


def test_status_regression_is_a_reason_of_fifteen_here_and_of_fourteen_there() -> None:
    here = Moves(pipeline=True, converged=False, pipeline_regressed=True)
    there = Moves(xero=True, converged=False, xero_regressed=True)

    verdicts = [
        threeway.classify(
            Situation(
                desired=DesiredState.PRESENT, live=LiveState.ALIVE, has_base=True, moves=moves
            )
        )
        for moves in (here, there)
    ]

    assert [(each.row, each.reason) for each in verdicts] == [
        (15, Reason.STATUS_REGRESSION),
        (14, Reason.STATUS_REGRESSION),
    ]


def test_number_held_by_another_of_ours_names_it_also_when_voided() -> None:
    for live in (LiveState.ALIVE, LiveState.GONE):
        verdict = threeway.classify(
            Situation(desired=DesiredState.PRESENT, live=live, has_base=False, mark=MARKS[1])
        )

        assert (verdict.row, verdict.reason) == (7, Reason.NUMBER_TAKEN)
        assert builders.OTHER_INVOICE_ID in verdict.text


def test_undecided_comparison_is_our_own_mistake_and_said_so() -> None:
    now = Situation(desired=DesiredState.PRESENT, live=LiveState.ALIVE, has_base=True)

    with pytest.raises(AssertionError, match="must be compared first"):
        threeway.classify(now)


def decided(said: builders.Invoice, live: builders.LiveInvoice) -> threeway.Verdict:
    original = builders.invoice()
    look = builders.compared(builders.agreed(original), said, live)
    return threeway.classify(
        Situation(
            desired=DesiredState.PRESENT, live=live_side(live), has_base=True, moves=look.moves
        )
    )


@pytest.mark.parametrize("status", ["AUTHORISED", "PAID"])
def test_approval_or_payment_in_xero_is_never_out_of_sync(status: str) -> None:
    draft = builders.invoice(status=builders.PipelineStatus.DRAFT)
    live = builders.shown(draft, status=builders.XeroStatus(status))

    look = builders.compared(builders.agreed(draft), draft, live)
    verdict = threeway.classify(
        Situation(
            desired=DesiredState.PRESENT, live=LiveState.ALIVE, has_base=True, moves=look.moves
        )
    )

    assert verdict.row == 11
    assert look.approved


def test_edits_of_whole_documents_land_where_the_design_says() -> None:
    said, live = builders.invoice(), builders.shown(builders.invoice())
    here = builders.invoice(reference="NEW")

    assert decided(said, live).row == 11
    assert decided(here, live).row == 13
    assert decided(said, builders.shown(here)).row == 14
    assert decided(here, builders.shown(here)).row == 12
    assert decided(here, builders.shown(builders.invoice(reference="OTHER"))).row == 15
    assert decided(here, builders.shown(said, status=builders.XeroStatus.VOIDED)).row == 10


MISSING = (
    Objection(reason=Reason.CONTACT_ARCHIVED, text="Its contact is archived."),
    Objection(reason=Reason.ACCOUNT_UNMAPPED, text="Its account is not mapped."),
)


def test_what_was_never_agreed_and_cannot_be_compared_waits_for_what_is_missing() -> None:
    for now in EVERYTHING:
        before = threeway.classify(now)
        assert now.moves is not None
        moves = msgspec.structs.replace(now.moves, untranslated=True)
        after = threeway.classify(msgspec.structs.replace(now, moves=moves, missing=MISSING))
        if before.row in (6, 15) and before.kind is VerdictKind.OUT_OF_SYNC:
            assert (after.kind, after.reason) == (VerdictKind.HOLD, Reason.CONTACT_ARCHIVED), now
            assert after.text == "Its contact is archived. Its account is not mapped."
        else:
            assert after == before, now


def test_what_is_missing_excuses_no_difference_beside_it() -> None:
    for now in EVERYTHING:
        missing = msgspec.structs.replace(now, missing=MISSING)
        assert threeway.classify(missing) == threeway.classify(now)
