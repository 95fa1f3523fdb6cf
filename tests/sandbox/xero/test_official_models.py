"""The official client's models read what the pretend Xero answers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import xero_python.accounting.models as accounting
import xero_python.identity.models as identity
from xero_python.api_client import ModelFinder
from xero_python.api_client.deserializer import deserialize

from tests.sandbox.xero.builders import Client


@pytest.fixture
def stirred(client: Client) -> Client:
    contact = client.contact("Acme", EmailAddress="a@b.co")
    client.invoice(InvoiceNumber="A", Contact={"ContactID": contact})
    for kind in ("CreditNote", "Overpayment", "Prepayment"):
        client.command("credit", invoice="A", amount="20", kind=kind)
    client.command("pay", invoice="A", amount="10")
    client.command("lock", period="2020-01-01")
    return client


def read(model: str, body: Any) -> Any:
    return deserialize(model, body, ModelFinder(accounting))


@pytest.mark.parametrize(
    ("path", "model", "attribute"),
    [
        ("Invoices", "Invoices", "invoices"),
        ("Contacts", "Contacts", "contacts"),
        ("Payments", "Payments", "payments"),
        ("CreditNotes", "CreditNotes", "credit_notes"),
        ("Overpayments", "Overpayments", "overpayments"),
        ("Prepayments", "Prepayments", "prepayments"),
        ("Accounts", "Accounts", "accounts"),
        ("TaxRates", "TaxRates", "tax_rates"),
        ("Organisation", "Organisations", "organisations"),
        ("Currencies", "Currencies", "currencies"),
        ("TrackingCategories", "TrackingCategories", "tracking_categories"),
        ("BrandingThemes", "BrandingThemes", "branding_themes"),
    ],
)
def test_official_models_read_every_list(
    stirred: Client, path: str, model: str, attribute: str
) -> None:
    assert len(getattr(read(model, stirred.get(path)), attribute)) >= 1


def test_official_model_reads_money_and_dates_of_an_invoice(stirred: Client) -> None:
    row = read("Invoices", stirred.get("Invoices/A")).invoices[0]

    assert row.amount_due == Decimal(344)
    assert row.credit_notes[0].applied_amount == Decimal(20)
    assert row.payments[0].amount == Decimal(10)
    assert row.date.isoformat() == "2026-11-20"
    assert row.line_items[0].line_amount == Decimal(360)


def test_official_model_reads_a_refusal(stirred: Client) -> None:
    answer = stirred.send("PUT", "Invoices", stirred.draft(InvoiceNumber="A"))

    error = read("Error", json.loads(answer.body))

    assert error.elements[0].validation_errors[0].message == "Invoice # must be unique."


def test_official_model_reads_connections(client: Client) -> None:
    rows = deserialize("list[Connection]", client.get("/connections"), ModelFinder(identity))

    assert rows[0].tenant_id == client.tenant
