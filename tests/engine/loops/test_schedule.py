"""When a side answers again, whatever was put off for its sake is due at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, cast

import anyio
import pytest

from syncd.domain.errors import StoreFull, SyncdError
from syncd.domain.facts import ConnectionChanged, Fact, RemoteMoved, TokenRefreshed
from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind
from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.engine.core.wall_clock import CarriedClock
from syncd.engine.loops.loop import Loop
from syncd.engine.loops.schedule import Schedule
from syncd.engine.operator.tenant_troubles import Allowance
from syncd.engine.samples.fold import SampleFold
from syncd.lab.virtual.virtual_scheduler import VirtualScheduler
from syncd.ports.driver import Answers, BoundStatement
from syncd.store import jobs
from syncd.store.unit_of_work import Store
from tests.engine.support.rounds import Rounds, play
from tests.xero.support import worlds

PLENTY = BudgetLeft(minute=60, day=None, in_flight=0, parked_until_s=None)


@dataclass
class Disk:
    """The store's driver, which is now and then asked in vain."""

    driver: Any
    is_full: bool = False
    asked: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.driver, name)

    async def write(self, statements: Sequence[BoundStatement]) -> Answers:
        self.asked.append(statements[0].name)
        if self.is_full:
            raise StoreFull("no space")
        answers: Answers = await self.driver.write(statements)
        return answers


class Open:
    """Connections of a tenant that is connected and behind with nothing."""

    def is_open(self, _: object) -> bool:
        return True

    def needs_catch_up(self, _: object) -> bool:
        return False

    def closed_by(self, _: object) -> None:
        return None


def loops(
    rounds: Rounds, *, allowance: Allowance = lambda _: PLENTY
) -> tuple[Schedule, dict[str, Loop]]:
    table = Schedule(
        rounds.context,
        clock=CarriedClock(rounds.context.clock),
        connections=cast("Any", Open()),
        tokens=cast("Any", None),
        allowance=allowance,
        samples=SampleFold(rounds.context.policies, clock=rounds.context.clock),
    )
    return table, {loop.name.partition(":")[0]: loop for loop in table.loops}


async def put_off(rounds: Rounds) -> str:
    """An invoice whose write waits out a long rest of its own."""
    invoice = rounds.invoice(rounds.customer())
    await rounds._poll()
    rounds.xero.world.faults.set([{"do": "unavailable", "times": 4}])
    await rounds.turn()
    now = rounds.context.now()
    (row,) = await rounds.context.store.fetch(
        jobs.get(rounds.tenant, JobKind.PUSH_INVOICE, [invoice])
    )
    assert row.ready_at is None or row.ready_at >= now
    return invoice


async def ran(loop: Loop, seconds: float) -> None:
    """One loop alone, for so long."""
    async with anyio.create_task_group() as group:
        await group.start(loop.run)
        await worlds.passes(seconds)
        loop.stop()


def test_xero_that_answers_again_makes_put_off_work_due_at_once() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await put_off(rounds)
        rounds.xero.world.faults.set([])
        table, by_name = loops(rounds)

        table.observe(RemoteMoved(tenant=rounds.tenant, system="xero", is_failing=False))
        await ran(by_name["worker"], 0.5)
        await rounds._tell()

        assert rounds.result(invoice)["state"] == "synced"

    play(story, backoff_base_s=300.0)


def test_pipeline_that_answers_again_is_told_at_once_what_it_missed() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        rounds.pipeline.faults.set(
            [{"do": "unavailable", "match": {"path": "sync-results"}, "times": 9}]
        )
        await rounds.turn()
        rounds.pipeline.faults.set([])
        table, by_name = loops(rounds)

        table.observe(RemoteMoved(tenant=rounds.tenant, system="pipeline", is_failing=False))
        await ran(by_name["write_back"], 0.5)

        assert rounds.result(invoice)["state"] == "synced"

    play(story, backoff_base_s=300.0)


@pytest.mark.parametrize(("system", "task"), [("xero", "worker"), ("pipeline", "write_back")])
def test_that_a_side_answers_again_is_kept_where_the_store_takes_nothing(
    system: str, task: str
) -> None:
    """Else what was put off waits out its rests, though the outage is over."""

    async def story(rounds: Rounds) -> None:
        await put_off(rounds)
        disk = Disk(rounds.context.store._driver)
        rounds.context = replace(rounds.context, store=Store(cast("Any", disk)))
        table, by_name = loops(rounds)
        table.observe(RemoteMoved(tenant=rounds.tenant, system=system, is_failing=False))
        disk.is_full = True
        with pytest.raises(StoreFull):
            await by_name[task]._once()
        disk.is_full = False
        with suppress(SyncdError):
            await by_name[task]._once()

        assert disk.asked[:2] == [disk.asked[0]] * 2

    play(story)


