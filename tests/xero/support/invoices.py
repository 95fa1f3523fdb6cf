"""Invoices for the tests of this adapter: random values, and how Xero would show them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st

from syncd.domain.ids import PipelineInvoiceId, XeroContactId, XeroInvoiceId
from syncd.domain.model.invoice import (
    InvoiceWrite,
    LineAmountTypes,
    LineWrite,
    LiveInvoice,
    LiveLine,
    LiveMoney,
    MoneyKind,
    StepKind,
    Tracking,
)
from syncd.domain.model.statuses import XeroStatus

GUID = "60aa5d55-a47e-4665-a974-874bb50263b9"
CONTACT = "2f79af6c-5f57-49e8-9e44-301499538add"
UPDATED_AT = datetime(2026, 11, 22, 0, 15, 12, 347000, tzinfo=UTC)

_EXACT = msgspec.json.Encoder(decimal_format="number")

money = st.decimals(-(10**10), 10**10, places=2, allow_nan=False, allow_infinity=False)
quantities = st.decimals(-(10**6), 10**6, places=4, allow_nan=False, allow_infinity=False)
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
names = words.filter(bool)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
trackings = st.lists(st.builds(Tracking, name=names, option=names), max_size=2).map(tuple)
live_lines = st.builds(
    LiveLine,
    line_item_id=st.uuids().map(str),
    description=words,
    quantity=quantities,
    unit_amount=quantities,
    line_amount=money,
    tax_amount=money,
    discount_rate=st.none() | quantities,
    account_code=st.none() | names,
    tax_type=st.none() | names,
    tracking=trackings,
)
live_money = st.lists(
    st.builds(
        LiveMoney,
        kind=st.sampled_from(MoneyKind),
        id=st.uuids().map(str),
        amount=money,
        paid_on=days,
        reference=words,
    ),
    max_size=4,
    unique_by=lambda one: one.id,
).map(lambda some: tuple(sorted(some, key=lambda one: list(MoneyKind).index(one.kind))))
live_invoices = st.builds(
    LiveInvoice,
    id=st.uuids().map(str),
    type=st.just("ACCREC"),
    number=words,
    status=st.sampled_from(XeroStatus),
    contact_id=st.uuids().map(str),
    contact_name=st.sampled_from(["", "Acme"]),
    invoice_on=days,
    line_amount_types=st.sampled_from(LineAmountTypes),
    lines=st.lists(live_lines, max_size=4).map(tuple),
    sub_total=money,
    total_tax=money,
    total=money,
    amount_due=money,
    amount_paid=money,
    amount_credited=money,
    updated_at=st.just(UPDATED_AT),
    currency_code=st.sampled_from(["NZD", "GBP"]),
    reference=words,
    due_on=st.none() | days,
    url=words,
    sent_to_contact=st.booleans(),
    fully_paid_on=st.none() | days,
    money=live_money,
)
line_writes = st.builds(
    LineWrite,
    description=words,
    quantity=quantities,
    unit_amount=quantities,
    line_item_id=st.none() | st.uuids().map(str),
    discount_rate=st.none() | quantities,
    account_code=st.none() | names,
    tax_type=st.none() | names,
    tracking=trackings,
)


def wire_day(day: date) -> str:
    return f"/Date({(day - date(1970, 1, 1)).days * 86_400_000}+0000)/"


def shown(live: LiveInvoice) -> dict[str, Any]:
    """The invoice as Xero shows it (facts §3.3): nulls left out, numbers as numbers."""
    plain: dict[str, Any] = {
        "Type": live.type,
        "InvoiceID": live.id,
        "InvoiceNumber": live.number,
        "Reference": live.reference,
        "Url": live.url,
        "Contact": {"ContactID": live.contact_id, "Name": live.contact_name, "Addresses": []},
        "Status": live.status,
        "DateString": f"{live.invoice_on}T00:00:00",
        "Date": wire_day(live.invoice_on),
        "LineAmountTypes": live.line_amount_types,
        "LineItems": [line_shown(line) for line in live.lines],
        "SubTotal": live.sub_total,
        "TotalTax": live.total_tax,
        "Total": live.total,
        "AmountDue": live.amount_due,
        "AmountPaid": live.amount_paid,
        "AmountCredited": live.amount_credited,
        "UpdatedDateUTC": "/Date(1795306512347+0000)/",
        "UpdatedDateUTCString": "2026-11-22T00:15:12Z",
        "CurrencyCode": live.currency_code,
        "CurrencyRate": 1.0,
        "SentToContact": live.sent_to_contact,
        "HasErrors": False,
        "StatusAttributeString": "OK",
        "SomethingNew": {"of": ["2027"]},
        **money_shown(live),
    }
    if live.due_on:
        plain |= {"DueDateString": f"{live.due_on}T00:00:00", "DueDate": wire_day(live.due_on)}
    if live.fully_paid_on:
        plain["FullyPaidOnDate"] = wire_day(live.fully_paid_on)
    return plain


def line_shown(line: LiveLine) -> dict[str, Any]:
    plain = {
        "LineItemID": line.line_item_id,
        "Description": line.description,
        "Quantity": line.quantity,
        "UnitAmount": line.unit_amount,
        "LineAmount": line.line_amount,
        "TaxAmount": line.tax_amount,
        "DiscountRate": line.discount_rate,
        "AccountCode": line.account_code,
        "TaxType": line.tax_type,
        "Tracking": [{"Name": one.name, "Option": one.option} for one in line.tracking],
        "ValidationErrors": [],
    }
    return {name: value for name, value in plain.items() if value is not None}


def money_shown(live: LiveInvoice) -> dict[str, Any]:
    lists: dict[str, list[dict[str, Any]]] = {f"{kind}s": [] for kind in MoneyKind}
    for one in live.money:
        is_payment = one.kind is MoneyKind.PAYMENT
        lists[f"{one.kind}s"].append(
            {
                f"{one.kind}ID": one.id,
                "Amount" if is_payment else "AppliedAmount": one.amount,
                "Date": wire_day(one.paid_on),
                "Reference": one.reference,
            }
        )
    return lists


def body(*elements: dict[str, Any], **envelope: Any) -> bytes:
    """A list answer of Xero's."""
    whole = {"Id": GUID, "Status": "OK", "DateTimeUTC": "/Date(1795306512402)/", **envelope}
    return dumped({**whole, "Invoices": list(elements)})


