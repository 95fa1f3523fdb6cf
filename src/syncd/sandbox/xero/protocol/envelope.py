"""The forms every answer of the accounting API takes (facts §1.8, §3.1, §3.3).

Called by all rooms that answer. Numbers go out as exact JSON numbers; nulls were left out before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec

from syncd.sandbox.http import Request, Response
from syncd.sandbox.xero.ledger.wire_dates import bare_instant
from syncd.sandbox.xero.protocol.body_shape import ObjectForList, error_of, unread_value
from syncd.sandbox.xero.protocol.xml_bodies import is_xml, read, written

PROVIDER = "syncd"
CORRELATION = "Xero-Correlation-Id"
"""Names an answer to Xero's support; an envelope's `Id` is the same."""
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_XML = {"Content-Type": "text/xml; charset=utf-8"}
_HTML = {"Content-Type": "text/html; charset=utf-8"}


class Refusal(Exception):
    """A request that ends here, with this answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class Failed(Exception):
    """A request that Xero fails at by itself: 500, and nothing was done."""


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer with exact numbers."""
    return Response(
        status=status, headers={**_JSON, **(headers or {})}, body=_ENCODER.encode(value)
    )


def ok(
    answer_id: str,
    at_ms: int,
    plural: str,
    rows: Sequence[Any],
    pagination: Mapping[str, int] | None = None,
) -> Response:
    """The envelope of every 200; DateTimeUTC has no offset here."""
    value: dict[str, Any] = {
        "Id": answer_id,
        "Status": "OK",
        "ProviderName": PROVIDER,
        "DateTimeUTC": bare_instant(at_ms),
    }
    if pagination is not None:
        value["pagination"] = pagination
    value[plural] = rows
    return json_answer(200, value, {CORRELATION: answer_id})


def invalid(elements: Sequence[Any]) -> Response:
    """400 for a batch with bad elements."""
    return json_answer(
        400,
        {
            "ErrorNumber": 10,
            "Type": "ValidationException",
            "Message": "A validation exception occurred",
            "Elements": elements,
        },
    )


def bad_request(number: int, kind: str, message: str) -> Response:
    """400 for a request that could not be read; numbers and kinds are `U` (facts §3.3)."""
    return json_answer(400, {"ErrorNumber": number, "Type": kind, "Message": _plain(message)})


def query_refused(message: str) -> Response:
    """400 for a `where`, `order` or parameter Xero cannot read."""
    return bad_request(16, "QueryParseException", message)


def body_refused(message: str) -> Response:
    """400 for a body Xero cannot read: nothing of it was saved (facts §3.3)."""
    return bad_request(14, "PostDataInvalidException", message)


def nothing_sent(element: str) -> Response:
    """400 for a body without a single element (facts §3.3)."""
    message = (
        "No data has been processed for this endpoint. This endpoint is expecting "
        f"{element} data to be specifed in the request body."
    )
    return bad_request(17, "NoDataProcessedException", message)


def not_implemented(hint: str) -> Response:
    """501 for a call that Xero, or this sandbox, does not have (facts §1.8)."""
    value = {
        "ErrorNumber": 20,
        "Type": "ApiMethodNotImplementedException",
        "Message": f"The Api Method called is not implemented; {_plain(hint)}",
    }
    return json_answer(501, value)


def not_found() -> Response:
    """404 is one sentence called HTML, whatever was accepted (recorded)."""
    return _sentence(404, "The resource you're looking for cannot be found")


def ids_unreadable(name: str) -> Response:
    """400 for a list of ids of which one is none (facts §3.4)."""
    return _sentence(400, f"Supplied parameter '{name}' cannot be parsed.")


def _sentence(status: int, text: str) -> Response:
    return Response(status=status, headers=_HTML, body=text.encode())


def html_garbage(status: int) -> Response:
    """What an edge answers when nothing behind it does (facts §8.8)."""
    return Response(
        status=status,
        headers=_HTML,
        body=b"<HTML><HEAD><TITLE>Bad Request</TITLE></HEAD><BODY>"
        b"<H1>Something went wrong on the way</H1></BODY></HTML>",
    )


def problem(status: int, title: str, detail: str, instance: str) -> Response:
    """The problem object of the gateway."""
    value: dict[str, Any] = {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": _plain(detail),
        "Instance": instance,
        "Extensions": {},
    }
    return json_answer(status, value)


def server_error(instance: str, status: int = 500) -> Response:
    """The body of a 500 as recorded by integrators."""
    value = {
        "Title": "An error occurred",
        "Detail": "An error occurred in Xero. Check the API Status page "
        "http://status.developer.xero.com for current service status.",
        "Status": status,
        "Instance": instance,
    }
    return json_answer(status, value)


def offline() -> Response:
    """503 as plain text."""
    return Response(
        status=503,
        headers={"Content-Type": "text/plain; charset=utf-8"},
        body=b"Organisation is offline",
    )


def with_shortest_numbers(response: Response) -> Response:
    """The answer with every number as short as it can be written (facts §3.1, U)."""
    if response.headers.get("Content-Type") != _JSON["Content-Type"]:
        return response
    value = _shortest(_DECODER.decode(response.body))
    return replace(response, body=_ENCODER.encode(value))


def in_xml(response: Response) -> Response:
    """The answer as whoever does not ask for JSON gets it."""
    if response.headers.get("Content-Type") != _JSON["Content-Type"]:
        return response
    body = written("Response", _DECODER.decode(response.body))
    return replace(response, headers={**response.headers, **_XML}, body=body)


def _shortest(value: Any) -> Any:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else value.normalize()
        case dict():
            return {name: _shortest(own) for name, own in value.items()}
        case list():
            return [_shortest(own) for own in value]
    return value


def _plain(text: str) -> str:
    """Odd bytes of a header or path, which servers hand on as surrogates, cannot be JSON."""
    return text.encode(errors="replace").decode()


def elements_of(request: Request, plural: str) -> list[dict[str, Any]]:
    """The elements of a write: `{"Plural": […]}`, one bare object, or a list.

    Raises Refusal and Failed.
    """
    kind = request.headers.get("content-type", "json").lower()
    if "json" not in kind and not is_xml(kind):
        raise Refusal(body_refused("sandbox: writes are JSON; send Content-Type: application/json"))
    try:
        value = read(request.body, kind) if is_xml(kind) else _DECODER.decode(request.body)
    except (ValueError, msgspec.DecodeError, RecursionError) as wrong:
        text = f"JSON request body could not be read, {wrong}"
        raise Refusal(body_refused(text)) from wrong
    if isinstance(value, dict):
        wrapped = [each for name, each in value.items() if name.lower() == plural.lower()]
        value = wrapped[0] if wrapped else [value]
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Refusal(body_refused(f"Expected {plural} as a list of objects"))
    if not value:
        raise Refusal(nothing_sent(plural.removesuffix("s")))
    for each in value:
        try:
            error = error_of(each) or unread_value(each, plural)
        except ObjectForList as wrong:
            raise Failed(str(wrong)) from wrong
        if error:
            raise Refusal(body_refused(error))
    return value
