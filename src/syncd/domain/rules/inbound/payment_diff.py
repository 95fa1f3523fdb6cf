"""Compares the payments and credits in Xero with those Pipeline has: what to publish to it.

Pure. Called by `engine.core.money_seen` with a whole read and with what was last published.
Payments and credits are sets: what is new or changed is published, what is gone as deleted. Where
a read lists less than it says was paid and credited it leaves some out, and nothing of it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from syncd.domain.ids import PipelineInvoiceId
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.result import InvoiceResult, PaymentResult, PaymentStatus


def differences(
    invoice: PipelineInvoiceId, live: LiveInvoice, published: Iterable[PaymentResult]
) -> tuple[PaymentResult, ...]:
    """What to publish so that Pipeline has exactly the money that `live`, a whole read, shows.

    `published` is everything last published of this invoice's money, deleted ones included.
    """
    assert live.is_whole, "an answer to a write leaves money out: it says nothing about it"
    stands = {
        one.id: PaymentResult(
            id=invoice,
            payment_id=one.id,
            type=one.kind,
            amount=one.amount,
            currency_code=live.currency_code,
            paid_on=one.paid_on,
            reference=one.reference,
            status=PaymentStatus.AUTHORISED,
        )
        for one in live.money
    }
    before = {one.payment_id: one for one in published}
    news = [one for key, one in stands.items() if before.get(key) != one]
    gone = [
        replace(one, status=PaymentStatus.DELETED)
        for key, one in before.items()
        if key not in stands and one.status is not PaymentStatus.DELETED
    ]
    return tuple(news) if is_short(live) else (*news, *gone)


def is_short(live: LiveInvoice) -> bool:
    """Whether a whole read lists less money than it says was paid and credited."""
    listed = sum((one.amount for one in live.money), Decimal(0))
    return listed < live.amount_paid + live.amount_credited


def refreshed(result: InvoiceResult, live: LiveInvoice) -> InvoiceResult:
    """The last result of an invoice, with the money and the status that `live` shows."""
    assert live.is_whole, "an answer to a write leaves money out: it says nothing about it"
    return replace(
        result,
        xero_status=live.status,
        amount_paid=live.amount_paid,
        amount_credited=live.amount_credited,
        amount_due=live.amount_due,
        fully_paid_on=live.fully_paid_on,
    )


def amounts(
    live: LiveInvoice | None, read: LiveInvoice | None
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Paid, credited, due. A write's answer leaves money out, so the `read` before it stands in."""
    if live is None:
        return None, None, None
    if live.is_whole:
        return live.amount_paid, live.amount_credited, live.amount_due
    if live.status.is_gone:
        return Decimal(0), Decimal(0), Decimal(0)
    paid = read.amount_paid if read is not None else Decimal(0)
    credited = read.amount_credited if read is not None else Decimal(0)
    return paid, credited, live.total - paid - credited
