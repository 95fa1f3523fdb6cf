"""Pipeline's objects on the wire of its sync API, read into our own words.

Called by `billing` and `wire_feed`. Numbers are read exactly, never through a binary float. Unknown
fields are ignored; what breaks the contract, its lengths included, is Garbled, naming the field
(Pipeline: sync-api.yaml).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from syncd.domain.errors import Garbled
from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, XeroContactId
from syncd.domain.model.contact import Customer, PostalAddress
from syncd.domain.model.invoice import Invoice, Line, LineAmountTypes, Tracking
from syncd.domain.model.statuses import PipelineStatus
from syncd.domain.model.value import like
from syncd.domain.rules.text import json_text

T = TypeVar("T")

MOST_DIGITS = 15
"""Of a number before its point, as of Xero's largest amounts."""
MOST_DECIMALS = 17
"""Of a number behind its point: what a server prints that computes in binary floats."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""No document is dated outside of these."""

Id = Annotated[str, Meta(min_length=1, max_length=64)]
"""An id of Pipeline's; the contract knows UUIDs, which have 36 characters."""
Version = Annotated[int, Meta(ge=0, le=2**63 - 1)]
_Text50 = Annotated[str, Meta(max_length=50)]
_Text255 = Annotated[str, Meta(max_length=255)]
_Text1000 = Annotated[str, Meta(max_length=1000)]
"""Where the contract names no length: no field of an address or a person has more."""


class Wire(msgspec.Struct, rename="camel", gc=False):
    """Something read from Pipeline."""


class TrackingWire(Wire):
    """A tracking category on a line."""

    name: _Text255 = ""
    option: _Text255 = ""


class LineWire(Wire):
    """A line."""

    id: _Text255
    description: Annotated[str, Meta(max_length=4000)]
    quantity: Decimal
    unit_amount: Decimal
    discount_percent: Decimal | None = None
    cost_code: _Text255 | None = None
    account_code: _Text255 | None = None
    tax_type: _Text255 | None = None
    tax_rate: Decimal | None = None
    tracking: Annotated[list[TrackingWire], Meta(max_length=100)] | None = None


class InvoiceWire(Wire):
    """An invoice."""

    id: Id
    number: _Text255
    customer_id: Id
    status: PipelineStatus
    invoice_date: date
    line_amount_types: LineAmountTypes
    lines: Annotated[list[LineWire], Meta(max_length=500)]
    nett: Decimal
    tax: Decimal
    total: Decimal
    version: Version
    updated_at: datetime
    reference: _Text255 | None = None
    due_date: date | None = None
    currency_code: _Text50 | None = None


class AddressWire(Wire):
    """A postal address."""

    line1: _Text1000 | None = None
    line2: _Text1000 | None = None
    city: _Text1000 | None = None
    region: _Text1000 | None = None
    postal_code: _Text1000 | None = None
    country: _Text1000 | None = None


class CustomerWire(Wire):
    """A customer."""

    id: Id
    ref: _Text50
    name: _Text255
    version: Version
    updated_at: datetime
    first_name: _Text1000 | None = None
    last_name: _Text1000 | None = None
    email: _Text1000 | None = None
    phone: _Text1000 | None = None
    website: _Text1000 | None = None
    postal_address: AddressWire | None = None
    xero_contact_id: Annotated[str, Meta(max_length=64)] | None = None


_INVOICE = msgspec.json.Decoder(InvoiceWire)
_CUSTOMER = msgspec.json.Decoder(CustomerWire)


def read_invoice(body: bytes | msgspec.Raw) -> Invoice:
    """An invoice. Raises Garbled, naming the field.

    Xero keeps a number without the blanks around it, and finds it by nothing else: so does syncd.
    """
    found = decode(_INVOICE, body)
    return Invoice(
        id=PipelineInvoiceId(found.id),
        number=found.number.strip(),
        reference=found.reference or "",
        customer_id=PipelineCustomerId(found.customer_id),
        status=found.status,
        invoice_on=_day(found.invoice_date, "invoiceDate"),
        due_on=None if found.due_date is None else _day(found.due_date, "dueDate"),
        currency_code=found.currency_code or None,
        line_amount_types=found.line_amount_types,
        lines=tuple(_line(place, line) for place, line in enumerate(found.lines)),
        nett=_number(found.nett, "nett"),
        tax=_number(found.tax, "tax"),
        total=_number(found.total, "total"),
        version=found.version,
        updated_at=instant(found.updated_at, "updatedAt"),
    )


