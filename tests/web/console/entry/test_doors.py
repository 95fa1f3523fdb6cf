"""Who gets to a page: session, origin and role; and problems as pages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from syncd.domain.errors import StoreError
from syncd.domain.facts import ServiceFailed
from syncd.web.api.application import endpoints
from syncd.web.console import routes
from syncd.web.console.entry import doors
from syncd.web.console.visit import ConsolePage
from syncd.web.http.guard import Role
from tests.web.console.support.browsing import browsing, console, path_of
from tests.web.support.serving import OPERATORS, TOKENS, Served, operators

TABLE = routes.table()
CLOSED = [page for page in TABLE if page.path not in doors.OPEN]


def filled(page: ConsolePage) -> str:
    """The page's path, with a tenant that is served and parts that lead nowhere."""
    return re.sub(r"\{\w+\}", "x", page.path.replace("{t}", "acme"))


def named(page: ConsolePage) -> str:
    return f"{page.method} {page.path}"


LIVE = next(page for page in TABLE if page.path == "/live")
"""It answers for as long as somebody listens."""
POSTS = [page for page in TABLE if page.method == "POST"]


async def test_a_page_without_a_session_leads_to_the_login_and_back() -> None:
    async with console(role=None) as browser:
        for page in CLOSED:
            if page.method == "GET":
                answer = await browser.get(filled(page))

                assert (answer.status, path_of(answer)) == (303, "/login"), named(page)


async def test_an_action_without_a_session_is_refused_with_a_sentence() -> None:
    async with console(role=None) as browser:
        for page in CLOSED:
            if page.method == "POST":
                answer = await browser.post(filled(page))

                assert answer.status == 401, named(page)
                assert "nothing was changed" in answer.text, named(page)
                assert browser.desk.column.pressed == [], named(page)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {},
    ],
)
async def test_an_action_from_another_page_is_refused_with_a_sentence(
    headers: dict[str, str],
) -> None:
    async with console() as browser:
        for page in POSTS:
            answer = await browser.post(filled(page), headers=headers)

            assert answer.status == 403, named(page)
            assert "nothing was changed" in answer.text, named(page)
            assert browser.desk.column.pressed == [], named(page)


@pytest.mark.parametrize(
    "page", [page for page in TABLE if page.operation and page is not LIVE], ids=named
)
async def test_a_lesser_role_is_refused_with_the_role_it_needs(page: ConsolePage) -> None:
    async with operators() as served:
        for role in TOKENS:
            async with browsing(served, role) as browser:
                call = browser.get if page.method == "GET" else browser.post
                answer = await call(filled(page))

                assert (answer.status == 403) is lacks(served, page, role), role
                if answer.status == 403:
                    assert "needs the role" in answer.text


def lacks(served: Served, page: ConsolePage, role: str) -> bool:
    rows = {one.name: one.role for one in endpoints(served.desk.operations)}
    mine = next(one.role for one in OPERATORS if one.name == role.lower())
    return mine < rows[page.operation]


async def test_a_cookie_opens_nothing_of_the_api_and_a_token_no_page() -> None:
    async with operators() as served, browsing(served) as browser:
        assert (await browser.get("/api/v1/tenants")).status == 401
        assert (await served.client.get("/")).status == 303


async def test_a_changed_token_ends_its_sessions() -> None:
    async with operators() as served, browsing(served) as browser:
        assert (await browser.get("/account")).status == 200
        served.operators[:] = [
            type(one).of(one.name, "Super User", "another-token-0123456789") for one in OPERATORS
        ]

        assert (await browser.get("/account")).status == 303


async def test_a_role_that_is_taken_away_is_gone_at_once() -> None:
    async with operators() as served, browsing(served) as browser:
        served.operators[:] = [
            type(one)(name=one.name, role=Role.OFFICE, token_digest=one.token_digest)
            for one in OPERATORS
        ]

        assert (await browser.post("/t/acme/pause")).status == 403


@pytest.mark.parametrize("path", ["/nothing", "/t/gone", "/t/acme/nothing", "/t/%00", "/t/%ff"])
async def test_what_is_not_there_is_a_page_that_says_so(path: str) -> None:
    async with console() as browser:
        answer = await browser.get(path)

        assert answer.status == 404
        assert answer.headers["Content-Type"].startswith("text/html")
        is_served = path.startswith("/t/acme")
        assert ("To acme" if is_served else "To the overview") in answer.text
        assert ("/t/acme/invoices" in answer.links) is is_served


async def test_every_page_is_under_the_strict_policy_and_out_of_caches() -> None:
    async with console() as browser:
        for path in ("/", "/login", "/nothing", "/t/acme"):
            headers = (await browser.get(path)).headers

            assert headers["Content-Security-Policy"] == doors.CSP
            assert headers["Cache-Control"] == "no-store"
            assert headers["X-Content-Type-Options"] == "nosniff"


async def test_a_part_of_a_page_without_a_session_sends_the_whole_page_away() -> None:
    async with console(role=None) as browser:
        answer = await browser.get("/t/acme?part=card", **{"HX-Request": "true"})

        assert (answer.status, answer.headers["HX-Redirect"]) == (401, "/login")


async def test_an_error_page_needs_no_store() -> None:
    async with operators() as served, browsing(served) as browser:

        async def gone(*_: object) -> None:
            raise RuntimeError("a secret of the inside")

        served.desk.operations.tenant = gone  # type: ignore[method-assign,assignment]  # a bug of ours

        answer = await browser.get("/t/acme")

        assert answer.status == 500
        assert "secret" not in answer.text
        assert "the log says what" in answer.text


def test_the_cookie_s_name_binds_it_to_this_host_where_there_is_tls() -> None:
    assert doors.cookie_name(is_secure=True).startswith("__Host-")
    assert not doors.cookie_name(is_secure=False).startswith("__")


async def test_our_own_mistake_is_named_as_the_log_names_it_and_no_inner_word_is_shown() -> None:
    async with operators() as served, browsing(served) as browser:
        sessions = served.desk.operations.sessions
        served.desk.operations.tenants = _fails(KeyError("inner"))  # type: ignore[method-assign]  (set by hand)
        answer = await browser.get("/")
        served.desk.operations.tenants = _fails(StoreError("inner"))  # type: ignore[method-assign]  (set by hand)
        gone = await browser.get("/")
        sessions.find = _fails(StoreError("inner"))  # type: ignore[method-assign]  (set by hand)
        nobody = await browser.get("/t/acme")

        told = [one for one in served.desk.told if isinstance(one, ServiceFailed)]
        assert [one.status for one in (answer, gone, nobody)] == [500, 503, 503]
        for shown, fact in zip((answer, gone, nobody), told, strict=True):
            assert f"In the log under {fact.correlation}" in shown.text
            assert "inner" not in shown.body
        assert "Reload this page" in nobody.text
        assert "/login" not in nobody.links


def _fails(error: Exception) -> Any:
    async def failing(*_: object) -> None:
        raise error

    return failing
