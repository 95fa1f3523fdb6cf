"""Content hashes: whether Xero shows something else of a document than when it was last read.

The hash stands for everything a summary and a snapshot both show of the document, the `money` text
for the amounts on it; equal texts mean that nothing of that has moved. Pure. Called by the sweeps.

PAID is AUTHORISED with money on it, so it makes no other hash (design: status as an order).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b

from syncd.domain.model.contact import LiveContact
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.money import canonical
from syncd.domain.model.snapshot import Snapshot
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.summary import InvoiceSummary
from syncd.domain.rules.compare import snapshots

_SEPARATOR = "\x1f"
_HASH_BYTES = 12
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def summary_hash(row: InvoiceSummary) -> str:
    """The content hash of a summary row."""
    return _hash_of_fields(
        row.status,
        snapshots.text(row.number),
        snapshots.text(row.reference),
        row.contact_id,
        row.invoice_on,
        row.due_on,
        row.currency_code or None,
        row.line_amount_types,
        snapshots.total(row.sub_total),
        snapshots.total(row.total_tax),
        snapshots.total(row.total),
    )


def snapshot_hash(snapshot: Snapshot) -> str:
    """The content hash of Xero's half of a base, or of a document read in full."""
    return _hash_of_fields(
        snapshot.status,
        snapshot.number,
        snapshot.reference,
        snapshot.contact,
        snapshot.invoice_on,
        snapshot.due_on,
        snapshot.currency,
        snapshot.line_amount_types,
        snapshot.nett,
        snapshot.tax,
        snapshot.total,
    )


def money_of(invoice: InvoiceSummary | LiveInvoice) -> str:
    """What is due, paid and credited, as one text."""
    return money_text(invoice.amount_due, invoice.amount_paid, invoice.amount_credited)


def money_text(due: Decimal, paid: Decimal, credited: Decimal) -> str:
    """`due paid credited`, each in its shortest form."""
    return f"{canonical(due)} {canonical(paid)} {canonical(credited)}"


def has_content_moved(
    base: Snapshot | None, xero: Snapshot, *, known_status: XeroStatus | None
) -> bool:
    """Whether Xero shows something else than when both sides last agreed.

    Without a base it has. A document that is gone has moved only once: when it went.
    `known_status` is the status it was last seen in.
    """
    status = XeroStatus(xero.status)
    if status.is_gone:
        return known_status is None or not known_status.is_gone
    return base is None or _settled(base) != _settled(xero)


def has_money_moved(before: str | None, now: str) -> bool:
    """Whether payments or credits moved between two `money` texts; what is due follows from them.

    Never seen before, it has when there is any.
    """
    settled = now.partition(" ")[2]
    return settled != ("0 0" if before is None else before.partition(" ")[2])


def contact_hash(contact: LiveContact) -> str:
    """The content hash of a contact: all of it but when it was changed."""
    return _hash(str(replace(contact, updated_at=_NEVER)))


def _hash_of_fields(status: str, *fields: str | None) -> str:
    return _hash(
        _SEPARATOR.join(["" if each is None else each for each in (_status(status), *fields)])
    )


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=_HASH_BYTES).hexdigest()


def _status(status: str) -> str:
    return XeroStatus.AUTHORISED if status == XeroStatus.PAID else status


def _settled(side: Snapshot) -> tuple[object, ...]:
    """Everything compared, with PAID as the AUTHORISED it is."""
    return (
        _status(side.status), side.number, side.reference, side.contact, side.invoice_on,
        side.due_on, side.currency, side.line_amount_types, side.nett, side.tax, side.total,
        side.lines,
    )  # fmt: skip
