"""What another system said may be kept and shown: one short line without commands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.text.quoted import LONGEST, quoted


@given(text=st.text())
def test_quoted_words_are_one_short_printable_line(text: str) -> None:
    found = quoted(text)

    assert len(found) <= LONGEST
    assert found == "" or found.isprintable()
    assert found == quoted(found)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Invoice # must be unique.", "Invoice # must be unique."),
        ("red\x1b[31m\r\n line", "red [31m line"),
        ("one\u202etwo\x00", "one two"),
        ("\t \n", ""),
        ("x" * 1000, "x" * (LONGEST - 1) + "…"),
    ],
)
def test_quoted_leaves_words_and_takes_commands(text: str, shown: str) -> None:
    assert quoted(text) == shown
