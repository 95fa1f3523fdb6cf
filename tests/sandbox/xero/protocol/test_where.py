"""The `where` and `order` languages of lists (facts §3.4)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from syncd.sandbox.xero.protocol.where import (
    Guid,
    NullMember,
    QueryRefused,
    compile_order,
    compile_where,
    sort_key,
)

ROW: dict[str, Any] = {
    "status": "AUTHORISED",
    "invoicenumber": "PL-2041",
    "date": date(2026, 11, 20),
    "total": Decimal("414.00"),
    "contact.name": "Acme Ltd",
    "contact.contactid": Guid("2f79af6c-5f57-49e8-9e44-301499538add"),
    "senttocontact": False,
    "duedate": None,
    "quoted": '3" pipe',
}


FIELDS = {name: (lambda row, name=name: row[name]) for name in ROW}


def passes(text: str) -> bool:
    return compile_where(text, FIELDS)(ROW)


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
        # §3.4, the grammar
        'Status="AUTHORISED"',
        "1 = 1",
        "1 = 2 OR TRUE = true",
        "DueDate = NULL AND Contact.Name != Null",
        'Quoted=="3"" pipe"',
        'Quoted.Contains("""")',
        'Date>=DateTime.Parse("2026-11-20")',
        'Date<DateTime.Parse("2026-11-20T00:00:01Z")',
        'Contact.Name.Replace("Acme", "Ajax")=="ajax ltd"',
        'Contact.Name.Replace("A", "").Replace("c", "").StartsWith("me")',
        'Contact.Name.ToString().Contains("cme")',
        'DueDate!=null AND DueDate.Contains("x") OR Total>1',
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
    ("text", "said"),
    [
        ('Colour=="red"', "No property or field 'Colour' exists in type 'Invoice'"),
        ('Status=="PAID', "Unterminated string literal"),
        ("Status==", "Expression expected"),
        ('Status=="PAID" AND', "Expression expected"),
        ("(Total>1", "')' expected"),
        ('Total>1 Status=="PAID"', "Syntax error"),
        ("Date>DateTime(2026,13,1)", "Not a DateTime: "),
        ('Date>DateTime("2026")', "No applicable constructor"),
        ("Contact.Name.Contains(5)", "Expression expected"),
        ('Contact.Name.Sounds("x")', "No applicable method 'Sounds' exists in type 'String'"),
        ("Total>'1'", "Character literal must contain exactly one character"),
        ('Contact.Name=="a\\"b"', "Unterminated string literal"),
        (
            'Date>"2026-01-01"',
            "Operator '>' incompatible with operand types 'DateTime?' and 'String'",
        ),
        ("(" * 60 + "Total>1" + ")" * 60, "nested too deeply"),
    ],
)
def test_condition_that_cannot_be_read_is_refused_in_dynamic_linqs_words_section_3_4(
    text: str, said: str
) -> None:
    with pytest.raises(QueryRefused, match=re.escape(said)):
        passes(text)


@pytest.mark.parametrize("method", ["Contains", "StartsWith", "EndsWith"])
def test_method_on_what_is_not_there_throws_unless_it_was_asked_first_section_3_4(
    method: str,
) -> None:
    with pytest.raises(NullMember):
        passes(f'DueDate.{method}("x")')

    assert not passes(f'DueDate!=null AND DueDate.{method}("x")')


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
