"""What is on the wire, from its sender's side: begun before the first byte, ended with any end."""

from __future__ import annotations

import anyio
import pytest

from syncd.domain.errors import OutcomeUnknown
from syncd.lab.watched_wire import Wire
from syncd.ports.transport import HttpRequest, HttpResponse

FIRST = HttpRequest(method="PUT", url="http://x/1")
SECOND = HttpRequest(method="PUT", url="http://x/2")


class Slow:
    """Answers a moment later, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    async def send(self, _request: HttpRequest) -> HttpResponse:
        await anyio.lowlevel.checkpoint()
        if self._error is not None:
            raise self._error
        return HttpResponse(status=200)


async def test_sender_is_told_with_what_is_on_the_wire_already() -> None:
    told: list[tuple[HttpRequest, tuple[HttpRequest, ...]]] = []
    transport = Wire(lambda *what: told.append(what)).watched(Slow())

    async with anyio.create_task_group() as group:
        group.start_soon(transport.send, FIRST)
        group.start_soon(transport.send, SECOND)
    await transport.send(FIRST)

    assert told == [(FIRST, ()), (SECOND, (FIRST,)), (FIRST, ())]


async def test_failed_request_is_on_the_wire_no_more() -> None:
    told: list[tuple[HttpRequest, ...]] = []
    transport = Wire(lambda _, under_way: told.append(under_way)).watched(
        Slow(OutcomeUnknown("lost", system="x"))
    )
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await transport.send(FIRST)

    assert told == [(), ()]
