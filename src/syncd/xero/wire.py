"""What Xero's bytes have in common: names, dates, exact numbers, envelopes and refusals.

Called by the other wire rooms and by `faults`. Unknown fields are ignored and empty ones may be
missing (facts §3.1); what must be there and is not becomes `Garbled`, naming the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NoReturn, TypeVar

import msgspec

from syncd.domain.errors import Garbled
from syncd.domain.rules.text import json_text
from syncd.domain.rules.text.quoted import quoted

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
"""The id of an element that failed to be created (facts §3.3)."""
ZERO = Decimal(0)
MOST_DIGITS = 15
"""Of a number before its point: Xero's largest amounts have eleven."""
MOST_DECIMALS = 17
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""No document is dated outside of these, and no instant lies there: .NET writes none as year 1."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The offset, where there is one, is always +0000 and must not shift the value (facts §3.6).
_WIRE_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_SPELLED = {"id": "ID", "utc": "UTC"}

ENCODER = msgspec.json.Encoder(decimal_format="number")
"""Exact numbers: a Decimal leaves as the digits it has."""

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LISTED = msgspec.json.Decoder(list[msgspec.Raw])

_T = TypeVar("_T")
_V = TypeVar("_V")
_E = TypeVar("_E", bound=StrEnum)


def xero_name(name: str) -> str:
    """Xero's spelling of one of our field names: `line_item_id` is `LineItemID`."""
    return "".join(_SPELLED.get(word) or word.capitalize() for word in name.split("_"))


class Wire(msgspec.Struct, rename=xero_name, gc=False):
    """Something read. Every field may be missing or null."""


class Written(msgspec.Struct, rename=xero_name, omit_defaults=True, gc=False):
    """Something sent. None is left out: what is not sent stays as it stands."""


class ValidationWire(Wire):
    """One objection of Xero's; an old sample of the docs calls the text Description."""

    message: str | None = None
    description: str | None = None


Objections = list[ValidationWire] | None


class PagingWire(msgspec.Struct, rename="camel", gc=False):
    """The `pagination` object of paged answers (facts §3.4)."""

    page: int = 1
    page_count: int = 0
    item_count: int = 0


class ListWire(Wire):
    """What every list's envelope has beside its rows."""

    pagination: PagingWire | None = msgspec.field(name="pagination", default=None)
    date_time_utc: str | None = None

    @property
    def as_of(self) -> datetime | None:
        """Xero's own clock as it answered; None where it did not say."""
        at = self.date_time_utc
        return None if at is None else read_instant(at, "DateTimeUTC")


class Broken(Garbled):
    """An answer that breaks the contract; `what` says where and how."""

    def __init__(self, what: str) -> None:
        text = f"Xero's answer breaks its contract at {what}. Nothing was concluded from it; "
        super().__init__(text + "it is read again by itself.", system="xero")
        self.what = what


def garbled(field: str, what: object) -> NoReturn:
    """Raise Garbled for a field that is missing or not what the contract says."""
    raise Broken(f"{field}: {what}")


def decode(decoder: msgspec.json.Decoder[_T], body: bytes | msgspec.Raw) -> _T:
    """The body as `decoder` reads it, halves of characters replaced. Raises Garbled by field."""
    try:
        return json_text.read(decoder, body)
    except json_text.Unreadable as error:
        garbled(error.field, error.what)


def elements(
    decoder: msgspec.json.Decoder[_T], body: bytes, name: str, to: Callable[[_T], _V | None]
) -> tuple[list[_V], list[str]]:
    """The elements of an answer's list, each read alone, and what is wrong with the others.

    Those of which `to` makes None are none of ours. Raises Garbled when there is no such list.
    """
    rows, problems = _rows(body, name), list[str]()
    if rows is None:
        garbled(name, "missing, or no list")
    found: list[_V] = []
    for row in rows:
        try:
            one = to(decode(decoder, row))
        except Broken as broken:
            problems.append(broken.what)
        else:
            found += [] if one is None else [one]
    return found, problems


