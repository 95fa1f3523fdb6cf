"""Webhooks on their way out: asks a world what is due, has it posted, tells it the answer.

Called by `sandbox.serve`, one per world. The worlds decide what to send and when to try again; here
is only the waiting and the sending.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import anyio
from anyio.abc import TaskGroup

from syncd.sandbox.clock import SandboxClock

_AT_ONCE = 16


class Delivery(Protocol):
    """One POST to make."""

    @property
    def url(self) -> str:
        """Where to."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Signature and all."""

    @property
    def body(self) -> bytes:
        """The exact bytes that were signed."""


D = TypeVar("D", bound=Delivery)


class Outbox(Protocol[D]):
    """What a world has to send."""

    def due(self, now: float) -> Sequence[D]:
        """What is to be posted at world time `now`; each is handed out once per attempt."""

    def answered(self, delivery: D, status: int | None, now: float) -> None:
        """What the receiver said, None when it said nothing in time."""


async def deliver(
    outbox: Outbox[D],
    *,
    clock: SandboxClock,
    post: Callable[[Delivery], Awaitable[int | None]],
    poll_s: float,
) -> None:
    """Send whatever falls due, for ever, looking every `poll_s` seconds; several at once."""
    room = anyio.CapacityLimiter(_AT_ONCE)
    async with anyio.create_task_group() as group:
        while True:
            _send_due(group, outbox, clock, post, room)
            await anyio.sleep(poll_s)


def _send_due(
    group: TaskGroup,
    outbox: Outbox[D],
    clock: SandboxClock,
    post: Callable[[Delivery], Awaitable[int | None]],
    room: anyio.CapacityLimiter,
) -> None:
    async def send(delivery: D) -> None:
        async with room:
            status = await post(delivery)
        outbox.answered(delivery, status, clock.now())

    for delivery in outbox.due(clock.now()):
        group.start_soon(send, delivery)
