"""A snapshot: the compared fields of one side, normalised, in that side's own words.

Pipeline's half holds cost codes and rates, Xero's half accounts and tax types; translation happens
at the write. Equal content gives equal bytes and an equal fingerprint. None means the side leaves
the field empty: it asserts nothing there.
"""

from __future__ import annotations

import hashlib

import msgspec

from syncd.domain.model.value import Value

HEADER_FIELDS = (
    "number", "reference", "contact", "invoice_on", "due_on", "currency",
    "line_amount_types", "nett", "tax", "total",
)  # fmt: skip
LINE_FIELDS = (
    "description", "quantity", "unit_amount", "discount", "account", "tax", "tracking",
)  # fmt: skip

PUBLIC_NAMES = {
    "number": "number",
    "reference": "reference",
    "contact": "customerId",
    "invoice_on": "invoiceDate",
    "due_on": "dueDate",
    "currency": "currencyCode",
    "line_amount_types": "lineAmountTypes",
    "nett": "nett",
    "tax": "tax",
    "total": "total",
    "status": "status",
    "lines": "lines",
}
"""The field names of the sync API, under which differences are shown to people."""
PUBLIC_LINE_NAMES = {
    "description": "description",
    "quantity": "quantity",
    "unit_amount": "unitAmount",
    "discount": "discountPercent",
    "account": "accountCode",
    "tax": "taxType",
    "tracking": "tracking",
}


class LineSnapshot(Value, frozen=True, kw_only=True, omit_defaults=True):
    """One line's compared fields as canonical texts; `id` is its own side's line id."""

    id: str
    description: str | None = None
    quantity: str | None = None
    unit_amount: str | None = None
    discount: str | None = None
    account: str | None = None
    tax: str | None = None
    tracking: str | None = None


class Snapshot(Value, frozen=True, kw_only=True, omit_defaults=True):
    """One side's compared fields as canonical texts (amounts by `money.canonical`, ISO dates).

    `status` is the side's own word; it is compared as an order, never as a text.
    """

    status: str
    number: str | None = None
    reference: str | None = None
    contact: str | None = None
    invoice_on: str | None = None
    due_on: str | None = None
    currency: str | None = None
    line_amount_types: str | None = None
    nett: str | None = None
    tax: str | None = None
    total: str | None = None
    lines: tuple[LineSnapshot, ...] = ()

    def canonical(self) -> bytes:
        """The canonical bytes: JSON with fields in their declared order."""
        return msgspec.json.encode(self)

    def fingerprint(self) -> str:
        """32 hex digits that two snapshots share only when their content is the same."""
        return hashlib.sha256(self.canonical()).hexdigest()[:32]


class Base(Value, frozen=True, kw_only=True, omit_defaults=True):
    """What each side showed when the two last agreed; `pairs` joins line ids of both sides.

    A missing half counts as moved (design: keys and three sides).
    """

    pipeline: Snapshot | None
    xero: Snapshot | None
    pairs: tuple[tuple[str, str], ...] = ()
    """(Pipeline line id, Xero LineItemID)."""
    kept: tuple[str, ...] = ()
    """Fields whose difference a person decided to keep."""
    altered: tuple[str, ...] = ()
    """Fields Xero shows otherwise than our last write said them, which nobody has agreed to."""
    filled: tuple[str, ...] = ()
    """Fields that would be derived, had Xero not held another value when the document was adopted;
    what we never asserted is not compared."""
    left: int | None = None
    """The Pipeline version at which a person decided to leave Xero as it is: standing although
    deleted in Pipeline, or gone although wanted there. A newer version asks anew."""
