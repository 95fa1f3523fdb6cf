"""Credits put onto invoices and taken off again (facts §5.2)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, messages, new_client


def invoice(client: Client, key: str = "A") -> dict[str, Any]:
    return dict(client.get(f"Invoices/{key}")["Invoices"][0])


def money(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["Status"], row["AmountDue"], row["AmountPaid"], row.get("AmountCredited", 0)


@pytest.mark.parametrize("kind", ["CreditNote", "Overpayment", "Prepayment"])
def test_allocation_moves_only_what_is_credited(client: Client, kind: str) -> None:
    client.invoice(InvoiceNumber="A")

    made = client.command("credit", invoice="A", amount="400", kind=kind)
    row = invoice(client)

    assert money(row) == ("AUTHORISED", 14, 0, 400)
    applied = row[f"{kind}s"][0]
    assert (applied[f"{kind}ID"], applied["AppliedAmount"]) == (made["ID"], 400)
    assert client.get("Payments")["Payments"] == []
    credit = client.get(f"{kind}s/{made['ID']}")[f"{kind}s"][0]
    assert (credit["RemainingCredit"], credit["Status"]) == (0, "PAID")
    assert len(client.get(f"{kind}s", page=1)[f"{kind}s"]) == 1

    path = f"{kind}s/{made['ID']}/Allocations/{made['AllocationID']}"
    answer = client.send("DELETE", path)
    gone = json.loads(answer.body)
    assert (gone["AllocationID"], gone["IsDeleted"]) == (made["AllocationID"], True)
    assert money(invoice(client)) == ("AUTHORISED", 414, 0, 0)
    assert client.get(f"{kind}s/{made['ID']}")[f"{kind}s"][0]["RemainingCredit"] == 400
    assert client.send("DELETE", path).status == 404


def test_credit_of_another_contact_cannot_be_allocated(client: Client) -> None:
    client.invoice(InvoiceNumber="A")
    other = client.contact("Other")
    row = client.invoice(InvoiceNumber="B", Contact={"ContactID": other})
    made = client.command("credit", invoice="A", amount="10", allocate=False)

    answer = client.put(
        f"CreditNotes/{made['ID']}/Allocations",
        [{"Invoice": {"InvoiceID": row["InvoiceID"]}, "Amount": 1}],
    )

    assert "same contact" in messages(answer["Allocations"][0])[0]


@pytest.mark.parametrize("bumps", [True, False])
def test_allocation_bumps_the_invoice_as_switched(bumps: bool) -> None:
    client = new_client(allocation_bumps_invoice=bumps)
    before = client.invoice(InvoiceNumber="A")["UpdatedDateUTC"]
    client.time.pass_s(9)

    client.command("credit", invoice="A", amount="10")

    assert (invoice(client)["UpdatedDateUTC"] != before) is bumps
