"""Which error an answer of Xero's is; pure, so that the whole table stands in its tests.

Called by `client` and `oauth`. A write whose answer says nothing certain is OutcomeUnknown, a read
is ServerTrouble or Garbled; "not found" is only said of a read by id (facts §1.8, §2.2, §2.3, §8).

| answer | read | write |
| --- | --- | --- |
| 2xx with JSON | fine | fine |
| 2xx without JSON | Garbled | OutcomeUnknown |
| 2xx with nothing at all | ServerTrouble | OutcomeUnknown |
| 304 to who asked for news alone | fine | – |
| 401 expired or unknown token | TokenRefused | TokenRefused |
| 401, 403 scope or role | Unauthorised | Unauthorised |
| 403 AuthenticationUnsuccessful | Unauthorised | Unauthorised |
| the same, and /connections denies it | ServerTrouble | OutcomeUnknown |
| 403 of an edge (HTML) | ServerTrouble | OutcomeUnknown |
| 404 | NotFound by id, else ServerTrouble | Refused |
| 429 | Throttled | Throttled |
| 400 key used with another request | – | OutcomeUnknown |
| other 4xx with JSON | Refused | Refused |
| other 4xx without | ServerTrouble | Refused |
| 3xx, 5xx | ServerTrouble | OutcomeUnknown |
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec

from syncd.domain.errors import (
    Garbled,
    NotFound,
    OutcomeUnknown,
    Refused,
    RemoteError,
    ServerTrouble,
    Throttled,
    Unauthorised,
)
from syncd.domain.model.value import Value
from syncd.domain.rules.text import json_text
from syncd.domain.rules.text.quoted import quoted
from syncd.ports.transport import HttpResponse
from syncd.xero import wire
from syncd.xero.wire import Objections, Wire

_SYSTEM = "xero"
# Retry-After comes with minute and day breaches only (facts §2.2).
_WAIT_S = {"concurrent": 1.0, "appminute": 10.0, "minute": 60.0, "day": 3600.0}
_WAIT_OTHER_S = 30.0
_LEAST_WAIT_S = 1.0
"""A 429 that asks for no wait is not believed."""
_FINE, _REFUSED = 2, 4  # the hundreds of a status
_ROLE = "not permitted to access this resource"


class TokenRefused(Unauthorised):
    """401: the bearer is expired or unknown, so the call was surely not applied. Renew once."""


class ElementsRefused(Refused):
    """A 400 that objects to elements: surely none of a single one's was applied."""

    def __init__(self, refused: Refused, messages: tuple[str, ...]) -> None:
        super().__init__(
            str(refused), status=refused.status, system=_SYSTEM, detail="; ".join(messages)
        )
        self.messages = messages


class RequestTraits(Value, frozen=True, kw_only=True):
    """What the verdict depends on beside the answer."""

    operation: str
    is_write: bool = False
    is_by_id: bool = False
    is_conditional: bool = False
    """It asks for what was modified since: 304 answers that nothing was."""
    wants_json: bool = True


class _NestedWire(Wire):
    validation_errors: Objections = None


class _ElementWire(Wire):
    validation_errors: Objections = None
    contact: _NestedWire | None = None
    line_items: list[_NestedWire] | None = None


class _RefusalWire(Wire):
    message: str | None = None
    type: str | None = None
    elements: list[_ElementWire] | None = None


_READ_REFUSAL = msgspec.json.Decoder(_RefusalWire)


def classify(response: HttpResponse, asked: RequestTraits) -> RemoteError | None:
    """The error this answer is, or None when it may be read on."""
    status, century = response.status, response.status // 100
    if century == _FINE or (status == HTTPStatus.NOT_MODIFIED and asked.is_conditional):
        return _unreadable(response, asked)
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return _not_allowed(response, asked)
        case HTTPStatus.NOT_FOUND:
            return _not_found(response, asked)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return _throttled(response, asked)
        case _ if century == _REFUSED:
            return _refused(response, asked)
        case _:
            return in_doubt(response, asked)


def in_doubt(response: HttpResponse, asked: RequestTraits) -> RemoteError:
    """The error of an answer that says nothing certain."""
    return _in_doubt(response, asked, _problem(response))


def is_trouble(response: HttpResponse, error: RemoteError | None) -> bool:
    """Whether the answer says that Xero works for nobody's call now: a 5xx, or not Xero's own.

    Of the latter those only that no request is asked for: a redirect, a page where JSON was
    expected, a 403 of an edge.
    """
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return True
    is_foreign = isinstance(error, ServerTrouble | OutcomeUnknown | Garbled)
    is_any = response.status < HTTPStatus.BAD_REQUEST or response.status == HTTPStatus.FORBIDDEN
    return is_foreign and is_any


def refusals(body: bytes) -> tuple[str, ...]:
    """What a 400's elements object to, in order, each text once; empty when it names none."""
    found = json_text.readable(_READ_REFUSAL, body) or _RefusalWire()
    return wire.texts(
        *(
            some
            for one in found.elements or ()
            for some in (
                one.validation_errors,
                one.contact.validation_errors if one.contact else None,
                *(line.validation_errors for line in one.line_items or ()),
            )
        )
    )


_MOST_DIGITS = 9
"""Of seconds to wait: thirty years."""


def limit_named(response: HttpResponse) -> str:
    """Which limit a 429 says was breached: `concurrent`, `minute`, `day`, `appminute` or empty."""
    named = response.headers.get("x-rate-limit-problem", "").strip().lower()
    return named if named in _WAIT_S else ""


def retry_after_s(response: HttpResponse) -> float | None:
    """How long the answer asks to wait, where it says so in whole seconds."""
    digits = response.headers.get("retry-after", "").strip()
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS
    return max(float(digits), _LEAST_WAIT_S) if is_number else None


