"""Credit notes, overpayments and prepayments: lists, one, and writes of credit notes (facts §5.2).

Called by the gateway and by the bookkeeper. Overpayments and prepayments are born from bank
transactions, which only the bookkeeper can make here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from syncd.sandbox.http import Response
from syncd.sandbox.xero.documents import batches, credit_shape, document_lines, invoice_contacts
from syncd.sandbox.xero.documents.batches import Checked, Claims
from syncd.sandbox.xero.documents.document_lines import Terms
from syncd.sandbox.xero.documents.invoice_rules import KINDS, NOT_EDITABLE
from syncd.sandbox.xero.ledger import arithmetic, org_dates
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import NO_ID, ZERO, Contact, Credit, CreditKind, Line
from syncd.sandbox.xero.ledger.wire_dates import echoed, moment, read_day
from syncd.sandbox.xero.protocol import envelope, lists
from syncd.sandbox.xero.protocol.calls import Call
from syncd.sandbox.xero.protocol.where import Field, Guid

UNKNOWN = "An existing Credit Note with the specified CreditNoteID could not be found"
NOT_UNIQUE = "Credit note # must be unique."
FIELDS: dict[str, Field] = {
    "creditnoteid": lambda each: Guid(each.id),
    "overpaymentid": lambda each: Guid(each.id),
    "prepaymentid": lambda each: Guid(each.id),
    "type": lambda each: each.type,
    "creditnotenumber": lambda each: each.number,
    "reference": lambda each: each.reference,
    "status": lambda each: each.status,
    "date": lambda each: each.dated_on,
    "total": lambda each: each.total,
    "remainingcredit": lambda each: each.remaining,
    "contact.contactid": lambda each: Guid(each.contact_id),
    "updateddateutc": lambda each: moment(each.updated_ms),
}
_NEXT = {
    "": ("DRAFT", "SUBMITTED", "AUTHORISED"),
    "DRAFT": ("DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"),
    "SUBMITTED": ("DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"),
    "AUTHORISED": ("AUTHORISED", "VOIDED"),
}


def listing(call: Call, kind: CreditKind) -> Response:
    """GET /CreditNotes, /Overpayments, /Prepayments."""
    books = call.books
    rows = [
        each for each in books.credits.rows(call.at_ms, lists.since_ms(call)) if each.kind == kind
    ]
    page = lists.page_of(call)
    draw = credit_shape.listed if page is None else credit_shape.paged
    return lists.answer(
        call,
        f"{kind}s",
        lists.chosen(call, rows, FIELDS),
        page,
        lambda each: draw(books, each, call.places),
    )


def one(call: Call, key: str, kind: CreditKind) -> Response:
    """GET one by its id, a credit note also by its number."""
    books = call.books
    found = books.credits.visible(key.lower(), call.at_ms)
    if found is None:
        same = (each for each in books.credits.current() if each.number == key)
        found = next(same, None)
    if found is None or found.kind != kind:
        return envelope.not_found()
    return call.ok(f"{kind}s", [credit_shape.by_id(books, found, call.places)])


def create(call: Call) -> Response:
    """PUT /CreditNotes."""
    return _write(call, lambda _: None)


def upsert(call: Call) -> Response:
    """POST /CreditNotes: update when a CreditNoteID is given."""
    return _write(call, lambda sent: str(sent.get("CreditNoteID") or "").lower() or None)


def update(call: Call, key: str) -> Response:
    """POST /CreditNotes/{CreditNoteID}."""
    if key.lower() not in call.books.credits.by_id:
        return envelope.not_found()
    return _write(call, lambda _: key.lower())


def _write(call: Call, which: Callable[[Mapping[str, Any]], str | None]) -> Response:
    def look(sent: dict[str, Any], _: Claims) -> Checked:
        identifier = which(sent)
        existing = None if identifier is None else call.books.credits.by_id.get(identifier)
        if identifier is not None and (existing is None or existing.kind != "CreditNote"):
            return Checked(errors=[UNKNOWN], echo=lambda: _echo(sent), save=dict)
        return check(call.books, call.author, sent, existing, places=call.places)

    elements = envelope.elements_of(call.request, "CreditNotes")
    return batches.write(call, "CreditNotes", "HasErrors", elements, look)


def check(
    books: Books,
    author: Author,
    sent: Mapping[str, Any],
    existing: Credit | None,
    *,
    places: int = 4,
) -> Checked:
    """Look at one credit note somebody sends."""
    errors: list[str] = []
    standing = existing.status if existing else ""
    target = str(sent.get("Status") or standing or "DRAFT").upper()
    is_used = existing is not None and existing.used > 0
    if target not in _NEXT.get(standing, ()) or (is_used and target != standing):
        errors.append(NOT_EDITABLE.replace("Invoice", "Credit note"))
    kind = str(sent.get("Type") or (existing.type if existing else ""))
    if kind not in {"ACCRECCREDIT", "ACCPAYCREDIT"}:
        errors.append("Type must be specified as ACCRECCREDIT or ACCPAYCREDIT")
    values = _values(books, author, sent, existing, errors)
    terms = Terms(
        line_amount_types=values["line_amount_types"],
        sells=kind == "ACCRECCREDIT",
        authorises=target in {"SUBMITTED", "AUTHORISED"},
        places=places,
    )
    lines = existing.lines if existing else []
    if sent.get("LineItems") is not None or existing is None:
        lines, wrong = document_lines.build(books, sent.get("LineItems") or [], lines, terms)
        errors += wrong
    if is_used and (sent.get("LineItems") is not None):
        errors.append("This document cannot be edited as it has been allocated or refunded.")
    party = invoice_contacts.find(
        books, sent.get("Contact"), existing.contact_id if existing else None
    )
    errors += party.errors
    values |= {"status": target, "lines": lines}

    def save() -> dict[str, Any]:
        contact = party.settle(books, author)
        if existing is None:
            written = new(books, author, contact, {"type": kind, **values})
        else:
            written = _edited(books, author, existing, {**values, "contact_id": contact.id})
        return credit_shape.written(books, written, places)

    return Checked(errors=errors, echo=lambda: _echo(sent), save=save)


def _values(
    books: Books,
    author: Author,
    sent: Mapping[str, Any],
    existing: Credit | None,
    errors: list[str],
) -> dict[str, Any]:
    on = existing.dated_on if existing else org_dates.today(books, author.at_ms)
    try:
        on = read_day(str(sent["Date"])) if sent.get("Date") else on
    except ValueError:
        errors.append(f"The Date '{sent['Date']}' is not a valid date")
    errors += org_dates.lock_errors(books, on, existing.dated_on if existing else on)
    own = existing.currency if existing else books.organisation.base_currency
    currency = str(sent.get("CurrencyCode") or own).upper()
    if currency not in books.settings.currencies:
        errors.append(f"Organisation is not subscribed to currency {currency}")
    number = str(sent.get("CreditNoteNumber") or (existing.number if existing else ""))
    own_id = existing.id if existing else None
    if number and _is_taken(books, number, own_id):
        errors.append(NOT_UNIQUE)
    types = str(
        sent.get("LineAmountTypes") or (existing.line_amount_types if existing else "Exclusive")
    )
    if types not in KINDS:
        errors.append(f"LineAmountTypes must be one of {', '.join(KINDS)}")
    return {
        "dated_on": on,
        "currency": currency,
        "number": number,
        "reference": str(sent.get("Reference") or (existing.reference if existing else "")),
        "line_amount_types": types,
    }


def _is_taken(books: Books, number: str, own_id: str | None) -> bool:
    return any(
        each.kind == "CreditNote" and each.number == number and each.id != own_id
        for each in books.credits.current()
    )


def new(
    books: Books,
    author: Author,
    contact: Contact,
    values: Mapping[str, Any],
    kind: CreditKind = "CreditNote",
) -> Credit:
    """Write a new credit document; credit notes without a number get the next one."""
    credit = Credit(
        id=books.mint.guid(),
        kind=kind,
        contact_id=contact.id,
        created_by=author.client_id or author.who,
        **values,
    )
    if kind == "CreditNote" and not credit.number:
        credit.number = f"CN-{books.organisation.next_credit_number:04d}"
        books.organisation.next_credit_number += 1
    _reckon(credit)
    books.add(credit, author)
    return credit


def one_line(books: Books, amount: Decimal, on: date) -> dict[str, Any]:
    """The values of a document with one untaxed line over an amount."""
    line = Line(
        id=books.mint.guid(),
        description="Credit",
        quantity=Decimal(1),
        unit_amount=amount,
        line_amount=amount,
        tax_amount=ZERO,
        account_code="200",
        tax_type="NONE",
    )
    return {
        "dated_on": on,
        "currency": books.organisation.base_currency,
        "line_amount_types": "NoTax",
        "lines": [line],
    }


def _edited(books: Books, author: Author, credit: Credit, values: Mapping[str, Any]) -> Credit:
    def apply() -> None:
        for attribute, value in values.items():
            setattr(credit, attribute, value)
        _reckon(credit)

    what = "edited" if values["status"] == credit.status else values["status"].lower()
    books.change(credit, author, apply, what=what)
    return credit


def _reckon(credit: Credit) -> None:
    pairs = ((each.line_amount, each.tax_amount) for each in credit.lines)
    sums = arithmetic.totals(pairs, credit.line_amount_types)
    credit.sub_total, credit.total_tax, credit.total = sums.sub_total, sums.total_tax, sums.total


def _echo(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "CreditNoteID": NO_ID,
        "Allocations": [],
        "LineItems": [],
        "HasErrors": True,
        **echoed(sent),
    }
