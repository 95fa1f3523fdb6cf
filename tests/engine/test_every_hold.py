"""Whatever holds an invoice, each reader that can see its reason go ends the wait, alone.

A table of every reason and every reader. A new reason without a row fails; so does a row that says
that somebody cannot see what he does see.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import pytest

from syncd.domain.model.job import JobKind, JobState, Reason
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.engine.connection.gate import catch_up_wanted
from syncd.engine.core import organisation_settings
from syncd.engine.sweeps import catch_up, sweeper
from syncd.store import jobs
from tests.engine.operator.test_fresh_reads import desk_of
from tests.engine.support.coming_back import Coming, play
from tests.engine.support.held import BY_TIME, GATES, WAITS, Reader
from tests.engine.support.sweeping import swept
from tests.xero.support import worlds
from tests.xero.support.worlds import TENANT

OLD_S = 301.0
"""Settings older than this are read once more before a no counts."""
MOST_TURNS = 50


async def _worked(coming: Coming) -> None:
    """What follows, with nothing read of either side's news."""
    for _ in range(MOST_TURNS):
        rests = [await coming.rounds._work(), await coming.rounds._probe()]
        if all(rest is None or rest > 0 for rest in rests):
            await coming.rounds._tell()
            return
    raise AssertionError("the work never comes to rest")


async def _turns(coming: Coming, *tasks: Task) -> None:
    for task in tasks:
        for _ in range(MOST_TURNS):
            if await sweeper.step_now(coming.context, TENANT, task, lane=Lane.SWEEP):
                break


async def _nothing_more(_: Coming, __: str) -> None:
    pass


async def _by_webhook(coming: Coming, _: str) -> None:
    for _ in range(40):
        await worlds.passes(0.25)
        await coming.post()
        await coming.digest()


async def _by_sweep(coming: Coming, _: str) -> None:
    await _turns(coming, Task.INVOICES, Task.CONTACTS)


async def _by_full_sweep(coming: Coming, _: str) -> None:
    await _turns(coming, Task.FULL)


async def _by_feed(coming: Coming, invoice: str) -> None:
    books = coming.rounds.pipeline.tenants[TENANT].books
    if invoice in books.ids("invoice"):
        coming.rounds.user(do="edit_line", id=invoice, line=0, set={"discountPercent": 0})
    await coming.rounds._poll()


async def _by_customer_feed(coming: Coming, _: str) -> None:
    (customer, *_) = coming.rounds.pipeline.tenants[TENANT].books.ids("customer")
    coming.rounds.user(do="edit_customer", id=customer, set={"phone": "555-1000"})
    await coming.rounds._poll()


async def _by_settings(coming: Coming, _: str) -> None:
    await organisation_settings.read(coming.context, TENANT)


async def _by_retry(coming: Coming, invoice: str) -> None:
    await desk_of(coming.rounds).retry(TENANT, invoice, "Ada")


async def _by_reason(coming: Coming, invoice: str) -> None:
    (row,) = await coming.context.store.fetch(jobs.get(TENANT, JobKind.PUSH_INVOICE, [invoice]))
    if row.reason is None:
        await _by_retry(coming, invoice)  # out of sync has no reason to ask by
    else:
        await desk_of(coming.rounds).retry_by_reason(TENANT, row.reason, "Ada")


async def _by_reconcile(coming: Coming, _: str) -> None:
    await desk_of(coming.rounds).reconciliation.order(TENANT, "Ada", is_full=False)
    await swept(coming.rounds)


async def _by_catch_up(coming: Coming, _: str) -> None:
    await coming.context.store.run(catch_up_wanted(TENANT, coming.context.now()))
    while await catch_up.catch_up_once(coming.context, TENANT) is not None:
        await coming.rounds._tell()


async def _by_clock(coming: Coming, _: str) -> None:
    """The customer's own recheck, then the invoice's."""
    for _ in range(3):
        await worlds.passes(coming.context.limits.recheck_s)
        await _worked(coming)


READ: Mapping[Reader, Callable[[Coming, str], Awaitable[None]]] = {
    Reader.ACT: _nothing_more,
    Reader.WEBHOOK: _by_webhook,
    Reader.SWEEP: _by_sweep,
    Reader.FULL_SWEEP: _by_full_sweep,
    Reader.FEED: _by_feed,
    Reader.CUSTOMER_FEED: _by_customer_feed,
    Reader.SETTINGS: _by_settings,
    Reader.RETRY: _by_retry,
    Reader.RETRY_REASON: _by_reason,
    Reader.RECONCILE: _by_reconcile,
    Reader.CATCH_UP: _by_catch_up,
    Reader.CLOCK: _by_clock,
}


async def _standing(coming: Coming, invoice: str) -> tuple[JobState, Reason | None]:
    (row,) = await coming.context.store.fetch(jobs.get(TENANT, JobKind.PUSH_INVOICE, [invoice]))
    return row.state, row.reason


async def _lived(coming: Coming, reason: Reason | None, reader: Reader) -> JobState:
    """How the job stands once only this reader could see that its reason has gone."""
    wait = WAITS[reason]
    invoice = await wait.into(coming)
    assert await _standing(coming, invoice) == (JobState.HELD, reason)
    await _turns(coming, Task.INVOICES, Task.CONTACTS, Task.FULL)
    await _worked(coming)
    await worlds.passes(OLD_S)
    await coming.post()
    await coming.digest()
    assert await _standing(coming, invoice) == (JobState.HELD, reason)
    if reader is not Reader.WEBHOOK:
        coming.rounds.xero.world.webhooks.aim("")
    await wait.gone(coming, invoice)
    await READ[reader](coming, invoice)
    await _worked(coming)
    state, _ = await _standing(coming, invoice)
    return state


EVERY = [(reason, reader) for reason in WAITS for reader in Reader]


@pytest.mark.parametrize(("reason", "reader"), EVERY, ids=lambda one: str(one or "out of sync"))
def test_a_hold_ends_by_each_reader_that_can_see_its_reason_go(
    reason: Reason | None, reader: Reader
) -> None:
    async def story(coming: Coming) -> None:
        state = await _lived(coming, reason, reader)
        blind = WAITS[reason].blind.get(reader)

        assert (state is JobState.HELD) == (blind is not None), (state, blind)

    play(story)


def test_every_reason_has_a_row() -> None:
    assert {*WAITS, *GATES, *BY_TIME} == {None, *Reason}
    assert not {*WAITS} & {*GATES, *BY_TIME}
    assert {*READ} == {*Reader}