def _unreadable(response: HttpResponse, asked: RequestTraits) -> RemoteError | None:
    """A line that broke behind the head leaves a good status with nothing in it, too."""
    is_nothing_new = response.status == HTTPStatus.NOT_MODIFIED
    if not asked.wants_json or is_nothing_new or (response.body and _is_json(response)):
        return None
    kind = response.headers.get("content-type", "no content type") if response.body else "nothing"
    what = f"answered {response.status} with {kind} where JSON was expected"
    of_read = Garbled if response.body else ServerTrouble
    return _error(OutcomeUnknown if asked.is_write else of_read, response, asked, what)


def _not_allowed(response: HttpResponse, asked: RequestTraits) -> RemoteError:
    problem = _problem(response)
    detail = _detail(problem)
    lacking = _lacking(response, detail)
    if lacking:
        return _unauthorised(asked, "insufficient_scope", lacking)
    if _ROLE in detail or _ROLE in response.body[:2000].decode("utf-8", "replace"):
        why = "the role in Xero of the person who connected does not permit it"
        return _unauthorised(asked, "role_refused", why, remedy="Give the role back in Xero.")
    if response.status == HTTPStatus.UNAUTHORIZED:
        return TokenRefused(
            f"Xero refused the token of {asked.operation}: {detail or 'no reason given'}",
            cause="token_expired",
            system=_SYSTEM,
        )
    if "AuthenticationUnsuccessful" in detail:
        return _unauthorised(
            asked, "disconnected", "the organisation is no longer connected to this app"
        )
    if problem:
        return _refusal(response, asked, detail or "forbidden")
    return _in_doubt(response, asked, problem)


def _lacking(response: HttpResponse, detail: str) -> str:
    """Which permission of the app is missing, empty when it is not about that."""
    challenge = response.headers.get("www-authenticate", "")
    if "insufficient_scope" in challenge or "insufficent_scope" in challenge:  # Xero's FAQ errs
        return detail or "a scope is missing"
    if "AuthorizationUnsuccessful" in detail:
        return "the token lacks the scope for this"
    return ""


def _not_found(response: HttpResponse, asked: RequestTraits) -> RemoteError:
    if asked.is_by_id:
        return _error(NotFound, response, asked, "answered that there is no such object")
    if asked.is_write:
        return _refusal(response, asked, "a document it names was not found")
    return _in_doubt(response, asked, {})


def _throttled(response: HttpResponse, asked: RequestTraits) -> Throttled:
    limit = limit_named(response) or "unknown"
    stated_s = retry_after_s(response)
    wait_s = _WAIT_S.get(limit, _WAIT_OTHER_S) if stated_s is None else stated_s
    return Throttled(
        f"Xero's {limit} limit is reached; {asked.operation} waits {wait_s:g} s",
        retry_after_s=wait_s,
        limit=limit,
        system=_SYSTEM,
    )


def _refused(response: HttpResponse, asked: RequestTraits) -> RemoteError:
    problem = _problem(response)
    detail = _detail(problem)
    if "is used with a different request" in detail:
        # Something was sent under this key before; what became of it nobody has said.
        what = "answered that the idempotency key was used with a different request"
        return _error(OutcomeUnknown, response, asked, what)
    if problem or asked.is_write:
        messages = refusals(response.body)
        refused = _refusal(response, asked, "; ".join(messages) or detail or "no reason given")
        return ElementsRefused(refused, messages) if messages else refused
    return _in_doubt(response, asked, problem)


def _refusal(response: HttpResponse, asked: RequestTraits, detail: str) -> Refused:
    said = f"{asked.operation} ({response.status}): {detail}{_correlation(response)}"
    return Refused(f"Xero refused {said}", status=response.status, system=_SYSTEM, detail=detail)


def _unauthorised(
    asked: RequestTraits, cause: str, why: str, *, remedy: str = "Reconnect the tenant to Xero."
) -> Unauthorised:
    return Unauthorised(
        f"Xero does not allow {asked.operation}: {why}. {remedy}",
        cause=cause,
        system=_SYSTEM,
        detail=why,
    )


def _in_doubt(response: HttpResponse, asked: RequestTraits, problem: dict[str, Any]) -> RemoteError:
    detail = _detail(problem)
    what = f"answered {response.status}: {detail or 'no reason given'}"
    kind = OutcomeUnknown if asked.is_write else ServerTrouble
    return _error(kind, response, asked, what, detail=detail)


def _error(
    kind: type[RemoteError],
    response: HttpResponse,
    asked: RequestTraits,
    what: str,
    *,
    detail: str = "",
) -> RemoteError:
    text = f"Xero {what} to {asked.operation}{_correlation(response)}"
    return kind(text, system=_SYSTEM, status=response.status, detail=detail)


def _is_json(response: HttpResponse) -> bool:
    """By its type, or by its look where a gateway forgot to say."""
    kind = response.headers.get("content-type", "")
    return "json" in kind.lower() or (not kind and response.body.lstrip()[:1] in (b"{", b"["))


def _problem(response: HttpResponse) -> dict[str, Any]:
    """The body's keys in lower case: their spelling varies between gateways (facts §1.8)."""
    found = json_text.object_of(response.body) if _is_json(response) else {}
    return {name.lower(): value for name, value in found.items()}


def _detail(problem: dict[str, Any]) -> str:
    for name in ("detail", "message", "title", "error"):
        text = problem.get(name)
        if isinstance(text, str) and quoted(text):
            return quoted(text)
    return ""


def _correlation(response: HttpResponse) -> str:
    """Xero's own name for the call, which its support asks for; for the log."""
    text = response.headers.get("xero-correlation-id") or _problem(response).get("instance")
    return f" [{quoted(text, longest=64)}]" if isinstance(text, str) else ""
