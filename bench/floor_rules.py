"""What the floor decides and compares: an invoice of Pipeline's, its element in Xero, both typed.

Pure; used by `bench/floor.py`, and by nothing of the daemon's.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

import msgspec

CENT, ONE, HUNDRED, ZERO = Decimal("0.01"), Decimal(1), Decimal(100), Decimal(0)
STATUS = {"Draft": "DRAFT", "Approved": "AUTHORISED", "Sent": "AUTHORISED"}
PAGE = "https://app.pipeline.example/invoices/{}?syncd=floor"


# --- Pipeline's words


class Read(msgspec.Struct, rename="camel", gc=False):
    """Something of Pipeline's."""


class Line(Read):
    """A line of an invoice."""

    description: str
    quantity: Decimal
    unit_amount: Decimal
    discount_percent: Decimal | None = None
    cost_code: str | None = None
    account_code: str | None = None
    tax_type: str | None = None
    tax_rate: Decimal | None = None


class Invoice(Read):
    """An invoice."""

    id: str
    number: str
    customer_id: str
    status: str
    invoice_date: dt.date
    line_amount_types: str
    lines: list[Line]
    nett: Decimal
    tax: Decimal
    total: Decimal
    version: int
    reference: str | None = None
    due_date: dt.date | None = None
    currency_code: str | None = None


class Change(Read):
    """An entry of the feed."""

    kind: str
    id: str
    version: int
    deleted: bool
    data: msgspec.Raw


class Page(Read):
    """A page of the feed."""

    changes: list[Change]
    next_cursor: str
    has_more: bool


class PutAnswer(Read):
    """What became of one result."""

    index: int
    outcome: str


class PutAnswers(Read):
    """What became of all of them."""

    results: list[PutAnswer]


class Told(msgspec.Struct, rename="camel", gc=False):
    """What Pipeline is told of an invoice."""

    kind: str
    revision: int
    id: str
    state: str
    xero_invoice_id: str
    xero_invoice_number: str
    xero_status: str
    amount_paid: Decimal
    amount_credited: Decimal
    amount_due: Decimal
    synced_version: int


# --- Xero's words


