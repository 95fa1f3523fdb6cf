"""The laws of foreign edits: what we did not send and yet moved is somebody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from syncd.domain.model.invoice import Invoice, InvoiceWrite, LiveInvoice, StepKind, Tracking
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules.compare import foreign_edits, snapshots
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


def seen(sent: InvoiceWrite, after: LiveInvoice, before: LiveInvoice = LIVE) -> tuple[str, ...]:
    was, now = snapshots.of_xero(before), snapshots.of_xero(after)
    return foreign_edits.public_names(foreign_edits.edits(was, sent, now), was, now)


@given(builders.invoices())
def test_own_write_alone_shows_no_foreign_edit(said: Invoice) -> None:
    live = builders.shown(said)
    sent = write(
        reference="NEW",
        lines=tuple(
            replace(each, line_item_id=theirs.line_item_id, quantity=Decimal(9))
            for each, theirs in zip(
                write_builder.create(said, builders.meaning(said), "").lines or (),
                live.lines,
                strict=True,
            )
        ),
    )

    assert seen(sent, builders.applied(live, sent), live) == ()


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        ({"number": "N"}, "number"),
        ({"due_on": date(2027, 1, 1)}, "dueDate"),
        ({"currency_code": "AUD"}, "currencyCode"),
        ({"total": Decimal(1)}, "total"),
        ({"status": XeroStatus.DRAFT}, "status"),
        ({"status": XeroStatus.VOIDED}, "status"),
        ({"lines": LIVE.lines[:1]}, "lines[1]"),
        ({"lines": (*LIVE.lines, builders.live_line(line_item_id="x9"))}, "lines[2]"),
        (
            {"lines": (LIVE.lines[0], replace(LIVE.lines[1], account_code="1"))},
            "lines[1].accountCode",
        ),
    ],
)
def test_field_we_left_out_that_differs_is_named(edit: dict[str, Any], name: str) -> None:
    sent = write(reference="NEW")

    assert seen(sent, replace(LIVE, reference="NEW", **edit)) == (name,)


def test_field_we_sent_is_ours_whatever_it_became() -> None:
    assert seen(write(reference="NEW "), replace(LIVE, reference="NEW")) == ()
    assert seen(write(due_on=date(2026, 12, 1)), replace(LIVE, due_on=date(2026, 12, 1))) == ()


def test_totals_follow_from_lines_we_sent() -> None:
    assert seen(write(lines=LINES), replace(LIVE, total=Decimal(1))) == ()


def test_approval_or_payment_meanwhile_is_no_edit() -> None:
    assert seen(write(reference="R"), replace(LIVE, reference="R", status=XeroStatus.PAID)) == ()


def test_code_left_out_of_a_line_we_sent_is_still_watched() -> None:
    sent = write(lines=tuple(replace(each, account_code=None) for each in LINES))
    after = replace(LIVE, lines=(replace(LIVE.lines[0], account_code="999"), LIVE.lines[1]))

    assert seen(sent, after) == ("lines[0].accountCode",)


def test_undoing_foreign_edits_gives_back_what_only_we_changed() -> None:
    tracked = (Tracking(name="Region", option="North"),)
    after = replace(
        LIVE,
        reference="NEW",
        number="THEIRS",
        lines=(
            replace(LIVE.lines[1], tracking=tracked),
            builders.live_line(line_item_id="x9"),
        ),
    )
    before, now = snapshots.of_xero(LIVE), snapshots.of_xero(after)

    found = foreign_edits.edits(before, write(reference="NEW"), now)
    undone = foreign_edits.without(now, before, found)

    assert undone.reference == "NEW"
    assert undone.number == before.number
    assert {each.id: each for each in undone.lines} == {each.id: each for each in before.lines}
