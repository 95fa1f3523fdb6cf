"""Buckets add up in any order, and say of a share what sorting all the delays would."""

from __future__ import annotations

import math
from functools import reduce
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.sample import DELAY_BOUNDS_S, NO_DELAYS
from syncd.domain.rules.samples import delays

DELAYS = st.lists(st.floats(-5, 200_000), max_size=60)
SHARES = st.floats(0.01, 1)


@given(st.lists(DELAYS, max_size=8), st.randoms(use_true_random=False))
def test_buckets_added_up_in_any_order_are_those_of_all_delays(
    batches: list[list[float]], rng: Random
) -> None:
    counts = [delays.counted(each) for each in batches]
    shuffled = list(counts)
    rng.shuffle(shuffled)

    added = reduce(delays.added, shuffled, NO_DELAYS)

    assert added == delays.counted([delay for each in batches for delay in each])
    assert sum(added) == sum(map(len, batches))


@given(DELAYS.filter(bool), SHARES)
def test_a_share_is_within_the_bound_of_the_bucket_that_sorting_finds(
    found: list[float], share: float
) -> None:
    place = max(1, math.ceil(share * len(found) - 1e-9))
    exact = sorted(found)[place - 1]

    within = delays.within_s(delays.counted(found), share)

    assert within == DELAY_BOUNDS_S[delays.bucket_of(exact)]
    assert exact <= within or exact > DELAY_BOUNDS_S[-1]


@given(DELAYS.filter(bool), SHARES, SHARES)
def test_a_larger_share_never_takes_less(found: list[float], one: float, other: float) -> None:
    counts = delays.counted(found)
    lower, upper = sorted((one, other))
    smaller, larger = delays.within_s(counts, lower), delays.within_s(counts, upper)

    assert smaller is not None
    assert larger is not None
    assert smaller <= larger


def test_nothing_done_has_no_delay() -> None:
    assert delays.within_s(NO_DELAYS, 0.5) is None


def test_a_bound_belongs_to_its_bucket() -> None:
    assert [delays.bucket_of(bound) for bound in DELAY_BOUNDS_S] == list(range(8))
