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

    assert answer.status in {200, 204, 400, 500}
    assert not answer.body or json.loads(answer.body)


@given(BODIES)
def test_any_line_is_answered(odd: Any) -> None:
    lines = [{**line(), **odd}] if isinstance(odd, dict) else odd

    answer = CLIENT.send("PUT", "Invoices", CLIENT.draft(LineItems=lines))

    assert answer.status in {200, 400, 500}


@pytest.mark.parametrize(
    ("element", "says"),
    [
        ({"Contact": []}, "Contact is expected to be an object"),
        ({"LineItems": [1]}, "LineItems is expected to be a list of objects"),
        ({"LineItems": [{"Tracking": [1]}]}, "Tracking is expected to be a list of objects"),
        ({"Reference": ["x"]}, "Reference is expected to be a single value"),
        ({"Contact": None, "Payments": [], "LineItems": [{"Tracking": []}]}, None),
    ],
)
def test_shape_is_judged_by_what_belongs_where(element: dict[str, Any], says: str | None) -> None:
    assert error_of(element) == says


@pytest.mark.parametrize("name", ["LineItems", "Addresses"])
def test_object_where_a_list_belongs_is_a_failure_that_did_nothing(name: str) -> None:
    """Facts §3.3."""
    before = len(CLIENT.books.invoices)

    answer = CLIENT.send("PUT", "Invoices", CLIENT.draft(**{name: {}}))

    assert (answer.status, len(CLIENT.books.invoices)) == (500, before)
    assert json.loads(answer.body)["Title"] == "An error occurred"


@pytest.mark.parametrize(
    ("sent", "value", "kind"),
    [
        ({"LineAmountTypes": "NO_TAX"}, "NO_TAX", "LineAmountType"),
        ({"Type": "SALE"}, "SALE", "InvoiceType"),
        ({"Status": "OPEN"}, "OPEN", "StatusCode"),
        ({"Date": "20100510"}, "20100510", "DateTime"),
        ({"DueDate": "20/11/2026"}, "20/11/2026", "DateTime"),
        ({"Contact": {"ContactID": "Acme"}}, "Acme", "Guid"),
        ({"LineItems": [line(AccountID="200")]}, "200", "Guid"),
    ],
)
def test_value_that_cannot_be_read_stops_the_whole_call(
    sent: dict[str, Any], value: str, kind: str
) -> None:
    """Facts §3.3, ErrorNumber 14: nothing of the batch is read or saved."""
    client = new_client()
    batch = {"Invoices": [client.draft(InvoiceNumber="A"), client.draft(**sent)]}

    answer = client.send("PUT", "Invoices", batch, summarizeErrors="false")

    body = json.loads(answer.body)
    assert (answer.status, body["ErrorNumber"], body["Type"]) == (
        400,
        14,
        "PostDataInvalidException",
    )
    assert body["Message"].startswith(f'Error converting value "{value}" to type ')
    assert f".{kind}'. Path '" in body["Message"]
    assert len(client.books.invoices) == 0


def _stocked() -> Client:
    client = new_client(limits=False)
    client.invoice(InvoiceNumber="A")
    return client


CLIENT = _stocked()
