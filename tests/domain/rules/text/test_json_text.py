"""JSON that no parser takes whole comes apart without a word of it being lost."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.text import json_text

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(listed=st.lists(ANYTHING))
def test_elements_are_those_of_the_list(listed: list[Any]) -> None:
    found = json_text.elements(json.dumps(listed, indent=1, ensure_ascii=False).encode())

    assert [json.loads(each) for each in found] == listed


@given(members=st.dictionaries(st.text("abcXYZ äß", max_size=5), ANYTHING))
def test_members_are_those_of_the_object(members: dict[str, Any]) -> None:
    found = json_text.members(json.dumps(members, ensure_ascii=False).encode())

    assert {name: json.loads(each) for name, each in found.items()} == members


@given(before=st.lists(ANYTHING, max_size=3), after=st.lists(ANYTHING, max_size=3))
def test_element_no_parser_takes_leaves_its_neighbours_whole(
    before: list[Any], after: list[Any]
) -> None:
    deep = b"[" * 5000 + b"]" * 5000
    texts = [json.dumps(each).encode() for each in before]
    texts += [deep, *(json.dumps(each).encode() for each in after)]

    rest, found = json_text.apart(b'{"more":true,"rows":[%s]}' % b",".join(texts), "rows")

    assert json.loads(rest) == {"rows": [], "more": True}
    assert found == texts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (rb'"a\ud83d"', "a�"),
        (rb'"\ude00b"', "�b"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\\ud83d"', r"\ud83d"),
        (rb'"\ud83d\ud83d\ude00"', "�\U0001f600"),
    ],
)
def test_half_a_character_is_replaced_and_whole_ones_stay(text: bytes, shown: str) -> None:
    assert json.loads(json_text.mended(text)) == shown


@pytest.mark.parametrize("text", [b"", b"7", b"{", b'["', b'[1,"a]', b"<html>"])
def test_text_that_is_no_list_says_so(text: bytes) -> None:
    with pytest.raises(json_text.NotJson):
        json_text.elements(text)


def test_text_of_too_many_parts_is_not_gone_through_to_its_end() -> None:
    with pytest.raises(json_text.NotJson, match="more than"):
        json_text.elements(b"[" + b"[]," * json_text.MOST_TOKENS + b"[]]")


@pytest.mark.parametrize(
    ("kind", "text", "what"),
    [
        (
            Annotated[str, msgspec.Meta(max_length=3)],
            b'"abcd"',
            "expected a text of at most 3 characters",
        ),
        (
            Annotated[str, msgspec.Meta(min_length=2)],
            b'"a"',
            "expected a text of at least 2 characters",
        ),
        (
            Annotated[list[int], msgspec.Meta(max_length=1)],
            b"[1, 2]",
            "expected a list of at most 1 elements",
        ),
        (int, b'"a"', "expected a whole number, got a text"),
    ],
)
def test_what_does_not_fit_is_said_without_a_programmer_s_signs(
    kind: Any, text: bytes, what: str
) -> None:
    with pytest.raises(json_text.Unreadable) as refused:
        json_text.read(msgspec.json.Decoder(kind), text)

    assert refused.value.what == what
