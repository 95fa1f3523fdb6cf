"""A ring of a week: a sample takes the place of the one a week before, and no row is added."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from syncd.domain.errors import NotStorable, StoreError
from syncd.domain.ids import TenantId
from syncd.domain.model.sample import RING, Sample
from syncd.store import samples
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, BETA

FIRST = 5_979_000
FULL = Sample(
    period=FIRST,
    seen_s=300,
    queued=1, most_queued=2, waiting=3, out_of_sync=4, failed=5, findings=6, day_left=None,
    write_calls=7, read_calls=8, sweep_calls=9, bytes_read=10, events=11, missed=12,
    xero_kept=13, xero_repeated=14, xero_refused=15,
    pipeline_kept=16, pipeline_repeated=17, pipeline_refused=18,
    push_delays=(1, 2, 3, 4, 5, 6, 7, 8), webhook_delays=(8, 7, 6, 5, 4, 3, 2, 1),
)  # fmt: skip


def bare(period: int) -> Sample:
    return Sample(period=period, seen_s=300)


async def kept(store: Store, first: int, last: int, tenant: TenantId = ACME) -> list[Sample]:
    read = Transaction()
    parts = [read.add(one) for one in samples.span(tenant, first=first, last=last)]
    await store.read(read)
    return [row for part in parts for row in part.rows]


async def put(store: Store, periods: Iterable[int]) -> None:
    await store.run(samples.put([(ACME, bare(period)) for period in periods]))


async def test_a_sample_comes_back_as_it_was_put(store: Store) -> None:
    await store.run(samples.put([(ACME, FULL), (BETA, bare(FIRST))]))

    assert await kept(store, FIRST, FIRST) == [FULL]
    assert await kept(store, FIRST, FIRST, BETA) == [bare(FIRST)]


async def test_the_ring_never_grows_and_keeps_the_last_week(store: Store) -> None:
    last = FIRST + 2 * RING + 500

    await put(store, range(FIRST, last + 1))

    found = await kept(store, 0, last)
    assert len(found) == RING
    assert {one.period for one in found} == set(range(last - RING + 1, last + 1))


@pytest.mark.parametrize("length", [1, 2, 288, RING - 1, RING, RING + 5])
@pytest.mark.parametrize("end", [0, 1, 700, RING - 1])
async def test_a_span_holds_exactly_its_periods_wherever_the_ring_begins(
    store: Store, length: int, end: int
) -> None:
    last = (FIRST // RING) * RING + end
    await put(store, range(last - RING - 3, last + 1))

    found = await kept(store, last - length + 1, last)

    assert {one.period for one in found} == set(
        range(max(last - length, last - RING) + 1, last + 1)
    )


async def test_what_another_week_left_in_a_slot_is_not_shown(store: Store) -> None:
    await put(store, [FIRST, FIRST + 1])

    assert await kept(store, FIRST + RING, FIRST + RING + 5) == []


async def test_the_same_five_minutes_again_replace_themselves(store: Store) -> None:
    await put(store, [FIRST])
    await store.run(samples.put([(ACME, FULL)]))

    assert await kept(store, FIRST, FIRST) == [FULL]


async def test_a_sample_of_nobody_is_refused(store: Store) -> None:
    with pytest.raises((NotStorable, StoreError)):
        await store.run(samples.put([(TenantId("nobody"), bare(FIRST))]))
