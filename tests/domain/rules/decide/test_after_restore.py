"""A base from a backup answers for a document only up to the change it knew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syncd.domain.model.job import Reason
from syncd.domain.rules.decide import after_restore
from syncd.domain.rules.decide.situation import Verdict, VerdictKind

KNEW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_a_later_change_is_doubtful_and_only_that() -> None:
    assert after_restore.is_doubtful(KNEW, KNEW + timedelta(milliseconds=1))
    assert not after_restore.is_doubtful(KNEW, KNEW)
    assert not after_restore.is_doubtful(None, KNEW)


@pytest.mark.parametrize("kind", VerdictKind)
def test_one_sided_movement_is_shown_and_everything_else_stands(kind: VerdictKind) -> None:
    verdict = Verdict(row=13, kind=kind, text="as ever", reason=Reason.STATUS_REGRESSION)

    found = after_restore.withheld(verdict, after_restore.RESTORED)

    if kind in (VerdictKind.UPDATE, VerdictKind.WITHDRAW, VerdictKind.XERO_MOVED):
        assert found.kind is VerdictKind.OUT_OF_SYNC
        assert (found.row, found.reason) == (13, Reason.STATUS_REGRESSION)
        assert "backup" in found.text
    else:
        assert found == verdict
