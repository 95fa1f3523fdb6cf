"""Status, numbers, money on the document (facts §3.7); wrong requests: test_refusals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, line, messages, new_client


def update(client: Client, row: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"InvoiceID": row["InvoiceID"], **more}
    answer = client.post("Invoices", body, unitdp=4)["Invoices"][0]
    assert answer["StatusAttributeString"] == "OK", answer
    return dict(answer)


@pytest.mark.parametrize("stays", [True, False])
def test_dead_number_stays_taken_as_switched(stays: bool) -> None:
    client = new_client(dead_numbers_stay_taken=stays)
    client.invoice(InvoiceNumber="A")
    client.command("void", invoice="A")

    row = client.put("Invoices", client.draft(InvoiceNumber="A"))["Invoices"][0]

    assert row["StatusAttributeString"] == ("ERROR" if stays else "OK")


def test_status_machine_allows_exactly_its_table() -> None:
    """Facts §3.7."""
    table = {
        "DRAFT": {"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"},
        "SUBMITTED": {"SUBMITTED", "AUTHORISED", "DRAFT", "DELETED"},
        "AUTHORISED": {"AUTHORISED", "VOIDED"},
    }
    for start, allowed in table.items():
        for target in ("DRAFT", "SUBMITTED", "AUTHORISED", "DELETED", "VOIDED", "PAID"):
            client = new_client()
            row = client.invoice(Status=start)
            body = {"InvoiceID": row["InvoiceID"], "Status": target}
            found = client.post("Invoices", body)["Invoices"][0]
            is_ok = found["StatusAttributeString"] == "OK"
            assert is_ok is (target in allowed), (start, target)


def test_draft_needs_neither_due_date_nor_account_nor_lines(client: Client) -> None:
    row = client.invoice(Status=None, DueDate=None, LineItems=[])

    assert row["Status"] == "DRAFT"
    assert "DueDate" not in row


def test_approving_a_draft_checks_what_stands(client: Client) -> None:
    row = client.invoice(Status="DRAFT", LineItems=[line(AccountCode=None, TaxType=None)])

    body = {"InvoiceID": row["InvoiceID"], "Status": "AUTHORISED"}
    found = client.post("Invoices", body)["Invoices"][0]

    assert messages(found) == ["Account code or ID must be specified"]


def test_sent_to_contact_is_only_for_the_approved(client: Client) -> None:
    assert client.invoice(Status="DRAFT", SentToContact=True)["SentToContact"] is False
    assert client.invoice(SentToContact=True)["SentToContact"] is True


def test_paid_invoice_lets_its_free_fields_move(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    client.command("pay", invoice="A")
    own = row["LineItems"][0]["LineItemID"]

    changed = update(
        client,
        row,
        Reference="r",
        InvoiceNumber="B",
        DueDate="2027-01-01",
        Url="https://pipeline.example/1",
        LineItems=[{"LineItemID": own, "Description": "new", "AccountCode": "210"}],
    )

    assert (changed["Status"], changed["InvoiceNumber"], changed["Reference"]) == ("PAID", "B", "r")
    assert changed["LineItems"][0]["Description"] == "new"
    assert client.get("Invoices/B")["Invoices"]


def test_part_paid_invoice_takes_its_own_values_again(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    client.command("pay", invoice="A", amount="14")

    update(client, row, Date="2026-11-20", LineAmountTypes="Exclusive", CurrencyCode="NZD")
