from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio
import anyio.lowlevel

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.sender import Delivery, deliver


@dataclass
class Note:
    url: str = "http://127.0.0.1/"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"


class Outbox:
    """Two notes to begin with, and one more for every note that got no answer."""

    def __init__(self) -> None:
        self.waiting = [Note(body=b"lost"), Note(body=b"kept")]
        self.answers: list[tuple[bytes, int | None]] = []
        self.done = anyio.Event()

    def due(self, _now: float) -> Sequence[Note]:
        ripe, self.waiting = self.waiting, []
        return ripe

    def answered(self, delivery: Note, status: int | None, _now: float) -> None:
        self.answers.append((delivery.body, status))
        if status is None:
            self.waiting = [Note(body=b"again")]
        if delivery.body == b"again":
            self.done.set()


async def test_every_note_is_posted_and_its_answer_told(clock: SandboxClock) -> None:
    outbox = Outbox()

    async def post(delivery: Delivery) -> int | None:
        await anyio.lowlevel.checkpoint()
        return None if delivery.body == b"lost" else 204

    async with anyio.create_task_group() as group:

        async def send() -> None:
            await deliver(outbox, clock=clock, post=post, poll_s=0.001)

        group.start_soon(send)
        with anyio.fail_after(5):
            await outbox.done.wait()
        group.cancel_scope.cancel()
    assert sorted(outbox.answers, key=lambda answer: answer[0]) == [
        (b"again", 204),
        (b"kept", 204),
        (b"lost", None),
    ]