def test_a_side_that_begins_to_fail_wakes_nobody() -> None:
    async def story(rounds: Rounds) -> None:
        table, by_name = loops(rounds)
        table.observe(RemoteMoved(tenant=rounds.tenant, system="xero", is_failing=True))

        assert not any(loop._woken_at_once.is_set() for loop in by_name.values())

    play(story)


def refreshed(tenant: TenantId, outcome: str) -> Fact:
    return TokenRefreshed(tenant=tenant, outcome=outcome)


def refused(tenant: TenantId) -> Fact:
    return ConnectionChanged(
        tenant=tenant, state="Not Connected", organisation="", cause="role_refused"
    )


@pytest.mark.parametrize(
    ("news", "is_woken"),
    [
        (partial(refreshed, outcome="doubtful"), True),
        (partial(refreshed, outcome="unsent"), True),
        (partial(refreshed, outcome="refreshed"), False),
        (refused, True),
    ],
)
def test_keeper_goes_on_from_what_others_left_in_doubt(
    news: Callable[[TenantId], Fact], is_woken: bool
) -> None:
    """A refresh by hand or after a 401, a role refused to a write: none waits for its next hour."""

    async def story(rounds: Rounds) -> None:
        table, by_name = loops(rounds)

        table.observe(news(rounds.tenant))

        assert by_name["tokens"]._woken.is_set() is is_woken

    play(story)


def test_every_loop_is_a_job_of_its_name_with_its_next_run() -> None:
    async def story(rounds: Rounds) -> None:
        table, by_task = loops(rounds)
        scheduler = VirtualScheduler()
        before = table.planned()
        table.register(scheduler)
        scheduler.start()
        async with anyio.create_task_group() as group:
            await group.start(by_task["retention"].run)
            await worlds.passes(1)
            planned = {(one.task, one.tenant): one.next_run_at for one in table.planned()}
            now = rounds.context.now()
            by_task["retention"].stop()
        scheduler.stop()

        assert before == ()
        assert {f"{task}:{tenant}" if tenant else task for task, tenant in planned} == {
            loop.name for loop in table.loops
        }
        # Those that were never started are about to go; the one that ended its round rests.
        assert planned["tokens", rounds.tenant] <= now
        rest = planned["retention", None] - now
        assert timedelta(seconds=3590) < rest <= timedelta(seconds=3600)

    play(story)


def test_order_of_a_person_goes_on_where_it_waits_for_an_outage() -> None:
    """A rest that was asked for keeps every wake until it is over, but not this one."""

    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer())
        await rounds._poll()
        fails = replace(PLENTY, failing_since_s=0.0)
        table, by_name = loops(rounds, allowance=lambda _: fails)
        worker, calm = by_name["worker"], by_name["waits"]

        table.asked(rounds.tenant)

        assert worker._woken_at_once.is_set()
        assert not calm._woken.is_set()

    play(story)


def test_order_of_a_person_wakes_nobody_whom_the_other_side_asked_to_wait() -> None:
    async def story(rounds: Rounds) -> None:
        table, by_name = loops(rounds)

        table.asked(rounds.tenant)

        assert by_name["worker"]._woken.is_set()
        assert not any(loop._woken_at_once.is_set() for loop in by_name.values())

    play(story)


def test_planned_runs_say_who_backs_off() -> None:
    async def story(rounds: Rounds) -> None:
        table, by_name = loops(rounds)
        scheduler = VirtualScheduler()
        table.register(scheduler)
        scheduler.start()
        table._context.failing[by_name["intake"].name] = 3

        found = {run.task: (run.is_working, run.failures) for run in table.planned()}
        scheduler.stop()

        assert found["intake"][1] == 3
        assert found["worker"][1] == 0

    play(story)


def test_tenant_that_is_added_has_loops_and_jobs_of_its_own_until_it_is_removed() -> None:
    async def story(rounds: Rounds) -> None:
        table, _ = loops(rounds)
        scheduler = VirtualScheduler()
        table.register(scheduler)
        scheduler.start()
        before = {loop.name for loop in table.loops}
        beta = TenantId("beta")

        added = table.take_in(beta)
        jobs_of_both = set(scheduler.next_runs())
        removed = table.let_go(beta)
        table.wake_tenant(beta)

        names = {loop.name for loop in added}
        assert names == {
            name.replace(rounds.tenant, beta) for name in before if name.endswith(rounds.tenant)
        }
        assert names <= jobs_of_both
        assert removed == added
        assert all(loop._is_stopping for loop in removed)
        assert {loop.name for loop in table.loops} == before
        assert not names & set(scheduler.next_runs())
        scheduler.stop()

    play(story)
