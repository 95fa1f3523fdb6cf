"""What a decision makes of every row, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from syncd.domain.model.snapshot import Base
from syncd.domain.model.statuses import PipelineStatus, XeroStatus
from syncd.domain.rules.compare import comparison, snapshots
from syncd.domain.rules.compare.ownership_mark import Owner, Ownership
from syncd.domain.rules.decide import bases, resolve, threeway
from syncd.domain.rules.decide.resolve import Follows, Impossible, Resolution, ResolveInput, Take
from syncd.domain.rules.decide.situation import (
    DesiredState,
    LiveState,
    Situation,
    Verdict,
    VerdictKind,
)
from tests.domain import builders

SAID = builders.invoice()
LIVE = builders.shown(SAID)
BASE = builders.agreed(SAID)
EDITED = replace(SAID, due_on=date(2027, 1, 1))
HERS = replace(LIVE, reference="hers")


def standing(
    said: builders.Invoice | None = SAID,
    live: builders.LiveInvoice | None = LIVE,
    base: Base | None = BASE,
    **more: Any,
) -> ResolveInput:
    """What stands, in the row it falls into."""
    look = builders.compared(base, said, live) if live is not None else None
    is_gone = live is not None and live.status.is_gone
    side = LiveState.ABSENT if live is None else LiveState.GONE if is_gone else LiveState.ALIVE
    is_withdrawn = said is None
    verdict = threeway.classify(
        Situation(
            desired=DesiredState.WITHDRAWN if is_withdrawn else DesiredState.PRESENT,
            live=side,
            has_base=base is not None,
            is_left=base is not None and base.left == 7,
            mark=Ownership(owner=Owner.OURS),
            moves=None if look is None else look.moves,
        )
    )
    return ResolveInput(
        verdict=verdict,
        version=7,
        base=base,
        pipeline=None if said is None else snapshots.of_pipeline(said),
        xero=None if live is None else snapshots.of_xero(live),
        comparison=look,
        xero_number=SAID.number,
        **more,
    )


def carried(now: ResolveInput, take: Take) -> Resolution:
    found = resolve.resolve(now, take)
    assert isinstance(found, Resolution), found
    return found


def row_after(found: Resolution, said: builders.Invoice | None, live: Any) -> Verdict:
    return standing(said, live, found.base).verdict


BOTH = [(EDITED, HERS), (SAID, HERS), (EDITED, LIVE)]


@pytest.mark.parametrize(("said", "live"), BOTH)
def test_taking_pipeline_leaves_exactly_pipelines_move(said: Any, live: Any) -> None:
    found = carried(standing(said, live), Take.PIPELINE)

    assert found.follows is Follows.WRITE
    assert row_after(found, said, live).row == 13
    after = builders.compared(found.base, said, live)
    before = builders.compared(BASE, said, live)
    fields = [each.field for each in comparison.differences(after)]
    assert fields == [each.field for each in comparison.differences(before)]


@pytest.mark.parametrize(("said", "live"), BOTH)
def test_taking_xero_leaves_nothing_to_do_and_lists_what_is_kept(said: Any, live: Any) -> None:
    found = carried(standing(said, live), Take.XERO)

    assert found.follows is Follows.KEPT
    assert row_after(found, said, live).row == 11
    assert all(
        each.moved_by is None
        for each in comparison.differences(builders.compared(found.base, said, live))
    )


def test_what_was_kept_can_be_taken_for_pipeline_later_but_not_kept_twice() -> None:
    kept = carried(standing(EDITED, HERS), Take.XERO).base
    now = standing(EDITED, HERS, kept)

    assert now.verdict.row == 11
    assert carried(now, Take.PIPELINE).follows is Follows.WRITE
    assert isinstance(resolve.resolve(now, Take.XERO), Impossible)


def test_what_is_unrecognised_without_a_base_can_be_taken_either_way() -> None:
    now = standing(SAID, HERS, None)
    assert (now.verdict.row, now.verdict.kind) == (6, VerdictKind.OUT_OF_SYNC)

    assert row_after(carried(now, Take.PIPELINE), SAID, HERS).row == 13
    assert row_after(carried(now, Take.XERO), SAID, HERS).row == 11


@pytest.mark.parametrize("base", [BASE, None])
def test_deleted_here_and_edited_there_is_withdrawn_or_left_standing(base: Base | None) -> None:
    now = standing(None, HERS, base)
    assert now.verdict.row == (4 if base else 2)

    taken = carried(now, Take.PIPELINE)
    left = carried(now, Take.XERO)

    assert (taken.follows, row_after(taken, None, HERS).row) == (Follows.WRITE, 5)
    assert left.follows is Follows.LEFT
    assert row_after(left, None, HERS).kind is VerdictKind.LEFT
    # Back in Pipeline before it is withdrawn, its words are written, as was decided.
    back = standing(SAID, HERS, taken.base)
    assert back.verdict.kind is VerdictKind.UPDATE
    assert back.comparison is not None
    assert [each.field for each in comparison.differences(back.comparison)] == ["reference"]
    # Back after it was left, the edit is an edit again.
    back = standing(SAID, HERS, left.base)
    assert back.verdict.kind not in (VerdictKind.UPDATE, VerdictKind.IN_SYNC)


def test_what_is_left_standing_can_be_withdrawn_later_but_not_left_twice() -> None:
    left = standing(None, HERS, carried(standing(None, HERS), Take.XERO).base)

    assert carried(left, Take.PIPELINE).follows is Follows.WRITE
    assert isinstance(resolve.resolve(left, Take.XERO), Impossible)


@pytest.mark.parametrize("live", [None, replace(LIVE, status=XeroStatus.VOIDED)])
def test_gone_in_xero_is_accepted_once_and_asked_again_by_a_new_version(live: Any) -> None:
    now = standing(SAID, live)
    assert now.verdict.row == 10

    gone = carried(now, Take.XERO)

    assert gone.follows is Follows.GONE
    again = standing(SAID, live, gone.base)
    assert (again.verdict.row, again.verdict.kind) == (11, VerdictKind.VOIDED)
    assert isinstance(resolve.resolve(again, Take.XERO), Impossible)
    assert gone.base is not None
    newer = standing(SAID, live, replace(gone.base, left=6))
    assert newer.verdict.row == 10


def test_created_again_only_under_a_number_that_is_free() -> None:
    voided = replace(LIVE, status=XeroStatus.VOIDED)

    refused = resolve.resolve(standing(SAID, voided), Take.PIPELINE)
    renamed = carried(standing(replace(SAID, number="PL-2"), voided), Take.PIPELINE)
    absent = carried(standing(SAID, None), Take.PIPELINE)

    assert isinstance(refused, Impossible)
    assert SAID.number in refused.text
    assert (renamed.follows, renamed.base) == (Follows.CREATE, None)
    assert absent.follows is Follows.CREATE


def test_no_authorised_invoice_goes_back_to_draft() -> None:
    draft = replace(SAID, status=PipelineStatus.DRAFT)
    now = standing(draft, LIVE, BASE)
    assert now.verdict.row == 15

    refused = resolve.resolve(now, Take.PIPELINE)

    assert isinstance(refused, Impossible)
    assert "back to draft" in refused.text
    assert row_after(carried(now, Take.XERO), draft, LIVE).row == 11


def test_a_status_set_back_in_xero_is_raised_again_or_kept() -> None:
    submitted = replace(LIVE, status=XeroStatus.SUBMITTED)
    drafted = replace(LIVE, status=XeroStatus.DRAFT)
    base = bases.base_after_approval(BASE, snapshots.of_xero(submitted))
    now = standing(SAID, drafted, base)
    assert now.verdict.row == 14

    assert row_after(carried(now, Take.PIPELINE), SAID, drafted).row == 13
    kept = carried(now, Take.XERO)
    look = builders.compared(kept.base, SAID, drafted)
    assert [(each.field, each.moved_by) for each in comparison.differences(look)] == [
        ("status", None)
    ]


@pytest.mark.parametrize("take", Take)
@pytest.mark.parametrize(
    "now",
    [standing(SAID, LIVE), standing(EDITED, replace(LIVE, due_on=EDITED.due_on)), standing(None)],
    ids=["in sync", "converged", "withdrawn"],
)
def test_where_both_agree_there_is_nothing_to_resolve(now: ResolveInput, take: Take) -> None:
    found = resolve.resolve(now, take)

    if now.verdict.row == 5:
        assert isinstance(found, Resolution)
    else:
        assert isinstance(found, Impossible)
