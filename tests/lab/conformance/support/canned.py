"""A server of canned answers behind the Transport port, and what is expected of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from syncd.domain.errors import OutcomeUnknown
from syncd.lab.conformance.calls import Server
from syncd.lab.conformance.expectations import Expectations, Verdict
from syncd.ports.transport import HttpRequest, HttpResponse

NOW_S = 1_795_306_500.0
FINE = {
    "content-type": "application/json",
    "x-ratelimit-limit": "100",
    "x-ratelimit-remaining": "99",
    "x-ratelimit-reset": "1795306560",
}
ID = "11111111-2222-4333-8444-555555555555"
Said = tuple[int, Any]
Answers = Callable[[str, dict[str, str], Any], Said | HttpResponse]
"""Status and JSON for a path, a query and a body."""


def problem(status: int) -> Said:
    return status, {"title": "Refused", "status": status}


@dataclass
class Canned:
    """The Transport port: answers as it is told, and keeps what was asked."""

    answers: Answers
    asked: list[HttpRequest] = field(default_factory=list)

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request)
        parts = urlsplit(request.url)
        body = None if request.body is None else json.loads(request.body)
        said = self.answers(parts.path, dict(parse_qsl(parts.query)), body)
        if isinstance(said, HttpResponse):
            return said
        status, value = said
        if status == 0:
            raise OutcomeUnknown("the answer was lost", system="pipeline")
        kind = "application/json" if status < 400 else "application/problem+json"
        body_sent = json.dumps(value).encode()
        return HttpResponse(status=status, headers=FINE | {"content-type": kind}, body=body_sent)


@dataclass
class Looked:
    """A server as the rooms see it."""

    server: Server
    transport: Canned
    waited: list[float]

    @property
    def failing(self) -> dict[str, str]:
        """What is not met, with what came."""
        lines = self.server.expectations.lines()
        return {one.name: one.got for one in lines if one.verdict is Verdict.NOT_MET}

    @property
    def met(self) -> set[str]:
        lines = self.server.expectations.lines()
        return {one.name for one in lines if one.verdict is Verdict.MET}


def looked(answers: Answers, *, most_calls: int = 50) -> Looked:
    """Nothing asked yet."""
    transport, waited = Canned(answers), list[float]()

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    server = Server(
        url="https://pipeline.example/api/v1",
        key="pip_key_1",
        transport=transport,
        expectations=Expectations(),
        now_s=lambda: NOW_S,
        wait=wait,
        most_calls=most_calls,
    )
    return Looked(server, transport, waited)


def customer(key: str = ID, version: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "ref": "C-1",
        "name": "One",
        "phone": None,
        "version": version,
        "updatedAt": "2026-11-20T00:00:00Z",
        **more,
    }


def entry(seq: int, version: int = 1, *, key: str = ID, **more: Any) -> dict[str, Any]:
    return {
        "seq": seq,
        "kind": "customer",
        "id": key,
        "version": version,
        "at": f"2026-11-20T00:00:{seq:02}Z",
        "deleted": False,
        "data": customer(key, 9),
        **more,
    }


def page(*entries: dict[str, Any], more: bool = False) -> Said:
    return 200, {"changes": [*entries], "nextCursor": "c", "hasMore": more}
