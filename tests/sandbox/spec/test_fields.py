"""Every answer and webhook of the acceptance story against our own tables of Xero's fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.acceptance.support.running import Exchange
from tests.sandbox.spec.support.fields import Checker, tables
from tests.sandbox.spec.support.telling import API, Told

# The list an answer carries, where it is not called as the path ends.
LISTS = {
    "organisation": "Organisations",
    "history": "HistoryRecords",
    "onlineinvoice": "OnlineInvoices",
}
QUOTA = ("x-daylimit-remaining", "x-minlimit-remaining", "x-appminlimit-remaining")


def expected(exchange: Exchange) -> str:
    """The table an answer has to fit."""
    if exchange.path.startswith(API):
        by_status = {400: "Error", 401: "Problem", 403: "Problem", 500: "Problem"}
        usual = "Allocation" if exchange.method == "DELETE" else "Envelope"
        return by_status.get(exchange.status, usual)
    if exchange.path.lower().startswith("/connections"):
        return "Connection" if exchange.status == 200 else "Problem"
    return "AccessToken" if exchange.status == 200 else "TokenError"


def list_of(exchange: Exchange) -> str:
    """The name of the list this path answers with."""
    words = [each for each in exchange.path.removeprefix(API).split("/") if each]
    last = next(each for each in reversed(words) if not re.search(r"\d", each))
    return LISTS.get(last.lower(), last)


def strangers(checker: Checker, exchange: Exchange) -> Iterator[str]:
    value: Any = json.loads(exchange.body)
    table = expected(exchange)
    for each in value if table == "Connection" else [value]:
        yield from checker.strangers(table, each)
    if table == "Envelope" and list_of(exchange) not in value:
        yield f"{exchange.path}: expected {list_of(exchange)}, got {sorted(value)}"


def judged(told: Told) -> tuple[Checker, list[str]]:
    """What the tables do not know in the whole story."""
    checker = Checker()
    odd = [
        f"{each.method} {each.status}: {stranger}"
        for each in told.exchanges
        if each.is_json
        for stranger in strangers(checker, each)
    ]
    for each in told.webhooks:
        odd += checker.strangers("Webhook", json.loads(each.body))
    return checker, odd


def test_story_shows_every_row_and_nothing_else(told: Told) -> None:
    """A row nothing shows is a guess; a field without a row has no source."""
    checker, odd = judged(told)

    rows = [(table, name) for table, own in tables().items() for name in own]
    assert sorted(set(odd)) == []
    assert [row for row in rows if row not in checker.met] == []


def test_every_answer_of_a_tenant_tells_its_quota(told: Told) -> None:
    """Facts §2.2: three headers, and an id for Xero's support."""
    silent = [
        f"{each.method} {each.path} {each.status}"
        for each in told.exchanges
        if each.path.startswith(API)
        and each.status in {200, 204, 400, 404}
        and not {*QUOTA, "xero-correlation-id"} <= set(each.headers)
    ]

    assert silent == []


def test_answer_without_json_is_one_of_those_that_have_none(told: Told) -> None:
    """Facts §2.3 and §3.4: pages for 404 and 503, nothing at all for 204 and 429."""
    kinds = {
        (each.status, each.headers.get("content-type", ""), bool(each.body))
        for each in told.exchanges
        if not each.is_json
    }

    assert sorted(kinds) == [
        (200, "", False),
        (204, "", False),
        (302, "", False),
        (404, "text/html; charset=utf-8", True),
        (429, "", False),
        (503, "text/html; charset=utf-8", True),
        (503, "text/plain; charset=utf-8", True),
    ]


@pytest.mark.parametrize("name", list(tables()))
def test_row_names_its_source(name: str) -> None:
    odd = [
        field
        for field, row in tables()[name].items()
        if not re.fullmatch(r"(§\d+(\.\d+)?( U)?|(acc|id|wh):\d+)", row.source)
    ]

    assert odd == []


@pytest.mark.parametrize(
    ("table", "value", "odd"),
    [
        ("Pagination", {"page": 1, "pageSize": "2"}, "Pagination.pageSize: expected integer"),
        ("Pagination", {"page": True}, "Pagination.page: expected integer"),
        ("Pagination", {"pages": 1}, "Pagination.pages: no such row"),
        ("Invoice", {"Date": "/Date(1)/"}, "Invoice.Date: expected wire"),
        ("Invoice", {"Status": "LOST"}, "Invoice.Status: expected =DRAFT"),
        ("Invoice", {"LineItems": [{"Odd": 1}]}, "LineItem.Odd: no such row"),
        ("Invoice", {"Contact": 5}, "Contact: expected an object"),
    ],
)
def test_checker_sees_a_planted_stranger(table: str, value: Any, odd: str) -> None:
    (found,) = Checker().strangers(table, value)

    assert found.startswith(odd)
