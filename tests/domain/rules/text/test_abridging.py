"""An abridged text is JSON still, whatever was cut and wherever its parts end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.text.abridging import LONGEST_TEXT, MOST_ITEMS, Abridged

LONGEST, MOST = 40, 5
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=4), inner, max_size=8)
    ),
    max_leaves=20,
)


def parts(text: bytes, sizes: Sequence[int]) -> list[bytes]:
    cut, at = [], 0
    for size in [*sizes, len(text)]:
        cut.append(text[at : at + size])
        at += size
    return cut


def abridged(text: bytes, sizes: Sequence[int], **limits: int) -> bytes:
    sift = Abridged(**limits)
    return b"".join(sift(part) for part in parts(text, sizes))


def is_abridged(found: Any, value: Any) -> bool:
    """Whether `found` is `value` with long texts cut and long lists ended."""
    if isinstance(value, str):
        return isinstance(found, str) and value.startswith(found)
    if isinstance(value, list):
        heads = zip(found, value, strict=False)
        return len(found) == min(len(value), MOST) and all(is_abridged(*each) for each in heads)
    if isinstance(value, dict):
        heads = zip(found.items(), value.items(), strict=False)
        return len(found) <= min(len(value), MOST) and all(
            name.startswith(key) and is_abridged(one, other) for (key, one), (name, other) in heads
        )
    return bool(found == value)


@given(values, st.lists(st.integers(1, 7), max_size=200), st.booleans())
def test_text_within_the_limits_is_copied_byte_by_byte(
    value: Any,
    sizes: list[int],
    is_ascii: bool,
) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii).encode()

    assert abridged(text, sizes) == text


@given(values, st.lists(st.integers(1, 7), max_size=200), st.booleans())
def test_what_is_over_a_limit_is_cut_and_the_rest_stands(
    value: Any,
    sizes: list[int],
    is_ascii: bool,
) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii).encode()

    found = abridged(text, sizes, longest_text=LONGEST, most_items=MOST)

    # Half a character is what JSON may hold and UTF-8 may not.
    assert is_abridged(json.loads(found), value) or "\\ud" in text.decode()


@pytest.mark.parametrize("character", ["a", "£", "\\u00a3", "\\ud83d\\udea7"])
def test_a_cut_text_is_longer_than_any_contract_allows(character: str) -> None:
    text = f'["{character * 70_000}", {"1, " * 5_000}1]'.encode()

    found = abridged(text, [10_000] * 100)
    said, *numbers = json.loads(found, strict=False)

    assert 4_000 < len(said) <= LONGEST_TEXT
    assert len(numbers) == MOST_ITEMS - 1
