"""Rounds: woken, due, deferred, failed, stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import anyio
import pytest
from anyio import wait_all_tasks_blocked

from syncd.domain.errors import StoreReplaced, Throttled
from syncd.domain.facts import Fact, RoundDeferred, ServiceFailed
from syncd.domain.ids import TenantId
from syncd.engine.loops.loop import Loop
from syncd.lab.virtual.virtual_scheduler import VirtualScheduler


async def _run(loop: Loop, until: anyio.Event) -> None:
    async with anyio.create_task_group() as group:
        await group.start(loop.run)
        with anyio.fail_after(5):
            await until.wait()
        loop.stop()


async def _fails() -> None:
    raise IndexError("an empty answer")


async def _is_given_up() -> None:
    """A library gives up what it was asked for: that is nobody's word to end the daemon."""
    given_up = asyncio.get_running_loop().create_future()
    given_up.cancel()
    await given_up


@pytest.mark.parametrize("meets", [_fails, _is_given_up])
async def test_what_nobody_foresaw_is_told_and_the_loop_goes_on(
    meets: Callable[[], Awaitable[None]],
) -> None:
    told: list[Fact] = []
    again = anyio.Event()
    rounds = 0

    async def once() -> float | None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            await meets()
        again.set()
        return None

    await _run(Loop("x", once, observe=told.append, base_backoff_s=0.01), again)

    assert isinstance(told[0], ServiceFailed)
    assert rounds >= 2


async def test_a_loop_that_is_cancelled_ends_and_tells_of_nothing() -> None:
    told: list[Fact] = []

    async with anyio.create_task_group() as group:
        await group.start(Loop("x", anyio.sleep_forever, observe=told.append).run)
        await wait_all_tasks_blocked()
        group.cancel_scope.cancel()

    assert told == []


async def test_how_often_rounds_fail_in_a_row_is_kept_until_one_goes_well() -> None:
    failing: dict[str, int] = {}
    counted: list[int] = []
    again = anyio.Event()

    async def once() -> float | None:
        counted.append(failing.get("x:a", 0))
        if len(counted) < 3:
            raise IndexError("an empty answer")
        if len(counted) == 4:
            again.set()
        return 0.0

    loop = Loop("x:a", once, observe=lambda _: None, base_backoff_s=0.001, failing=failing)
    await _run(loop, again)

    assert counted[:4] == [0, 1, 2, 0]
    assert failing == {}


async def test_a_throttled_round_waits_as_long_as_it_is_asked() -> None:
    told: list[Fact] = []
    again = anyio.Event()
    rounds = 0

    async def once() -> float | None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise Throttled("minute", retry_after_s=0.05, limit="minute")
        again.set()
        return None

    await _run(Loop("x", once, observe=told.append, tenant=TenantId("a")), again)

    (fact,) = told
    assert isinstance(fact, RoundDeferred)
    assert fact.retry_after_s == 0.05


async def test_a_wake_during_a_round_is_not_lost() -> None:
    done = anyio.Event()
    rounds = 0

    async def once() -> float | None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            loop.wake()
        else:
            done.set()
        return None

    loop = Loop("x", once, observe=lambda _: None)

    await _run(loop, done)

    assert rounds == 2


async def test_a_burst_of_wakes_is_one_round_after_the_gap() -> None:
    done = anyio.Event()
    began_s: list[float] = []

    async def once() -> float | None:
        began_s.append(anyio.current_time())
        if len(began_s) == 2:
            done.set()
        for _ in range(20):
            loop.wake()
        return None

    loop = Loop("x", once, observe=lambda _: None, gap_s=0.2)

    await _run(loop, done)

    assert began_s[1] - began_s[0] >= 0.19


async def test_who_asked_us_to_wait_is_not_asked_again_by_a_wake() -> None:
    done = anyio.Event()
    began_s: list[float] = []

    async def once() -> float | None:
        began_s.append(anyio.current_time())
        if len(began_s) == 1:
            loop.wake()
            raise Throttled("minute", retry_after_s=0.2, limit="minute")
        done.set()
        return None

    loop = Loop("x", once, observe=lambda _: None, tenant=TenantId("a"))

    await _run(loop, done)

    assert began_s[1] - began_s[0] >= 0.19


