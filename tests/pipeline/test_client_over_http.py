"""Single calls to Pipeline through aiohttp: what leaves, and what an answer means.

No server: aioresponses answers as sync-api.yaml says. What needs Pipeline's own memory is played
against the emulator in tests/sandbox and tests/engine.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aioresponses import aioresponses
from yarl import URL

from syncd.domain.errors import (
    CursorTooOld,
    Garbled,
    NotFound,
    NotSent,
    Refused,
    RemoteError,
    ServerTrouble,
    Throttled,
    Unauthorised,
)
from syncd.domain.ids import TenantId
from syncd.pipeline.client import PipelineClient, PipelineRemote, PipelineRequest
from syncd.runtime.aiohttp_transport import tcp_transport

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
TENANT = TenantId("acme")
BASE = "https://app.pipeline.test/api/v1"
LIST = PipelineRequest(
    operation="list_changes", method="GET", target="/changes?limit=200&since=a%2Bb"
)
POINT = PipelineRequest(
    operation="get_invoice", method="GET", target="/invoices/1", is_point_read=True
)
RESULT = json.dumps({"results": [{"note": "Größe"}]}).encode()
PUT = PipelineRequest(
    operation="put_sync_results", method="POST", target="/sync-results", body=RESULT
)
PROBLEM = "application/problem+json"


class Clock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def remote() -> Iterator[aioresponses]:
    with aioresponses() as mocked:
        yield mocked


@pytest.fixture
async def pipeline() -> AsyncIterator[PipelineClient]:
    async with tcp_transport("pipeline:acme") as transport:
        remote = PipelineRemote(url=BASE, api_key="pip_key_canary", transport=transport)
        yield PipelineClient({TENANT: remote}, clock=Clock())


def url_of(asked: PipelineRequest) -> str:
    return BASE + asked.target


def sent(remote: aioresponses, asked: PipelineRequest) -> dict[str, Any]:
    """How the only call left."""
    (call,) = remote.requests[asked.method, URL(url_of(asked), encoded=True)]
    found: dict[str, Any] = call.kwargs
    return found


async def test_feed_is_asked_for_with_the_key_and_the_cursor_as_it_is(
    remote: aioresponses, pipeline: PipelineClient
) -> None:
    remote.get(URL(url_of(LIST), encoded=True), payload={"changes": []})

    body = await pipeline.request(TENANT, LIST)

    headers = sent(remote, LIST)["headers"]
    assert json.loads(body) == {"changes": []}
    assert headers["Authorization"] == "Bearer pip_key_canary"


async def test_results_leave_as_the_bytes_they_are(
    remote: aioresponses, pipeline: PipelineClient
) -> None:
    remote.post(url_of(PUT), payload={"results": []})

    await pipeline.request(TENANT, PUT)

    asked = sent(remote, PUT)
    assert asked["data"] == RESULT
    assert asked["headers"]["Content-Type"].startswith("application/json")
    assert asked["allow_redirects"] is False


@pytest.mark.parametrize(
    ("answered", "error"),
    [
        ((LIST, 401, PROBLEM), Unauthorised),
        ((LIST, 403, PROBLEM), Unauthorised),
        ((POINT, 404, PROBLEM), NotFound),
        ((POINT, 404, "text/html"), ServerTrouble),
        ((LIST, 410, PROBLEM), CursorTooOld),
        ((PUT, 422, PROBLEM), Refused),
        ((PUT, 502, "text/html"), ServerTrouble),
        ((LIST, 302, "text/html"), ServerTrouble),
        ((LIST, 200, "text/html"), Garbled),
    ],
)
async def test_answer_means_what_the_api_description_says(
    remote: aioresponses,
    pipeline: PipelineClient,
    answered: tuple[PipelineRequest, int, str],
    error: type[RemoteError],
) -> None:
    asked, status, kind_of_body = answered
    remote.add(
        URL(url_of(asked), encoded=True),
        method=asked.method,
        status=status,
        content_type=kind_of_body,
        headers={"Location": "https://elsewhere.test/"} if status == 302 else None,
        body=json.dumps({"title": "No", "detail": "because"}),
    )

    with pytest.raises(error) as caught:
        await pipeline.request(TENANT, asked)

    assert type(caught.value) is error
    assert "canary" not in str(caught.value)
    assert len(remote.requests) == 1


async def test_limit_waits_as_long_as_pipeline_says(
    remote: aioresponses, pipeline: PipelineClient
) -> None:
    remote.get(
        URL(url_of(LIST), encoded=True),
        status=429,
        content_type=PROBLEM,
        headers={"Retry-After": "23"},
        body="{}",
    )

    with pytest.raises(Throttled) as caught:
        await pipeline.request(TENANT, LIST)

    assert caught.value.retry_after_s == 23


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (
            aiohttp.ClientConnectorError(
                aiohttp.client_reqrep.ConnectionKey(
                    "app.pipeline.test", 443, True, True, None, None, None
                ),
                OSError(111, "Connection refused"),
            ),
            NotSent,
        ),
        (TimeoutError(), ServerTrouble),
        (aiohttp.ServerDisconnectedError(), ServerTrouble),
    ],
)
async def test_call_without_an_answer_is_trouble_that_passes(
    remote: aioresponses,
    pipeline: PipelineClient,
    broken: Exception,
    error: type[RemoteError],
) -> None:
    """A result that was sent may be sent again: Pipeline knows it by its revision."""
    remote.post(url_of(PUT), exception=broken)

    with pytest.raises(error) as caught:
        await pipeline.request(TENANT, PUT)

    assert type(caught.value) is error
