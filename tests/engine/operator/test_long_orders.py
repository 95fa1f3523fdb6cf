"""The chain is checked to its end, and webhooks are worked through once more, as far as they go."""

from __future__ import annotations

import anyio
import pytest

from syncd.domain.ids import TenantId
from syncd.domain.model.inbox import InboxState, NoticeOutcome, ResourceChange
from syncd.domain.model.long_work import WorkState
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.long_work.runner import OtherUnderWay, Work
from syncd.engine.operator import long_orders
from syncd.ports.driver import BoundStatement
from syncd.store import inbox, journal
from tests.engine.long_work.test_runner import ended, running
from tests.engine.support.operating import ORGANISATION, Desk, desk
from tests.store.build import ACME, AT, BETA, later
from tests.store.test_journal import entry


async def keep(at: Desk, *resources: str, tenant: TenantId = ACME) -> None:
    """Events that came at the beginning and were worked through."""
    rows = [
        inbox.of_xero(
            ResourceChange(
                category="INVOICE", event="UPDATE", organisation_id=ORGANISATION,
                resource_id=resource, happened_at=AT,
            ),
            tenant, NoticeOutcome.NOT_OURS, AT,
        )
        for resource in resources
    ]  # fmt: skip
    await at.store.run(inbox.add(rows))


@pytest.mark.parametrize("count", [0, 1, 7])
async def test_a_chain_that_fits_is_checked_to_its_head(count: int) -> None:
    async with running() as (at, works):
        await at.store.run(journal.append([entry(f"e{number}") for number in range(count)]))
        work = await at.operations.long_orders.check_chain(ACME, "Ada")
        whole = await ended(works, work)

        head = await at.operations.audit.head()
        assert whole.row.result == f"{count}:{head.digest.hex()}"
        many = "Its one entry is" if count == 1 else f"All {count} entries are"
        assert whole.row.text == f"{many} what was written."
        assert not long_orders.is_fault(whole.row.result)


async def test_a_chain_that_does_not_fit_names_the_entry() -> None:
    async with running() as (at, works):
        await at.store.run(journal.append([entry(f"e{number}") for number in range(5)]))
        changed = "UPDATE journal_words SET who = 'Eve' WHERE seq = 4"
        await at.store._driver.write((BoundStatement(name="meddle", sql=changed),))
        work = await at.operations.long_orders.check_chain(ACME, "Ada")
        whole = await ended(works, work)

        assert whole.row.state is WorkState.DONE
        assert long_orders.is_fault(whole.row.result or "")
        assert whole.row.text.startswith("Entry 4: ")


async def test_a_replay_is_of_one_tenant_and_ends_when_nothing_is_left() -> None:
    async with running() as (at, works):
        await keep(at, "x1", "x2")
        await keep(at, "x3", tenant=BETA)
        work = await at.operations.long_orders.replay(ACME, AT, "Ada")
        await _half_way(at, work)
        half = await works.get(ACME, work.row.id)
        assert half is not None
        assert half.progress is not None
        assert (half.progress.done, half.progress.total) == (1, 2)
        await _digest(at, 9)
        whole = await ended(works, work)

        assert (whole.row.result, whole.row.text) == ("2", "2 events are worked through once more.")
        assert await at.store.fetch(inbox.waiting(BETA, later(60), limit=9)) == ()
        assert at.woken == [ACME]


async def test_a_replay_joins_one_under_way_only_where_that_covers_it() -> None:
    async with desk() as at:
        orders = at.operations.long_orders
        work = await orders.replay(ACME, later(60), "Ada")
        again = await orders.replay(ACME, later(90), "Grace")
        with pytest.raises(OtherUnderWay, match="since a later time"):
            await orders.replay(ACME, AT, "Grace")

        assert again.row.id == work.row.id


async def test_what_cannot_be_worked_through_now_is_said_to_wait() -> None:
    async with running() as (at, works):
        await keep(at, "x1")
        at.column.state = ConnectionState.NOT_CONNECTED
        work = await at.operations.long_orders.replay(ACME, AT, "Ada")
        whole = await ended(works, work)

        assert whole.row.state is WorkState.DONE
        assert "1 of them wait, and go on by themselves" in whole.row.text
        assert "Connect to Xero" in whole.row.text


async def _half_way(at: Desk, work: Work) -> None:
    """One of the events is worked through, and the order has seen it."""
    orders = at.operations.orders.works
    while not await at.store.fetch(inbox.waiting(ACME, later(60), limit=9)):
        await anyio.lowlevel.checkpoint()
    await _digest(at, 1)
    while (found := await orders.get(ACME, work.row.id)) is not None:
        if found.progress is not None and found.progress.done:
            return
        await anyio.lowlevel.checkpoint()


async def _digest(at: Desk, most: int) -> None:
    found = await at.store.fetch(inbox.waiting(ACME, later(60), limit=most))
    ends = [(one, InboxState.IGNORED, NoticeOutcome.NOT_OURS) for one in found]
    await at.store.run(inbox.settle(ends, later(60)))
