"""Glances: what a look at Xero showed of one invoice, in two short texts, and what follows.

`face` stands for everything a summary and a snapshot both show of the document, `money` for the
amounts on it; equal texts mean that nothing of that has moved. Pure. Called by the sweeps.

PAID is AUTHORISED with money on it, so it makes no other face (design: status as an order).
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

_APART = "\x1f"
_FACE_BYTES = 12
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def face_of_summary(row: InvoiceSummary) -> str:
    """The face of a summary row."""
    return _face(
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


def face_of_snapshot(shown: Snapshot) -> str:
    """The face of Xero's half of a base, or of a document read in full."""
    return _face(
        shown.status,
        shown.number,
        shown.reference,
        shown.contact,
        shown.invoice_on,
        shown.due_on,
        shown.currency,
        shown.line_amount_types,
        shown.nett,
        shown.tax,
        shown.total,
    )


def money_of(seen: InvoiceSummary | LiveInvoice) -> str:
    """What is due, paid and credited, as one text."""
    return money_text(seen.amount_due, seen.amount_paid, seen.amount_credited)


def money_text(due: Decimal, paid: Decimal, credited: Decimal) -> str:
    """`due paid credited`, each in its shortest form."""
    return f"{canonical(due)} {canonical(paid)} {canonical(credited)}"


def has_content_moved(
    base: Snapshot | None, shown: Snapshot, *, known_status: XeroStatus | None
) -> bool:
    """Whether Xero shows something else than when both sides last agreed.

    Without a base it has. A document that is gone has moved only once: when it went.
    `known_status` is the status it was last seen in.
    """
    status = XeroStatus(shown.status)
    if status.is_gone:
        return known_status is None or not known_status.is_gone
    return base is None or _settled(base) != _settled(shown)


def has_money_moved(before: str | None, now: str) -> bool:
    """Whether payments or credits moved between two `money` texts; what is due follows from them.

    Never seen before, it has when there is any.
    """
    settled = now.partition(" ")[2]
    return settled != ("0 0" if before is None else before.partition(" ")[2])


def face_of_contact(seen: LiveContact) -> str:
    """The face of a contact: all of it but when it was changed."""
    return _hashed(str(replace(seen, updated_at=_NEVER)))


def _face(status: str, *fields: str | None) -> str:
    return _hashed(
        _APART.join(["" if each is None else each for each in (_status(status), *fields)])
    )


def _hashed(shown: str) -> str:
    return blake2b(shown.encode(), digest_size=_FACE_BYTES).hexdigest()


def _status(status: str) -> str:
    return XeroStatus.AUTHORISED if status == XeroStatus.PAID else status


def _settled(shown: Snapshot) -> tuple[object, ...]:
    """Everything compared, with PAID as the AUTHORISED it is."""
    return (
        _status(shown.status), shown.number, shown.reference, shown.contact, shown.invoice_on,
        shown.due_on, shown.currency, shown.line_amount_types, shown.nett, shown.tax, shown.total,
        shown.lines,
    )  # fmt: skip
