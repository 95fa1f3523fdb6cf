"""The laws of landing: what a live document shows of a write, and what money forbids."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from syncd.domain.ids import XeroContactId
from syncd.domain.model.intent_body import TieSlack
from syncd.domain.model.invoice import (
    Invoice,
    InvoiceWrite,
    LineAmountTypes,
    LiveInvoice,
    StepKind,
    Tracking,
)
from syncd.domain.model.snapshot import Base
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules.compare import comparison, snapshots, write_confirmation
from syncd.domain.rules.compare.comparison import MovedBy
from syncd.domain.rules.decide import write_builder
from tests.domain import builders

SAID = builders.invoice(lines=(builders.line(), builders.line(id="p2", description="Timber")))
LIVE = builders.shown(SAID)
CREATE = write_builder.create(SAID, builders.meaning(SAID), "https://a.example")
LINES = tuple(
    replace(sent, line_item_id=shown.line_item_id)
    for sent, shown in zip(CREATE.lines or (), LIVE.lines, strict=True)
)


def write(**fields: Any) -> InvoiceWrite:
    return InvoiceWrite(step=StepKind.UPDATE, pipeline_id=SAID.id, xero_id=LIVE.id, **fields)


def test_create_is_shown_by_its_document_also_paid_and_reordered() -> None:
    turned = replace(LIVE, lines=tuple(reversed(LIVE.lines)))

    assert write_confirmation.shows(CREATE, LIVE)
    assert write_confirmation.shows(CREATE, turned)
    assert write_confirmation.shows(CREATE, builders.paid(LIVE))


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
    assert not write_confirmation.shows(CREATE, replace(LIVE, **edit))


def test_what_was_not_sent_is_not_looked_at() -> None:
    assert write_confirmation.shows(
        write(reference=" JOB-7 "), replace(LIVE, number="OTHER", lines=())
    )


def test_cleared_reference_is_shown_only_by_an_empty_one() -> None:
    assert write_confirmation.shows(write(reference=""), replace(LIVE, reference=""))
    assert not write_confirmation.shows(write(reference=""), LIVE)


def test_line_that_stays_is_shown_only_under_its_id() -> None:
    swapped = replace(
        LIVE,
        lines=tuple(replace(each, line_item_id=f"{each.line_item_id}'") for each in LIVE.lines),
    )

    assert write_confirmation.shows(write(lines=LINES), LIVE)
    assert not write_confirmation.shows(write(lines=LINES), swapped)


def test_sent_to_contact_is_shown_once_it_is_set() -> None:
    assert not write_confirmation.shows(write(sent_to_contact=True), LIVE)
    assert write_confirmation.shows(
        write(sent_to_contact=True), replace(LIVE, sent_to_contact=True)
    )


@pytest.mark.parametrize("status", list(XeroStatus))
def test_withdrawal_is_shown_by_a_document_that_is_gone(status: XeroStatus) -> None:
    void = write_builder.withdraw(SAID.id, LIVE)

    assert write_confirmation.shows(void, replace(LIVE, status=status)) == status.is_gone


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

    assert write_confirmation.forbidden_by_money(part_paid, write(**sent)) == (sent in FORBIDDEN)
    assert not write_confirmation.forbidden_by_money(LIVE, write(**sent))


def test_money_forbids_voiding() -> None:
    paid = builders.paid(LIVE)

    assert write_confirmation.forbidden_by_money(paid, write_builder.withdraw(SAID.id, paid))


# --- what Xero altered


def altered(sent: InvoiceWrite, after: LiveInvoice, **fields: Any) -> tuple[str, ...]:
    """What counts as altered once `sent` was answered with `after`."""
    pairs = builders.pairs_after(sent, SAID, after, BASE.pairs)
    base = builders.agreed(SAID, LIVE, xero=snapshots.of_xero(after), pairs=pairs, **fields)
    return write_confirmation.altered(sent, builders.compared(base, SAID, after))


BASE = builders.agreed(SAID)
TRACKED = (Tracking(name="Region", option="North"),)


@given(builders.invoices())
def test_document_as_it_was_meant_has_nothing_altered(said: Invoice) -> None:
    meant = builders.expected(said, builders.meaning(said))

    assert write_confirmation.shows_exactly(meant, snapshots.of_xero(builders.shown(said)))


@pytest.mark.parametrize(
    ("edit", "names"),
    [
        ({"reference": "JOB"}, ("reference",)),
        ({"number": "INV-1"}, ("number",)),
        ({"due_on": date(2027, 1, 1)}, ("due_on",)),
        ({"status": XeroStatus.DRAFT}, ("status",)),
        ({"line_amount_types": LineAmountTypes.INCLUSIVE}, ("line_amount_types",)),
        ({"total": SAID.total + Decimal("0.01")}, ("total",)),
        ({"lines": LIVE.lines[:1]}, ("lines", "lines/p2/")),
        (
            {"lines": (*LIVE.lines, builders.live_line(line_item_id="x9", description="Fee"))},
            ("lines", "lines/+x9/"),
        ),
        (
            {"lines": (replace(LIVE.lines[0], account_code="201"), LIVE.lines[1])},
            ("lines/p1/account",),
        ),
        (
            {"lines": (LIVE.lines[0], replace(LIVE.lines[1], discount_rate=Decimal(5)))},
            ("lines/p2/discount",),
        ),
    ],
)
def test_what_was_sent_and_shows_otherwise_was_altered(
    edit: dict[str, Any], names: tuple[str, ...]
) -> None:
    assert altered(CREATE, replace(LIVE, **edit)) == names


def test_total_is_altered_beyond_what_a_tie_explains() -> None:
    after = replace(LIVE, total=SAID.total + Decimal("0.02"), total_tax=SAID.tax + Decimal("0.01"))
    pairs = builders.pairs_after(CREATE, SAID, after, BASE.pairs)
    base = builders.agreed(SAID, LIVE, xero=snapshots.of_xero(after), pairs=pairs)
    found = builders.compared(base, SAID, after)
    cent, two = Decimal("0.01"), Decimal("0.02")

    assert write_confirmation.altered(CREATE, found) == ("tax", "total")
    assert write_confirmation.altered(CREATE, found, TieSlack(tax=cent, total=cent)) == ("total",)
    assert write_confirmation.altered(CREATE, found, TieSlack(tax=cent, total=two)) == ()


def test_what_was_not_sent_or_is_kept_by_decision_was_not_altered() -> None:
    other = replace(LIVE, reference="THEIRS", due_on=date(2027, 1, 1))

    assert altered(write(number="INV-1001"), other) == ()
    assert altered(CREATE, other, kept=("reference", "due_on")) == ()


def test_code_left_to_xero_or_sent_as_it_stands_was_not_altered() -> None:
    """A mapping changed since: the line travels with the account that stands there."""
    stands = replace(LIVE, lines=(replace(LIVE.lines[0], account_code="201"), LIVE.lines[1]))
    as_it_stands = (replace(LINES[0], account_code="201"), LINES[1])
    left_out = (replace(LINES[0], account_code=None), LINES[1])

    assert altered(write(lines=as_it_stands), stands) == ()
    assert altered(write(lines=left_out), stands) == ()


def test_what_was_altered_is_apart_until_it_shows_the_same_or_pipeline_moves_on() -> None:
    after = replace(LIVE, reference="JOB")
    base = Base(
        pipeline=BASE.pipeline, xero=snapshots.of_xero(after), pairs=BASE.pairs,
        altered=("reference",),
    )  # fmt: skip

    standing = builders.compared(base, SAID, after)
    (shown,) = comparison.differences(standing)
    assert standing.moves.altered
    assert not standing.moves.xero
    assert (shown.field, shown.moved_by, shown.agreed) == ("reference", MovedBy.XERO, None)
    assert builders.compared(base, SAID, LIVE).moves.converged
    further = builders.compared(base, replace(SAID, reference="JOB-8"), after).moves
    assert (further.pipeline, further.xero, further.altered) == (True, False, False)
    besides = builders.compared(base, replace(SAID, number="INV-2"), after).moves
    assert (besides.pipeline, besides.altered) == (True, True)
