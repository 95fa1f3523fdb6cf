"""A glance tells a moved document from the same one, by summary as by a whole read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from syncd.domain.ids import XeroInvoiceId
from syncd.domain.model.snapshot import Snapshot
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.summary import InvoiceSummary
from syncd.domain.rules.compare import content_hash

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SNAPSHOT = Snapshot(
    status="AUTHORISED",
    number="PL-1",
    reference="PO 1",
    contact="c1",
    invoice_on="2026-11-20",
    due_on="2026-12-10",
    currency="NZD",
    line_amount_types="Exclusive",
    nett="360",
    tax="54",
    total="414",
)
SUMMARY = InvoiceSummary(
    id=XeroInvoiceId("x1"),
    number="PL-1 ",
    reference="PO 1",
    status=XeroStatus.AUTHORISED,
    contact_id="c1",
    invoice_on="2026-11-20",
    due_on="2026-12-10",
    currency_code="NZD",
    line_amount_types="Exclusive",
    sub_total=Decimal("360.00"),
    total_tax=Decimal("54.00"),
    total=Decimal("414.00"),
    amount_due=Decimal("314.00"),
    amount_paid=Decimal("100.00"),
    amount_credited=Decimal(0),
    updated_at=AT,
)


def test_a_summary_and_a_whole_read_of_one_document_have_one_face() -> None:
    assert content_hash.summary_hash(SUMMARY) == content_hash.snapshot_hash(SNAPSHOT)


@pytest.mark.parametrize(
    "moved",
    [
        {"number": "PL-2"}, {"reference": ""}, {"contact_id": "c2"}, {"due_on": None},
        {"invoice_on": "2026-11-21"}, {"currency_code": "AUD"}, {"total": Decimal(415)},
        {"status": XeroStatus.DRAFT}, {"line_amount_types": "Inclusive"},
    ],
)  # fmt: skip
def test_every_field_of_a_summary_makes_another_face(moved: dict[str, object]) -> None:
    assert content_hash.summary_hash(replace(SUMMARY, **moved)) != content_hash.summary_hash(
        SUMMARY
    )  # type: ignore[arg-type]  # named fields


def test_a_payment_makes_another_money_and_the_same_face() -> None:
    paid = replace(SUMMARY, status=XeroStatus.PAID, amount_due=Decimal(0), amount_paid=Decimal(414))

    assert content_hash.summary_hash(paid) == content_hash.summary_hash(SUMMARY)
    assert content_hash.has_money_moved(content_hash.money_of(SUMMARY), content_hash.money_of(paid))


def test_what_is_due_alone_is_no_money_that_moved() -> None:
    """Our own update changes the total: nobody has paid."""
    before, after = (
        content_hash.money_text(Decimal(due), Decimal(100), Decimal(0)) for due in (314, 452)
    )

    assert not content_hash.has_money_moved(before, after)
    assert content_hash.has_money_moved(None, after)
    assert not content_hash.has_money_moved(
        None, content_hash.money_text(Decimal(5), Decimal(0), Decimal(0))
    )


def test_content_moves_against_the_base_and_what_is_gone_moves_once() -> None:
    paid, void = replace(SNAPSHOT, status="PAID"), replace(SNAPSHOT, status="VOIDED")
    alive, gone = XeroStatus.AUTHORISED, XeroStatus.VOIDED

    assert not content_hash.has_content_moved(SNAPSHOT, paid, known_status=alive)
    assert content_hash.has_content_moved(
        SNAPSHOT, replace(SNAPSHOT, number="2"), known_status=alive
    )
    assert content_hash.has_content_moved(None, SNAPSHOT, known_status=alive)
    assert content_hash.has_content_moved(SNAPSHOT, void, known_status=alive)
    assert not content_hash.has_content_moved(SNAPSHOT, void, known_status=gone)
