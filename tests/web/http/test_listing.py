"""Filters and cursors, there and back."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.job import PublicState, Reason
from syncd.engine.operator.pages import Page
from syncd.store import views
from syncd.web.http import listing
from syncd.web.http.problems import ProblemError

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


@given(TEXTS, TEXTS)
def test_cursor_leads_back_to_its_place(label: str, key: str) -> None:
    cursor = listing.cursor_of(Page(items=(), next_place=(label, key)))

    assert cursor is not None
    assert listing.wanted({"cursor": cursor}).after == (label, key)


@given(st.text(max_size=60))
def test_any_cursor_is_a_place_or_a_problem(cursor: str) -> None:
    # Anything but a place or a problem would be an error nobody foresaw, and fail here.
    with contextlib.suppress(ProblemError):
        assert len(listing.wanted({"cursor": cursor}).after) == 2


def test_the_end_has_no_cursor() -> None:
    assert listing.cursor_of(Page(items=(), next_place=None)) is None


def test_empty_parameters_ask_for_everything() -> None:
    found = listing.wanted({"state": "", "reason": "", "q": "", "cursor": "", "limit": ""})

    assert (found.state, found.reason, found.text) == (None, None, None)
    assert (found.after, found.limit) == (views.START, listing.PAGE_SIZE)


def test_every_public_word_is_a_filter() -> None:
    assert [listing.wanted({"state": str(each)}).state for each in PublicState] == [*PublicState]
    assert [listing.wanted({"reason": str(each)}).reason for each in Reason] == [*Reason]


@pytest.mark.parametrize("text", ["-1", "0", "501", "1e3", "٣", "9" * 50])
def test_limit_is_a_whole_number_in_its_bounds(text: str) -> None:
    with pytest.raises(ProblemError):
        listing.wanted({"limit": text})


def test_text_longer_than_any_name_is_refused() -> None:
    with pytest.raises(ProblemError):
        listing.wanted({"q": "x" * 256})