def read_customer(body: bytes | msgspec.Raw) -> Customer:
    """A customer. Raises Garbled, naming the field."""
    found = decode(_CUSTOMER, body)
    where = found.postal_address
    return like(
        Customer,
        found,
        id=PipelineCustomerId(found.id),
        updated_at=instant(found.updated_at, "updatedAt"),
        postal_address=None
        if where is None
        else PostalAddress(
            line1=where.line1 or "",
            line2=where.line2 or "",
            city=where.city or "",
            region=where.region or "",
            postal_code=where.postal_code or "",
            country=where.country or "",
        ),
        xero_contact_id=_contact_id(found.xero_contact_id),
    )


def its_own(found: T, own_id: str) -> T:
    """An object that was told as this one's. Raises Garbled for another's: nothing of it is meant.

    Ids are compared in any letters.
    """
    told = str(getattr(found, "id", ""))
    if told.lower() != own_id.lower():
        raise garbled("id", f"expected {own_id}, got {told}")
    return found


class Broken(Garbled):
    """An answer that breaks the contract; `what` says where and how, without whose answer it is."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Pipeline's answer breaks its contract at {what}", system="pipeline")
        self.what = what


def garbled(field: str, what: object) -> Broken:
    """The error of an answer that breaks the contract at `field`."""
    return Broken(f"{field}: {what}")


def _line(place: int, found: LineWire) -> Line:
    where = f"lines[{place}]"
    percent, rate = found.discount_percent, found.tax_rate
    return Line(
        id=found.id,
        description=found.description,
        quantity=_number(found.quantity, f"{where}.quantity"),
        unit_amount=_number(found.unit_amount, f"{where}.unitAmount"),
        discount_percent=None if percent is None else _number(percent, f"{where}.discountPercent"),
        cost_code=found.cost_code or None,
        account_code=found.account_code or None,
        tax_type=found.tax_type or None,
        tax_rate=None if rate is None else _number(rate, f"{where}.taxRate"),
        tracking=tuple(Tracking(name=one.name, option=one.option) for one in found.tracking or ()),
    )


def decode(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T:
    """The body as `decoder` reads it, halves of characters replaced. Raises Garbled by field."""
    try:
        return json_text.read(decoder, body)
    except json_text.Unreadable as error:
        raise garbled(error.field, error.what) from error


def _number(number: Decimal, field: str) -> Decimal:
    """A number as documents have them. Raises Garbled for one beyond any amount."""
    if not number.is_finite() or (number and number.adjusted() >= MOST_DIGITS):
        raise garbled(field, f"expected a number of at most {MOST_DIGITS} digits before its point")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MOST_DECIMALS:
        raise garbled(field, f"expected a number of at most {MOST_DECIMALS} decimals")
    # 1E+3 and 1000 are the same amount, and are shown and sent as the same.
    return number.quantize(_ONE) if isinstance(exponent, int) and exponent > 0 else number


_ONE = Decimal(1)


def _day(day: date, field: str) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise garbled(field, f"expected a date from {FIRST_YEAR} to {LAST_YEAR}, got {day}")
    return day


def _contact_id(text: str | None) -> XeroContactId | None:
    """A link set by hand, in Xero's letters; an empty one, zeros included, is none."""
    if not text or not text.strip("0-"):
        return None
    if _GUID.fullmatch(text) is None:
        raise garbled("xeroContactId", "expected an id of Xero's (a UUID)")
    return XeroContactId(text.lower())


_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def instant(found: datetime, field: str) -> datetime:
    """An instant in UTC. Raises Garbled when it names no zone, or lies beyond any document."""
    if found.tzinfo is None:
        raise garbled(field, f"expected an instant in UTC, got {found} without a zone")
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise garbled(field, f"expected an instant from {FIRST_YEAR} to {LAST_YEAR}, got {found}")
    return found.astimezone(UTC)
