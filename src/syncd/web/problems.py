"""RFC 9457 problems: every error of the API says what was expected, what came, what to do."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web


def problem(status: int, title: str, detail: str, **extra: Any) -> web.Response:
    """An `application/problem+json` answer."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **extra}
    return web.Response(
        status=status, body=json.dumps(body).encode(), content_type="application/problem+json"
    )


class ProblemError(Exception):
    """Raised inside a handler to answer with a problem."""

    def __init__(self, status: int, title: str, detail: str, **extra: Any) -> None:
        super().__init__(title)
        self.response = problem(status, title, detail, **extra)


@web.middleware
async def problems_as_answers(request: web.Request, handler: Any) -> web.StreamResponse:
    """Turn our errors and aiohttp's own into problems; never show an inner message."""
    try:
        answer: web.StreamResponse = await handler(request)
    except ProblemError as error:
        return error.response
    except web.HTTPException as error:
        if error.status < 400:  # noqa: PLR2004  (a redirect is an answer)
            raise
        return problem(error.status, error.reason, f"{request.method} {request.path}")
    return answer
