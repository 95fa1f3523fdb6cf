"""Ranges of texts that begin alike."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from syncd.domain.rules.text import beginnings

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=6)


@given(TEXTS, TEXTS, st.booleans())
@example("INV-1", "INV-10", False)
@example("\ud7ff", "\ud7ff\U0010ffff", False)
@example("a\U0010ffff", "b", False)
def test_a_text_is_in_a_range_where_it_begins_so_in_some_spelling(
    sought: str, text: str, goes_on: bool
) -> None:
    text = sought + text if goes_on else text
    typed = {sought, sought.upper(), sought.lower(), sought.capitalize()}
    sortable = {one for one in typed if one.strip("\U0010ffff")}

    holding = [one for one in beginnings.spellings(sought) if one.first <= text < one.end]

    assert bool(holding) == any(text.startswith(one) for one in sortable)
    assert len(holding) <= 1


@given(TEXTS)
def test_a_range_ends_at_a_text_that_can_be_written_down(sought: str) -> None:
    for one in beginnings.spellings(sought):
        assert one.first < one.end
        one.end.encode()


def test_a_number_is_found_however_it_is_typed() -> None:
    for typed in ("inv-10", "Inv-10", "INV-10"):
        ranges = beginnings.spellings(typed)

        assert any(one.first <= "INV-1049" < one.end for one in ranges)
        assert not any(one.first <= "INV-11" < one.end for one in ranges)
