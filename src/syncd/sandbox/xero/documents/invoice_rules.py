"""Which invoices Xero accepts: status, money, locks, numbers, currency (facts §3.5-§3.7).

Called by `invoices_write`. Nothing here touches the books: it finds what a write would set, and
what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from syncd.sandbox.xero.documents import document_lines
from syncd.sandbox.xero.documents.batches import Claims
from syncd.sandbox.xero.documents.document_lines import Terms, decimal_of
from syncd.sandbox.xero.ledger import arithmetic
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import RATE, Invoice, Line
from syncd.sandbox.xero.ledger.org_dates import lock_errors, today
from syncd.sandbox.xero.ledger.wire_dates import read_day

NOT_EDITABLE = "Invoice not of valid status for modification"
HAS_MONEY = "This document cannot be edited as it has a payment or credit note allocated to it."
NEEDS_LINE_ID = "To update fields on a paid invoice line item, you must supply a LineItemID"
NOT_UNIQUE = "Invoice # must be unique."
NOT_CREATABLE = "Invoice not of valid status for creation"
DATE_STANDS = (
    "Date cannot be changed on an invoice that has payment or credit notes allocated to it."
)
BELOW_ZERO = "The total of an invoice cannot be less than zero."
TOTAL_DISCOUNT = "Discounts are only supported on individual line items."

_IN_THE_BOOKS = ("AUTHORISED", "PAID")
"""Drafts, and what waits for approval, may be dated in a closed period (facts §7)."""
_NEW = ("DRAFT", "SUBMITTED", "AUTHORISED")
_NEXT = {
    "DRAFT": ("DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"),
    "SUBMITTED": ("SUBMITTED", "AUTHORISED", "DRAFT", "DELETED"),
    "AUTHORISED": ("AUTHORISED", "VOIDED"),
    "PAID": ("PAID",),
}
KINDS = ("Exclusive", "Inclusive", "NoTax")
# What may still change once money stands on the document (facts §3.7).
_FREE = ("reference", "due_on", "number", "branding_theme_id", "contact_id", "url")
_URL_MAX = 2083
_NUMBER_MAX = 255


@dataclass(slots=True)
class Intent:
    """What a write would set on an invoice, and what is wrong with it."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: list[Line] | None = None
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def status_error(invoice: Invoice, target: str) -> str | None:
    """Why the status cannot be set, in Xero's words; None when it can."""
    if invoice.status not in _NEXT:
        return NOT_EDITABLE
    if invoice.has_money and target != invoice.status:
        if target == "DELETED":
            return NOT_EDITABLE
        return (
            f"The status {target} cannot be applied to the invoice because it has payments "
            "or credit notes allocated to it."
        )
    return None if target in _NEXT[invoice.status] else NOT_EDITABLE


def intent(
    books: Books,
    sent: Mapping[str, Any],
    existing: Invoice | None,
    *,
    at_ms: int,
    places: int,
    claims: Claims,
) -> Intent:
    """What the write would set; the contact is looked at elsewhere."""
    found = Intent()
    if existing is not None and existing.status not in _NEXT:
        found.errors.append(NOT_EDITABLE)
        return found
    _status(sent, existing, found)
    if existing is not None and found.values.get("status") in {"VOIDED", "DELETED"}:
        if existing.status in _IN_THE_BOOKS:
            found.errors += lock_errors(books, existing.dated_on)
        found.values = {"status": found.values["status"]}
        return found
    _plain(books, sent, existing, found)
    _dates(books, sent, existing, at_ms, found)
    _number(books, sent, existing, claims, found)
    _currency(books, sent, existing, found)
    _lines(books, sent, existing, places, found)
    _total(books, existing, found)
    if existing is not None and existing.has_money:
        _money_stands(sent, existing, found)
    return found


def _total(books: Books, existing: Invoice | None, found: Intent) -> None:
    """An invoice comes to nothing at least; the sentence is U."""
    if found.lines is None or not books.switches.total_below_zero_refused:
        return
    types = found.values.get("line_amount_types") or (
        existing.line_amount_types if existing else "Exclusive"
    )
    pairs = ((each.line_amount, each.tax_amount) for each in found.lines)
    if arithmetic.totals(pairs, types).total < 0:
        found.errors.append(BELOW_ZERO)


