"""Chapters of the acceptance story: payments, credit notes, overpayments and prepayments."""

from __future__ import annotations

import pytest
from xero_python.accounting.models import (
    Account,
    Allocation,
    Allocations,
    Contact,
    CreditNote,
    CreditNotes,
    Invoice,
    Invoices,
    Payment,
    PaymentDelete,
    Payments,
)
from xero_python.exceptions import HTTPStatusException, NotFoundException

from tests.sandbox.acceptance.support.sdk import PAID_ON, Xero, line, said


def payment_on(invoice: Invoice, amount: float) -> Payment:
    return Payment(
        invoice=Invoice(invoice_id=invoice.invoice_id),
        account=Account(code="090"),
        date=PAID_ON,
        amount=amount,
        reference="statement 7",
    )


def payment_settles_and_its_deletion_unsettles(xero: Xero) -> None:
    invoice = xero.invoice("PL-1")
    paid = xero.call("create_payment", payment_on(invoice, 414.0)).payments[0]
    settled = xero.read(invoice)
    gone = xero.call("delete_payment", paid.payment_id, PaymentDelete(status="DELETED"))
    unsettled = xero.read(invoice)

    assert (paid.status, paid.payment_type) == ("AUTHORISED", "ACCRECPAYMENT")
    assert (settled.status, float(settled.amount_due)) == ("PAID", 0)
    assert settled.fully_paid_on_date.isoformat() == "2026-11-21"
    assert settled.payments[0].payment_id == paid.payment_id
    assert gone.payments[0].status == "DELETED"
    assert (unsettled.status, float(unsettled.amount_due)) == ("AUTHORISED", 414)
    assert not unsettled.payments
    assert xero.call("get_payment", paid.payment_id).payments[0].status == "DELETED"


def payment_above_what_is_due_is_refused(xero: Xero) -> None:
    invoice = xero.invoice("PL-1")
    with pytest.raises(HTTPStatusException) as refused:
        xero.call("create_payment", payment_on(invoice, 414.01))

    assert refused.value.status == 400
    assert said(refused.value) == ["Payment amount exceeds the amount outstanding on this document"]


def payments_come_in_batches_and_lists(xero: Xero) -> None:
    invoice, draft = xero.invoice("PL-1"), xero.invoice("PL-2", status="DRAFT")
    rows = Payments(payments=[payment_on(invoice, 14.0), payment_on(draft, 1.0)])
    made = xero.call("create_payments", rows, summarize_errors=False).payments
    listed = xero.call(
        "get_payments",
        where=f'Status=="AUTHORISED" AND Invoice.InvoiceID==guid("{invoice.invoice_id}")',
        order="Date ASC",
        page=1,
        page_size=10,
    )

    assert [each.has_validation_errors for each in made] == [False, True]
    assert [float(each.amount) for each in listed.payments] == [14]
    assert listed.pagination.item_count == 1
    assert float(xero.read(invoice).amount_paid) == 14


def paid_invoice_changes_only_in_small_things(xero: Xero) -> None:
    invoice = xero.invoice("PL-1")
    xero.call("create_payment", payment_on(invoice, 14.0))
    small = Invoices(invoices=[Invoice(reference="R-2")])
    large = Invoices(invoices=[Invoice(date=PAID_ON)])
    xero.call("update_invoice", invoice.invoice_id, small)
    with pytest.raises(HTTPStatusException) as refused:
        xero.call("update_invoice", invoice.invoice_id, large)

    assert xero.read(invoice).reference == "R-2"
    assert said(refused.value) == [
        "Date cannot be changed on an invoice that has payment or credit notes allocated to it.",
        "Invoice not of valid status for modification",
        "This document cannot be edited as it has a payment or credit note allocated to it.",
    ]


def credit_note_is_written_allocated_and_taken_back(xero: Xero) -> None:
    invoice = xero.invoice("PL-1")
    note = CreditNote(
        type="ACCRECCREDIT",
        status="AUTHORISED",
        contact=Contact(contact_id=invoice.contact.contact_id),
        date=PAID_ON,
        line_items=[line(quantity=1.0)],
    )
    made = xero.call("create_credit_notes", CreditNotes(credit_notes=[note])).credit_notes[0]
    part = Allocation(amount=100.0, date=PAID_ON, invoice=Invoice(invoice_id=invoice.invoice_id))
    xero.call("create_credit_note_allocation", made.credit_note_id, Allocations(allocations=[part]))
    credited = xero.read(invoice)
    read = xero.call("get_credit_notes", page=1).credit_notes[0]
    xero.call(
        "delete_credit_note_allocations",
        made.credit_note_id,
        read.allocations[0].allocation_id,
    )
    after = xero.read(invoice)

    assert (float(credited.amount_credited), float(credited.amount_due)) == (100, 314)
    assert float(credited.credit_notes[0].applied_amount) == 100
    assert float(read.remaining_credit) == 38
    assert (float(after.amount_due), after.credit_notes or []) == (414, [])


def overpayment_and_prepayment_are_allocated(xero: Xero) -> None:
    invoice = xero.invoice("PL-1")
    for kind in ("Overpayment", "Prepayment"):
        xero.sandbox.commands("credit", invoice="PL-1", kind=kind, amount="30", allocate=False)
    over = xero.call("get_overpayments").overpayments[0]
    pre = xero.call("get_prepayments").prepayments[0]
    own = Invoice(invoice_id=invoice.invoice_id)
    part = Allocations(allocations=[Allocation(amount=30.0, date=PAID_ON, invoice=own)])
    xero.call("create_overpayment_allocations", over.overpayment_id, part)
    xero.call("create_prepayment_allocations", pre.prepayment_id, part)

    read = xero.read(invoice)
    assert (over.type, pre.type) == ("RECEIVE-OVERPAYMENT", "RECEIVE-PREPAYMENT")
    assert float(read.amount_credited) == 60
    assert float(read.overpayments[0].applied_amount) == 30
    assert float(read.prepayments[0].applied_amount) == 30
    assert xero.call("get_payments").payments == []


def unknown_payment_is_404(xero: Xero) -> None:
    with pytest.raises(NotFoundException):
        xero.call("get_payment", "00000000-0000-0000-0000-000000000001")
