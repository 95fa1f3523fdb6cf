"""The table of answers and errors (facts §1.8, §2.2, §2.3, §3.9, §8)."""

from __future__ import annotations

import pytest

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
from syncd.ports.transport import HttpResponse
from syncd.xero import faults
from syncd.xero.faults import ElementsRefused, RequestTraits, TokenRefused

READ = RequestTraits(operation="read_invoices")
BY_ID = RequestTraits(operation="read_invoice", is_by_id=True)
NEWS = RequestTraits(operation="sweep_invoices", is_conditional=True)
WRITE = RequestTraits(operation="create_invoices", is_write=True)
JSON = {"content-type": "application/json; charset=utf-8"}
HTML = {"content-type": "text/html; charset=utf-8"}
EXPIRED = (
    b'{"Type":null,"Title":"Unauthorized","Status":401,'
    b'"Detail":"TokenExpired: token expired at 04/09/2023 05:16:59","Instance":"6489df60"}'
)
FORBIDDEN = b'{"title":"Forbidden","status":403,"detail":"AuthenticationUnsuccessful"}'
NO_SCOPE = b'{"Title":"Unauthorized","Status":401,"Detail":"AuthorizationUnsuccessful"}'
ROLE = (
    b"You are not permitted to access this resource without the reporting role or higher privileges"
)
INVALID = (
    b'{"ErrorNumber":10,"Type":"ValidationException","Message":"A validation exception occurred",'
    b'"Elements":[{"ValidationErrors":[{"Message":"Invoice # must be unique."}]}]}'
)
KEY_USED = (
    b'{"ErrorNumber":10,"Type":"ValidationException",'
    b'"Message":"Idempotency Key: k-1 is used with a different request."}'
)
TROUBLE = b'{"Title":"An error occurred","Detail":"An error occurred in Xero.","Status":500}'
PAGE = b"<HTML><HEAD><TITLE>Bad Request</TITLE>"


def verdict(
    status: int, asked: RequestTraits, body: bytes = b"", headers: dict[str, str] | None = None
) -> RemoteError | None:
    return faults.classify(HttpResponse(status=status, headers=headers or {}, body=body), asked)


@pytest.mark.parametrize("asked", [READ, WRITE])
@pytest.mark.parametrize("headers", [JSON, {}])
def test_good_answer_is_no_error(headers: dict[str, str], asked: RequestTraits) -> None:
    assert verdict(200, asked, b"{}", headers) is None


def test_nothing_new_is_a_good_answer_to_who_asks_for_news_alone() -> None:
    assert verdict(304, NEWS) is None


@pytest.mark.parametrize(
    ("status", "headers", "body", "read", "write"),
    [
        (200, HTML, PAGE, Garbled, OutcomeUnknown),
        (200, {}, PAGE, Garbled, OutcomeUnknown),
        (200, JSON, b"", ServerTrouble, OutcomeUnknown),
        (204, {}, b"", ServerTrouble, OutcomeUnknown),
        (304, {}, b"", ServerTrouble, OutcomeUnknown),
        (302, {"location": "http://trap"}, b"", ServerTrouble, OutcomeUnknown),
        (400, JSON, INVALID, ElementsRefused, ElementsRefused),
        (400, HTML, PAGE, ServerTrouble, Refused),
        (401, JSON, EXPIRED, TokenRefused, TokenRefused),
        (401, {}, b"", TokenRefused, TokenRefused),
        (403, HTML, PAGE, ServerTrouble, OutcomeUnknown),
        (403, JSON, b'{"Title":"Forbidden"}', Refused, Refused),
        (404, HTML, PAGE, ServerTrouble, Refused),
        (412, JSON, b'{"Title":"Precondition"}', Refused, Refused),
        (413, HTML, PAGE, ServerTrouble, Refused),
        (500, JSON, TROUBLE, ServerTrouble, OutcomeUnknown),
        (501, {}, b"", ServerTrouble, OutcomeUnknown),
        (502, HTML, PAGE, ServerTrouble, OutcomeUnknown),
        (
            503,
            {"content-type": "text/plain"},
            b"Organisation is offline",
            ServerTrouble,
            OutcomeUnknown,
        ),
    ],
)
def test_answer_means_one_error_to_a_read_and_one_to_a_write(
    status: int,
    headers: dict[str, str],
    body: bytes,
    read: type[RemoteError],
    write: type[RemoteError],
) -> None:
    assert type(verdict(status, READ, body, headers)) is read
    assert type(verdict(status, WRITE, body, headers)) is write


