"""What is on the wire, from its sender's side: begun before the first byte, ended with any end."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from syncd.domain.errors import OutcomeUnknown
from syncd.lab.watch.watched_wire import Wire
from syncd.ports.transport import HttpRequest, HttpResponse

FIRST = HttpRequest(method="PUT", url="http://x/1")
SECOND = HttpRequest(method="PUT", url="http://x/2")


class Slow:
    """Answers a moment later, or fails."""

    def __init__(
        self, error: Exception | None = None, response: HttpResponse | None = None
    ) -> None:
        self._error = error
        self._response = response or HttpResponse(status=200)

    async def send(self, _request: HttpRequest) -> HttpResponse:
        await anyio.lowlevel.checkpoint()
        if self._error is not None:
            raise self._error
        return self._response


async def test_sender_is_told_with_what_is_on_the_wire_already() -> None:
    told: list[tuple[HttpRequest, tuple[HttpRequest, ...]]] = []
    transport = Wire(lambda one: told.append((one.request, one.under_way))).watched(Slow())

    async with anyio.create_task_group() as group:
        group.start_soon(transport.send, FIRST)
        group.start_soon(transport.send, SECOND)
    await transport.send(FIRST)

    assert told == [(FIRST, ()), (SECOND, (FIRST,)), (FIRST, ())]


async def test_failed_request_is_on_the_wire_no_more() -> None:
    told: list[tuple[HttpRequest, ...]] = []
    transport = Wire(lambda one: told.append(one.under_way)).watched(
        Slow(OutcomeUnknown("lost", system="x"))
    )
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await transport.send(FIRST)

    assert told == [(), ()]


async def test_whoever_was_told_to_wait_is_seen_when_it_calls_too_early() -> None:
    told: list[float] = []
    throttled = HttpResponse(status=429, headers={"retry-after": "60"})
    transport = Wire(lambda one: told.append(one.too_early_s)).watched(Slow(response=throttled))
    other = HttpRequest(method="GET", url="http://x/1", headers={"Xero-Tenant-Id": "another"})

    for request in (FIRST, FIRST, other):
        await transport.send(request)

    assert told == [0.0, pytest.approx(60.0, abs=5.0), 0.0]


@pytest.mark.parametrize(
    ("path", "mine", "anothers"),
    [
        ("connect/token", {"body": b"refresh_token=a"}, {"body": b"refresh_token=b"}),
        ("connections", {"headers": {"Authorization": "a"}}, {"headers": {"Authorization": "b"}}),
    ],
)
async def test_word_to_wait_binds_whose_token_it_was_told_for(
    path: str, mine: dict[str, Any], anothers: dict[str, Any]
) -> None:
    told: list[float] = []
    throttled = HttpResponse(status=429, headers={"retry-after": "60"})
    transport = Wire(lambda one: told.append(one.too_early_s)).watched(Slow(response=throttled))

    for whose in (mine, anothers, mine):
        await transport.send(HttpRequest(method="POST", url=f"http://x/{path}", **whose))

    assert told == [0.0, 0.0, pytest.approx(60.0, abs=5.0)]
