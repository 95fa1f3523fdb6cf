"""The table of pages: every operation it names is the API's, and each page stands in it once."""

from __future__ import annotations

from collections import Counter

from syncd.web.api.application import endpoints
from syncd.web.console import routes
from tests.web.support.serving import Served


async def test_an_action_names_an_operation_of_the_api(served: Served) -> None:
    known = {one.name for one in endpoints(served.desk.operations)}

    assert {page.operation for page in routes.table() if page.operation} - known == set()


def test_a_page_stands_once_in_the_table() -> None:
    counts = Counter((page.method, page.path) for page in routes.table())

    assert {place for place, count in counts.items() if count > 1} == set()


def test_letters_of_the_menu_are_told_apart() -> None:
    letters = [page.key for page in routes.table() if page.key]

    assert len(letters) == len(set(letters))
    assert all(len(letter) == 1 for letter in letters)


def test_what_changes_something_names_who_may_or_is_one_s_own() -> None:
    own = {"/login", "/login/{ticket}", "/logout", "/account", "/account/sessions"}

    open_to_all = {
        page.path for page in routes.table() if page.method == "POST" and not page.operation
    }

    assert open_to_all == own