def _status(sent: Mapping[str, Any], existing: Invoice | None, found: Intent) -> None:
    if sent.get("Status") is None:
        if existing is None:
            found.values["status"] = "DRAFT"
        return
    target = str(sent["Status"]).upper()
    if existing is None:
        error = None if target in _NEW else NOT_CREATABLE
    else:
        error = status_error(existing, target)
    if error:
        found.errors.append(error)
    found.values["status"] = target


def _plain(books: Books, sent: Mapping[str, Any], existing: Invoice | None, found: Intent) -> None:
    kind = str(sent.get("Type") or (existing.type if existing else ""))
    if kind not in {"ACCREC", "ACCPAY"}:
        found.errors.append("Type must be specified as ACCREC or ACCPAY")
    if existing is None:
        found.values["type"] = kind
    if sent.get("Reference") is not None and kind == "ACCREC":
        found.values["reference"] = str(sent["Reference"])
        if 0 < books.switches.texts_max < len(found.values["reference"]):
            found.errors.append(
                f"The field Reference is longer than {books.switches.texts_max} characters"
            )
    _url(sent, found)
    if sent.get("TotalDiscount") is not None:
        found.errors.append(TOTAL_DISCOUNT)
    if sent.get("LineAmountTypes") is not None:
        chosen = {each.lower(): each for each in KINDS}.get(str(sent["LineAmountTypes"]).lower())
        if chosen is None:
            found.errors.append(f"LineAmountTypes must be one of {', '.join(KINDS)}")
        else:
            found.values["line_amount_types"] = chosen
    _themes(books, sent, existing, kind, found)
    if sent.get("SentToContact") is not None:
        status = found.values.get("status", existing.status if existing else "DRAFT")
        approved = status in {"AUTHORISED", "PAID"}
        found.values["sent_to_contact"] = str(sent["SentToContact"]).lower() == "true" and approved


def _url(sent: Mapping[str, Any], found: Intent) -> None:
    if "Url" in sent:
        url = found.values["url"] = str(sent["Url"] or "") or None
        if url is not None and (len(url) > _URL_MAX or "://" not in url or "xero" in url.lower()):
            found.errors.append("Url must be a valid absolute url")


def _themes(
    books: Books, sent: Mapping[str, Any], existing: Invoice | None, kind: str, found: Intent
) -> None:
    """The branding theme; a new sales invoice gets the organisation's default."""
    themes = [theme for theme, _ in books.settings.themes]
    if sent.get("BrandingThemeID"):
        found.values["branding_theme_id"] = str(sent["BrandingThemeID"]).lower()
        if found.values["branding_theme_id"] not in themes:
            found.errors.append("The BrandingThemeID does not exist")
    elif existing is None and kind == "ACCREC":
        found.values["branding_theme_id"] = books.settings.default_theme


def _dates(
    books: Books, sent: Mapping[str, Any], existing: Invoice | None, at_ms: int, found: Intent
) -> None:
    for name, attribute in (("Date", "dated_on"), ("DueDate", "due_on")):
        text = sent.get(name) or sent.get(f"{name}String")
        if not text:
            continue
        try:
            found.values[attribute] = read_day(str(text))
        except ValueError:
            found.errors.append(f"The {name} '{text}' is not a valid date")
    if existing is None:
        found.values.setdefault("dated_on", today(books, at_ms))
    ends = found.values.get("due_on", existing.due_on if existing else None)
    status = found.values.get("status", existing.status if existing else "DRAFT")
    kind = found.values.get("type", existing.type if existing else "ACCREC")
    needs = books.switches.due_date_to_authorise and kind == "ACCREC"
    if needs and status == "AUTHORISED" and ends is None and "due_on" not in found.values:
        found.errors.append("The document DueDate field must be specified.")
    dates = [] if existing is None else [existing.dated_on]
    if status in _IN_THE_BOOKS or (existing is not None and existing.status in _IN_THE_BOOKS):
        own = [found.values["dated_on"]] if "dated_on" in found.values else []
        found.errors += lock_errors(books, *dates, *own)


