from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncd.sandbox.pipeline import documents

CUSTOMER = "5f0f0e6c-3f7f-4f9a-8a27-0a6b3f3f3f3f"
PLAIN = {"number": "INV-1", "customerId": CUSTOMER, "invoiceDate": "2026-11-20"}


def invoice(**fields: Any) -> dict[str, Any]:
    written: dict[str, Any] = documents.invoice(PLAIN | fields, {}, lambda: "an id")
    return written


def test_every_field_of_the_contract_is_written_down() -> None:
    line = {"description": "Install"}
    document = invoice(lines=[line])
    required = {
        "number",
        "customerId",
        "status",
        "invoiceDate",
        "lineAmountTypes",
        "lines",
        "nett",
        "tax",
        "total",
    }
    assert required <= set(document)
    assert set(document["lines"][0]) >= {"id", "description", "quantity", "unitAmount"}
    assert document["lines"][0]["id"] == "an id"


def test_numbers_may_come_as_text_and_become_exact() -> None:
    line = invoice(lines=[{"quantity": "1.25", "unitAmount": Decimal("0.3333")}])["lines"][0]
    assert (line["quantity"], line["unitAmount"]) == (Decimal("1.25"), Decimal("0.3333"))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"number": ""}, "number"),
        ({"invoiceDate": "20.11.2026"}, "2026"),
        ({"dueDate": "2026-02-30"}, "day"),
        ({"lineAmountTypes": "Gross"}, "lineAmountTypes"),
        ({"lines": [{"price": 1}]}, "price"),
        ({"total": 1.5}, "number"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_field_of_the_wrong_form_is_refused(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        invoice(**fields)


def test_edit_changes_what_it_names_and_adds_up_again() -> None:
    line = {"quantity": 2, "unitAmount": 10, "taxRate": "0.15"}
    old = invoice(lines=[line], reference="JOB-1")
    new = documents.invoice({"lineAmountTypes": "NoTax"}, old, str)
    assert (old["total"], new["total"]) == (Decimal("23.00"), Decimal("20.00"))
    assert (new["reference"], new["lines"]) == ("JOB-1", old["lines"])
