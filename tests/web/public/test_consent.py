"""The public pages of consent, through aiohttp: redirects, cookies, and what a person reads."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from syncd.domain.errors import StoreError
from syncd.domain.facts import ServiceFailed
from syncd.web.public.consent import PLAIN_COOKIE, SECURE_COOKIE, ConsentPages
from syncd.web.public.plain_page import WayBack
from tests.engine.support.connecting import ACME, World, a_world, listed

Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def a_browser(
    folder: Path, *, public_url: str = "https://sync.example"
) -> AsyncIterator[tuple[World, Client]]:
    async with a_world(folder) as world:
        world.identity.listed.append(listed(name="Ada & <Söhne>"))
        app = web.Application()
        pages = ConsentPages(
            world.flow,
            public_url=public_url,
            back=lambda tenant: (
                WayBack(url="https://app.test/?a=1&b=2", words="Back to Pipeline")
                if tenant == ACME
                else None
            ),
        )
        app.add_routes(pages.routes())
        async with TestClient(TestServer(app)) as client:
            yield world, client


async def set_out(world: World, client: Client) -> tuple[str, str]:
    """Follow a fresh ticket; the state in Xero's address and the cookie's value."""
    offer = await world.flow.start(ACME, "Ada")
    target = urlsplit(offer.url)
    answer = await client.get(f"{target.path}?{target.query}", allow_redirects=False)
    assert answer.status == 302
    (state,) = parse_qs(urlsplit(answer.headers["Location"]).query)["state"]
    (cookie,) = answer.cookies.values()
    return state, cookie.value


async def come_back(
    client: Client, query: str, cookie: str | None, *, name: str = SECURE_COOKIE
) -> tuple[int, str]:
    headers = {} if cookie is None else {"Cookie": f"{name}={cookie}"}
    answer = await client.get(f"/oauth/xero/callback?{query}", headers=headers)
    return answer.status, await answer.text()


async def test_ticket_leads_through_xero_to_a_page_with_the_organisation(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        state, cookie = await set_out(world, client)

        status, page = await come_back(client, f"state={state}&code=good", cookie)

        assert status == 200
        assert "Connected to Xero" in page
        assert "Ada &amp; &lt;Söhne&gt;" in page
        assert world.connections.is_open(ACME)


async def test_cookie_is_host_only_secure_and_out_of_reach_of_scripts(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        offer = await world.flow.start(ACME, "Ada")

        answer = await client.get(f"/connect/xero?ticket={offer.ticket}", allow_redirects=False)

        (line,) = answer.headers.getall("Set-Cookie")
        assert line.startswith(f"{SECURE_COOKIE}=")
        assert {part.strip() for part in line.split(";")[1:]} == {
            "HttpOnly",
            "Max-Age=600",
            "Path=/",
            "SameSite=Lax",
            "Secure",
        }


async def test_cookie_without_tls_has_a_name_a_browser_takes(tmp_path: Path) -> None:
    async with a_browser(tmp_path, public_url="http://localhost:8081") as (world, client):
        state, cookie = await set_out(world, client)

        status, _ = await come_back(client, f"state={state}&code=good", cookie, name=PLAIN_COOKIE)

        assert status == 200


async def test_every_page_keeps_scripts_frames_caches_and_referrers_out(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        offer = await world.flow.start(ACME, "Ada")
        for path in (
            f"/connect/xero?ticket={offer.ticket}",
            "/connect/xero",
            "/oauth/xero/callback",
        ):
            answer = await client.get(path, allow_redirects=False)

            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "<script" not in await answer.text()


async def test_ticket_is_good_for_one_consent(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        offer = await world.flow.start(ACME, "Ada")
        path = f"/connect/xero?ticket={offer.ticket}"
        first = await client.get(path, allow_redirects=False)
        (state,) = parse_qs(urlsplit(first.headers["Location"]).query)["state"]
        await come_back(client, f"state={state}&code=good", state)

        answer = await client.get(path, allow_redirects=False)

        assert answer.status == 410
        assert "This link no longer works" in await answer.text()
        assert "Set-Cookie" not in answer.headers


async def test_link_preview_takes_no_ticket(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        offer = await world.flow.start(ACME, "Ada")

        path = f"/connect/xero?ticket={offer.ticket}"
        head = await client.head(path)
        preview = await client.get(path, allow_redirects=False)
        person = await client.get(path, allow_redirects=False)

        assert (head.status, preview.status, person.status) == (405, 302, 302)
        assert person.headers["Location"] == preview.headers["Location"]


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/%2f/evil.example"])
async def test_no_parameter_leads_anywhere_else(target: str, tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        offer = await world.flow.start(ACME, "Ada")
        query = f"ticket={offer.ticket}&next={target}&redirect_uri={target}&url={target}"

        answer = await client.get(f"/connect/xero?{query}", allow_redirects=False)

        assert answer.headers["Location"].startswith("https://login.example/")


@pytest.mark.parametrize(
    ("query", "cookie", "words"),
    [
        ("", "own", "opened without Xero&#x27;s answer"),
        ("state={state}&code=good", None, "did not send back the cookie"),
        ("state={state}&code=good", "another", "does not belong to the connection"),
        ("state=forged&code=good", "forged", "This connection attempt has ended"),
        ("state={state}&error=access_denied", "own", "Access was not granted"),
        ("state={state}&code=old", "own", "no longer valid"),
        ("state={state}", "own", "neither a code nor an error"),
        ("state={state}&code=" + "x" * 5000, "own", "neither a code nor an error"),
    ],
)
async def test_every_failure_says_what_happened_and_what_to_press(
    query: str, cookie: str | None, words: str, tmp_path: Path
) -> None:
    async with a_browser(tmp_path) as (world, client):
        state, own = await set_out(world, client)

        status, page = await come_back(
            client, query.format(state=state), own if cookie == "own" else cookie
        )

        assert status == 400
        assert words in page
        assert "Connect to Xero" in page
        assert state not in page
        assert not world.connections.is_open(ACME)


async def test_cookie_that_is_no_text_is_another_browsers(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        state, _ = await set_out(world, client)

        status, page = await come_back(client, f"state={state}&code=good", "caf\udce9")

        assert status == 400
        assert "does not belong to the connection" in page


async def test_what_xero_sends_is_never_echoed(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        state, cookie = await set_out(world, client)
        query = f"state={state}&error=%3Cscript%3E&error_description=%3Cb%3Ecanary%3C/b%3E"

        _, page = await come_back(client, query, cookie)

        assert "script" not in page
        assert "canary" not in page


async def test_store_that_cannot_write_is_said_and_nothing_is_shown(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        state, cookie = await set_out(world, client)
        world.fails_commit = [StoreError("connections.sealed_refresh: disk I/O error")]

        status, page = await come_back(client, f"state={state}&code=good", cookie)

        assert status == 503
        assert "sealed" not in page


def links(page: str) -> dict[str, str]:
    """Words and target of each link."""
    found = re.findall(r'<a href="([^"]+)">([^<]+)</a>', page)
    return {words: target for target, words in found}


async def test_cancelled_consent_has_a_link_that_leads_through_it_once_more(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        state, cookie = await set_out(world, client)

        status, page = await come_back(client, f"state={state}&error=access_denied", cookie)

        again = urlsplit(links(page)["Try again"])
        answer = await client.get(f"{again.path}?{again.query}", allow_redirects=False)
        (line,) = answer.cookies.values()
        (fresh,) = parse_qs(urlsplit(answer.headers["Location"]).query)["state"]
        assert status == 400
        assert (await come_back(client, f"state={fresh}&code=good", line.value))[0] == 200
        assert world.connections.is_open(ACME)


async def test_page_for_a_stranger_offers_no_way_through_xero(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        state, _ = await set_out(world, client)

        for cookie in (None, "another"):
            _, page = await come_back(client, f"state={state}&error=access_denied", cookie)
            assert "Try again" not in page


async def test_every_page_of_a_known_tenant_leads_back(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        state, cookie = await set_out(world, client)
        _, failed = await come_back(client, f"state={state}&error=access_denied", cookie)
        state, cookie = await set_out(world, client)
        _, connected = await come_back(client, f"state={state}&code=good", cookie)

        for page in (failed, connected):
            assert links(page)["Back to Pipeline"] == "https://app.test/?a=1&amp;b=2"


async def test_error_nobody_foresaw_ends_in_a_page(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as (world, client):
        state, cookie = await set_out(world, client)

        world.identity.exchange_error = OverflowError("date value out of range")

        status, page = await come_back(client, f"state={state}&code=good", cookie)

        assert status == 502
        assert "This could not be completed" in page
        assert "date value" not in page
        assert any(isinstance(fact, ServiceFailed) for fact in world.told)
