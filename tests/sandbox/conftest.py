from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request, Response, json_response


class Silent:
    """An outbox that never has anything to send."""

    def __init__(self) -> None:
        self.url: str | None = None

    def aim(self, url: str | None) -> None:
        self.url = url

    def due(self, _now: float) -> Sequence[Any]:
        return []

    def answered(self, delivery: Any, status: int | None, now: float) -> None:
        raise AssertionError((delivery, status, now))


class Rules:
    def __init__(self) -> None:
        self.rules: list[dict[str, Any]] = []

    def set(self, rules: list[dict[str, Any]]) -> None:
        self.rules = rules


class TinyXero:
    """The smallest world that can stand where the pretend Xero does."""

    def __init__(self, clock: SandboxClock) -> None:
        self.clock = clock
        self.faults = Rules()
        self.webhooks = Silent()
        self.written: list[bytes] = []
        self.asked: list[dict[str, Any]] = []
        self.in_flight = 0
        self.most_in_flight = 1
        self.answer = Response(status=200, body=b"ok")
        self.identity_url = self.authorize_url = ""
        self.turned: dict[str, Any] = {}

    def handle(self, request: Request) -> Response:
        if self.answer.drop != "before_commit":
            self.written.append(request.body)
        return self.answer

    def begin(self, _request: Request) -> Response | None:
        if self.in_flight >= self.most_in_flight:
            return json_response(429, {})
        self.in_flight += 1
        return None

    def end(self, _request: Request) -> None:
        self.in_flight -= 1

    def dump(self) -> dict[str, Any]:
        return {"written": [body.decode() for body in self.written]}

    def load(self, dump: Mapping[str, Any]) -> None:
        self.written = [text.encode() for text in dump["written"]]

    def reset(self) -> None:
        self.written = []

    def set_switches(self, switches: Mapping[str, Any]) -> None:
        self.turned.update(switches)

    def bookkeeper(self, command: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(command)
        return {"done": command["do"]}


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock(lambda: 1_780_000_000.0)


@pytest.fixture
def xero(clock: SandboxClock) -> TinyXero:
    return TinyXero(clock)
