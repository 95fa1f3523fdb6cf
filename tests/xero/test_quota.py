"""Waiting for one's turn, on a loop whose time jumps: hours of waiting take no time here."""

from __future__ import annotations

import anyio
import pytest

from syncd.domain.errors import Throttled
from syncd.domain.ids import TenantId
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.limits.sliding_window import AllowanceLimits
from syncd.ports.transport import HttpResponse
from syncd.xero.quota import HOLD_S, LONGEST_WAIT_S, Quota, Remaining
from tests.xero.support.worlds import TENANT, virtually

SPENT = Remaining(minute=None, day=None, app=None)


async def call(quota: Quota, lane: Lane = Lane.WRITE, *, may_wait: bool = True) -> float:
    """One call of no length; when it was made."""
    async with quota.slot(TENANT, lane, may_wait=may_wait) as turn:
        turn.spent(SPENT)
        return anyio.current_time()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-minlimit-remaining": "59", "x-daylimit-remaining": "4999"}, (59, 4999, None)),
        ({"x-appminlimit-remaining": "9999"}, (None, None, 9999)),
        ({"x-minlimit-remaining": "many"}, (None, None, None)),
        ({"x-minlimit-remaining": "²", "x-daylimit-remaining": "9" * 5_000}, (None, None, None)),
    ],
)
def test_remaining_is_what_the_headers_say(
    headers: dict[str, str], expected: tuple[int | None, ...]
) -> None:
    remaining = Remaining.of(HttpResponse(status=200, headers=headers))

    assert (remaining.minute, remaining.day, remaining.app) == expected
    assert Remaining.of(None) == SPENT


def test_calls_beyond_the_minute_wait_their_turn() -> None:
    async def main() -> None:
        quota = Quota(longest_wait_s=100)
        times = [await call(quota) for _ in range(70)]
        within = [sum(1 for at in times if start <= at < start + 60) for start in times]
        assert max(within) <= 60
        assert times[-1] - times[0] >= 60

    virtually(main)


def test_nobody_stands_in_the_queue_for_ever() -> None:
    async def main() -> None:
        quota = Quota(AllowanceLimits(minute=20))
        began_s = anyio.current_time()
        for _ in range(17):
            await call(quota)
        with pytest.raises(Throttled) as caught:
            await call(quota)
        assert caught.value.retry_after_s > LONGEST_WAIT_S
        assert caught.value.limit == "minute"
        assert anyio.current_time() == began_s

    virtually(main)


def test_who_may_not_wait_is_told_at_once() -> None:
    async def main() -> None:
        quota = Quota(AllowanceLimits(minute=20), longest_wait_s=100)
        for _ in range(17):
            await call(quota)
        with pytest.raises(Throttled):
            await call(quota, may_wait=False)
        await call(quota, Lane.SWEEP, may_wait=False)

    virtually(main)


def test_end_of_a_call_wakes_who_waits_for_a_slot() -> None:
    async def main() -> None:
        quota = Quota()
        await call(quota)
        most = now = 0

        async def slow() -> None:
            nonlocal most, now
            async with quota.slot(TENANT, Lane.WRITE, may_wait=True) as turn:
                now += 1
                most = max(most, now)
                await anyio.sleep(3)
                now -= 1
                turn.spent(SPENT)

        began_s = anyio.current_time()
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(slow)
        assert most == 5
        assert anyio.current_time() - began_s == 12

    virtually(main)


def test_tenants_do_not_wait_for_each_other() -> None:
    async def main() -> None:
        quota = Quota(AllowanceLimits(minute=20))
        for name in ("acme", "globex"):
            for _ in range(17):
                async with quota.slot(TenantId(name), Lane.WRITE, may_wait=False) as turn:
                    turn.spent(SPENT)

    virtually(main)


def test_day_breach_parks_the_tenant_and_says_until_when() -> None:
    async def main() -> None:
        quota = Quota()
        async with quota.slot(TENANT, Lane.WRITE, may_wait=True) as turn:
            turn.spent(Remaining(minute=59, day=0, app=None))
            turn.throttled("day", 40_000)
        with pytest.raises(Throttled) as caught:
            await call(quota)
        assert (caught.value.limit, caught.value.retry_after_s) == ("day", 40_000)
        standing = quota.budget_left(TENANT)
        assert standing.parked_until_s == anyio.current_time() + 40_000
        assert standing.day == 0

    virtually(main)


