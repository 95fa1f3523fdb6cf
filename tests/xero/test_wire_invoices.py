"""An invoice reads as Xero showed it, to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from syncd.domain.errors import Garbled
from syncd.domain.model.invoice import LiveInvoice, MoneyKind
from syncd.xero import wire, wire_invoices
from tests.xero.support import invoices


def read(body: bytes, *, is_whole: bool = True) -> tuple[LiveInvoice, ...]:
    found = wire.decode(wire_invoices.READ, body).invoices
    return tuple(wire_invoices.to_live(one, is_whole=is_whole) for one in found)


@given(live=invoices.live_invoices)
def test_invoice_reads_as_it_was_shown(live: LiveInvoice) -> None:
    assert read(invoices.body(invoices.shown(live))) == (live,)


def test_amount_beyond_binary_floats_keeps_its_cents() -> None:
    shown = invoices.shown(invoices.live(total=Decimal("123456789012345.07")))

    assert read(invoices.body(shown))[0].total == Decimal("123456789012345.07")


def test_quoted_number_is_a_number() -> None:
    shown = invoices.shown(invoices.live()) | {"Total": "414.00"}

    assert read(invoices.body(shown))[0].total == Decimal("414.00")


@pytest.mark.parametrize("field", ["InvoiceID", "Type", "Status", "UpdatedDateUTC", "LineItems"])
def test_missing_field_of_every_invoice_is_garbled_and_named(field: str) -> None:
    shown = invoices.shown(invoices.live())
    del shown[field]
    shown.pop("UpdatedDateUTCString")

    with pytest.raises(Garbled, match=field):
        read(invoices.body(shown))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"Total": "much"}, r"Invoices\[0?\.*\]\.Total|Invoices\[\.\.\.\]\.Total"),
        ({"InvoiceNumber": 7}, "InvoiceNumber"),
        ({"LineItems": {}}, "LineItems"),
        ({"Status": "POSTED"}, "Status"),
        ({"LineAmountTypes": "Both"}, "LineAmountTypes"),
        ({"DateString": "soon"}, "DateString"),
        ({"Total": "NaN"}, "Total"),
    ],
)
def test_field_of_another_kind_is_garbled_and_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Garbled, match=field):
        read(invoices.body(invoices.shown(invoices.live()) | change))


@pytest.mark.parametrize("body", [b"", b'{"Invoices":[', b"<html>", b"[]", b'{"Invoices":null}'])
def test_half_an_answer_is_garbled(body: bytes) -> None:
    with pytest.raises(Garbled):
        read(body)


def test_answer_to_a_write_leaves_out_money_and_may_leave_out_lines() -> None:
    shown = invoices.shown(invoices.live())
    for name in ("LineItems", "Payments", "CreditNotes", "AmountCredited"):
        del shown[name]

    (live,) = read(invoices.body(shown), is_whole=False)

    assert (live.is_whole, live.lines, live.money, live.amount_credited) == (False, (), (), 0)


def test_nulls_are_as_good_as_missing() -> None:
    nothing = dict.fromkeys(("Reference", "Url", "DueDate", "Payments", "ValidationErrors"))

    assert read(invoices.body(invoices.shown(invoices.live()) | nothing))[0] == invoices.live()


def test_credit_note_applied_in_parts_is_one_amount() -> None:
    part = {"CreditNoteID": "c-1", "CreditNoteNumber": "CN-1", "Date": "/Date(0)/"}
    shown = invoices.shown(invoices.live()) | {
        "CreditNotes": [part | {"AppliedAmount": 10.10}, part | {"AppliedAmount": 5.05}]
    }

    (found,) = read(invoices.body(shown))[0].money

    assert (found.kind, found.id, found.amount) == (MoneyKind.CREDIT_NOTE, "c-1", Decimal("15.15"))


def test_deleted_payment_is_no_money() -> None:
    shown = invoices.shown(invoices.live()) | {
        "Payments": [{"PaymentID": "p", "Amount": 1, "Date": "/Date(0)/", "Status": "DELETED"}]
    }

    assert read(invoices.body(shown))[0].money == ()


def test_credit_without_its_applied_amount_is_garbled() -> None:
    shown = invoices.shown(invoices.live()) | {
        "Overpayments": [{"OverpaymentID": "o", "Total": 10, "Date": "/Date(0)/"}]
    }

    with pytest.raises(Garbled, match="Overpayments"):
        read(invoices.body(shown))
