"""The table of pages: every operation it names is the API's, and each page stands in it once."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from urllib.parse import quote, urlencode

from syncd.domain.model.long_work import WorkKind, WorkState
from syncd.domain.model.result import Difference, MovedBy
from syncd.store import journal
from syncd.web.api.application import endpoints
from syncd.web.console import routes
from syncd.web.http.guard import Operator
from tests.engine.support.operating import OUT_OF_SYNC, Desk, End, differing, payment
from tests.store.test_journal import entry
from tests.web.console.support import books
from tests.web.console.support.browsing import browsing
from tests.web.console.support.hostile import EACH, TEXTS, assert_harmless
from tests.web.support.serving import OPERATORS, Served, operators

READ = [page for page in routes.table() if page.method == "GET" and page.path != "/live"]
ASKED = (
    "q", "within", "t", "part", "state", "reason", "cause", "sort", "cursor", "kind", "closed",
    "source",
    "verdict", "before", "follow", "type", "object", "who", "job", "done", "ticket", "from", "by",
    "action", "outcome", "released", "looked", "next",
)  # fmt: skip
"""Every parameter that some page takes."""


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


@EACH
async def test_no_page_makes_anything_of_what_others_wrote_or_asked_for(text: str) -> None:
    before = list(OPERATORS)
    try:
        OPERATORS.append(Operator.of(text, "Super User", "a-token-of-somebody-odd"))
        async with operators() as served, browsing(served, role=None) as browser:
            await fill(served.desk, text)
            signed_in = await browser.post("/login", {"token": "a-token-of-somebody-odd"})
            assert signed_in.status == 303

            every = urlencode(dict.fromkeys(ASKED, text))
            for page in READ:
                for part in ("a", text):
                    path = filled(page.path, part)
                    assert_harmless(await browser.get(path))
                    assert_harmless(await browser.get(f"{path}?{every}"))
    finally:
        OPERATORS[:] = before


async def test_no_page_makes_anything_of_one_odd_parameter() -> None:
    async with operators() as served, browsing(served) as browser:
        await served.desk.seed({"a": OUT_OF_SYNC})
        for page in READ:
            for name in ASKED:
                asked = urlencode({name: TEXTS[0]})
                shown = await browser.get(f"{filled(page.path, 'a')}?{asked}")

                assert shown.status < 500
                assert_harmless(shown)


def filled(path: str, part: str) -> str:
    return re.sub(r"\{\w+\}", quote(part, safe=""), path.replace("{t}", "acme"))


async def fill(desk: Desk, text: str) -> None:
    """Whatever others write, wherever they write it."""
    odd = End(**{**vars(OUT_OF_SYNC), "note": text})
    await desk.seed({"a": odd, text: odd})
    await desk.seed_customer("a", name=text)
    difference = Difference(
        field="reference", pipeline=text, xero=text[::-1], agreed=text, moved_by=MovedBy.BOTH
    )
    await desk.link("a", result=replace(differing("a"), differences=(difference,)))
    await desk.pay("a", payment("a", reference=text, currency_code=text[:3]))
    entries = [entry(text, key="a"), replace(entry(text, key=text), who=text)]
    await desk.store.run(journal.append(entries))
    for kind in WorkKind:
        await books.job(desk, kind, WorkState.FAILED, text=text)
