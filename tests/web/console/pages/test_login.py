"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.domain.facts import RequestRefused
from syncd.web.console.tries import MOST_AN_ADDRESS
from tests.web.console.support.browsing import Browser, browsing, console, path_of
from tests.web.support.serving import OPERATORS, TOKENS, operators


def refused(browser: Browser) -> list[int]:
    return [fact.status for fact in browser.desk.told if isinstance(fact, RequestRefused)]


@pytest.mark.parametrize("role", TOKENS)
async def test_a_token_signs_in_and_leads_on(role: str) -> None:
    async with console(role=None) as browser:
        fields = {"token": f" {TOKENS[role]}\n", "next": "/account"}

        answer = await browser.post("/login", fields)

        assert (answer.status, path_of(answer)) == (303, "/account")
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert TOKENS[role] not in cookie
        assert role in (await browser.get("/account")).text
        assert refused(browser) == []


@pytest.mark.parametrize("token", ["", "wrong", "x" * 10_000, "Ünknown"])
async def test_a_wrong_token_is_refused_with_a_sentence_and_counted(token: str) -> None:
    async with console(role=None) as browser:
        answer = await browser.post("/login", {"token": token, "next": "/help"})

        assert answer.status == 401
        assert "No operator has this token." in answer.text
        assert ("value", "/help") in answer.attributes
        assert refused(browser) == [401]
        assert (await browser.get("/account")).status == 303


async def test_tries_are_limited_and_the_right_token_waits_too() -> None:
    async with console(role=None) as browser:
        for _ in range(MOST_AN_ADDRESS):
            await browser.post("/login", {"token": "wrong"})

        limited = await browser.sign_in("Admin")
        browser.desk.clock.at += timedelta(minutes=1)
        after = await browser.sign_in("Admin")

        assert (limited.status, after.status) == (429, 303)
        assert "Wait a minute" in limited.text
        assert refused(browser)[-1] == 429


async def test_a_link_signs_in_by_its_button_and_once() -> None:
    async with console(role=None) as browser:
        mark = next(one.token_mark for one in OPERATORS if one.name == "admin")
        offer = await browser.desk.operations.sessions.offer("admin", mark)
        link = f"/login/{offer.ticket}"

        preview = await browser.get(link)
        again = await browser.get(link)
        pressed = await browser.post(link)

        assert (preview.status, again.status, pressed.status) == (200, 200, 303)
        assert "Admin" in (await browser.get("/account")).text
        spent = await browser.post(link)
        assert spent.status == 410
        assert "no longer good" in spent.text


async def test_a_link_of_another_token_signs_nobody_in() -> None:
    async with console(role=None) as browser:
        offer = await browser.desk.operations.sessions.offer("admin", "another mark")

        assert (await browser.post(f"/login/{offer.ticket}")).status == 410
        assert refused(browser) == [410]


async def test_signing_out_ends_the_session_and_takes_the_cookie_away() -> None:
    async with operators() as served, browsing(served) as browser:
        answer = await browser.post("/logout")

        assert (answer.status, path_of(answer)) == (303, "/login")
        assert "Max-Age=0" in answer.headers["Set-Cookie"]
        assert await served.desk.operations.sessions.listing() == ()
