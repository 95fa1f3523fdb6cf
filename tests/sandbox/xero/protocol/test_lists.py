"""Pages, sizes, If-Modified-Since and limits of lists (facts §3.4)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, new_client


@pytest.fixture
def stocked(client: Client) -> Client:
    """Ten invoices a minute apart, PL-0 to PL-9; every third one a draft."""
    for place in range(10):
        status = "AUTHORISED" if place % 3 else "DRAFT"
        client.invoice(InvoiceNumber=f"PL-{place}", Status=status, Date=f"2026-11-{place + 10}")
        client.time.pass_s(60)
    return client


def numbers(answer: Any) -> list[str]:
    return [row["InvoiceNumber"] for row in answer["Invoices"]]


@pytest.mark.parametrize(("asked", "size"), [(0, 1), (-5, 1), (1000, 1000), (5000, 1000)])
def test_page_size_is_clamped(stocked: Client, asked: int, size: int) -> None:
    assert stocked.get("Invoices", page=1, pageSize=asked)["pagination"]["pageSize"] == size


def test_page_past_the_end_is_empty(stocked: Client) -> None:
    assert stocked.get("Invoices", page=9)["Invoices"] == []


def test_where_and_order_work_together(stocked: Client) -> None:
    answer = stocked.get(
        "Invoices",
        where='Status=="AUTHORISED" AND Date>=DateTime(2026,11,15)',
        order="Date DESC",
        page=1,
    )

    assert numbers(answer) == ["PL-8", "PL-7", "PL-5"]


@pytest.mark.parametrize(("inclusive", "found"), [(True, ["PL-8", "PL-9"]), (False, ["PL-9"])])
def test_modified_since_has_second_precision(inclusive: bool, found: list[str]) -> None:
    client = new_client(since_is_inclusive=inclusive)
    client.time.pass_s(0.4)
    for place in range(10):
        client.invoice(InvoiceNumber=f"PL-{place}")
        client.time.pass_s(60)

    answer = client.send(
        "GET", "Invoices", headers={"if-modified-since": "2026-11-22T00:23:00"}, page=1
    )

    assert numbers(json.loads(answer.body)) == found


def test_nothing_since_then_is_empty_or_304_as_switched() -> None:
    header = {"if-modified-since": "2030-01-01T00:00:00"}

    assert new_client().send("GET", "Invoices", headers=header).status == 200
    assert new_client(nothing_is_304=True).send("GET", "Invoices", headers=header).status == 304


def test_result_too_large_is_refused() -> None:
    client = new_client(max_rows=2)
    for _ in range(3):
        client.invoice()

    assert client.send("GET", "Invoices", page=1).status == 400


@pytest.mark.parametrize(("said", "status"), [("500", 500), ("400", 400), ("no match", 200)])
def test_one_row_without_the_text_fails_the_list_unless_asked_first_section_3_4(
    said: str, status: int
) -> None:
    client = new_client(where_on_null=said)
    client.contact("One Ltd", AccountNumber="A-1")
    client.contact("Two Ltd")

    bare = client.send("GET", "Contacts", where='AccountNumber.Contains("A")')
    guarded = client.get("Contacts", where='AccountNumber!=null AND AccountNumber.Contains("A")')

    assert bare.status == status
    assert [each["Name"] for each in guarded["Contacts"]] == ["One Ltd"]
