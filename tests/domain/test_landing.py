"""The laws of landing: what a live document shows of a write, and what money forbids."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain.ids import XeroContactId
from syncd.domain.model.invoice import InvoiceWrite, LineAmountTypes, StepKind
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules import landing, plan
from tests.domain import builders

SAID = builders.invoice(lines=(builders.line(), builders.line(id="p2", description="Timber")))
LIVE = builders.shown(SAID)
CREATE = plan.create(SAID, builders.meaning(SAID), "https://a.example")
LINES = tuple(
    replace(sent, line_item_id=shown.line_item_id)
    for sent, shown in zip(CREATE.lines or (), LIVE.lines, strict=True)
)


def write(**fields: Any) -> InvoiceWrite:
    return InvoiceWrite(step=StepKind.UPDATE, pipeline_id=SAID.id, xero_id=LIVE.id, **fields)


def test_create_is_shown_by_its_document_also_paid_and_reordered() -> None:
    turned = replace(LIVE, lines=tuple(reversed(LIVE.lines)))

    assert landing.shows(CREATE, LIVE)
    assert landing.shows(CREATE, turned)
    assert landing.shows(CREATE, builders.paid(LIVE))


@pytest.mark.parametrize(
    "edit",
    [
        {"number": "N"},
        {"reference": "R"},
        {"contact_id": XeroContactId("k")},
        {"invoice_on": date(2026, 1, 1)},
        {"due_on": None},
        {"currency_code": "AUD"},
        {"line_amount_types": LineAmountTypes.NO_TAX},
        {"status": XeroStatus.DRAFT},
        {"status": XeroStatus.VOIDED},
        {"lines": LIVE.lines[:1]},
        {"lines": (*LIVE.lines, LIVE.lines[0])},
        {"lines": (LIVE.lines[0], replace(LIVE.lines[1], quantity=Decimal(9)))},
        {"lines": (LIVE.lines[0], replace(LIVE.lines[1], description="?"))},
        {"lines": (LIVE.lines[0], replace(LIVE.lines[1], account_code="999"))},
    ],
)
def test_document_that_shows_anything_else_does_not_show_the_write(edit: dict[str, Any]) -> None:
    assert not landing.shows(CREATE, replace(LIVE, **edit))


def test_what_was_not_sent_is_not_looked_at() -> None:
    assert landing.shows(write(reference=" JOB-7 "), replace(LIVE, number="OTHER", lines=()))


def test_cleared_reference_is_shown_only_by_an_empty_one() -> None:
    assert landing.shows(write(reference=""), replace(LIVE, reference=""))
    assert not landing.shows(write(reference=""), LIVE)


def test_line_that_stays_is_shown_only_under_its_id() -> None:
    swapped = replace(
        LIVE,
        lines=tuple(replace(each, line_item_id=f"{each.line_item_id}'") for each in LIVE.lines),
    )

    assert landing.shows(write(lines=LINES), LIVE)
    assert not landing.shows(write(lines=LINES), swapped)


def test_sent_to_contact_is_shown_once_it_is_set() -> None:
    assert not landing.shows(write(sent_to_contact=True), LIVE)
    assert landing.shows(write(sent_to_contact=True), replace(LIVE, sent_to_contact=True))


@pytest.mark.parametrize("status", list(XeroStatus))
def test_withdrawal_is_shown_by_a_document_that_is_gone(status: XeroStatus) -> None:
    void = plan.withdraw(SAID.id, LIVE)

    assert landing.shows(void, replace(LIVE, status=status)) == status.is_gone


PERMITTED: list[dict[str, Any]] = [
    {"reference": "R"},
    {"due_on": date(2026, 12, 1)},
    {"number": "N"},
    {"contact_id": XeroContactId("k")},
    {"sent_to_contact": True},
    {"lines": (replace(LINES[0], description="New", account_code="260"), LINES[1])},
]
FORBIDDEN: list[dict[str, Any]] = [
    {"invoice_on": date(2026, 12, 1)},
    {"status": XeroStatus.AUTHORISED},
    {"currency_code": "AUD"},
    {"line_amount_types": LineAmountTypes.NO_TAX},
    {"lines": LINES[:1]},
    {"lines": (LINES[0], replace(LINES[1], line_item_id=None))},
    {"lines": (replace(LINES[0], quantity=Decimal(3)), LINES[1])},
    {"lines": (replace(LINES[0], unit_amount=Decimal(3)), LINES[1])},
    {"lines": (replace(LINES[0], discount_rate=Decimal(3)), LINES[1])},
    {"lines": (replace(LINES[0], tax_type="NONE"), LINES[1])},
]


@pytest.mark.parametrize("sent", PERMITTED + FORBIDDEN)
def test_money_forbids_all_but_a_few_fields(sent: dict[str, Any]) -> None:
    part_paid = builders.paid(LIVE, Decimal(1))

    assert landing.forbidden_by_money(part_paid, write(**sent)) == (sent in FORBIDDEN)
    assert not landing.forbidden_by_money(LIVE, write(**sent))


def test_money_forbids_voiding() -> None:
    paid = builders.paid(LIVE)

    assert landing.forbidden_by_money(paid, plan.withdraw(SAID.id, paid))