@pytest.mark.parametrize("asked", [READ, WRITE])
@pytest.mark.parametrize(
    ("status", "headers", "body", "cause"),
    [
        (401, JSON, EXPIRED, "token_expired"),
        (401, JSON, b'{"Detail":"AuthenticationUnsuccessful"}', "token_expired"),
        (401, JSON, NO_SCOPE, "insufficient_scope"),
        (403, JSON, NO_SCOPE, "insufficient_scope"),
        (401, {"www-authenticate": 'Bearer error="insufficient_scope"'}, b"", "insufficient_scope"),
        (403, {"www-authenticate": 'Bearer error="insufficent_scope"'}, b"", "insufficient_scope"),
        (401, HTML, ROLE, "role_refused"),
        (403, HTML, ROLE, "role_refused"),
        (403, JSON, FORBIDDEN, "disconnected"),
    ],
)
def test_refused_credentials_name_their_cause(
    status: int, headers: dict[str, str], body: bytes, cause: str, asked: RequestTraits
) -> None:
    error = verdict(status, asked, body, headers)

    assert isinstance(error, Unauthorised)
    assert error.cause == cause


def test_not_found_is_said_of_a_read_by_id_only() -> None:
    assert isinstance(verdict(404, BY_ID, PAGE, HTML), NotFound)
    assert isinstance(verdict(503, BY_ID, PAGE, HTML), ServerTrouble)


@pytest.mark.parametrize("asked", [READ, WRITE])
@pytest.mark.parametrize(
    ("headers", "limit", "wait_s"),
    [
        ({"x-rate-limit-problem": "minute", "retry-after": "26"}, "minute", 26),
        ({"x-rate-limit-problem": "day", "retry-after": "66975"}, "day", 66975),
        ({"x-rate-limit-problem": "Concurrent"}, "concurrent", 1),
        ({"x-rate-limit-problem": "appminute"}, "appminute", 10),
        ({"x-rate-limit-problem": "minute"}, "minute", 60),
        ({"x-rate-limit-problem": "day", "retry-after": "soon"}, "day", 3600),
        ({"x-rate-limit-problem": "day", "retry-after": "²"}, "day", 3600),
        ({"x-rate-limit-problem": "day", "retry-after": "9" * 5_000}, "day", 3600),
        ({}, "unknown", 30),
    ],
)
def test_limit_says_which_and_how_long(
    headers: dict[str, str], limit: str, wait_s: float, asked: RequestTraits
) -> None:
    error = verdict(429, asked, b"", headers)

    assert isinstance(error, Throttled)
    assert (error.limit, error.retry_after_s) == (limit, wait_s)


def test_idempotency_key_of_another_request_leaves_the_outcome_open() -> None:
    """The earlier request under this key may have been applied; only a look can say."""
    assert type(verdict(400, WRITE, KEY_USED, JSON)) is OutcomeUnknown


def test_refusal_quotes_every_elements_words_once() -> None:
    body = (
        b'{"Message":"A validation exception occurred","Elements":['
        b'{"ValidationErrors":[{"Message":"A"}],"Contact":{"ValidationErrors":[{"Message":"B"}]}},'
        b'{"LineItems":[{"ValidationErrors":[{"Description":"C"}]},{}],"ValidationErrors":[{"Message":"A"}]}]}'
    )

    error = verdict(400, WRITE, body, JSON)

    assert faults.refusals(body) == ("A", "B", "C")
    assert isinstance(error, ElementsRefused)
    assert error.messages == ("A", "B", "C")
    assert (error.status, str(error)) == (400, "Xero refused create_invoices (400): A; B; C")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"Elements":7}', b"\xff"])
def test_refusals_of_a_strange_body_are_none(body: bytes) -> None:
    assert faults.refusals(body) == ()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({**JSON, "xero-correlation-id": "c-1"}, b"{}"),
        (JSON, b'{"Instance":"c-1"}'),
        (JSON, b'{"instance":"c-1"}'),
    ],
)
def test_error_says_the_correlation_id_to_the_log(headers: dict[str, str], body: bytes) -> None:
    error = verdict(500, READ, body, headers)

    assert error is not None
    assert str(error).endswith("to read_invoices [c-1]")


def test_answer_nobody_reads_on_may_be_anything() -> None:
    asked = RequestTraits(operation="revoke", is_write=True, wants_json=False)

    assert verdict(200, asked, b"", HTML) is None
