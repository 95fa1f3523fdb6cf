"""A compared field stands everywhere it must: read from both sides, compared, sent, looked for.

`docs/extending.md` has the list; a field that is forgotten in one of these rooms fails here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from syncd.domain.model.invoice import InvoiceWrite, LineAmountTypes, LiveInvoice, Tracking
from syncd.domain.model.snapshot import (
    HEADER_FIELDS,
    LINE_FIELDS,
    PUBLIC_LINE_NAMES,
    PUBLIC_NAMES,
    LineSnapshot,
    Snapshot,
)
from syncd.domain.rules.compare import (
    content_hash,
    foreign_edits,
    snapshots,
    translation,
    write_confirmation,
)
from syncd.domain.rules.decide import write_builder
from syncd.pipeline import wire
from syncd.web.api import documents
from syncd.web.http.endpoint import encode
from syncd.xero import wire_invoices, wire_summaries
from tests.domain import builders

TOTALS = {"nett", "tax", "total"}
"""Compared and never sent: Xero adds them up itself."""
SENT = [field for field in HEADER_FIELDS if field not in TOTALS]
REGION = (Tracking(name="Region", option="North"),)
FULL = builders.invoice(
    currency_code="NZD",
    lines=(
        builders.line(
            account_code="200", tax_type="OUTPUT2", discount_percent=Decimal(5), tracking=REGION
        ),
    ),
)
LIVE = builders.shown(FULL)
CREATE = write_builder.create(FULL, builders.meaning(FULL), LIVE.url)
IN_XERO: dict[str, dict[str, Any]] = {
    "number": {"number": "INV-9"},
    "reference": {"reference": "JOB-9"},
    "contact": {"contact_id": "99999999-9999-4999-8999-999999999999"},
    "invoice_on": {"invoice_on": date(2026, 11, 3)},
    "due_on": {"due_on": date(2026, 11, 21)},
    "currency": {"currency_code": "AUD"},
    "line_amount_types": {"line_amount_types": LineAmountTypes.NO_TAX},
    "nett": {"sub_total": Decimal(101)},
    "tax": {"total_tax": Decimal(16)},
    "total": {"total": Decimal(116)},
}
"""Another value of each header field, as Xero shows it."""
LINE_IN_XERO: dict[str, dict[str, Any]] = {
    "description": {"description": "New"},
    "quantity": {"quantity": Decimal(9)},
    "unit_amount": {"unit_amount": Decimal(9)},
    "discount": {"discount_rate": Decimal(50)},
    "account": {"account_code": "260"},
    "tax": {"tax_type": "NONE"},
    "tracking": {"tracking": (Tracking(name="Region", option="South"),)},
}


def other(field: str) -> LiveInvoice:
    """The document with another value in one field."""
    return replace(LIVE, **IN_XERO[field])


def other_line(field: str) -> LiveInvoice:
    (line,) = LIVE.lines
    return replace(LIVE, lines=(replace(line, **LINE_IN_XERO[field]),))


def empty_in(snapshot: Snapshot) -> list[str]:
    """The compared fields a snapshot of a full document has nothing for."""
    (line,) = snapshot.lines
    header = [field for field in HEADER_FIELDS if getattr(snapshot, field) is None]
    return header + [f"lines.{field}" for field in LINE_FIELDS if getattr(line, field) is None]


def encoded(write: InvoiceWrite) -> Any:
    return msgspec.json.decode(wire_invoices.encode(write))


def taken_of_pipeline(live: LiveInvoice) -> Any:
    """What is sent where Pipeline's side is taken of all that differs."""
    found = builders.compared(builders.agreed(FULL), FULL, live)
    chosen = [cell for cell in found.diffs if not cell.same]
    write = write_builder.update(FULL, live, found, builders.meaning(FULL), chosen)
    assert write is not None
    return encoded(write)


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        (Snapshot.__dataclass_fields__, {"status", "lines", *HEADER_FIELDS}),
        (LineSnapshot.__dataclass_fields__, {"id", *LINE_FIELDS}),
        (PUBLIC_NAMES, {"status", "lines", *HEADER_FIELDS}),
        (PUBLIC_LINE_NAMES, {*LINE_FIELDS}),
        (foreign_edits.SENT_AS, {"status", *SENT}),
        (write_builder._HEADER, {*SENT}),
        (write_builder._WRITTEN_AS, {*LINE_FIELDS}),
        (IN_XERO, {*HEADER_FIELDS}),
        (LINE_IN_XERO, {*LINE_FIELDS}),
    ],
)
def test_table_has_every_field(table: Collection[str], wanted: set[str]) -> None:
    assert {*table} == wanted