def _in_xero(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_")).replace("Id", "ID")


class Xero(msgspec.Struct, rename=_in_xero, gc=False, omit_defaults=True):
    """Something of Xero's, written or read."""


class XeroLine(Xero):
    """A line."""

    description: str
    quantity: Decimal
    unit_amount: Decimal
    discount_rate: Decimal | None = None
    account_code: str | None = None
    tax_type: str | None = None
    line_item_id: str | None = None
    line_amount: Decimal | None = None
    tax_amount: Decimal | None = None


class XeroContact(Xero):
    """The contact of an invoice."""

    contact_id: str


class XeroInvoice(Xero):
    """An invoice, as written or as an answer shows it."""

    type: str
    invoice_number: str
    contact: XeroContact
    status: str
    line_amount_types: str
    line_items: list[XeroLine]
    url: str
    currency_code: str
    sent_to_contact: bool = False
    reference: str = ""
    date: str | None = None
    due_date: str | None = None
    date_string: str | None = None
    due_date_string: str | None = None
    invoice_id: str | None = None
    sub_total: Decimal | None = None
    total_tax: Decimal | None = None
    total: Decimal | None = None
    amount_due: Decimal | None = None
    amount_paid: Decimal | None = None
    has_errors: bool = False


class XeroAnswer(Xero):
    """An answer to a write."""

    invoices: list[XeroInvoice]


class Meant(msgspec.Struct, gc=False):
    """One element: what is written, and what Xero must show of it."""

    invoice: Invoice
    written: XeroInvoice
    amounts: list[tuple[Decimal, Decimal]]
    """Of each line what it comes to, and its tax."""


ENCODER = msgspec.json.Encoder(decimal_format="number")
READ_PAGE = msgspec.json.Decoder(Page)
READ_INVOICE = msgspec.json.Decoder(Invoice)
READ_ANSWER = msgspec.json.Decoder(XeroAnswer)
READ_PUT = msgspec.json.Decoder(PutAnswers)


# --- deciding


class Choices(msgspec.Struct):
    """The tenant's codes, and what stands in its organisation."""

    accounts: dict[str, str]
    tax_types: dict[Decimal, str]
    rates: dict[str, Decimal]
    currency: str
    contacts: dict[str, str]
    due_days: int


def decide(body: bytes, choices: Choices) -> Meant | str:
    """What is written for an invoice, or why it is not."""
    invoice = READ_INVOICE.decode(body)
    status, contact = STATUS.get(invoice.status), choices.contacts.get(invoice.customer_id)
    if status is None or contact is None:
        return "its status or its customer is not known"
    if not invoice.number.strip() or not invoice.lines:
        return "it has no number or no lines"
    if (invoice.currency_code or choices.currency) != choices.currency:
        return "its currency is another one"
    is_inclusive = invoice.line_amount_types == "Inclusive"
    lines, amounts, nett, taxes = [], [], ZERO, ZERO
    for line in invoice.lines:
        account = line.account_code or choices.accounts.get(line.cost_code or "")
        tax_type = line.tax_type or choices.tax_types.get(
            ZERO if line.tax_rate is None else line.tax_rate
        )
        rate = None if tax_type is None else choices.rates.get(tax_type)
        if account is None or rate is None or not line.description.strip():
            return "a line has no account, tax type or words"
        full = line.quantity * line.unit_amount
        if line.discount_percent:
            full *= (HUNDRED - line.discount_percent) / HUNDRED
        amount = full.quantize(CENT, ROUND_HALF_UP)
        share = rate / (ONE + rate) if is_inclusive else rate
        tax = (amount * share).quantize(CENT, ROUND_HALF_UP)
        nett += amount - tax if is_inclusive else amount
        taxes += tax
        amounts.append((amount, tax))
        lines.append(
            XeroLine(
                description=line.description.strip(),
                quantity=line.quantity,
                unit_amount=line.unit_amount,
                discount_rate=line.discount_percent,
                account_code=account,
                tax_type=tax_type,
            )
        )
    if (nett, taxes, nett + taxes) != (invoice.nett, invoice.tax, invoice.total):
        return "its totals do not follow from its lines"
    due_on = invoice.due_date or invoice.invoice_date + dt.timedelta(days=choices.due_days)
    written = XeroInvoice(
        type="ACCREC",
        invoice_number=invoice.number.strip(),
        contact=XeroContact(contact_id=contact),
        status=status,
        line_amount_types=invoice.line_amount_types,
        line_items=lines,
        url=PAGE.format(invoice.id),
        currency_code=choices.currency,
        sent_to_contact=invoice.status == "Sent",
        reference=(invoice.reference or "").strip(),
        date=invoice.invoice_date.isoformat(),
        due_date=due_on.isoformat(),
    )
    return Meant(invoice=invoice, written=written, amounts=amounts)


def difference(meant: Meant, found: XeroInvoice) -> str:
    """The first thing that Xero shows otherwise than it was meant; empty when there is none."""
    said, invoice = meant.written, meant.invoice
    if found.has_errors or not found.invoice_id:
        return "Xero refused it"
    shown = (
        found.type, found.invoice_number, found.contact.contact_id, found.status,
        found.line_amount_types, found.url, found.currency_code, found.sent_to_contact,
        found.reference, (found.date_string or "")[:10], (found.due_date_string or "")[:10],
        found.sub_total, found.total_tax, found.total, found.amount_due, found.amount_paid,
        len(found.line_items),
    )  # fmt: skip
    wanted = (
        said.type, said.invoice_number, said.contact.contact_id, said.status,
        said.line_amount_types, said.url, said.currency_code, said.sent_to_contact,
        said.reference, said.date, said.due_date,
        invoice.nett, invoice.tax, invoice.total, invoice.total, ZERO,
        len(said.line_items),
    )  # fmt: skip
    if shown != wanted:
        return next(f"{b} became {a}" for a, b in zip(shown, wanted, strict=True) if a != b)
    for line, ours, (amount, tax) in zip(
        found.line_items, said.line_items, meant.amounts, strict=True
    ):
        same = (
            line.description == ours.description
            and line.quantity == ours.quantity
            and line.unit_amount == ours.unit_amount
            and (line.discount_rate or ZERO) == (ours.discount_rate or ZERO)
            and line.account_code == ours.account_code
            and line.tax_type == ours.tax_type
            and line.line_amount == amount
            and line.tax_amount == tax
        )
        if not same:
            return f"the line {ours.description} is another one"
    return ""
