"""Pipeline's objects on the wire of its sync API, read into our own words.

Called by `billing` and `wire_feed`. Numbers are read exactly, never through a binary float. Unknown
fields are ignored; what breaks the contract is Garbled, naming the field (Pipeline: sync-api.yaml).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

import msgspec

from syncd.domain.errors import Garbled
from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, XeroContactId
from syncd.domain.model.contact import Customer, PostalAddress
from syncd.domain.model.invoice import Invoice, Line, LineAmountTypes, Tracking
from syncd.domain.model.statuses import PipelineStatus

_T = TypeVar("_T")


class Wire(msgspec.Struct, rename="camel", gc=False):
    """Something read from Pipeline."""


class TrackingWire(Wire):
    """A tracking category on a line."""

    name: str = ""
    option: str = ""


class LineWire(Wire):
    """A line."""

    id: str
    description: str
    quantity: Decimal
    unit_amount: Decimal
    discount_percent: Decimal | None = None
    cost_code: str | None = None
    account_code: str | None = None
    tax_type: str | None = None
    tax_rate: Decimal | None = None
    tracking: list[TrackingWire] | None = None


class InvoiceWire(Wire):
    """An invoice."""

    id: str
    number: str
    customer_id: str
    status: PipelineStatus
    invoice_date: date
    line_amount_types: LineAmountTypes
    lines: list[LineWire]
    nett: Decimal
    tax: Decimal
    total: Decimal
    version: int
    updated_at: datetime
    reference: str | None = None
    due_date: date | None = None
    currency_code: str | None = None


class AddressWire(Wire):
    """A postal address."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


class CustomerWire(Wire):
    """A customer."""

    id: str
    ref: str
    name: str
    version: int
    updated_at: datetime
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    postal_address: AddressWire | None = None
    xero_contact_id: str | None = None


_INVOICE = msgspec.json.Decoder(InvoiceWire)
_CUSTOMER = msgspec.json.Decoder(CustomerWire)


def read_invoice(body: bytes | msgspec.Raw) -> Invoice:
    """An invoice. Raises Garbled, naming the field."""
    found = decode(_INVOICE, body)
    return Invoice(
        id=PipelineInvoiceId(_named(found.id, "id")),
        number=found.number,
        reference=found.reference or "",
        customer_id=PipelineCustomerId(_named(found.customer_id, "customerId")),
        status=found.status,
        invoice_on=found.invoice_date,
        due_on=found.due_date,
        currency_code=found.currency_code or None,
        line_amount_types=found.line_amount_types,
        lines=tuple(_line(place, line) for place, line in enumerate(found.lines)),
        nett=_finite(found.nett, "nett"),
        tax=_finite(found.tax, "tax"),
        total=_finite(found.total, "total"),
        version=found.version,
        updated_at=instant(found.updated_at, "updatedAt"),
    )


def read_customer(body: bytes | msgspec.Raw) -> Customer:
    """A customer. Raises Garbled, naming the field."""
    found = decode(_CUSTOMER, body)
    where = found.postal_address
    return Customer(
        id=PipelineCustomerId(_named(found.id, "id")),
        ref=found.ref,
        name=found.name,
        version=found.version,
        updated_at=instant(found.updated_at, "updatedAt"),
        first_name=found.first_name,
        last_name=found.last_name,
        email=found.email,
        phone=found.phone,
        website=found.website,
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
        xero_contact_id=XeroContactId(found.xero_contact_id) if found.xero_contact_id else None,
    )


def garbled(field: str, what: object) -> Garbled:
    """The error of an answer that breaks the contract at `field`."""
    return Garbled(f"Pipeline's answer breaks its contract at {field}: {what}", system="pipeline")


def _line(place: int, found: LineWire) -> Line:
    where = f"lines[{place}]"
    percent, rate = found.discount_percent, found.tax_rate
    return Line(
        id=found.id,
        description=found.description,
        quantity=_finite(found.quantity, f"{where}.quantity"),
        unit_amount=_finite(found.unit_amount, f"{where}.unitAmount"),
        discount_percent=None if percent is None else _finite(percent, f"{where}.discountPercent"),
        cost_code=found.cost_code or None,
        account_code=found.account_code or None,
        tax_type=found.tax_type or None,
        tax_rate=None if rate is None else _finite(rate, f"{where}.taxRate"),
        tracking=tuple(Tracking(name=one.name, option=one.option) for one in found.tracking or ()),
    )


def decode(decoder: msgspec.json.Decoder[_T], body: bytes | msgspec.Raw) -> _T:
    """The body as `decoder` reads it. Raises Garbled, naming the field."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        what, _, field = str(error).partition(" - at ")
        raise garbled(field.strip("`") or "$", what) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise garbled("$", error) from error


def _named(text: str, field: str) -> str:
    if not text:
        raise garbled(field, "empty")
    return text


def _finite(number: Decimal, field: str) -> Decimal:
    if not number.is_finite():
        raise garbled(field, f"expected a number, got {number}")
    return number


def instant(found: datetime, field: str) -> datetime:
    """An instant in UTC. Raises Garbled when it names no zone."""
    if found.tzinfo is None:
        raise garbled(field, f"expected an instant in UTC, got {found} without a zone")
    return found.astimezone(UTC)
