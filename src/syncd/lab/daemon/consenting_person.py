"""A person who connects a tenant to Xero in the simulation, with a pretend browser.

Called once per tenant, while the first incarnation of the daemon runs and nothing goes wrong yet.
The API, the pages, the cookie and the way through Xero are the product's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from syncd.lab.daemon.machine import OPERATOR_PATH, PUBLIC_PATH, XERO_PATH
from syncd.lab.virtual.virtual_time import SimulationError


async def connect(tenant: str, operator_token: str, *, picks: str | None = None) -> None:
    """Ask for a link, follow it through Xero, come back. Raises SimulationError at a no.

    `picks` is the organisation chosen on Xero's page by somebody who has several.
    """
    api = f"http://localhost/api/v1/tenants/{tenant}/connect"
    async with (
        _browser(OPERATOR_PATH) as operator,
        operator.post(api, headers={"Authorization": f"Bearer {operator_token}"}) as answer,
    ):
        _expect(answer, HTTPStatus.OK)
        link = (await answer.json())["url"]
    async with _browser(PUBLIC_PATH) as browser, browser.get(link, allow_redirects=False) as page:
        _expect(page, HTTPStatus.FOUND)
        cookies = {name: morsel.value for name, morsel in page.cookies.items()}
        to_xero = page.headers["Location"] + ("" if picks is None else f"&org={picks}")
    async with _browser(XERO_PATH) as browser, browser.get(to_xero, allow_redirects=False) as page:
        _expect(page, HTTPStatus.FOUND)
        back = page.headers["Location"]
    async with _browser(PUBLIC_PATH, cookies) as browser, browser.get(back) as page:
        _expect(page, HTTPStatus.OK)


def _browser(path: str, cookies: Mapping[str, str] | None = None) -> aiohttp.ClientSession:
    shown = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
    return aiohttp.ClientSession(
        connector=aiohttp.UnixConnector(path),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Cookie": shown} if shown else None,
    )


def _expect(answer: aiohttp.ClientResponse, status: HTTPStatus) -> None:
    if answer.status != status:
        path = urlsplit(str(answer.url)).path
        raise SimulationError(f"{path}: expected {status}, got {answer.status}")
