"""What others wrote commands no terminal, and stays readable."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.text.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Müller & Söhne 日本 🏗", "Müller & Söhne 日本 🏗"),
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("over\rwritten", "over\\x0dwritten"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\U000e0041", "\\U000e0041"),
        ("", ""),
    ],
)
def test_controls_are_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_no_control_is_left_whatever_comes(text: str) -> None:
    shown = printable(text)

    assert not [each for each in shown if unicodedata.category(each) == "Cc" and each not in "\t\n"]
    assert printable(shown) == shown
