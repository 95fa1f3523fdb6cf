"""What a document adds to groups: the same on both sides, and always its totals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.control_totals import BY_LINES, NOTHING, Contribution, Dimension
from syncd.domain.model.invoice import Invoice, LineAmountTypes
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules.report import contributions
from tests.domain import builders
from tests.searching import examples

SAID = builders.invoice()
LIVE = builders.shown(SAID, lines=(builders.live_line(),))


def ours(said: Invoice = SAID) -> Contribution:
    return contributions.of_pipeline(said, builders.meaning(said), builders.settings())


@examples(40)
@given(
    quantities=st.lists(st.decimals(0, 1000, places=4), min_size=1, max_size=4),
    types=st.sampled_from(LineAmountTypes),
    nett=st.decimals(-1000, 1000, places=2),
)
def test_lines_and_what_they_leave_come_to_the_document(
    quantities: list[Decimal], types: LineAmountTypes, nett: Decimal
) -> None:
    lines = tuple(
        builders.line(id=f"p{place}", quantity=each) for place, each in enumerate(quantities)
    )
    said = replace(SAID, lines=lines, line_amount_types=types, nett=nett, total=nett + SAID.tax)

    found = ours(said)

    for dimension in BY_LINES:
        own = [part.amounts for part in found.parts if part.dimension is dimension]
        assert sum(own, NOTHING) == found.amounts


def test_the_same_document_adds_the_same_on_both_sides() -> None:
    assert contributions.of_xero(LIVE, SAID.customer_id) == ours()


def test_paid_counts_as_authorised() -> None:
    live = replace(LIVE, status=XeroStatus.PAID)

    found = contributions.of_xero(live, SAID.customer_id)

    (status,) = [part.key for part in found.parts if part.dimension is Dimension.STATUS]
    assert status == "AUTHORISED"


def test_a_month_is_of_the_invoice_date_whatever_the_clock() -> None:
    (month,) = [part.key for part in ours().parts if part.dimension is Dimension.MONTH]

    assert month == SAID.invoice_on.isoformat()[:7]


def test_a_line_without_mapping_is_counted_under_no_account() -> None:
    lost = replace(SAID, lines=(builders.line(cost_code="NOBODY"),))

    keys = {part.key for part in ours(lost).parts if part.dimension is Dimension.ACCOUNT}

    assert contributions.NO_ACCOUNT in keys
