"""An invoice as Xero's summary list shows it: no lines, no payments, a thousand to a page.

Read by `xero.ledger_sweeps`; compared by `rules.compare.content_hash` with what was seen before.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from syncd.domain.ids import XeroInvoiceId
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.value import Value


class InvoiceSummary(Value, frozen=True, kw_only=True):
    """One row. Dates are ISO texts (YYYY-MM-DD), as they are only ever compared."""

    id: XeroInvoiceId
    number: str
    reference: str
    status: XeroStatus
    contact_id: str
    invoice_on: str
    due_on: str | None
    currency_code: str
    line_amount_types: str
    sub_total: Decimal
    total_tax: Decimal
    total: Decimal
    amount_due: Decimal
    amount_paid: Decimal
    amount_credited: Decimal
    updated_at: datetime
    url: str = ""
