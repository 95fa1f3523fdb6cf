"""The emulated Pipeline's answers: JSON pages and RFC 9457 problems.

Called by every room of the emulated Pipeline that answers a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from syncd.sandbox.http import Response
from syncd.sandbox.pipeline.exact import encode

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_PROBLEM = {"Content-Type": "application/problem+json"}


class Refused(Exception):
    """A request that ends in a problem; carries the answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__(f"{answer.status}")
        self.answer = answer


def answer_json(value: Any) -> Response:
    """200 with `value`, Decimals as exact JSON numbers, `msgspec.Raw` as it is."""
    return Response(status=200, headers=_JSON, body=encode(value))


def answer_bytes(body: bytes) -> Response:
    """200 with JSON that is written already."""
    return Response(status=200, headers=_JSON, body=body)


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """An `application/problem+json` answer that says what was expected and what came."""
    title = HTTPStatus(status).phrase
    body = encode({"type": "about:blank", "title": title, "status": status, "detail": detail})
    return Response(status=status, headers={**_PROBLEM, **(headers or {})}, body=body)
