"""The `where` and `order` languages of lists (facts §3.4)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from syncd.sandbox.xero.protocol.where import QueryRefused, compile_order, compile_where, sort_key

ROW: dict[str, Any] = {
    "status": "AUTHORISED",
    "invoicenumber": "PL-2041",
    "date": date(2026, 11, 20),
    "total": Decimal("414.00"),
    "contact.name": "Acme Ltd",
    "contact.contactid": "2f79af6c-5f57-49e8-9e44-301499538add",
    "senttocontact": False,
    "duedate": None,
}


def passes(text: str) -> bool:
    fields = {name: (lambda row, name=name: row[name]) for name in ROW}
    return compile_where(text, fields)(ROW)


@pytest.mark.parametrize(
    "text",
    [
        'Status=="AUTHORISED"',
        'Status == "authorised"',
        'Status!="PAID"',
        'Status=="PAID" OR Total>=414',
        'Status=="PAID" || Total>413.99',
        'Status=="AUTHORISED" AND Total<=414.00 && Total<415',
        '(Status=="PAID" OR Status=="AUTHORISED") AND InvoiceNumber.StartsWith("pl-")',
        "Date>=DateTime(2026,11,20)",
        "Date>DateTime(2026, 11, 19, 23, 59, 59) AND Date<DateTime(2026,11,21)",
        'Contact.ContactID==Guid("2F79AF6C-5F57-49E8-9E44-301499538ADD")',
        'Contact.ContactID==guid("2f79af6c-5f57-49e8-9e44-301499538add")',
        'Contact.Name.Contains("ACME")',
        'Contact.Name.EndsWith("ltd")',
        "SentToContact==false",
        "DueDate==null",
        "Total!=null",
    ],
)
def test_condition_that_holds_passes(text: str) -> None:
    assert passes(text)


@pytest.mark.parametrize(
    "text",
    [
        'Status=="PAID"',
        'Status=="AUTHORISED" AND Total>414',
        "Date<DateTime(2026,11,20)",
        "DueDate>DateTime(2020,1,1)",
        "DueDate<DateTime(2030,1,1)",
        "SentToContact==true",
        "SentToContact",
        'Contact.Name.StartsWith("Ltd")',
        # AND binds closer than OR
        'Status=="PAID" OR Status=="AUTHORISED" AND Total<1',
    ],
)
def test_condition_that_fails_does_not_pass(text: str) -> None:
    assert not passes(text)


@pytest.mark.parametrize(
    "text",
    [
        'Colour=="red"',
        'Status="PAID"',
        'Status=="PAID',
        "Status==",
        'Status=="PAID" AND',
        "(Total>1",
        'Total>1 Status=="PAID"',
        "Date>DateTime(2026,13,1)",
        'Date>DateTime("2026")',
        "Contact.Name.Contains(5)",
        "Total>'1'",
        "(" * 60 + "Total>1" + ")" * 60,
    ],
)
def test_condition_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused):
        passes(text)


def test_order_sorts_by_several_fields_each_its_way() -> None:
    fields = {"name": lambda row: row[0], "total": lambda row: row[1]}
    rows = [("b", 1), ("A", 1), ("a", 2), (None, 3)]

    keys = compile_order("Name ASC, Total DESC", fields)
    for field, descends in reversed(keys):
        rows.sort(key=lambda row, field=field: sort_key(field(row)), reverse=descends)

    assert rows == [(None, 3), ("a", 2), ("A", 1), ("b", 1)]


@pytest.mark.parametrize("text", ["Colour", "Name UPWARDS", "Name ASC DESC", ""])
def test_order_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused):
        compile_order(text, {"name": lambda row: row})
