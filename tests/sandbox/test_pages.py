"""The director's page as HTML, and what its forms stand for."""

from __future__ import annotations

import pytest

from syncd.sandbox import pages
from syncd.sandbox.pages import Form, Page, Table

PAGE = Page(
    title="A & B",
    about="",
    counts={"rows": 1},
    tables=[Table("T", ("Name", "Sum"), [("<x>", "1.00")], numbers=("Sum",))],
    forms=[Form("Pay", "hand", "pay", ("invoice", ("kind", ("a", "b")))), Form("Other", "hand")],
    choice=("place", ["0", "1"]),
)


def test_page_is_escaped_and_sets_numbers_apart() -> None:
    drawn = pages.drawn(PAGE, said="<done>")

    assert "<h1>A &amp; B</h1>" in drawn
    assert '<td>&lt;x&gt;</td><td class="number">1.00</td>' in drawn
    assert "&lt;done&gt;" in drawn


def test_form_offers_its_fields_its_words_and_the_choice() -> None:
    drawn = pages.drawn(PAGE)

    assert '<input type="hidden" name="do" value="pay">' in drawn
    assert '<select name="kind" aria-label="kind"><option>a</option><option>b</option>' in drawn
    assert drawn.count('<select name="place"') == 1
    assert '<textarea name="json"' in drawn


@pytest.mark.parametrize(
    ("form", "verb", "command"),
    [
        ({"verb": "hand", "do": "pay", "amount": " "}, "hand", {"do": "pay"}),
        ({"verb": "clock", "advance_s": "5"}, "clock", {"advance_s": "5"}),
        ({"verb": "hand", "json": '{"do": "lock", "n": 1}'}, "hand", {"do": "lock", "n": 1}),
        ({}, "", {}),
    ],
)
def test_filled_form_is_a_command(form: dict[str, str], verb: str, command: object) -> None:
    assert pages.command_of(form) == (verb, command)