def test_reservation_keeps_room_that_others_cannot_take() -> None:
    async def main() -> None:
        quota = Quota(AllowanceLimits(minute=20))
        reserved, spent = anyio.Event(), anyio.Event()

        async def greedy() -> None:
            await reserved.wait()
            for _ in range(14):
                await call(quota, may_wait=False)
            with pytest.raises(Throttled):
                await call(quota, may_wait=False)
            spent.set()

        await call(quota, Lane.SWEEP)
        await _learnt(quota)
        async with anyio.create_task_group() as group:
            group.start_soon(greedy)
            await quota.reserve(TENANT, Lane.WRITE, 2)
            reserved.set()
            await spent.wait()
            await call(quota, may_wait=False)
            await call(quota, may_wait=False)

    virtually(main)


async def _learnt(quota: Quota) -> None:
    """Until a first answer, one ticket goes at a time."""
    async with quota.slot(TENANT, Lane.SWEEP, may_wait=True) as turn:
        turn.spent(Remaining(minute=18, day=None, app=None))


@pytest.mark.parametrize("limit", ["minute", "day", "appminute"])
def test_rest_that_xero_asks_for_binds_who_reserved_before(limit: str) -> None:
    async def main() -> None:
        quota = Quota()
        await _learnt(quota)
        await quota.reserve(TENANT, Lane.WRITE, 2)
        async with quota.slot(TENANT, Lane.SWEEP, may_wait=True) as turn:
            turn.spent(SPENT)
            turn.throttled(limit, 60.0)

        with pytest.raises(Throttled):
            await call(quota, may_wait=False)

        await anyio.sleep(60)
        await call(quota, may_wait=False)

    virtually(main)


def test_reservation_nobody_used_is_given_back() -> None:
    async def main() -> None:
        quota = Quota()
        await quota.reserve(TENANT, Lane.WRITE, 3)
        assert quota.budget_left(TENANT).in_flight == 1

        await anyio.sleep(HOLD_S)
        await call(quota)

        assert quota.budget_left(TENANT).in_flight == 0
        assert quota.budget_left(TENANT).minute == 59

    virtually(main)


def test_new_reservation_of_a_task_gives_its_old_one_back() -> None:
    async def main() -> None:
        quota = Quota()
        await quota.reserve(TENANT, Lane.WRITE, 3)
        await quota.reserve(TENANT, Lane.WRITE, 2)

        assert quota.budget_left(TENANT).in_flight == 1
        assert quota.budget_left(TENANT).minute == 58

    virtually(main)


def test_reservation_is_over_when_its_calls_are_made() -> None:
    async def main() -> None:
        quota = Quota()
        await quota.reserve(TENANT, Lane.WRITE, 2)
        await call(quota, may_wait=False)
        await call(quota, may_wait=False)

        assert quota.budget_left(TENANT).in_flight == 0
        assert quota.budget_left(TENANT).minute == 58

    virtually(main)


def test_cancelled_call_gives_its_slot_back() -> None:
    async def main() -> None:
        quota = Quota()
        await call(quota)
        with anyio.move_on_after(1):
            async with quota.slot(TENANT, Lane.WRITE, may_wait=True) as turn:
                try:
                    await anyio.sleep_forever()
                finally:
                    turn.spent()
        assert quota.budget_left(TENANT).in_flight == 0

    virtually(main)


def test_time_goes_on_for_the_limits_while_the_machine_sleeps() -> None:
    """Else a laptop that was closed overnight waits all day for calls it was given at midnight."""

    async def main() -> None:
        slept_s = 0.0
        quota = Quota(now_s=lambda: anyio.current_time() + slept_s)
        async with quota.slot(TENANT, Lane.WRITE, may_wait=True) as turn:
            turn.spent(SPENT)
            turn.throttled("day", 7 * 3_600)
        parked = quota.budget_left(TENANT).parked_until_s
        slept_s = 6.5 * 3_600
        later = quota.budget_left(TENANT).parked_until_s
        with pytest.raises(Throttled):
            await call(quota)
        slept_s = 15 * 3_600
        await call(quota)

        now_s = anyio.current_time()
        assert (parked, later) == (pytest.approx(now_s + 7 * 3_600), pytest.approx(now_s + 1_800))
        assert quota.budget_left(TENANT).parked_until_s is None

    virtually(main)


def test_a_reservation_nobody_used_up_is_not_shown_as_calls_in_progress() -> None:
    async def main() -> None:
        quota = Quota()
        await call(quota)
        await quota.reserve(TENANT, Lane.WRITE, 2)
        await anyio.sleep(HOLD_S)

        left = quota.budget_left(TENANT)
        assert (left.in_flight, left.minute) == (0, 59)

    virtually(main)
