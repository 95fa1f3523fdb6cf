"""Queries by text: bounded, and never wrong for what a user may type."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.sandbox.xero.protocol import where as emulated
from syncd.xero import where


@given(text=st.text())
def test_encoded_text_is_ascii_and_comes_back(text: str) -> None:
    assert where.encoded(text).isascii()
    assert unquote(where.encoded(text)) == text


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("INV-1", True),
        ("A,B", False),
        ('3" pipe', False),
        (" x", False),
        ("", False),
        ("a'b", True),
    ],
)
def test_list_takes_only_what_it_gives_back(text: str, fits: bool) -> None:
    assert where.fits_list(text) is fits


@given(text=st.text(alphabet=st.characters(codec="utf-8"), min_size=1))
def test_condition_finds_the_text_it_was_made_for(text: str) -> None:
    condition = emulated.compile_where(
        where.same("InvoiceNumber", text), {"invoicenumber": lambda found: found}
    )

    assert condition(text)


@given(text=st.text(alphabet='ab"\\,発\U0001f9fe', min_size=200, max_size=400))
def test_condition_of_a_long_text_fits_a_query_and_finds_it(text: str) -> None:
    written = where.same("InvoiceNumber", text)
    condition = emulated.compile_where(written, {"invoicenumber": lambda found: found})

    assert len(where.encoded(written)) <= where.MOST_QUERY_BYTES
    assert condition(text)


def test_condition_of_a_plain_text_finds_nothing_else() -> None:
    assert where.same("Name", "Acme, Ltd") == 'Name=="Acme, Ltd"'
    assert where.same("Name", 'Pipe 3" x') == (
        '(Name!=null AND Name.StartsWith("Pipe 3") AND Name.EndsWith(" x"))'
    )


@given(text=st.text(alphabet='ab"\\', min_size=1) | st.text(min_size=700, max_size=900))
def test_condition_by_a_part_of_a_text_asks_first_whether_the_field_is_there(text: str) -> None:
    """Xero fails a list in which one row lacks the field (facts §3.4)."""
    written = where.same("AccountNumber", text)

    if any(word in written for word in (".Contains(", ".StartsWith(", ".EndsWith(")):
        assert written.startswith("(AccountNumber!=null AND ")
        assert written.endswith(")")


@given(parts=st.lists(st.text(max_size=300), max_size=80))
def test_chunks_keep_every_part_in_order_and_below_the_bounds(parts: list[str]) -> None:
    found = list(where.chunks([where.encoded(part) for part in parts], "|", most_parts=7))

    assert [part for chunk in found for part in chunk.split("|")] == [
        where.encoded(part) for part in parts
    ]
    for chunk in found:
        assert chunk.count("|") < 7
        assert len(where.encoded(chunk)) <= where.MOST_QUERY_BYTES or "|" not in chunk
