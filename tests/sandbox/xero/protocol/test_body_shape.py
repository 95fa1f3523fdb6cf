"""No body, however odd, breaks the pretend Xero."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.sandbox.xero.protocol.body_shape import error_of
from tests.sandbox.xero.builders import Client, line, new_client
from tests.searching import examples

FIELDS = (
    *("Type", "Status", "Contact", "Date", "DueDate", "InvoiceNumber", "LineItems", "Url"),
    *("LineAmountTypes", "CurrencyCode", "CurrencyRate", "Reference", "SentToContact"),
    *("BrandingThemeID", "InvoiceID", "Name", "ContactID", "ContactNumber", "Phones", "Addresses"),
    *("ContactPersons", "EmailAddress", "ContactStatus", "Invoice", "Account", "Amount", "Code"),
    *("Description", "Quantity", "UnitAmount", "AccountCode", "TaxType", "TaxAmount", "LineAmount"),
    *(
        "DiscountRate",
        "Tracking",
        "LineItemID",
        "PhoneType",
        "AddressType",
        "Details",
        "CreditNote",
    ),
)
ODD = st.sampled_from(
    [
        *("", "x", "DRAFT", "AUTHORISED", "ACCREC", "200", "OUTPUT2", "2026-11-20", "1e999999"),
        *("/Date(99999999999999999999)/", "0001-01-01T00:00:00+14:00", "NaN", "<", "a@b.co"),
        *(None, True, False, 0, -1, 10**30, 1.5, 1e-300, [], {}, [1], [[]], [None], "🦉"),
    ]
)
VALUES = st.recursive(
    ODD,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    ),
    max_leaves=12,
)
BODIES = st.one_of(VALUES, st.dictionaries(st.sampled_from(FIELDS), VALUES, min_size=1, max_size=8))
CALLS = st.sampled_from(
    [
        *(("PUT", "Invoices"), ("POST", "Invoices"), ("PUT", "Contacts"), ("POST", "Contacts")),
        *(("PUT", "Payments"), ("PUT", "CreditNotes"), ("POST", "Invoices/{id}")),
        *(("PUT", "Invoices/{id}/History"), ("POST", "Invoices/{id}/Email")),
    ]
)


@examples(150)
@given(CALLS, BODIES, st.sampled_from(["true", "false"]), st.booleans())
def test_any_body_is_answered(
    call: tuple[str, str], body: Any, summarize: str, mixed: bool
) -> None:
    client = CLIENT
    method, path = call
    identifier = client.books.invoices.rows(0)[0].id
    if mixed and isinstance(body, dict):
        body = {**client.draft(), **body}
    query = {} if "/" in path and path != "Invoices/{id}" else {"summarizeErrors": summarize}

    answer = client.send(method, path.replace("{id}", identifier), body, **query)

    assert answer.status in {200, 204, 400}
    assert not answer.body or json.loads(answer.body)


@given(BODIES)
def test_any_line_is_answered(odd: Any) -> None:
    lines = [{**line(), **odd}] if isinstance(odd, dict) else odd

    answer = CLIENT.send("PUT", "Invoices", CLIENT.draft(LineItems=lines))

    assert answer.status in {200, 400}


@pytest.mark.parametrize(
    ("element", "says"),
    [
        ({"Contact": []}, "Contact is expected to be an object"),
        ({"LineItems": {}}, "LineItems is expected to be a list of objects"),
        ({"LineItems": [{"Tracking": [1]}]}, "Tracking is expected to be a list of objects"),
        ({"Reference": ["x"]}, "Reference is expected to be a single value"),
        ({"Contact": None, "Payments": [], "LineItems": [{"Tracking": []}]}, None),
    ],
)
def test_shape_is_judged_by_what_belongs_where(element: dict[str, Any], says: str | None) -> None:
    assert error_of(element) == says


def _stocked() -> Client:
    client = new_client(limits=False)
    client.invoice(InvoiceNumber="A")
    return client


CLIENT = _stocked()
