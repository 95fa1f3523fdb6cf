"""RFC 9457 problems: every error of the API says what was expected, what came, what to do."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from syncd.domain.errors import NotServed, StoreError, Throttled
from syncd.domain.facts import RequestRefused, ServiceFailed
from syncd.domain.rules.text import wording
from syncd.ports.observer import Observer

_DETAILS = {
    404: "There is nothing at {path}.",
    405: "{path} does not know {method}; the Allow header says what it knows.",
    413: "The body is too large.",
}

NAMED_BY = "`syncd tenants list`, or GET /api/v1/tenants, names those it does."
"""Where a caller of another tenant reads on."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457; `detail` says what was expected, what came and what to do.

    `correlation`, of what is syncd's own mistake, is in the log's line about it.
    """

    type: str
    title: str
    status: int
    detail: str
    correlation: str = ""


def problem(
    status: int, title: str, detail: str, *, headers: dict[str, str] | None = None, **extra: Any
) -> web.Response:
    """An `application/problem+json` answer."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **extra}
    return web.Response(
        status=status,
        body=msgspec.json.encode(body),
        content_type="application/problem+json",
        headers=headers,
    )


class ProblemError(Exception):
    """Raised inside a handler to answer with a problem."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(title)
        self.response = problem(status, title, detail, headers=headers, **extra)


def problems_as_answers(observe: Observer, service: str) -> Middleware:
    """A middleware: our errors and aiohttp's own as problems; an inner message is never shown.

    What nobody foresaw is told to `observe`, as `service`, and answered 500; what is refused is
    told too, to be counted.
    """

    @web.middleware
    async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await answered(request, handler)
        if is_refusal(answer.status):
            peer = request.remote or ""
            observe(RequestRefused(service=service, status=answer.status, peer=peer))
        return answer

    async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except (ProblemError, NotServed, Throttled) as error:
            return _expected(error)
        except web.HTTPException as error:
            if error.status < 400:  # noqa: PLR2004  (a redirect is an answer)
                raise
            return _of_aiohttp(request, error)
        except StoreError as error:
            found = _tell(observe, service, error)
            detail = "The store could not be used; the log says why. Try again shortly."
            return problem(503, "Store unavailable", detail, correlation=found)
        except Exception as error:  # noqa: BLE001  (told; one request's bug ends nothing else)
            found = _tell(observe, service, error)
            detail = "Something went wrong here; the log says what."
            return problem(500, "Our mistake", detail, correlation=found)

    return told


def _expected(error: ProblemError | NotServed | Throttled) -> web.Response:
    """What is no mistake of anybody's."""
    if isinstance(error, ProblemError):
        return error.response
    if isinstance(error, NotServed):
        detail = f"{error}; {NAMED_BY}"
        return problem(404, "No such tenant", detail)
    wait_s = max(1, round(error.retry_after_s))
    return problem(
        503,
        "Try again later",
        f"{wording.what_happened(error)} Ask again in {wording.lasting(wait_s)}.",
        headers={"Retry-After": str(wait_s)},
    )


def is_refusal(status: int) -> bool:
    """Whether a request was turned away for what it is."""
    return 400 <= status < 500  # noqa: PLR2004  (HTTP's own borders)


def _tell(observe: Observer, service: str, error: Exception) -> str:
    """Tell it, and answer by what it is found: the same for the same error, which is told once."""
    text = f"{type(error).__name__}: {error}"
    found = sha256(f"{service} {text}".encode("utf-8", "replace")).hexdigest()[:12]
    observe(ServiceFailed(service=service, error=text, retry_after_s=0.0, correlation=found))
    return found


def _of_aiohttp(request: web.Request, error: web.HTTPException) -> web.Response:
    words = _DETAILS.get(error.status, "{method} {path} could not be answered.")
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
    detail = words.format(method=request.method, path=request.path)
    return problem(error.status, error.reason, detail, headers=headers)
