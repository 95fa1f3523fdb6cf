"""Tells pages that something has moved: signals, no content, over one stream a tab.

A fold over facts. What a signal says is read again by the page itself, under its own role; one that
is lost costs nothing, for the next beat repeats that something may have moved. `observe` is one of
the daemon's observers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import StrEnum

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from syncd.domain import facts
from syncd.domain.facts import Fact
from syncd.domain.model.value import Value

MOST_STREAMS = 64
BEAT_S = 10.0
"""A sign of life this often: a page says so when none came for longer."""
_MOST_WAITING = 16


class Subject(StrEnum):
    """What has moved; the page knows which of its parts show that."""

    QUEUE = "queue"
    INVOICES = "invoices"
    CONTACTS = "contacts"
    FINDINGS = "findings"
    WEBHOOKS = "webhooks"
    CARD = "card"


class Signal(Value, frozen=True, kw_only=True):
    """One thing that moved; `number` counts all of them."""

    number: int
    subject: Subject
    tenant: str


_OF_FACTS: dict[type[Fact], tuple[Subject, ...]] = {
    facts.ChangesTaken: (Subject.QUEUE, Subject.INVOICES),
    facts.JobsSettled: (Subject.QUEUE, Subject.INVOICES, Subject.CONTACTS),
    facts.BrakeMoved: (Subject.CARD,),
    facts.ConnectionChanged: (Subject.CARD,),
    facts.TokenRefreshed: (Subject.CARD,),
    facts.RemoteMoved: (Subject.CARD,),
    facts.TenantSampled: (Subject.CARD,),
    facts.WebhooksDigested: (Subject.WEBHOOKS, Subject.INVOICES),
    facts.WebhooksReceived: (Subject.WEBHOOKS,),
    facts.FindingsReviewed: (Subject.FINDINGS,),
}


class LiveStreams:
    """The open streams of all tabs; at most `MOST_STREAMS`."""

    def __init__(self) -> None:
        self._number = 0
        self._open: dict[MemoryObjectSendStream[Signal], str] = {}

    def __len__(self) -> int:
        return len(self._open)

    def observe(self, fact: Fact) -> None:
        """Signal what the fact moved. A tab that does not keep up misses some, and is told more."""
        subjects = _OF_FACTS.get(type(fact), ()) if self._open else ()
        for subject in subjects:
            self._signal(subject, getattr(fact, "tenant", ""))

    def _signal(self, subject: Subject, tenant: str) -> None:
        self._number += 1
        signal = Signal(number=self._number, subject=subject, tenant=tenant)
        for stream, whose in self._open.items():
            if tenant in ("", whose) or not whose:
                try:
                    stream.send_nowait(signal)
                except (anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
                    continue

    def join(self, tenant: str) -> MemoryObjectReceiveStream[Signal] | None:
        """Signals of a tenant, or of all; None when there are too many streams already."""
        if len(self._open) >= MOST_STREAMS:
            return None
        send, receive = anyio.create_memory_object_stream[Signal](_MOST_WAITING)
        self._open[send] = tenant
        return receive

    def leave(self, receive: MemoryObjectReceiveStream[Signal]) -> None:
        """Forget a stream."""
        receive.close()
        for send in [one for one in self._open if one.statistics().open_receive_streams == 0]:
            del self._open[send]
            send.close()

    def end(self) -> None:
        """End every stream: the daemon drains."""
        for send in self._open:
            send.close()
        self._open.clear()


async def beats(receive: MemoryObjectReceiveStream[Signal]) -> AsyncIterator[Signal | None]:
    """Signals as they come, and None after each `BEAT_S` without one; ends with the stream."""
    while True:
        signal: Signal | None = None
        with anyio.move_on_after(BEAT_S):
            try:
                signal = await receive.receive()
            except anyio.EndOfStream:
                return
        yield signal
