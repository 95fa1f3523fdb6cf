"""The pretend Xero with somebody at its door: every request is seen before and after its work.

The judges of conduct and the reaper listen here; the world behind the door does not know of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import anyio

from syncd.sandbox.http import Request, Response
from syncd.sandbox.xero.server.app import XeroWorld
from syncd.sandbox.xero.webhooks.body import Delivery
from syncd.sandbox.xero.webhooks.sender import Waiting, Webhooks

API = "/api.xro/2.0/"
TOKEN = "/connect/token"  # noqa: S105 - an address


@dataclass(slots=True, kw_only=True)
class Arrival:
    """One request at the door. Instants are seconds of world time."""

    number: int
    request: Request
    at_s: float
    answered: Response | None = None
    lives_until_s: float = 0.0
    """Until then it may still be carried out: a late commit."""
    lag_s: float = 0.0
    """How long ago the books were as a read's answer shows them."""

    @property
    def key(self) -> str:
        """The Idempotency-Key, or nothing."""
        return self.request.headers.get("idempotency-key", "")

    @property
    def organisation(self) -> str:
        """Whose books it is about, or nothing."""
        return self.request.headers.get("xero-tenant-id", "").lower()

    @property
    def is_write(self) -> bool:
        """Whether it may change the books."""
        return self.request.method in {"PUT", "POST"} and self.request.path.startswith(API)

    @property
    def is_refresh(self) -> bool:
        """Whether it asks for new tokens with a refresh token."""
        is_token_call = self.request.path == TOKEN
        return is_token_call and b"grant_type=refresh_token" in self.request.body

    def shows(self, document: str) -> bool:
        """Whether it is a read of invoices whose answer left, with this document in it."""
        request, answer = self.request, self.answered
        is_read = request.method == "GET" and request.path.startswith(f"{API}Invoices")
        if not is_read or answer is None or answer.status != HTTPStatus.OK or answer.drop:
            return False
        return document.encode() in answer.body


Listener = Callable[[Arrival], None]


@dataclass(slots=True)
class Door:
    """Who is told: on arrival before anything is done, and once it was done."""

    arriving: list[Listener] = field(default_factory=list)
    done: list[Listener] = field(default_factory=list)
    seen: list[Arrival] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Hold:
    """The next call that `fits` is carried out and answered so late; `begun` once it is there."""

    fits: Callable[[Arrival], bool]
    seconds: float
    begun: anyio.Event = field(default_factory=anyio.Event)


Announced = tuple[str, str, int]
"""The organisation and the resource of an event, empty where nobody can read it, and when it
changed, in milliseconds."""
Answered = Callable[[Delivery, list[Announced], int | None], None]
"""Told of a delivery, its events unless it is a copy, and the answer's status."""


class WatchedWebhooks(Webhooks):
    """`Webhooks`, whose answers somebody hears."""

    on_answer: Answered | None = None

    def answered(self, delivery: Delivery, status: int | None, now: float) -> None:
        """Take the receiver's answer, and tell of it."""
        batch: list[Waiting] = []
        if self._current is not None and self._current[0].number == delivery.number:
            batch = self._current[1]
        if self.on_answer is not None:
            told = [(*_named(each), round(each.happened_at * 1000)) for each in batch]
            self.on_answer(delivery, told, status)
        super().answered(delivery, status, now)


def _named(waiting: Waiting) -> tuple[str, str]:
    event = waiting.event
    return (event["tenantId"], event["resourceId"]) if waiting.is_readable else ("", "")


class WatchedXero(XeroWorld):
    """`XeroWorld`, watched at its `door` and at its `webhooks`."""

    webhooks: WatchedWebhooks

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.on_event.remove(self.webhooks.collect)
        self.webhooks = WatchedWebhooks(self.webhook_key, self.seed, self.switches)
        self.on_event.append(self.webhooks.collect)
        self.door = Door()
        self.holds: list[Hold] = []
        self.born_at_s = self.clock.now()

    def handle(self, request: Request) -> Response:
        """Answer one request; the door's listeners stand on both sides of it."""
        self.settle()
        arrival = Arrival(
            number=len(self.door.seen) + 1,
            request=request,
            at_s=self.clock.now(),
            lag_s=self.switches.read_lag_s,
        )
        self.door.seen.append(arrival)
        for listener in self.door.arriving:
            listener(arrival)
        pending = list(self._pending)
        arrival.answered = super().handle(request)
        put_off = [due_ms for due_ms, act in self._pending if (due_ms, act) not in pending]
        arrival.lives_until_s = max(put_off, default=0) / 1000
        for listener in self.door.done:
            listener(arrival)
        return self._held(arrival, arrival.answered)

    def _held(self, arrival: Arrival, answer: Response) -> Response:
        for hold in self.holds:
            if hold.fits(arrival):
                self.holds.remove(hold)
                hold.begun.set()
                return replace(answer, delay_s=answer.delay_s + hold.seconds)
        return answer

    @property
    def late_commits(self) -> int:
        """How many were put off and are still to come."""
        return len(self._pending)
