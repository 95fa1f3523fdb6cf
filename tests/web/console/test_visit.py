"""What a page asks of its visit: tenant, form, menu, choices, places."""

from __future__ import annotations

import re

import pytest

from syncd.web.console.visit import Choices, place
from tests.web.console.support.browsing import console


@pytest.mark.parametrize("text", ["", "theme=blue&zone=Nowhere", "%ff", "a" * 5000, "theme"])
def test_a_cookie_that_says_nothing_chooses_nothing(text: str) -> None:
    assert Choices.of(text) == Choices()


def test_choices_survive_their_cookie() -> None:
    chosen = Choices(theme="dark", zone="Pacific/Auckland", has_keys=False)

    assert Choices.of(chosen.text()) == chosen


def test_a_place_takes_any_name() -> None:
    assert place("acme", "invoices", "a/b?c") == "/t/acme/invoices/a%2Fb%3Fc"


async def test_the_menu_leads_to_the_tenant_that_is_shown_and_marks_the_page() -> None:
    async with console() as browser:
        shown = await browser.get("/t/acme")

        assert "/t/acme/invoices" in shown.links
        assert "Signed in as super user , Super User." in shown.text
        for path, entry in (
            ("/", "Overview"),
            ("/t/acme", "Overview"),
            ("/t/acme/disconnect", "Overview"),
            ("/t/acme/invoices", "Invoices"),
            ("/t/acme/plans", "Plan"),
            ("/account", None),
        ):
            marked = re.findall(
                r'aria-current="page"[^>]*>(\w+)</a>', (await browser.get(path)).body
            )
            assert marked == ([] if entry is None else [entry])


async def test_a_form_that_cannot_be_read_is_refused() -> None:
    async with console() as browser:
        many = {f"f{number}": "x" for number in range(100)}

        assert (await browser.post("/account", many)).status == 400
