"""Reading invoices: lists and one (facts §3.4).

Called by the gateway. Without a page a list is thin rows without lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from syncd.sandbox.http import Response
from syncd.sandbox.xero.documents import invoice_shape
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.identifiers import is_guid
from syncd.sandbox.xero.ledger.model import Invoice
from syncd.sandbox.xero.ledger.versioned_collection import place_of
from syncd.sandbox.xero.ledger.wire_dates import moment
from syncd.sandbox.xero.protocol import envelope, lists
from syncd.sandbox.xero.protocol.calls import Call
from syncd.sandbox.xero.protocol.where import Field, Guid


def fields(books: Books) -> dict[str, Field]:
    """What `where` and `order` may name."""
    by_id = books.contacts.by_id
    return {
        "invoiceid": lambda each: Guid(each.id),
        "type": lambda each: each.type,
        "invoicenumber": lambda each: each.number,
        "reference": lambda each: each.reference,
        "status": lambda each: each.status,
        "date": lambda each: each.dated_on,
        "duedate": lambda each: each.due_on,
        "total": lambda each: each.total,
        "subtotal": lambda each: each.sub_total,
        "totaltax": lambda each: each.total_tax,
        "amountdue": lambda each: each.amount_due,
        "amountpaid": lambda each: each.amount_paid,
        "amountcredited": lambda each: each.amount_credited,
        "currencycode": lambda each: each.currency,
        "currencyrate": lambda each: each.currency_rate,
        "senttocontact": lambda each: each.sent_to_contact,
        "url": lambda each: each.url,
        "brandingthemeid": lambda each: each.branding_theme_id and Guid(each.branding_theme_id),
        "fullypaidondate": lambda each: each.fully_paid_on,
        "updateddateutc": lambda each: moment(each.updated_ms),
        "contact.contactid": lambda each: Guid(each.contact_id),
        "contact.name": lambda each: by_id[each.contact_id].name,
        "contact.contactnumber": lambda each: by_id[each.contact_id].number,
    }


def listing(call: Call) -> Response:
    """GET /Invoices with all its filters."""
    rows = _filtered(call, _candidates(call))
    rows = lists.chosen(call, rows, fields(call.books))
    summary = call.flag("summaryOnly")
    page = lists.page_of(call, forced=summary or "statuses" in call.query)
    with_lines = page is not None or ("ids" in call.query and call.switches.ids_bring_lines)
    return lists.answer(call, "Invoices", rows, page, _drawing(call, summary, with_lines))


def one(call: Call, key: str) -> Response:
    """GET /Invoices/{InvoiceID or InvoiceNumber}: one invoice in full."""
    books = call.books
    found = books.invoices.visible(key.lower(), call.at_ms) if is_guid(key) else None
    if found is None:
        same = [books.invoices.visible(each, call.at_ms) for each in books.invoice_ids(key)]
        sales = sorted(
            (each for each in same if each is not None),
            key=lambda each: (each.type != "ACCREC", each.status in {"VOIDED", "DELETED"}),
        )
        found = sales[0] if sales else None
    if found is None:
        return envelope.not_found()
    return call.ok("Invoices", [invoice_shape.by_id(books, found, call.places)])


def _drawing(call: Call, summary: bool, with_lines: bool) -> Callable[[Invoice], dict[str, Any]]:  # noqa: FBT001 - two facts about one list
    books, places = call.books, call.places
    if summary:
        return lambda each: invoice_shape.summary(books, each)
    if with_lines:
        return lambda each: invoice_shape.paged(books, each, places)
    return lambda each: invoice_shape.listed(books, each)


def _candidates(call: Call) -> Sequence[Invoice]:
    """The invoices named by id, number or contact, through the indices; else all since then."""
    books, since = call.books, lists.since_ms(call)
    named: list[str] | None = None
    if (ids := call.listed("IDs")) is not None:
        named = [each.lower() for each in ids]
    elif (numbers := call.listed("InvoiceNumbers")) is not None:
        named = [found for each in numbers for found in books.invoice_ids(each)]
    elif (contacts := call.listed("ContactIDs")) is not None and not books.switches.read_lag_s:
        named = [found for each in contacts for found in books.by_contact.get(each.lower(), ())]
    if named is None:
        return books.invoices.rows(call.at_ms, since)
    seen = (books.invoices.visible(each, call.at_ms) for each in dict.fromkeys(named))
    rows = [each for each in seen if each is not None and each.updated_ms >= since]
    return sorted(rows, key=place_of)


def _filtered(call: Call, rows: Sequence[Invoice]) -> Sequence[Invoice]:
    books = call.books
    if (numbers := call.listed("InvoiceNumbers")) is not None:
        keys = {books.number_key(each) for each in numbers}
        rows = [each for each in rows if books.number_key(each.number) in keys]
    if (contacts := call.listed("ContactIDs")) is not None:
        wanted = {each.lower() for each in contacts}
        rows = [each for each in rows if each.contact_id in wanted]
    if (statuses := call.listed("Statuses")) is not None:
        upper = {each.upper() for each in statuses}
        rows = [each for each in rows if each.status in upper]
    if call.flag("createdByMyApp"):
        rows = [each for each in rows if each.created_by == call.author.client_id]
    if term := call.query.get("searchterm", "").casefold():
        rows = [
            each
            for each in rows
            if term in each.number.casefold() or term in each.reference.casefold()
        ]
    return rows
