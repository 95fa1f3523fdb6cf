"""Holds one server against the whole contract, room by room, in one go.

Called by `syncd conformance`. It reads only, unless a customer is named to write for.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import anyio

from syncd.domain.model.value import Value
from syncd.lab.conformance import feed, limits, notes, reads, write_back
from syncd.lab.conformance.calls import Server
from syncd.lab.conformance.expectations import Expectations, Line
from syncd.lab.conformance.notes import Notes
from syncd.ports.transport import Transport

MOST_CALLS = 300
WAIT_S = 30.0


class Listener(Value, frozen=True, kw_only=True, gc=True):
    """Where notes are taken, the key they are signed with, and how long they are waited for."""

    host: str
    port: int
    key: bytes
    wait_s: float = WAIT_S
    say: Callable[[int], None] = lambda _: None
    """Told the port, once notes are taken."""


async def examine(
    transport: Transport,
    *,
    url: str,
    key: str,
    customer: str | None = None,
    old_cursor: str | None = None,
    listener: Listener | None = None,
    most_calls: int = MOST_CALLS,
    wait: Callable[[float], Awaitable[None]] = anyio.sleep,
) -> tuple[Line, ...]:
    """Every expectation and what came of it.

    Raises NotSent where nobody answers, OSError where notes cannot be listened for.
    """
    expectations = Expectations()
    server = Server(
        url=url.rstrip("/"),
        key=key,
        transport=transport,
        expectations=expectations,
        now_s=time.time,
        wait=wait,
        most_calls=most_calls,
    )
    async with AsyncExitStack() as stack:
        taken = None
        if listener is not None:
            taken = Notes(secret=listener.key, expectations=expectations, now_s=time.time)
            port = await stack.enter_async_context(
                notes.listening(taken, listener.host, listener.port)
            )
            listener.say(port)
        await limits.look_at_access(server)
        found = await feed.look(server, old_cursor=old_cursor)
        await reads.look(server, found)
        if customer is None:
            expectations.skip("it writes: name a test customer with --write", *write_back.NAMES)
        else:
            end = found.end if found.is_whole else None
            await write_back.look(server, customer, end)
        if taken is None or listener is None:
            expectations.skip("give the secret: --webhook-secret", *notes.NAMES)
        else:
            await notes.awaited(taken, listener.wait_s)
            taken.conclude(listener.wait_s)
        await limits.look_at_limit(server)
    return expectations.lines()