async def test_store_that_is_gone_ends_the_loop_and_so_the_daemon() -> None:
    async def once() -> float | None:
        raise StoreReplaced("the store was deleted")

    with pytest.raises(StoreReplaced):
        await Loop("x", once, observe=lambda _: None).run()


async def test_a_loop_that_was_asked_to_rest_goes_on_at_once_when_that_is_over() -> None:
    again = anyio.Event()
    rounds = 0

    async def once() -> float | None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise Throttled("breaker", retry_after_s=60, limit="breaker")
        again.set()
        return None

    loop = Loop("x", once, observe=lambda _: None, tenant=TenantId("a"))
    async with anyio.create_task_group() as group:
        await group.start(loop.run)
        await wait_all_tasks_blocked()
        loop.wake()
        await wait_all_tasks_blocked()
        assert rounds == 1
        loop.wake_at_once()
        with anyio.fail_after(5):
            await again.wait()
        loop.stop()


async def test_a_deferred_round_is_told_by_the_name_of_its_task_alone() -> None:
    told: list[Fact] = []
    again = anyio.Event()

    async def once() -> float | None:
        again.set()
        raise Throttled("minute", retry_after_s=60, limit="minute")

    await _run(Loop("worker:a", once, observe=told.append, tenant=TenantId("a")), again)

    assert [one.task for one in told if isinstance(one, RoundDeferred)] == ["worker"]


async def test_a_scheduled_loop_is_woken_by_the_job_of_its_name_when_its_round_said() -> None:
    done = anyio.Event()
    began_s: list[float] = []
    scheduler = VirtualScheduler()

    async def once() -> float | None:
        began_s.append(anyio.current_time())
        if len(began_s) == 2:
            done.set()
        return 0.1

    loop = Loop("worker:acme", once, observe=lambda _: None)
    loop.schedule(scheduler)
    scheduler.start()

    await _run(loop, done)

    assert 0.09 <= began_s[1] - began_s[0] < 1.0
    assert scheduler.next_runs()["worker:acme"] <= 0.1
    scheduler.stop()


async def test_a_job_that_never_comes_holds_a_loop_up_for_a_moment_only() -> None:
    done = anyio.Event()
    rounds = 0
    scheduler = VirtualScheduler()

    async def once() -> float | None:
        nonlocal rounds
        rounds += 1
        if rounds == 2:
            done.set()
        return 0.05

    loop = Loop("worker:acme", once, observe=lambda _: None)
    loop.schedule(scheduler)

    await _run(loop, done)

    assert rounds == 2


async def test_a_loop_looks_up_at_least_as_often_as_it_is_told() -> None:
    done = anyio.Event()
    rounds = 0

    async def once() -> float | None:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            done.set()
        return None if rounds == 1 else 3600.0

    await _run(Loop("x", once, observe=lambda _: None, every_s=0.05), done)

    assert rounds == 3


async def test_who_asked_us_to_wait_longer_than_a_look_is_waited_for() -> None:
    done = anyio.Event()
    began_s: list[float] = []

    async def once() -> float | None:
        began_s.append(anyio.current_time())
        if len(began_s) == 1:
            raise Throttled("minute", retry_after_s=0.3, limit="minute")
        done.set()
        return None

    loop = Loop("x", once, observe=lambda _: None, tenant=TenantId("a"), every_s=0.05)

    await _run(loop, done)

    assert began_s[1] - began_s[0] >= 0.29


async def test_a_loop_says_whether_it_rests() -> None:
    seen: list[bool] = []

    async def once() -> float | None:
        seen.append(loop.is_waiting)
        return None

    loop = Loop("x", once, observe=lambda _: None)
    async with anyio.create_task_group() as group:
        await group.start(loop.run)
        await wait_all_tasks_blocked()
        seen.append(loop.is_waiting)
        loop.stop()

    assert seen == [False, True]
