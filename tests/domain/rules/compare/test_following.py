"""Totals follow from lines of the same side; what nobody's line explains stands by itself."""

from __future__ import annotations

import pytest

from syncd.domain.model.result import Difference, MovedBy
from syncd.domain.rules.compare.following import TOTALS, followers

PIPELINE, XERO, BOTH = MovedBy.PIPELINE, MovedBy.XERO, MovedBy.BOTH


def moved(field: str, by: MovedBy | None) -> Difference:
    return Difference(field=field, pipeline="1", xero="2", agreed="3", moved_by=by)


@pytest.mark.parametrize(
    "field",
    ["lines[0].quantity", "lines[3].unitAmount", "lines[1].taxType", "lines[2]", "lines",
     "lineAmountTypes"],
)  # fmt: skip
def test_totals_follow_from_amounts_of_the_same_side(field: str) -> None:
    totals = [moved(name, PIPELINE) for name in TOTALS]

    assert followers([moved(field, PIPELINE), *totals]) == {*TOTALS}
    assert followers([moved(field, BOTH), *totals]) == {*TOTALS}
    assert followers([moved(field, XERO), *totals]) == frozenset()


def test_what_both_moved_follows_only_from_lines_of_both() -> None:
    total = moved("total", BOTH)

    assert followers([moved("lines[0].quantity", XERO), total]) == frozenset()
    both = [moved("lines[0].quantity", XERO), moved("lines[1].quantity", PIPELINE), total]
    assert followers(both) == {"total"}


def test_words_explain_no_amount_and_a_kept_total_follows_nothing() -> None:
    assert followers([moved("lines[0].description", XERO), moved("total", XERO)]) == frozenset()
    assert followers([moved("reference", XERO), moved("total", XERO)]) == frozenset()
    assert followers([moved("lines[0].quantity", XERO), moved("total", None)]) == frozenset()
