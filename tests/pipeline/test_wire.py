"""Pipeline's objects read exactly, and one bad one does not stop the feed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import Garbled
from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId
from syncd.domain.model.contact import Customer, PostalAddress
from syncd.domain.model.invoice import Invoice, Line, LineAmountTypes, Tracking
from syncd.domain.model.statuses import PipelineStatus
from syncd.pipeline import wire
from syncd.ports.billing import Change, ChangeKind, PutOutcome, UnreadableChange

EXACT = msgspec.json.Encoder(decimal_format="number")
AT = "2026-11-22T00:15:12.5Z"
LINE: dict[str, Any] = {
    "id": "l-1",
    "description": "Install",
    "quantity": 3,
    "unitAmount": Decimal("120.5555"),
    "discountPercent": None,
    "costCode": "LAB",
    "accountCode": None,
    "taxType": None,
    "taxRate": Decimal("0.15"),
    "tracking": [{"name": "Region", "option": "North"}],
}
INVOICE: dict[str, Any] = {
    "id": "i-1",
    "number": "INV-1",
    "reference": "JOB-7",
    "customerId": "c-1",
    "status": "Approved",
    "invoiceDate": "2026-11-20",
    "dueDate": None,
    "currencyCode": None,
    "lineAmountTypes": "Exclusive",
    "lines": [LINE],
    "nett": Decimal("361.67"),
    "tax": Decimal("54.25"),
    "total": Decimal("415.92"),
    "version": 3,
    "updatedAt": AT,
    "somethingNew": {"of": [2027]},
}
CUSTOMER: dict[str, Any] = {
    "id": "c-1",
    "ref": "ACME",
    "name": "Acme",
    "firstName": None,
    "email": "a@acme.example",
    "postalAddress": {"line1": "1 High St", "postalCode": "LS1"},
    "xeroContactId": None,
    "version": 1,
    "updatedAt": AT,
}


def change(seq: int = 1, **fields: Any) -> dict[str, Any]:
    plain = {"kind": "invoice", "id": "i-1", "version": 3, "at": AT, "deleted": False}
    return {"seq": seq, **plain, "data": INVOICE, **fields}


def page(*changes: dict[str, Any]) -> bytes:
    return EXACT.encode({"changes": changes, "nextCursor": "c", "hasMore": False})


def test_invoice_reads_as_pipeline_says_it() -> None:
    assert wire.read_invoice(EXACT.encode(INVOICE)) == Invoice(
        id=PipelineInvoiceId("i-1"),
        number="INV-1",
        reference="JOB-7",
        customer_id=PipelineCustomerId("c-1"),
        status=PipelineStatus.APPROVED,
        invoice_on=date(2026, 11, 20),
        line_amount_types=LineAmountTypes.EXCLUSIVE,
        lines=(
            Line(
                id="l-1",
                description="Install",
                quantity=Decimal(3),
                unit_amount=Decimal("120.5555"),
                cost_code="LAB",
                tax_rate=Decimal("0.15"),
                tracking=(Tracking(name="Region", option="North"),),
            ),
        ),
        nett=Decimal("361.67"),
        tax=Decimal("54.25"),
        total=Decimal("415.92"),
        version=3,
        updated_at=datetime(2026, 11, 22, 0, 15, 12, 500000, tzinfo=UTC),
    )


def test_customer_reads_as_pipeline_says_it() -> None:
    assert wire.read_customer(EXACT.encode(CUSTOMER)) == Customer(
        id=PipelineCustomerId("c-1"),
        ref="ACME",
        name="Acme",
        version=1,
        updated_at=datetime(2026, 11, 22, 0, 15, 12, 500000, tzinfo=UTC),
        email="a@acme.example",
        postal_address=PostalAddress(line1="1 High St", postal_code="LS1"),
    )


@given(number=st.decimals(-(10**12), 10**12, places=4))
def test_numbers_are_read_to_the_last_digit(number: Decimal) -> None:
    found = wire.read_invoice(EXACT.encode(INVOICE | {"total": number}))

    assert str(found.total) == str(number)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("status", "Paid"),
        ("invoiceDate", "20/11/2026"),
        ("invoiceDate", "2026-11-20T00:00:00Z"),
        ("lineAmountTypes", "Both"),
        ("total", "NaN"),
        ("total", None),
        ("lines", [LINE | {"quantity": "many"}]),
        ("updatedAt", "2026-11-22T00:15:12"),
        ("version", "3"),
    ],
)
def test_field_that_breaks_the_contract_is_named(field: str, value: Any) -> None:
    with pytest.raises(Garbled, match=field):
        wire.read_invoice(EXACT.encode(INVOICE | {field: value}))


@pytest.mark.parametrize("field", ["id", "number", "customerId", "lines", "total", "version"])
def test_missing_field_is_named(field: str) -> None:
    with pytest.raises(Garbled, match=field):
        wire.read_invoice(EXACT.encode({k: v for k, v in INVOICE.items() if k != field}))


def test_unreadable_object_stays_in_the_feed_and_its_neighbours_are_read() -> None:
    found = wire.read_page(
        page(
            change(1),
            change(2, id="i-2", data=INVOICE | {"total": "much"}),
            change(3, kind="customer", id="c-1", data=CUSTOMER),
        )
    )

    first, second, third = found.changes
    assert isinstance(first, Change)
    assert isinstance(first.content, Invoice)
    assert isinstance(second, UnreadableChange)
    assert (second.seq, second.kind, second.id, second.version) == (2, ChangeKind.INVOICE, "i-2", 3)
    assert "total" in second.problem
    assert isinstance(third, Change)
    assert isinstance(third.content, Customer)


@pytest.mark.parametrize(
    "fields",
    [
        {"data": None},
        {"data": []},
        {"data": CUSTOMER},
        {"at": "yesterday"},
        {"at": "2026-11-22T00:15:12"},
    ],
)
def test_entry_without_a_good_object_is_unreadable(fields: dict[str, Any]) -> None:
    (found,) = wire.read_page(page(change(**fields))).changes

    assert isinstance(found, UnreadableChange)


def test_tombstone_has_no_content() -> None:
    (found,) = wire.read_page(page(change(deleted=True, data=None, by="Ann"))).changes

    assert isinstance(found, Change)
    assert (found.content, found.by) == (None, "Ann")


def test_entries_of_kinds_to_come_are_none_of_ours() -> None:
    assert wire.read_page(page(change(kind="quote"))).changes == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b'{"changes":[{}],"nextCursor":"c","hasMore":false}',
        b'{"changes":[],"hasMore":false}',
        page(change(seq="x")),  # type: ignore[arg-type]
    ],
)
def test_page_that_cannot_be_read_is_garbled(body: bytes) -> None:
    with pytest.raises(Garbled):
        wire.read_page(body)


def test_put_answers_come_in_the_order_sent() -> None:
    body = json.dumps(
        {
            "results": [
                {"index": 1, "outcome": "stale", "revision": 9},
                {"index": 0, "outcome": "stored", "revision": 5, "detail": "x"},
            ]
        }
    ).encode()

    first, second = wire.read_put_answers(body, 2)

    assert (first.outcome, first.revision, first.detail) == (PutOutcome.STORED, 5, "x")
    assert (second.outcome, second.revision, second.detail) == (PutOutcome.STALE, 9, "")


@pytest.mark.parametrize(
    "body",
    [b'{"results":[]}', b'{"results":[{"index":0,"outcome":"lost"}]}', b"", b'{"results":7}'],
)
def test_put_answers_that_miss_one_are_garbled(body: bytes) -> None:
    with pytest.raises(Garbled):
        wire.read_put_answers(body, 1)
