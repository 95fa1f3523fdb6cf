"""Notices wait a little, and most of them cost nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.inbound import event_routing
from syncd.domain.rules.inbound.event_routing import Gap, Route

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def routed(**changes: object) -> Route:
    facts = {
        "happened_at": AT,
        "received_at": after(1),
        "is_linked": True,
        "own_updated_at": None,
        "read_at": None,
        "updated_at": None,
        "open_create_since": None,
        **changes,
    }
    return event_routing.route(**facts)  # type: ignore[arg-type]  # a table of one kind of fact


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, Route.FETCH),
        ({"is_linked": False}, Route.NOT_OURS),
        ({"is_linked": False, "open_create_since": after(0.5)}, Route.LATER),
        ({"is_linked": False, "open_create_since": after(1.5)}, Route.NOT_OURS),
        ({"own_updated_at": AT}, Route.ECHO),
        ({"own_updated_at": after(0.001)}, Route.FETCH),
        ({"read_at": after(1.5)}, Route.COVERED),
        ({"read_at": after(1)}, Route.FETCH),
        ({"read_at": after(-5), "updated_at": AT}, Route.COVERED),
        ({"read_at": after(-5), "updated_at": after(-0.001)}, Route.FETCH),
        ({"read_at": after(1.5), "updated_at": after(-0.001)}, Route.FETCH),
        ({"open_create_since": AT}, Route.FETCH),
    ],
)
def test_event_is_fetched_only_when_nothing_else_answers_it(
    changes: dict[str, object], wanted: Route
) -> None:
    assert routed(**changes) is wanted


@given(st.floats(0, 10), st.floats(0, 10), st.floats(0, 30))
def test_heap_is_digested_when_quiet_and_never_late(
    first: float, more: float, since: float
) -> None:
    now = first + more + since

    rest = event_routing.delay_s(after(first), after(first + more), after(now), quiet_s=1, most_s=3)

    assert rest <= 1
    if now >= first + 3:
        assert rest <= 0
    if now < first + more + 1 and now < first + 3:
        assert rest > 0


def test_clock_set_back_puts_nothing_off() -> None:
    assert event_routing.delay_s(after(9000), after(9000), AT, quiet_s=1, most_s=3) == 0


@given(st.permutations(range(1, 40)), st.integers(0, 20))
def test_running_count_has_no_gap_once_everything_came(order: list[int], sizes: int) -> None:
    highest, gaps = event_routing.count(0, (), 1, 1).highest, ()
    for number in order:
        counted = event_routing.count(highest, gaps, number, min(39, number + sizes % 3))
        highest, gaps = counted.highest, counted.gaps

    assert (highest, gaps) == (39, ())


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 4)), min_size=1))
def test_gaps_are_what_did_not_come(spans: list[tuple[int, int]]) -> None:
    highest, gaps = 0, ()
    came: dict[int, bool] = {}
    first_ever = spans[0][0]
    for first, length in spans:
        counted = event_routing.count(highest, gaps, first, first + length)
        highest, gaps = counted.highest, counted.gaps
        came.update((number, True) for number in range(first, first + length + 1))

    missing = [number for gap in gaps for number in range(gap.first, gap.last + 1)]
    assert sorted(missing) == [
        number for number in range(first_ever, highest + 1) if number not in came
    ]


def test_sequence_zero_is_no_number() -> None:
    assert event_routing.count(7, (Gap(first=2, last=3),), 0, 0).highest == 7


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("ACCPAYCREDIT", True), ("SPEND-PREPAYMENT", True), ("APCREDITPAYMENT", True),
     ("ACCRECCREDIT", False), ("RECEIVE-OVERPAYMENT", False), ("", False)],
)  # fmt: skip
def test_money_on_the_buying_side_is_known_by_its_type(kind: str, *, wanted: bool) -> None:
    assert event_routing.is_purchase(kind) is wanted


def test_money_is_explained_by_an_invoice_event_of_the_same_deed() -> None:
    announced = [after(0), after(5), after(60)]

    assert event_routing.is_explained(after(5.05), announced)
    assert event_routing.is_explained(after(4.95), announced)
    assert not event_routing.is_explained(after(6), announced)
    assert not event_routing.is_explained(after(61), announced)
    assert not event_routing.is_explained(after(1), [])


def test_document_well_older_than_its_event_was_read_too_early() -> None:
    assert event_routing.is_stale(AT, after(2.1))
    assert event_routing.is_stale(None, AT)
    assert not event_routing.is_stale(AT, after(1.9))
    assert not event_routing.is_stale(after(5), AT)


@given(st.sampled_from([None, after(-100), after(-1)]), st.floats(0, 5))
def test_event_that_no_read_shows_is_read_few_times_further_and_further_apart(
    shown: datetime | None, first: float
) -> None:
    tries, reads = 0, [after(first)]

    while (again := event_routing.reread(shown, AT, tries, reads[-1])) is not None:
        tries = again.tries
        reads.append(again.at)

    pauses = [(late - early).total_seconds() for early, late in pairwise(reads)]
    assert all(pause > event_routing.STALE_AFTER.total_seconds() for pause in pauses)
    assert all(at.timestamp() % event_routing.GRID_S == 0 for at in reads[1:])
    if shown == after(-1):
        assert len(reads) == 2
    else:
        assert len(reads) == 1 + len(event_routing.PAUSES_S)
        assert 120 < sum(pauses) < 160


@given(st.sampled_from([AT, after(1)]), st.integers(0, 9))
def test_event_that_was_shown_is_not_read_again(shown: datetime, tries: int) -> None:
    assert event_routing.reread(shown, AT, tries, after(5)) is None
