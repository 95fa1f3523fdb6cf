"""Xero's page: what stands in the books, and forms that command the bookkeeper."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from syncd.sandbox import pages_xero
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.control import PREFIX, Control
from syncd.sandbox.http import Request, Response
from syncd.sandbox.killer import Killer
from syncd.sandbox.xero.server.app import XeroWorld

CLOCK = SandboxClock(lambda: 1_795_306_500.0)


@pytest.fixture
def xero() -> XeroWorld:
    world = XeroWorld(clock=CLOCK, seed=3, organisations=2)
    world.bookkeeper({"do": "create_invoice", "set": {"InvoiceNumber": "PL-1"}})
    return world


@pytest.fixture
def control(xero: XeroWorld) -> Control:
    return Control(
        xero,
        commands={"bookkeeper": xero.bookkeeper},
        killer=Killer(None),
        page=lambda: pages_xero.page(xero.books, CLOCK),
    )


def send(control: Control, **form: str) -> str:
    """Submit a form, follow it back, and give the page."""
    body = urlencode(form).encode()
    answer = control.handle(Request(method="POST", path=PREFIX, body=body))
    assert answer.status == 303
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return text(
        control.handle(Request(method="GET", path=PREFIX, query={"said": query["said"][0]}))
    )


def text(answer: Response) -> str:
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.body.decode()


def test_page_shows_what_stands_in_the_books(control: Control) -> None:
    page = text(control.handle(Request(method="GET", path=PREFIX)))

    assert "<td>PL-1</td><td>Walk-in Customer</td><td>AUTHORISED</td>" in page
    assert "<dt>organisations</dt><dd>2</dd>" in page
    assert "Nothing yet." in page


def test_form_moves_the_hand_and_shows_the_answer(control: Control, xero: XeroWorld) -> None:
    page = send(control, verb="bookkeeper", do="pay", organisation="0", invoice="PL-1", amount="")

    (invoice,) = next(iter(xero.books.values())).invoices.current()
    assert invoice.status == "PAID"
    assert "<td>PAID</td>" in page
    assert "PaymentID" in page


def test_any_deed_can_be_written_as_json(control: Control, xero: XeroWorld) -> None:
    send(control, verb="bookkeeper", json='{"do": "lock", "period": "2026-03-31"}')

    assert str(next(iter(xero.books.values())).organisation.period_lock_on) == "2026-03-31"


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"verb": "bookkeeper", "do": "pay", "invoice": "PL-9"}, "there is no invoice"),
        ({"verb": "bookkeeper", "json": "{oops"}, "Expecting property name"),
        ({"verb": "bookkeeper", "json": "[]"}, "expected a JSON object"),
        ({"verb": "explode"}, "expected one of"),
        ({}, "expected one of"),
    ],
)
def test_form_not_understood_says_why(control: Control, form: dict[str, str], reason: str) -> None:
    assert reason in send(control, **form)


def test_time_passes_by_the_form(control: Control) -> None:
    before = CLOCK.now()
    send(control, verb="clock", advance_s="90")

    assert CLOCK.now() == before + 90


def test_words_of_the_books_stay_words(control: Control, xero: XeroWorld) -> None:
    xero.bookkeeper({"do": "create_invoice", "set": {"InvoiceNumber": "<script>1</script>"}})
    page = text(control.handle(Request(method="GET", path=PREFIX, query={"said": "<b>"})))

    assert "<script>" not in page
    assert "&lt;script&gt;1" in page
    assert "&lt;b&gt;" in page
