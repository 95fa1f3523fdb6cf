"""Brakes stop what is too much at once, never a create, and less never halts where more passed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.brake import Braked, BrakeKind, BrakeLimits, BrakeStep, PassedAlready
from syncd.domain.rules.limits import brake
from tests.searching import examples

PLENTY = 10_000
"""So many stand in Xero that a few voids are no emptying."""
LIMITS = BrakeLimits(voids=3, money=Decimal(100))


def change(step: BrakeStep, amount: int = 0, *, key: str = "i", currency: str = "NZD") -> Braked:
    return Braked(
        key=key,
        version=1,
        step=step,
        label=key.upper(),
        xero_id=f"x-{key}",
        currency=currency,
        amount=Decimal(amount),
    )


CHANGES = st.lists(
    st.builds(
        change,
        st.sampled_from(BrakeStep),
        st.integers(0, 60),
        currency=st.sampled_from(["NZD", "USD"]),
    ),
    max_size=30,
)


def kind(
    would: list[Braked],
    done: PassedAlready | None = None,
    *,
    standing: int = PLENTY,
    looked: int = PLENTY,
) -> BrakeKind | None:
    halt = brake.check(LIMITS, done or PassedAlready(), would, documents=standing, reads=looked)
    return None if halt is None else halt.kind


def test_voids_and_deletes_count_together_with_those_of_the_window() -> None:
    two = [change(BrakeStep.VOID), change(BrakeStep.DELETE)]

    assert kind(two, PassedAlready(voids=1)) is None
    assert kind(two, PassedAlready(voids=2)) is BrakeKind.VOIDS
    assert kind([], PassedAlready(voids=9)) is None


def test_money_is_held_to_its_limit_by_currency() -> None:
    changes = [
        change(BrakeStep.UPDATE, 90),
        change(BrakeStep.UPDATE, 90, currency="USD"),
        change(BrakeStep.VOID, 10),
    ]

    assert kind(changes) is None
    assert kind(changes, PassedAlready(money={"USD": Decimal(11)})) is BrakeKind.MONEY
    assert kind([change(BrakeStep.UPDATE, 0)], PassedAlready(money={"NZD": Decimal(900)})) is None


def test_without_a_limit_any_money_may_move() -> None:
    limits = replace(LIMITS, money=None)
    changes = [change(BrakeStep.UPDATE, 10**9)]

    assert brake.check(limits, PassedAlready(), changes, documents=PLENTY, reads=1) is None


def test_a_side_is_emptied_when_most_of_ten_or_more_is_gone() -> None:
    absent = [change(BrakeStep.ABSENT)] * 10
    gone = [change(BrakeStep.VOID)] * 3

    assert kind(absent, looked=19) is BrakeKind.XERO_EMPTIED
    assert kind(absent, looked=20) is None
    assert kind(absent[:9], looked=9) is None
    assert kind(gone, PassedAlready(voids=0), standing=9) is None
    assert kind(gone[:1], PassedAlready(voids=5), standing=5) is BrakeKind.PIPELINE_EMPTIED


def test_an_explanation_names_numbers_and_the_key_that_sets_them() -> None:
    halt = brake.check(
        replace(LIMITS, window_s=1800.0),
        PassedAlready(voids=1),
        [change(BrakeStep.VOID)] * 7,
        documents=PLENTY,
        reads=7,
    )

    assert halt is not None
    assert halt.text == (
        "7 invoices would be voided or deleted in Xero, after 1 already; within 30 min at most 3 "
        "are without a person's word (sync.brake_voids)."
    )


@examples(100)
@given(CHANGES, CHANGES, st.integers(0, 5))
def test_what_passes_together_passes_in_part(
    some: list[Braked], more: list[Braked], voids: int
) -> None:
    done = PassedAlready(voids=voids)
    if kind([*some, *more], done) is None:
        assert kind(some, done) is None


@examples(100)
@given(CHANGES, CHANGES)
def test_the_window_counts_as_if_it_were_one_round(first: list[Braked], then: list[Braked]) -> None:
    voids = sum(one.step in (BrakeStep.VOID, BrakeStep.DELETE) for one in first)
    done = PassedAlready(voids=voids, money=brake.money_of(first))
    writes = [one for one in [*first, *then] if one.step is not BrakeStep.ABSENT]
    if kind(writes) is None:
        assert kind([one for one in then if one.step is not BrakeStep.ABSENT], done) is None


@given(CHANGES)
def test_a_halt_is_concerned_with_something_it_saw(changes: list[Braked]) -> None:
    found = kind(changes, looked=len(changes))
    if found is not None:
        assert any(brake.concerns(found, one) for one in changes)
