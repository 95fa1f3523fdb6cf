"""Calls to the server that is looked at: counted, their headers judged, a 429 waited for.

Called by every room that looks. What an answer's JSON says is kept exactly: a number with a point
is a Decimal, so that its decimals can be counted.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from syncd.domain.errors import OutcomeUnknown, TooLong
from syncd.domain.model.value import Value
from syncd.lab.conformance.expectations import Expectations
from syncd.ports.transport import HttpRequest, Transport

TIMEOUT_S = 30.0
LARGEST_ANSWER = 64 * 1024 * 1024
LONGEST_WAIT_S = 120.0
_LIMITS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
_MOST_AWAY_S = 86_400 * 2
_FINE = 2


class Answer(Value, frozen=True, kw_only=True):
    """An answer: its status, headers in lower case, and its JSON, None where it is none."""

    status: int
    headers: Mapping[str, str]
    json: Any
    text: str

    @property
    def is_fine(self) -> bool:
        """Whether it is of the two hundreds."""
        return self.status // 100 == _FINE

    @property
    def in_words(self) -> str:
        """Its status and the beginning of what it says."""
        return f"{self.status} {self.text}"

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The objects of a list in it, as far as there are some."""
        found = self.json.get(name) if isinstance(self.json, dict) else None
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    def whole_number(self, name: str) -> int | None:
        """A header that is a whole number; None for any other, or none."""
        digits = self.headers.get(name, "")
        return int(digits) if digits.isascii() and digits.isdecimal() else None


@dataclass(slots=True, kw_only=True)
class Server:
    """Where the contract's paths are, with the key that opens them."""

    url: str
    key: str = field(repr=False)
    transport: Transport
    expectations: Expectations
    now_s: Callable[[], float]
    """Unix seconds."""
    wait: Callable[[float], Awaitable[None]]
    most_calls: int
    calls: int = 0

    @property
    def calls_left(self) -> int:
        """So many calls may be made still."""
        return self.most_calls - self.calls

    async def get(self, path: str, **query: object) -> Answer:
        """One GET with the key; a 429 is waited for once. Raises RemoteError's leaves."""
        answer = await self.send("GET", path, query=query)
        wait_s = answer.whole_number("retry-after")
        if answer.status != HTTPStatus.TOO_MANY_REQUESTS or wait_s is None:
            return answer
        await self.wait(min(wait_s, LONGEST_WAIT_S))
        return await self.send("GET", path, query=query)

    async def post(self, path: str, body: Any) -> Answer:
        """One POST of JSON with the key."""
        return await self.send("POST", path, body=json.dumps(body).encode())

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: bytes | None = None,
        key: str | None = None,
    ) -> Answer:
        """One call as it is, with this or another key; an empty key is left out."""
        self.calls += 1
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if own := self.key if key is None else key:
            headers["Authorization"] = f"Bearer {own}"
        asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
        request = HttpRequest(
            method=method,
            url=f"{self.url}{path}{asked}",
            headers=headers,
            body=body,
            timeout_s=TIMEOUT_S,
            max_bytes=LARGEST_ANSWER,
        )
        try:
            response = await self.transport.send(request)
        except (OutcomeUnknown, TooLong) as error:
            # One answer that cannot be had is judged as it is; the rest is looked at all the same.
            return Answer(status=0, headers={}, json=None, text=str(error))
        text = response.body.decode("utf-8", "replace")
        answer = Answer(
            status=response.status, headers=response.headers, json=_read(text), text=text
        )
        self._judge(f"{method} {path}", answer)
        return answer

    def _judge(self, what: str, answer: Answer) -> None:
        """What every answer must have."""
        hold = self.expectations.hold
        if answer.status // 100 in (4, 5):
            kind = answer.headers.get("content-type", "no content type")
            said = answer.json.get("status") if isinstance(answer.json, dict) else None
            is_problem = kind.startswith("application/problem+json")
            got = f"{what}: {answer.status} as {kind}, with status {said}"
            hold("problem.form", is_problem and said in (answer.status, None), got)
        if answer.is_fine:
            numbers = {name: answer.whole_number(name) for name in _LIMITS}
            limit, remaining, reset = numbers.values()
            has_all = limit is not None and remaining is not None and reset is not None
            hold(
                "limits.headers", has_all and (remaining or 0) <= (limit or 0), f"{what}: {numbers}"
            )
            if reset is not None:
                is_instant = abs(reset - self.now_s()) < _MOST_AWAY_S
                hold("limits.reset", is_instant, f"{what}: X-RateLimit-Reset: {reset}")


def _read(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return None
