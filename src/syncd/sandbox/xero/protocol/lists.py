"""What all lists have in common: filters, order, pages, If-Modified-Since (facts §3.4).

Called by the reads of every resource. A list starts from documents in the order of their last
change, is cut and filtered, and only the rows of the page asked for are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from syncd.sandbox.http import Response
from syncd.sandbox.xero.ledger.wire_dates import read_since
from syncd.sandbox.xero.protocol import envelope
from syncd.sandbox.xero.protocol.calls import Call
from syncd.sandbox.xero.protocol.where import (
    Condition,
    Field,
    Guid,
    NullMember,
    QueryRefused,
    compile_order,
    compile_where,
    sort_key,
)

DEFAULT_PAGE_SIZE = 100
LARGEST_PAGE_SIZE = 1000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for."""

    number: int
    size: int


def page_of(call: Call, *, forced: bool = False) -> Page | None:
    """The page asked for, or None: then everything comes, in thin rows. Sizes are clamped."""
    if "page" not in call.query and not forced:
        return None
    size = _whole(call, "pagesize", DEFAULT_PAGE_SIZE)
    return Page(max(1, _whole(call, "page", 1)), min(max(1, size), LARGEST_PAGE_SIZE))


def since_ms(call: Call) -> int:
    """The If-Modified-Since header in milliseconds; 0 when there is none."""
    text = call.request.headers.get("if-modified-since", "").strip()
    if not text:
        return 0
    try:
        at_ms = read_since(text)
    except ValueError as wrong:
        raise envelope.Refusal(
            envelope.query_refused(f"If-Modified-Since cannot be read: '{text}'")
        ) from wrong
    return at_ms if call.switches.since_is_inclusive else at_ms + 1000


def chosen(call: Call, documents: Sequence[T], fields: Mapping[str, Field]) -> Sequence[T]:
    """The documents that pass `where`, in the `order` asked for. Raises Refusal."""
    rows = documents
    try:
        if text := call.query.get("where", "").strip():
            passes = _lenient(call, compile_where(text, fields, _kind(call)))
            rows = [each for each in rows if passes(each)]
        if text := call.query.get("order", "").strip():
            for field, descends in reversed(compile_order(text, fields)):
                rows = sorted(rows, key=_key(field), reverse=descends)
    except QueryRefused as wrong:
        raise envelope.Refusal(envelope.query_refused(str(wrong))) from wrong
    if len(rows) > call.switches.max_rows:
        raise envelope.Refusal(
            envelope.query_refused(f"The query returns {len(rows)} rows; narrow it down")
        )
    return rows


def _kind(call: Call) -> str:
    """What Xero calls the type of a list's rows."""
    return call.request.path.rstrip("/").rpartition("/")[2].removesuffix("s")


def _lenient(call: Call, passes: Condition) -> Condition:
    """The condition with what the switch says of a method on what is not there."""

    def tested(document: Any) -> bool:
        try:
            return passes(document)
        except NullMember:
            match call.switches.where_on_null:
                case "500":
                    raise envelope.Failed("a method of a text that is not there") from None
                case "400":
                    text = "Object reference not set to an instance of an object."
                    raise envelope.Refusal(envelope.query_refused(text)) from None
            return False

    return tested


def answer(
    call: Call,
    plural: str,
    rows: Sequence[T],
    page: Page | None,
    draw: Callable[[T], dict[str, Any]],
) -> Response:
    """The answer: one page with its `pagination`, or everything without."""
    if not rows and call.switches.nothing_is_304 and "if-modified-since" in call.request.headers:
        return Response(status=304)
    if page is None:
        return call.ok(plural, [draw(each) for each in rows])
    start = (page.number - 1) * page.size
    shown = [draw(each) for each in rows[start : start + page.size]]
    pagination = {
        "page": page.number,
        "pageSize": page.size,
        "pageCount": -(-len(rows) // page.size),
        "itemCount": len(rows),
    }
    return call.ok(plural, shown, pagination)


def arranged(call: Call, rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Rows already drawn, filtered and ordered by their own keys."""
    names = dict.fromkeys(
        name for row in rows for name, value in row.items() if not isinstance(value, dict | list)
    )
    fields: dict[str, Field] = {name.lower(): _getter(name) for name in names}
    return chosen(call, rows, fields)


def _getter(name: str) -> Field:
    if name.endswith("ID"):
        return lambda row: Guid(row[name]) if name in row else None
    return lambda row: row.get(name)


def _key(field: Field) -> Callable[[Any], tuple[int, Any]]:
    return lambda document: sort_key(field(document))


def _whole(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, "")
    if not text:
        return default
    try:
        return int(text)
    except ValueError as wrong:
        raise envelope.Refusal(
            envelope.query_refused(f"'{text}' is not a number for {name}")
        ) from wrong