def _rows(body: bytes, name: str) -> Sequence[bytes | msgspec.Raw] | None:
    """The list's elements as they stand; cut apart by hand where no parser takes it whole."""
    try:
        return json_text.read(_LISTED, json_text.read(_MEMBERS, body)[name])
    except (json_text.Unreadable, KeyError):
        return json_text.apart(body, name)[1]


def readable_elements(
    decoder: msgspec.json.Decoder[_T], body: bytes, name: str, to: Callable[[_T], _V | None]
) -> list[_V]:
    """Those elements that can be read. Raises Garbled when there are some, and none of them can."""
    found, problems = elements(decoder, body, name, to)
    if problems and not found:
        garbled(name, problems[0])
    return found


def required(value: str | None, field: str) -> str:
    """A text that must be there. Raises Garbled."""
    if not value:
        garbled(field, "missing or empty")
    return value


def amount(value: Decimal | None, field: str) -> Decimal:
    """A number, zero where Xero left it out. Raises Garbled for one beyond any amount."""
    if value is None:
        return ZERO
    # Hardly any is as long as the shorter bound; to look at its parts costs ten times as much.
    text = str(value)
    if len(text) <= MOST_DIGITS and "E" not in text and value.is_finite():
        return value
    if value.is_finite() and not (value and value.adjusted() >= MOST_DIGITS):
        if int(value.as_tuple().exponent) >= -MOST_DECIMALS:
            return value
        garbled(field, f"expected a number of at most {MOST_DECIMALS} decimals")
    garbled(field, f"expected a number of at most {MOST_DIGITS} digits before its point")


def one_of(kind: type[_E], value: str | None, field: str) -> _E:
    """One of a closed set. Raises Garbled for any other word."""
    try:
        return kind(value or "")
    except ValueError:
        word = quoted(value or "nothing", longest=40)
        garbled(field, f"expected one of {', '.join(kind)}, got {word}")


def read_instant(text: str | None, field: str) -> datetime:
    """An instant from `/Date(ms+0000)/` or ISO-8601; without a zone it is UTC. Raises Garbled."""
    if text is None:
        garbled(field, "missing")
    found = _WIRE_DATE.fullmatch(text)
    try:
        if found:
            instant = _EPOCH + timedelta(milliseconds=int(found.group(1)))
        else:
            instant = datetime.fromisoformat(text)
            zone = instant.tzinfo
            instant = instant.replace(tzinfo=UTC) if zone is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        garbled(field, f"expected an instant, got {quoted(text, longest=40)!r}")
    _sane(instant, field)
    return instant


def read_day(string: str | None, wire: str | None, field: str) -> date | None:
    """A calendar date: the `…String` twin first, else `/Date(ms)/`, which is midnight UTC of it.

    None when neither is there. Raises Garbled.
    """
    if string:
        try:
            return _sane(date.fromisoformat(string[:10]), field)
        except ValueError:
            garbled(f"{field}String", f"expected a date, got {quoted(string, longest=40)!r}")
    return None if wire is None else read_instant(wire, field).date()


def _sane(day: date, field: str) -> date:
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return day
    garbled(field, f"expected a date from {FIRST_YEAR} to {LAST_YEAR}, got {day}")


def write_instant(instant: datetime) -> str:
    """`If-Modified-Since`: UTC, whole seconds, no zone (facts §3.4)."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def texts(*objections: Objections) -> tuple[str, ...]:
    """Every objection's words, in order, each once."""
    found = (
        quoted(one.message or one.description or "") for some in objections for one in some or ()
    )
    return tuple(dict.fromkeys(text for text in found if text))


def is_guid(text: str) -> bool:
    """Whether it can be the id of anything in Xero."""
    return _GUID.fullmatch(text) is not None


def is_zero(guid: str | None) -> bool:
    """No id, or the one of an element that was never made."""
    return not guid or guid == ZERO_GUID


def joined(element: str, bodies: Iterable[bytes]) -> bytes:
    """The envelope of a batch: `{"Invoices":[…]}`."""
    return b'{"%s":[%s]}' % (element.encode("ascii"), b",".join(bodies))
