"""Slow work outlives its request, runs once at a time, waits for calls, and never half ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import pytest

from syncd.domain.errors import NotFound, Throttled
from syncd.domain.facts import CallMade, ServiceFailed
from syncd.domain.model.long_work import WorkKind, WorkState
from syncd.engine.long_work.runner import (
    AGAIN_S,
    CannotBeDone,
    LongWork,
    OtherUnderWay,
    Work,
    WorkEnd,
    WorkProgress,
)
from tests.engine.support.mortal import Mortal
from tests.engine.support.operating import Desk, desk
from tests.store.build import ACME, BETA
from tests.xero.support.worlds import passes, virtually

Carrying = Callable[[WorkProgress], Awaitable[WorkEnd]]
DONE = WorkEnd(result="abc", text="All of it.")


@asynccontextmanager
async def running() -> AsyncIterator[tuple[Desk, LongWork]]:
    async with desk() as at, anyio.create_task_group() as group:
        works = at.operations.orders.works
        await group.start(lambda *, task_status: works.run(task_status=task_status))
        yield at, works
        works.stop()


async def ended(works: LongWork, work: Work) -> Work:
    with anyio.fail_after(5):
        while True:
            found = await works.get(ACME, work.row.id)
            assert found is not None
            if found.row.state is not WorkState.RUNNING:
                return found
            await anyio.lowlevel.checkpoint()


async def test_an_order_is_carried_out_beside_whoever_ordered_it() -> None:
    go = anyio.Event()

    async def carry_out(progress: WorkProgress) -> WorkEnd:
        progress.text, progress.done, progress.total = "half", 1, 2
        await go.wait()
        return DONE

    async with running() as (_, works):
        work = await works.begin(ACME, WorkKind.PLAN, "Ada", carry_out, asked="all")
        again = await works.begin(ACME, WorkKind.PLAN, "Grace", carry_out, asked="all")
        with pytest.raises(OtherUnderWay, match="Another kind of plan is being made"):
            await works.begin(ACME, WorkKind.PLAN, "Grace", carry_out, asked="remapped")
        await anyio.wait_all_tasks_blocked()
        half = await works.get(ACME, work.row.id)
        go.set()
        whole = await ended(works, work)

    assert again.row.id == work.row.id
    assert half is not None
    assert half.progress is not None
    assert (half.progress.text, half.progress.done, half.progress.total) == ("half", 1, 2)
    assert (whole.row.state, whole.row.result, whole.row.text) == (
        WorkState.DONE, "abc", "All of it.",
    )  # fmt: skip
    assert whole.progress is None
    assert whole.row.asked_by == "Ada"


async def test_what_cannot_be_done_fails_with_its_reason_and_a_bug_is_told() -> None:
    errors: list[Exception] = [
        CannotBeDone("Press Connect to Xero."), NotFound("x", system="xero"), KeyError("secret"),
    ]  # fmt: skip
    texts = []

    async with running() as (at, works):
        for error in errors:

            async def carry_out(_: WorkProgress, error: Exception = error) -> WorkEnd:
                raise error

            work = await works.begin(ACME, WorkKind.REPORT, "Ada", carry_out)
            found = await ended(works, work)
            assert found.row.state is WorkState.FAILED
            texts.append(found.row.text)

    assert texts[0] == "Press Connect to Xero."
    assert "Xero" in texts[1]
    assert "secret" not in texts[2]
    assert [one for one in at.told if isinstance(one, ServiceFailed)]


async def test_a_spent_minute_is_waited_for() -> None:
    tried = []

    async def carry_out(_: WorkProgress) -> WorkEnd:
        tried.append(1)
        if len(tried) == 1:
            raise Throttled("spent", retry_after_s=0.01, limit="minute", system="xero")
        return DONE

    async with running() as (_, works):
        work = await works.begin(ACME, WorkKind.PLAN, "Ada", carry_out)
        found = await ended(works, work)

    assert (found.row.state, len(tried)) == (WorkState.DONE, 2)


async def test_calls_are_counted_for_the_tenant_that_makes_them() -> None:
    go = anyio.Event()

    async def carry_out(_: WorkProgress) -> WorkEnd:
        await go.wait()
        return DONE

    async with running() as (_, works):
        work = await works.begin(ACME, WorkKind.PLAN, "Ada", carry_out)
        for tenant in (ACME, ACME, BETA):
            works.observe(
                CallMade(tenant=tenant, operation="x", status=200, took_s=0.1, bytes_read=1)
            )
        found = await works.get(ACME, work.row.id)
        go.set()
        await ended(works, work)

    assert found is not None
    assert found.progress is not None
    assert found.progress.calls == 2


def test_an_end_the_store_does_not_take_is_written_down_when_it_does() -> None:
    """Else it would look as if under way until the next start."""

    async def world() -> None:
        async def carry_out(_: WorkProgress) -> WorkEnd:
            mortal.at = mortal.commits + 1
            return DONE

        async with running() as (at, works):
            store = at.operations.orders._context.store
            mortal = Mortal(store._driver)
            store._driver = mortal
            work = await works.begin(ACME, WorkKind.PLAN, "Ada", carry_out)
            await passes(AGAIN_S + 1)
            found = await works.get(ACME, work.row.id)

        assert found is not None
        assert (found.row.state, found.row.text) == (WorkState.DONE, "All of it.")

    virtually(world)


async def test_a_stop_cuts_short_and_the_next_start_says_so() -> None:
    async with running() as (at, works):
        work = await works.begin(ACME, WorkKind.PLAN, "Ada", lambda _: anyio.sleep_forever())
        await anyio.wait_all_tasks_blocked()
        works.stop()
        again = LongWork(at.operations.orders._context)
        await again.start_up()
        found = await again.get(ACME, work.row.id)

    assert found is not None
    assert (found.row.state, found.progress) == (WorkState.INTERRUPTED, None)


async def test_works_of_a_tenant_that_is_removed_are_cut_short_and_others_go_on() -> None:
    go = anyio.Event()

    async def carry_out(_: WorkProgress) -> WorkEnd:
        await go.wait()
        return DONE

    async with running() as (_, works):
        work = await works.begin(ACME, WorkKind.PLAN, "Ada", carry_out)
        other = await works.begin(BETA, WorkKind.PLAN, "Ada", carry_out)
        await anyio.wait_all_tasks_blocked()
        works.let_go(ACME)
        cut = await ended(works, work)
        still = await works.get(BETA, other.row.id)
        go.set()

    assert (cut.row.state, cut.row.text) == (
        WorkState.INTERRUPTED, "The tenant was removed meanwhile.",
    )  # fmt: skip
    assert still is not None
    assert still.row.state is WorkState.RUNNING
