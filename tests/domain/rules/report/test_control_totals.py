"""Control totals of any two books: what has a cause is carried, what has none is left over."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.control_totals import (
    NOTHING,
    Amounts,
    Cause,
    Contribution,
    ControlTotals,
    Dimension,
    Part,
)
from syncd.domain.rules.report.causes import PairCause, StoredInvoice
from syncd.domain.rules.report.control_totals import Tally
from tests.searching import examples

HELD = PairCause(cause=Cause.HELD, text="waits")
UNKNOWN = PairCause(cause=None, text="nobody knows")

cents = st.integers(min_value=-1_000_000, max_value=1_000_000).map(
    lambda value: Decimal(value).scaleb(-2)
)
amounts = st.builds(
    lambda nett, tax: Amounts(nett=nett, tax=tax, total=nett + tax), nett=cents, tax=cents
)


@st.composite
def sides(draw: st.DrawFn) -> Contribution:
    """A document of one or two lines, in any groups."""
    lines = draw(st.lists(amounts, min_size=1, max_size=2))
    whole = sum(lines, NOTHING)
    currency = draw(st.sampled_from(["NZD", "USD"]))
    header = {
        Dimension.CURRENCY: currency,
        Dimension.STATUS: draw(st.sampled_from(["DRAFT", "AUTHORISED"])),
        Dimension.MONTH: draw(st.sampled_from(["2026-10", "2026-11"])),
        Dimension.CUSTOMER: draw(st.sampled_from("ab")),
    }
    parts = [Part(dimension=each, key=key, amounts=whole) for each, key in header.items()]
    for dimension in (Dimension.ACCOUNT, Dimension.TAX):
        for place, line in enumerate(lines):
            parts.append(Part(dimension=dimension, key=f"k{place}", amounts=line))
    return Contribution(currency=currency, amounts=whole, parts=tuple(parts))


even = sides().map(lambda side: (side, side, None))
apart = st.tuples(st.none() | sides(), st.none() | sides(), st.just(HELD))
books = st.lists(even | apart, max_size=12)


def added(pairs: object) -> ControlTotals:
    tally = Tally()
    for place, (ours, theirs, judged) in enumerate(pairs):  # type: ignore[arg-type,var-annotated]  # drawn above
        tally.add(ours, theirs, judged, stored=StoredInvoice(key=f"k{place}", number=f"N{place}"))
    return tally.total({})


@examples(60)
@given(books)
def test_every_difference_is_explained_in_every_group(pairs: object) -> None:
    found = added(pairs)

    assert found.ties_out
    assert all(group.unexplained.is_zero for group in found.groups)
    for total in (one for one in found.groups if one.dimension is Dimension.CURRENCY):
        own = [one for one in found.exceptions if one.currency == total.currency]
        left = total.pipeline - sum((one.pipeline or NOTHING for one in own), NOTHING)
        right = total.xero - sum((one.xero or NOTHING for one in own), NOTHING)
        assert left == right


@examples(60)
@given(books)
def test_every_dimension_adds_up_to_the_total_of_its_currency(pairs: object) -> None:
    found = added(pairs)

    for total in (one for one in found.groups if one.dimension is Dimension.CURRENCY):
        for dimension in Dimension:
            own = [
                one
                for one in found.groups
                if (one.dimension, one.currency) == (dimension, total.currency)
            ]
            assert sum((one.pipeline for one in own), NOTHING) == total.pipeline
            assert sum((one.xero for one in own), NOTHING) == total.xero


@examples(60)
@given(books)
def test_every_month_counts_the_exceptions_that_name_it(pairs: object) -> None:
    found = added(pairs)

    for group in (one for one in found.groups if one.dimension is Dimension.MONTH):
        own = [
            one
            for one in found.exceptions
            if one.currency == group.currency and group.key in one.months
        ]
        assert len(own) == group.exceptions


def shown(side: Contribution) -> dict[tuple[str, Dimension, str], Amounts]:
    """What a side adds to each group; nought under another name is no difference."""
    added_up: dict[tuple[str, Dimension, str], Amounts] = {}
    for part in side.parts:
        place = (side.currency, part.dimension, part.key)
        added_up[place] = added_up.get(place, NOTHING) + part.amounts
    return {place: amounts for place, amounts in added_up.items() if amounts != NOTHING}


@examples(40)
@given(books, sides(), sides())
def test_what_nobody_explains_is_left_over(
    pairs: list[object], ours: Contribution, theirs: Contribution
) -> None:
    found = added([*pairs, (ours, theirs, UNKNOWN)])

    assert not found.ties_out
    assert [one.cause for one in found.suspects] == [None] * len(found.suspects)
    assert bool(found.unexplained) == (shown(ours) != shown(theirs))


def test_a_document_in_two_currencies_is_listed_once_in_each() -> None:
    ours = Contribution(
        currency="NZD",
        amounts=Amounts(total=Decimal(5)),
        parts=(Part(dimension=Dimension.CURRENCY, key="NZD", amounts=Amounts(total=Decimal(5))),),
    )
    theirs = Contribution(
        currency="USD",
        amounts=Amounts(total=Decimal(3)),
        parts=(Part(dimension=Dimension.CURRENCY, key="USD", amounts=Amounts(total=Decimal(3))),),
    )

    found = added([(ours, theirs, HELD)])

    assert [(one.currency, one.difference.total) for one in found.exceptions] == [
        ("NZD", Decimal(5)),
        ("USD", Decimal(-3)),
    ]
    assert found.ties_out
