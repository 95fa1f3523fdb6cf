"""What of the operators' listener is a page, and what is the API's."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from syncd.web.http.beside import NOTHING_BESIDE
from syncd.web.http.guard import OPEN_PATHS
from tests.web.support.serving import Served


@pytest.mark.parametrize("path", ["/t/acme", "/nothing", "/apis", "/Api/v1/tenants"])
async def test_what_is_neither_of_the_api_nor_open_is_a_page(served: Served, path: str) -> None:
    assert (await served.client.get(path)).status == 303


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1/tenants", "/%61pi/v1/tenants", *OPEN_PATHS]
)
async def test_the_api_and_what_is_open_are_no_pages(served: Served, path: str) -> None:
    answer = await served.client.get(path, role=None)

    assert answer.headers["Content-Type"].partition(";")[0] != "text/html"
    assert answer.status in (200, 401)


def test_a_listener_without_pages_has_the_api_guard_everything() -> None:
    assert not NOTHING_BESIDE.is_page(make_mocked_request("GET", "/"))