def test_both_sides_and_what_is_meant_are_read_with_every_field() -> None:
    said = snapshots.of_pipeline(FULL)

    assert empty_in(said) == []
    assert empty_in(snapshots.of_xero(LIVE)) == []
    assert empty_in(translation.expected(FULL, builders.meaning(FULL), said)) == []


@pytest.mark.parametrize("field", HEADER_FIELDS)
def test_another_value_is_noticed_by_sweeps(field: str) -> None:
    before, now = snapshots.of_xero(LIVE), snapshots.of_xero(other(field))

    assert content_hash.has_content_moved(before, now, known_status=LIVE.status)
    assert content_hash.snapshot_hash(before) != content_hash.snapshot_hash(now)


@pytest.mark.parametrize("field", SENT)
def test_a_create_that_shows_another_value_has_not_landed(field: str) -> None:
    assert write_confirmation.shows(CREATE, LIVE)
    assert not write_confirmation.shows(CREATE, other(field))


@pytest.mark.parametrize("field", LINE_FIELDS)
def test_a_create_that_shows_another_line_has_not_landed(field: str) -> None:
    assert not write_confirmation.shows(CREATE, other_line(field))


@pytest.mark.parametrize("field", SENT)
def test_taking_pipeline_s_side_sends_the_field_and_nothing_else_of_the_header(field: str) -> None:
    sent = taken_of_pipeline(other(field))

    named = {*sent} - {"InvoiceID", "LineItems"}
    assert len(named) == 1
    assert {name: sent[name] for name in named}.items() <= encoded(CREATE).items()


@pytest.mark.parametrize("field", LINE_FIELDS)
def test_taking_pipeline_s_side_sends_the_line_as_pipeline_has_it(field: str) -> None:
    (new,) = encoded(CREATE)["LineItems"]

    sent = taken_of_pipeline(other_line(field))

    assert sent["LineItems"] == [{"LineItemID": LIVE.lines[0].line_item_id, **new}]


def answered() -> dict[str, Any]:
    """The document as Xero's lists show it after the create."""
    sent = encoded(CREATE)
    (line,) = sent["LineItems"]
    said = {"LineItemID": "x1", "LineAmount": 0, "TaxAmount": 0}
    added_up = {"SubTotal": 100, "TotalTax": 15, "Total": 115, "AmountDue": 115, "AmountPaid": 0}
    return {
        **sent,
        **added_up,
        "InvoiceID": builders.XERO_ID,
        "LineItems": [line | said],
        "AmountCredited": 0,
        "UpdatedDateUTC": "/Date(1793520000000+0000)/",
    }


def test_what_is_sent_is_read_back_by_whole_reads_and_by_summaries() -> None:
    said = msgspec.json.encode(answered())
    live = wire_invoices.to_live(wire_invoices.READ_ONE.decode(said), is_whole=True)
    row = wire_summaries.to_summary(wire_summaries.READ_ONE.decode(said))

    shown, meant = snapshots.of_xero(live), snapshots.of_xero(LIVE)
    assert [each for each in HEADER_FIELDS if getattr(shown, each) != getattr(meant, each)] == []
    assert content_hash.summary_hash(row) == content_hash.snapshot_hash(shown)
    (read,), (line,) = shown.lines, meant.lines
    assert [each for each in LINE_FIELDS if getattr(read, each) != getattr(line, each)] == []


def test_what_pipeline_says_is_read_and_shown_to_people_whole() -> None:
    """The API shows Pipeline's document under the names of the sync API, which it is read by."""
    shown = msgspec.json.decode(encode(documents.pipeline_invoice(FULL)))

    read = wire.read_invoice(msgspec.json.encode({"id": FULL.id, **shown}))

    assert read == FULL
