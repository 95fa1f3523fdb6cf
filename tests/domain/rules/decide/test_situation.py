"""The laws of a situation: what counts as found, as ours and as unread."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.domain.model.job import Reason
from syncd.domain.rules.compare.ownership_mark import Owner, Ownership
from syncd.domain.rules.decide.situation import (
    DesiredState,
    LiveState,
    Situation,
    Verdict,
    VerdictKind,
    live_side,
)
from tests.domain import builders

FOUND = Situation(
    desired=DesiredState.PRESENT,
    live=LiveState.ALIVE,
    has_base=False,
    mark=Ownership(owner=Owner.OURS),
)


def test_live_side_is_told_by_the_document() -> None:
    live = builders.live_invoice()
    voided = builders.live_invoice(status=builders.XeroStatus.VOIDED)

    assert [live_side(each) for each in (None, live, voided)] == [
        LiveState.ABSENT,
        LiveState.ALIVE,
        LiveState.GONE,
    ]


@pytest.mark.parametrize("live", [LiveState.UNREAD, LiveState.ABSENT])
def test_mark_of_a_document_that_was_not_found_says_nothing(live: LiveState) -> None:
    assert FOUND.is_ours
    assert not replace(FOUND, live=live).is_ours


def test_absence_without_a_base_proves_nothing_until_a_restore_has_looked_around() -> None:
    absent = replace(FOUND, live=LiveState.ABSENT)

    assert not absent.is_unread
    assert replace(absent, restore_outstanding=True).is_unread
    assert not replace(absent, restore_outstanding=True, has_base=True).is_unread
    assert replace(absent, live=LiveState.UNREAD).is_unread


def test_held_verdict_keeps_its_row() -> None:
    verdict = Verdict(row=13, kind=VerdictKind.UPDATE, text="Changed in Pipeline.")

    held = verdict.held(Reason.HAS_PAYMENTS, "Money is on it.")

    assert (held.row, held.kind, held.reason) == (13, VerdictKind.HOLD, Reason.HAS_PAYMENTS)
