"""History, mail and the online link of an invoice (facts §3.2).

Called by the gateway.
"""

from __future__ import annotations

from typing import Any

from syncd.sandbox.http import Response
from syncd.sandbox.xero.documents import invoice_rules
from syncd.sandbox.xero.ledger.model import APP, Change
from syncd.sandbox.xero.ledger.wire_dates import bare_instant, instant, plain_text
from syncd.sandbox.xero.protocol import envelope
from syncd.sandbox.xero.protocol.calls import Call

_LONGEST = 2500
SYSTEM = "System Generated"


def history(call: Call, key: str) -> Response:
    """GET /Invoices/{id}/History: newest first; what the app did is shown as the system's."""
    invoice = call.books.invoices.by_id.get(key.lower())
    if invoice is None:
        return envelope.not_found()
    entries = [*invoice.history, *call.books.notes.get(invoice.id, ())]
    entries.sort(key=lambda each: each.at_ms, reverse=True)
    return call.ok("HistoryRecords", [_row(each) for each in entries])


def add(call: Call, key: str) -> Response:
    """PUT /Invoices/{id}/History: a note of at most 2500 characters, never editable."""
    invoice = call.books.invoices.by_id.get(key.lower())
    if invoice is None:
        return envelope.not_found()
    rows = []
    for element in envelope.elements_of(call.request, "HistoryRecords"):
        text = str(element.get("Details") or "")
        if not 0 < len(text) <= _LONGEST:
            wrong = f"Details must be 1 to {_LONGEST} characters long"
            return envelope.invalid([{**element, "ValidationErrors": [{"Message": wrong}]}])
        note = Change(call.at_ms, APP, "Note", (("Details", None, text),))
        call.books.notes.setdefault(invoice.id, []).append(note)
        call.count_saved()
        rows.append(
            {
                "DateUTCString": plain_text(note.at_ms),
                "DateUTC": bare_instant(note.at_ms),
                "Details": text,
                "ValidationErrors": [],
            }
        )
    return call.ok("HistoryRecords", rows)


def email(call: Call, key: str) -> Response:
    """POST /Invoices/{id}/Email: 204, and the invoice is marked as sent."""
    invoice = call.books.invoices.by_id.get(key.lower())
    if invoice is None:
        return envelope.not_found()
    contact = call.books.contacts.by_id[invoice.contact_id]
    errors = []
    if invoice.status not in {"SUBMITTED", "AUTHORISED", "PAID"}:
        errors.append(invoice_rules.NOT_EDITABLE)
    if not contact.email:
        errors.append("The contact of this invoice has no email address")
    if errors:
        rows = [{"Message": text} for text in errors]
        return envelope.invalid([{"InvoiceID": invoice.id, "ValidationErrors": rows}])

    def apply() -> None:
        invoice.sent_to_contact = True

    call.books.change(invoice, call.author, apply, what="mailed", bump=None)
    call.count_saved()
    return Response(status=204)


def online(call: Call, key: str) -> Response:
    """GET /Invoices/{id}/OnlineInvoice: where the customer sees it; a bill has none."""
    invoice = call.books.invoices.by_id.get(key.lower())
    is_shown = invoice is not None and invoice.status in {"AUTHORISED", "PAID"}
    if invoice is None or not is_shown or invoice.type != "ACCREC":
        return envelope.not_found()
    url = f"https://in.xero.com/{invoice.id.replace('-', '')[:24]}"
    return call.ok("OnlineInvoices", [{"OnlineInvoiceUrl": url}])


def _row(change: Change) -> dict[str, Any]:
    details = "; ".join(
        str(after) if name == "Details" else f"{name}: {before} to {after}"
        for name, before, after in change.fields
    )
    return {
        "Changes": change.what,
        "DateUTCString": plain_text(change.at_ms),
        "DateUTC": instant(change.at_ms),
        "User": SYSTEM if change.who == APP else change.who,
        "Details": details,
    }
