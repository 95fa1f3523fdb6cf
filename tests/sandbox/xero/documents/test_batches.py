"""Many elements in one call, both ways of summarizeErrors (facts §3.3)."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.xero.builders import Client, messages, new_client


def test_batch_answers_in_order_and_saves_the_good(client: Client) -> None:
    client.invoice(InvoiceNumber="PL-1999")
    numbers = ["PL-1", "PL-1999", "PL-2"]

    rows = client.put("Invoices", {"Invoices": [client.draft(InvoiceNumber=n) for n in numbers]})[
        "Invoices"
    ]

    assert [row["InvoiceNumber"] for row in rows] == numbers
    assert [row["StatusAttributeString"] for row in rows] == ["OK", "ERROR", "OK"]
    assert rows[1]["HasErrors"] is True
    assert messages(rows[1]) == ["Invoice # must be unique."]
    assert (rows[1]["SubTotal"], rows[1]["TotalTax"], rows[1]["Total"]) == (360, 54, 414)
    assert "UpdatedDateUTC" not in rows[1]


@pytest.mark.parametrize(("saves", "numbers"), [(False, []), (True, ["A"])])
def test_mixed_batch_as_400_saves_as_switched(saves: bool, numbers: list[str]) -> None:
    client = new_client(save_good_on_400=saves)
    batch = [client.draft(InvoiceNumber="A"), client.draft(InvoiceNumber="B", LineItems=[])]

    answer = client.send("PUT", "Invoices", {"Invoices": batch})

    assert answer.status == 400
    assert [each["InvoiceNumber"] for each in json.loads(answer.body)["Elements"]] == ["B"]
    assert [each.number for each in client.books.invoices.current()] == numbers


def test_number_twice_in_one_batch_is_refused_either_way() -> None:
    client = new_client(save_good_on_400=False)
    batch = {"Invoices": [client.draft(InvoiceNumber="A") for _ in range(2)]}

    together = client.send("PUT", "Invoices", batch)
    assert together.status == 400
    assert len(client.books.invoices) == 0

    rows = client.put("Invoices", batch)["Invoices"]
    assert [row["StatusAttributeString"] for row in rows] == ["OK", "ERROR"]


def test_batch_may_come_back_in_the_order_of_its_dates() -> None:
    client = new_client(answers_by_date=True)
    days = {"late": "2026-11-20", "early": "2026-11-01"}
    batch = [client.draft(InvoiceNumber=number, Date=day) for number, day in days.items()]

    rows = client.put("Invoices", {"Invoices": batch})["Invoices"]

    assert [row["InvoiceNumber"] for row in rows] == ["early", "late"]