def _number(
    books: Books,
    sent: Mapping[str, Any],
    existing: Invoice | None,
    claims: Claims,
    found: Intent,
) -> None:
    number = str(sent.get("InvoiceNumber") or "")
    if not number or (existing is not None and number == existing.number):
        return
    found.values["number"] = number
    if len(number) > _NUMBER_MAX:
        found.errors.append(f"The field InvoiceNumber is longer than {_NUMBER_MAX} characters")
    if found.values.get("type", existing.type if existing else "ACCREC") != "ACCREC":
        return
    key = books.number_key(number)
    own_id = existing.id if existing else None
    if key in claims.numbers or holder_of(books, number, own_id) is not None:
        found.errors.append(NOT_UNIQUE)
    claims.numbers.add(key)


def holder_of(books: Books, number: str, own_id: str | None = None) -> Invoice | None:
    """The sales invoice that holds a number; dead ones hold theirs by default (U)."""
    for identifier in books.invoice_ids(number):
        invoice = books.invoices.by_id[identifier]
        dead = invoice.status in {"VOIDED", "DELETED"}
        holds = not dead or books.switches.dead_numbers_stay_taken
        if invoice.type == "ACCREC" and identifier != own_id and holds:
            return invoice
    return None


def _currency(
    books: Books, sent: Mapping[str, Any], existing: Invoice | None, found: Intent
) -> None:
    code = str(sent.get("CurrencyCode") or "").upper()
    if code and code not in books.settings.currencies:
        found.errors.append(f"Organisation is not subscribed to currency {code}")
    if code or existing is None:
        found.values["currency"] = code or books.organisation.base_currency
    try:
        rate = decimal_of(sent.get("CurrencyRate"))
    except ValueError:
        found.errors.append(f"The CurrencyRate '{sent['CurrencyRate']}' is not a number")
        return
    if rate is not None:
        found.values["currency_rate"] = rate.quantize(RATE)
        if rate <= 0:
            found.errors.append("The CurrencyRate must be greater than zero")


def _lines(
    books: Books, sent: Mapping[str, Any], existing: Invoice | None, places: int, found: Intent
) -> None:
    kind = found.values.get("type", existing.type if existing else "ACCREC")
    status = found.values.get("status", existing.status if existing else "DRAFT")
    standing_types = existing.line_amount_types if existing else "Exclusive"
    terms = Terms(
        line_amount_types=found.values.get("line_amount_types", standing_types),
        sells=kind == "ACCREC",
        authorises=status in {"SUBMITTED", "AUTHORISED", "PAID"},
        places=places,
    )
    standing = existing.lines if existing else []
    if sent.get("LineItems") is not None:
        found.lines, errors = document_lines.build(books, sent["LineItems"], standing, terms)
        found.errors += errors
    elif existing is None:
        found.lines, errors = document_lines.build(books, [], [], terms)
        found.errors += errors
    elif terms.line_amount_types != standing_types:
        found.lines, errors = document_lines.rebuilt(books, standing, terms)
        found.errors += errors
    elif terms.authorises and status != existing.status:
        found.errors += document_lines.rebuilt(books, standing, terms)[1]


def _money_stands(sent: Mapping[str, Any], existing: Invoice, found: Intent) -> None:
    """Once money stands on the document only a few fields may move (facts §3.7)."""
    free = {*_FREE, "status", "sent_to_contact"}
    moved = [
        name
        for name, value in found.values.items()
        if name not in free and value != getattr(existing, name)
    ]
    if found.lines is not None:
        if any(not each.get("LineItemID") for each in sent.get("LineItems") or ()):
            found.errors.append(NEEDS_LINE_ID)
        elif [_fixed(each) for each in found.lines] != [_fixed(each) for each in existing.lines]:
            moved.append("lines")
    if "dated_on" in moved:
        found.errors.append(DATE_STANDS)
    if moved:
        found.errors += [NOT_EDITABLE, HAS_MONEY]


def _fixed(line: Line) -> Line:
    return replace(line, description=None, account_code=None, tracking=())
