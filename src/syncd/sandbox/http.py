"""Plain HTTP values: what a pretend world takes in and hands back.

Called by every handler of the sandbox; `sandbox.serve` turns them into bytes on a port. A handler
never touches a socket, so that tests and the simulation can call it directly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Drop = Literal["before_commit", "after_commit", "truncated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived. Header names are lower case; `path` is decoded, without query."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw_query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer. `delay_s` and `drop` say how the server is to misbehave while giving it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_s: float = 0.0
    drop: Drop | None = None


def json_response(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    """An `application/json; charset=utf-8` answer of `value`."""
    merged = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    return Response(status=status, headers=merged, body=json.dumps(value).encode())


def rewritten(response: Response, find: str, put: str) -> Response:
    """The answer with every `find` in its text replaced."""
    return replace(response, body=response.body.replace(find.encode(), put.encode()))
