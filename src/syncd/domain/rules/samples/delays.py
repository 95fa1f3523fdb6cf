"""Delays as counts in eight fixed buckets: they can be added up in any order, medians cannot."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from syncd.domain.model.sample import DELAY_BOUNDS_S

_LAST = len(DELAY_BOUNDS_S) - 1


def bucket_of(delay_s: float) -> int:
    """The place of the bucket a delay is counted in; a clock set back makes none too short."""
    return min(bisect_left(DELAY_BOUNDS_S, delay_s), _LAST)


def counted(delays_s: Iterable[float]) -> tuple[int, ...]:
    """How many delays there are in each bucket."""
    counts = [0] * len(DELAY_BOUNDS_S)
    for delay_s in delays_s:
        counts[bucket_of(delay_s)] += 1
    return tuple(counts)


def added(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    """Both, bucket by bucket."""
    return tuple(mine + theirs for mine, theirs in zip(one, other, strict=True))


def within_s(counts: Sequence[int], share: float) -> int | None:
    """In how many seconds at least this share of them was done (0 to 1); None where there are none.

    The bound of a bucket, so never less than it was, but for more than a day.
    """
    wanted, so_far = share * sum(counts), 0
    for bound_s, count in zip(DELAY_BOUNDS_S, counts, strict=True):
        so_far += count
        if so_far and so_far >= wanted:
            return bound_s
    return None
