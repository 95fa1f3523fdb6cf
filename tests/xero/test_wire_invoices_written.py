"""An invoice is written as it was meant: exact numbers, and nothing that was not asked for."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from syncd.domain.model.invoice import LineWrite, StepKind, Tracking
from syncd.domain.model.statuses import XeroStatus
from syncd.xero import wire_invoices
from tests.xero.support import invoices


def written(write: Any) -> dict[str, Any]:
    body = wire_invoices.encode(write)
    found = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    assert isinstance(found, dict)
    return found


@given(line=invoices.line_writes)
def test_line_is_written_exactly(line: LineWrite) -> None:
    (found,) = written(invoices.create(lines=(line,)))["LineItems"]

    assert str(found["Quantity"]) == format(line.quantity, "f")
    assert str(found["UnitAmount"]) == format(line.unit_amount, "f")
    assert found["Description"] == line.description
    assert found.get("LineItemID") == line.line_item_id
    assert found.get("DiscountRate") == line.discount_rate
    assert found.get("AccountCode") == line.account_code


def test_create_says_its_type_and_only_the_contacts_id() -> None:
    found = written(invoices.create("PL-1"))

    assert found["Type"] == "ACCREC"
    assert found["Contact"] == {"ContactID": invoices.CONTACT}
    assert (found["Date"], found["DueDate"]) == ("2026-11-20", "2026-12-20")
    assert "InvoiceID" not in found


def test_update_writes_what_moved_and_no_more() -> None:
    assert written(invoices.change(reference="PO 7")) == {
        "InvoiceID": invoices.GUID,
        "Reference": "PO 7",
    }


def test_update_may_take_lines_away_but_never_by_accident() -> None:
    assert "LineItems" not in written(invoices.change())
    assert written(invoices.change(lines=()))["LineItems"] == []


@pytest.mark.parametrize(
    ("step", "status"), [(StepKind.VOID, "VOIDED"), (StepKind.DELETE, "DELETED")]
)
def test_ending_a_document_writes_its_status_alone(step: StepKind, status: str) -> None:
    found = written(invoices.change(step, reference="ignored", status=XeroStatus.DRAFT))

    assert found == {"InvoiceID": invoices.GUID, "Status": status}


def test_line_that_stays_says_that_its_tracking_is_gone() -> None:
    plain = {"description": "x", "quantity": Decimal(1), "unit_amount": Decimal(1)}
    region = Tracking(name="Region", option="North")

    (stays, tracked, new) = written(
        invoices.change(
            lines=(
                LineWrite(**plain, line_item_id="l-1"),
                LineWrite(**plain, line_item_id="l-2", tracking=(region,)),
                LineWrite(**plain),
            )
        )
    )["LineItems"]

    assert stays["Tracking"] == []
    assert tracked["Tracking"] == [{"Name": "Region", "Option": "North"}]
    assert "Tracking" not in new


def test_sent_mark_and_address_travel() -> None:
    found = written(invoices.change(sent_to_contact=True, url="https://p.example/1?syncd=i"))

    assert found["SentToContact"] is True
    assert found["Url"] == "https://p.example/1?syncd=i"