def dumped(value: Any) -> bytes:
    return _EXACT.encode(value)


def live(**changes: Any) -> LiveInvoice:
    """A plain invoice."""
    plain: dict[str, Any] = {
        "id": XeroInvoiceId(GUID),
        "type": "ACCREC",
        "number": "PL-1",
        "status": XeroStatus.AUTHORISED,
        "contact_id": XeroContactId(CONTACT),
        "invoice_on": date(2026, 11, 20),
        "line_amount_types": LineAmountTypes.EXCLUSIVE,
        "lines": (),
        "sub_total": Decimal("360.00"),
        "total_tax": Decimal("54.00"),
        "total": Decimal("414.00"),
        "amount_due": Decimal("414.00"),
        "amount_paid": Decimal(0),
        "amount_credited": Decimal(0),
        "updated_at": UPDATED_AT,
        "currency_code": "NZD",
    }
    return LiveInvoice(**{**plain, **changes})


def create(number: str = "PL-1", **changes: Any) -> InvoiceWrite:
    """A write that creates a plain invoice."""
    plain: dict[str, Any] = {
        "step": StepKind.CREATE,
        "pipeline_id": PipelineInvoiceId("p-1"),
        "number": number,
        "contact_id": XeroContactId(CONTACT),
        "invoice_on": date(2026, 11, 20),
        "due_on": date(2026, 12, 20),
        "status": XeroStatus.AUTHORISED,
        "line_amount_types": LineAmountTypes.EXCLUSIVE,
        "lines": (
            LineWrite(
                description="Install",
                quantity=Decimal(3),
                unit_amount=Decimal("120.0000"),
                account_code="200",
                tax_type="OUTPUT2",
            ),
        ),
    }
    return InvoiceWrite(**{**plain, **changes})


def change(step: StepKind = StepKind.UPDATE, xero_id: str = GUID, **changes: Any) -> InvoiceWrite:
    """A write that changes an invoice by its id."""
    return InvoiceWrite(
        step=step,
        pipeline_id=PipelineInvoiceId("p-1"),
        xero_id=XeroInvoiceId(xero_id),
        **changes,
    )
