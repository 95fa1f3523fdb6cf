"""Who a proxy says it is: believed from the proxies named, mapped to operators by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from multidict import CIMultiDict

from syncd.telemetry.health import Health
from syncd.web.api.application import application
from syncd.web.console import routes
from syncd.web.console.entry.proxies import TrustedProxies
from syncd.web.console.live import LiveStreams
from tests.engine.support.operating import desk
from tests.web.support.serving import OPERATORS, TOKENS, Client, listening

HEADER = "X-Remote-User"
HERE = ("127.0.0.1",)


@asynccontextmanager
async def behind(*networks: str) -> AsyncIterator[Client]:
    async with desk() as at:
        beside = routes.beside(
            at.operations,
            operators=OPERATORS,
            clock=at.clock,
            streams=LiveStreams(),
            proxies=TrustedProxies.of(HEADER, networks),
        )
        app = application(
            at.operations,
            operators=OPERATORS,
            health=Health(),
            exposition=lambda: b"",
            beside=beside,
        )
        async with listening(app) as client:
            yield client


async def asked(
    client: Client, path: str, *names: str, method: str = "GET", **headers: str
) -> tuple[int, str]:
    sent = CIMultiDict([*((HEADER, name) for name in names), *headers.items()])
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, client.base + path, headers=sent, allow_redirects=False) as answer,
    ):
        return answer.status, await answer.text()


@pytest.mark.parametrize("network", ["127.0.0.1", "127.0.0.0/8", "::/1"])
async def test_a_name_is_believed_from_a_named_proxy_alone(network: str) -> None:
    async with behind(network) as client:
        status, body = await asked(client, "/", "office")

        is_named = network.startswith("127")
        assert status == (200 if is_named else 303)
        assert ("Signed in as <strong>office</strong>, Office" in body) is is_named


@pytest.mark.parametrize(("name", "status"), [("office", 403), ("super user", 200)])
async def test_the_role_is_the_named_operators(name: str, status: int) -> None:
    async with behind(*HERE) as client:
        assert (await asked(client, "/t/acme/settings", name))[0] == status


@pytest.mark.parametrize("name", ["nobody", "<script>", "Office", "x" * 900])
async def test_a_name_that_is_no_operator_s_is_refused_with_a_sentence(name: str) -> None:
    async with behind(*HERE) as client:
        status, body = await asked(client, "/", name)

        assert status == 403
        assert "no operator of this daemon has that name" in body
        assert "<script>" not in body


async def test_a_header_that_came_twice_is_refused_and_an_empty_one_says_nothing() -> None:
    async with behind(*HERE) as client:
        assert (await asked(client, "/", "office", "super user"))[0] == 403
        assert (await asked(client, "/", ""))[0] == 303
        assert (await asked(client, "/"))[0] == 303


async def test_a_press_still_has_to_come_from_a_page_of_ours() -> None:
    async with behind(*HERE) as client:
        path = "/t/acme/pause"
        for site, status in (("cross-site", 403), ("same-origin", 303)):
            sent = {"Sec-Fetch-Site": site}
            answer = await asked(client, path, "super user", method="POST", **sent)
            assert answer[0] == status


async def test_the_header_opens_nothing_of_the_api() -> None:
    async with behind(*HERE) as client:
        assert (await asked(client, "/api/v1/tenants", "super user"))[0] == 401
        bearer = {"Authorization": f"Bearer {TOKENS['Office']}"}
        assert (await asked(client, "/api/v1/tenants", "super user", **bearer))[0] == 200
