"""Says on standard error what a long order waits for, while it waits.

Used by commands whose one request lasts as long as Xero's limits make it: every few seconds the
tenant's own card is asked why no call passes, and what is new of it is said. Standard output stays
the answer's alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

import anyio

from syncd.cli.daemon_client import DaemonClient, path_of
from syncd.cli.ending import complain
from syncd.cli.output import when

T = TypeVar("T")
QUIET_S = 3.0
"""What ends sooner needs no word."""
LOOK_EVERY_S = 5.0


class Waiting:
    """Says each reason once, and again when it has changed."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._said: str | None = None

    def say(self, waits_for: Mapping[str, Any] | None) -> None:
        """What is waited for now; None: nothing holds it up."""
        reason = self._doing if waits_for is None else str(waits_for["text"])
        if reason != self._said:
            complain(self._doing if waits_for is None else in_words(waits_for))
            self._said = reason


def in_words(waits_for: Mapping[str, Any]) -> str:
    """Why it waits, and until when."""
    until = waits_for["until"]
    return f"Waiting: {waits_for['text']}{f' Next try {when(until)}.' if until else ''}"


async def followed(
    client: DaemonClient, tenant: str, order: Awaitable[T], doing: str, *, quiet_s: float = QUIET_S
) -> T:
    """The order's answer; meanwhile, from `quiet_s` on, what it waits for."""
    ended: SystemExit | None = None
    answers: list[T] = []
    async with anyio.create_task_group() as group:
        group.start_soon(_watch, client, tenant, Waiting(doing), quiet_s)
        try:
            answers.append(await order)
        except SystemExit as error:  # a task group would wrap it
            ended = error
        group.cancel_scope.cancel()
    if ended is not None:
        raise ended
    return answers[0]


async def _watch(client: DaemonClient, tenant: str, waiting: Waiting, quiet_s: float) -> None:
    await anyio.sleep(quiet_s)
    while True:
        card = await client.good_answer("/api/v1" + path_of("tenants", tenant))
        if card is not None:
            waiting.say(card["waits_for"])
        await anyio.sleep(LOOK_EVERY_S)
