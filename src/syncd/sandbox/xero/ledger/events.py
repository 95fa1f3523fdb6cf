"""What happened in the books, as Xero may announce it.

`books` announces; `webhooks` and whoever else listens takes these values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

COLLECTIONS = {
    "INVOICE": "Invoices",
    "CONTACT": "Contacts",
    "CREDITNOTE": "CreditNotes",
    "OVERPAYMENT": "Overpayments",
    "PREPAYMENT": "Prepayments",
    "PAYMENT": "Payments",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """One change of one resource. `by` is `app` or a person; `cause` tells payments from edits."""

    category: str
    type: str
    resource_id: str
    tenant_id: str
    at_ms: int
    by: str
    cause: str = "edit"
    content: Mapping[str, str] = field(default_factory=dict)


Listener = Callable[[WebhookEvent], None]
