"""Where the published descriptions say less than Xero does: each gap with its reason.

A deviation that no row explains fails the check, and so does a row that explains nothing any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """`where` is a pattern of `Schema.Property`; `why` names the source that says otherwise."""

    where: str
    what: str
    why: str

    def explains(self, where: str, what: str) -> bool:
        return self.what == what and re.fullmatch(self.where, where) is not None


DEVIATIONS = (
    Gap(
        r"\w+s\.(Id|Status|ProviderName|DateTimeUTC)",
        "unknown",
        "every recorded answer begins with this envelope; the schemas describe the list alone, "
        "their examples show it (facts §3.1)",
    ),
    Gap(
        r"\w+\.(DateString|DueDateString)",
        "unknown",
        "recorded beside each date; the examples show them, the schemas do not (facts §3.6)",
    ),
    Gap(
        r"(CreditNote|Overpayment|Prepayment)\.ID",
        "unknown",
        "recorded in an invoice's CreditNotes beside CreditNoteID (facts §5.1)",
    ),
    Gap(
        r"(Overpayment|Prepayment)\.HasErrors",
        "unknown",
        "recorded for credit notes, taken to be analogous here (facts §5.1, U)",
    ),
    Gap(
        r"(Overpayment|Prepayment)\.InvoiceAddresses",
        "unknown",
        "recorded on lists of credit notes, taken to be analogous here (facts §5.2, U)",
    ),
    Gap(
        r"LineItem\.DiscountEnteredAsPercent",
        "unknown",
        "recorded on the lines of the invoice inside a payment (facts §5.2)",
    ),
    Gap(
        r"LineItemTracking\.Options",
        "unknown",
        "recorded on the lines of pages, in place of the option's id (facts §3.11)",
    ),
    Gap(
        r"LineItem\.ValidationErrors",
        "unknown",
        "recorded on the lines of an invoice just written (facts §3.3)",
    ),
    Gap(
        r"Invoice\.InvoicePaymentServices",
        "unknown",
        "recorded on every invoice (facts §3.3)",
    ),
    Gap(
        r"HistoryRecord\.(DateUTCString|ValidationErrors)",
        "unknown",
        "the description's own examples carry them, its schema does not",
    ),
    Gap(
        r"AccessToken\.scope",
        "unknown",
        "the official Python SDK reads it from every token answer (facts §1.2)",
    ),
    Gap(
        r"(first|last)EventSequence",
        "minimum",
        "the intent-to-receive run counts from 0 (facts §6.2)",
    ),
    Gap(
        r"events\.eventCategory",
        "oneOf",
        "OVERPAYMENT, PREPAYMENT and PAYMENT came after version 16.1.0 (facts §6.3)",
    ),
    Gap(
        r"WebhookEvent\.events\[\]\.data",
        "unknown",
        "described for CREDITNOTE alone; the newer categories carry one too (facts §6.3)",
    ),
)

# Calls without a path in the reduced copy: method, path template, why.
UNDESCRIBED_CALLS = (
    ("GET", "/identity/connect/authorize", "a page for people, not part of the API (facts §1.1)"),
    ("POST", "/connect/revocation", "the identity file describes connections only (facts §1.7)"),
    ("GET", "/api.xro/2.0/Organisation/Actions", "left out of the reduced copy (facts §7)"),
    ("GET", "/api.xro/2.0/Accounts/{id}", "left out of the reduced copy (facts §7)"),
    ("GET", "/api.xro/2.0/Invoices/{id}/OnlineInvoice", "left out of the reduced copy (§3.2)"),
    (
        "DELETE",
        "/api.xro/2.0/CreditNotes/{id}/Allocations/{id}",
        "left out of the reduced copy (facts §5.2)",
    ),
    (
        "PUT",
        "/api.xro/2.0/Overpayments/{id}/Allocations",
        "left out of the reduced copy (facts §5.2)",
    ),
    (
        "PUT",
        "/api.xro/2.0/Prepayments/{id}/Allocations",
        "left out of the reduced copy (facts §5.2)",
    ),
)

# Statuses no operation describes: why they come all the same.
UNDESCRIBED_STATUSES = {
    400: "only writes describe 400; a refused DELETE or GET answers with the same body (§3.3)",
    401: "authentication is described nowhere (facts §1.8)",
    403: "authentication is described nowhere (facts §1.8)",
    404: "an unknown document is an HTML page (facts §3.4)",
    429: "limits are described nowhere (facts §2.3)",
    500: "failures are described nowhere (facts §1.8)",
    503: "failures are described nowhere (facts §2.3)",
}

# A part of the descriptions that no answer can show, written down for whoever reads them.
BESIDE_THE_ANSWERS = {
    "summarizeErrors default": "described as false; without it a bad element fails the call (§3.3)",
    "dates as type string": "described without a format: /Date(ms+0000)/ is checked by our tables",
    "pagination": "described in every list; only paged answers carry it (facts §3.4)",
}
