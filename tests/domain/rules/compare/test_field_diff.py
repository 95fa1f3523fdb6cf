"""The laws of cells: what is asserted, what is shown, and under which name."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from syncd.domain.rules.compare import field_diff
from tests.domain import builders

SAID = builders.invoice(lines=(builders.line(), builders.line(id="p2", description="Timber")))


@pytest.mark.parametrize(
    ("field", "now", "then", "asserted"),
    [
        ("reference", None, None, False),
        ("reference", "JOB", None, True),
        ("reference", None, "JOB", True),
        ("currency", None, None, True),
        ("discount", None, None, True),
        ("tracking", None, None, False),
    ],
)
def test_field_is_asserted_by_a_word_now_or_then_or_where_empty_says_something(
    field: str, now: str | None, then: str | None, *, asserted: bool
) -> None:
    assert field_diff.is_asserted(field, now, then) == asserted


def test_cell_of_a_line_goes_by_its_place_to_people_and_by_its_id_in_the_base() -> None:
    live = builders.shown(SAID)
    edited = replace(live, lines=(live.lines[0], replace(live.lines[1], quantity=Decimal(8))))

    (cell,) = builders.compared(builders.agreed(SAID), SAID, edited).diffs

    assert (cell.name, cell.next_key) == (
        "lines[1].quantity",
        field_diff.line_key("p2", "quantity"),
    )
    assert (cell.pipeline, cell.xero, cell.agreed) == ("2", "8", "2")
    assert cell.is_shown


def test_difference_nobody_moved_or_kept_has_no_story_to_show() -> None:
    live = builders.shown(SAID, total=SAID.total + 1)

    (cell,) = builders.compared(builders.agreed(SAID, live), SAID, live).diffs

    assert not cell.same
    assert not cell.is_shown


def test_line_on_one_side_is_shown_whole_in_words() -> None:
    live = builders.shown(SAID)
    look = builders.compared(builders.agreed(SAID), SAID, replace(live, lines=live.lines[:1]))

    whole = next(each for each in look.diffs if each.field == "")

    assert whole.name == "lines[1]"
    assert whole.xero is None
    assert whole.agreed is not None
    assert "description: Timber" in whole.agreed
