"""Nothing is answered before it is on disk, and one wait for the disk carries many."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.domain.errors import StoreError, StoreFull
from syncd.domain.facts import Fact, WebhookGapFound, WebhooksReceived
from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.inbox import PipelineNote, ResourceChange
from syncd.engine.connection.gate import Connections
from syncd.engine.webhooks.inbox import Inbox, tenants_of
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.ports.driver import BoundStatement, Dialect, Driver, Row
from syncd.store import inbox as rows
from syncd.store import migrate, tenants
from syncd.store.unit_of_work import Store
from tests.support.stores import driver_at

ACME = TenantId("acme")
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
OURS = XeroOrganisationId("org-1")


@dataclass
class Still:
    def now(self) -> datetime:
        return AT


@dataclass
class Slow:
    """A disk that ends a write when it is let, and may be full."""

    driver: Driver
    writes: int = 0
    is_full: bool = False
    is_broken: bool = False
    gate: anyio.Event = field(default_factory=anyio.Event)

    async def write(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        self.writes += 1
        await self.gate.wait()
        if self.is_broken:
            raise ZeroDivisionError
        if self.is_full:
            raise StoreFull("no space")
        return await self.driver.write(statements)

    async def read(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        return await self.driver.read(statements)

    @property
    def dialect(self) -> Dialect:
        return self.driver.dialect

    @property
    def has_reserve(self) -> bool:
        return True

    @property
    def log_bytes(self) -> int:
        return 0

    async def close(self) -> None:
        await self.driver.close()


@dataclass
class Door:
    inbox: Inbox
    disk: Slow
    store: Store
    told: list[Fact]
    woken: list[TenantId] = field(default_factory=list)

    def outcomes(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for fact in self.told:
            if isinstance(fact, WebhooksReceived):
                found.update(dict(fact.outcomes))
        return found

    async def kept(self) -> list[str]:
        found = await self.store.fetch(rows.waiting(ACME, AT, limit=1000))
        return [one.resource_id for one in found]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    driver = driver_at(tmp_path / "store.db")
    await Store(driver).run(tenants.ensure([ACME]))
    disk, told = Slow(driver), list[Fact]()
    store = Store(disk)
    inbox = Inbox(
        store=store,
        clock=Still(),
        observe=told.append,
        tenant_of=lambda organisation: ACME if organisation == OURS else None,
    )
    await inbox.start_up()
    found = Door(inbox, disk, store, told)
    inbox.on_events = inbox.on_note = found.woken.append
    yield found
    await driver.close()


def event(number: int, **changes: object) -> ResourceChange:
    made = ResourceChange(
        category="INVOICE",
        event="UPDATE",
        organisation_id=OURS,
        resource_id=f"x{number}",
        happened_at=AT,
        sequence=number,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # named fields of one value


async def test_answer_waits_for_the_disk(door: Door) -> None:
    answered = anyio.Event()

    async def send() -> None:
        await door.inbox.accept([event(1)])
        answered.set()

    async with anyio.create_task_group() as group:
        group.start_soon(send)
        await anyio.wait_all_tasks_blocked()
        assert not answered.is_set()
        door.disk.gate.set()

    assert await door.kept() == ["x1"]


async def test_requests_that_come_during_a_commit_share_the_next(door: Door) -> None:
    async with anyio.create_task_group() as group:
        for number in range(1, 41):
            group.start_soon(door.inbox.accept, [event(number)])
        await anyio.wait_all_tasks_blocked()
        door.disk.gate.set()

    assert len(await door.kept()) == 40
    assert door.disk.writes <= 3
    assert door.outcomes() == {"kept": 40}


async def test_full_disk_is_said_to_everybody_who_waits(door: Door) -> None:
    door.disk.is_full = True
    refused: list[int] = []

    async def send(number: int) -> None:
        try:
            await door.inbox.accept([event(number)])
        except StoreFull:
            refused.append(number)

    async with anyio.create_task_group() as group:
        for number in range(1, 6):
            group.start_soon(send, number)
        await anyio.wait_all_tasks_blocked()
        door.disk.gate.set()

    assert sorted(refused) == [1, 2, 3, 4, 5]
    door.disk.is_full = False
    await door.inbox.accept([event(1)])
    assert await door.kept() == ["x1"]


async def test_nobody_is_told_yes_when_the_commit_ends_as_nobody_foresaw(door: Door) -> None:
    door.disk.is_broken = True
    ends: list[Exception] = []

    async def send(number: int) -> None:
        try:
            await door.inbox.accept([event(number)])
        except (StoreError, ZeroDivisionError) as error:
            ends.append(error)

    async with anyio.create_task_group() as group:
        for number in range(1, 4):
            group.start_soon(send, number)
        await anyio.wait_all_tasks_blocked()
        door.disk.gate.set()

    assert len(ends) == 3
    assert await door.kept() == []


async def test_webhooks_that_come_together_are_one_write_and_keep_their_counts(door: Door) -> None:
    door.disk.gate.set()

    await door.inbox.accept([event(1), event(2)], [], [event(5)], [event(3), event(4)])

    assert await door.kept() == ["x1", "x2", "x5", "x3", "x4"]
    assert door.disk.writes == 1
    assert await door.store.fetch(rows.gaps()) == ()


async def test_leader_who_goes_away_leaves_nobody_waiting(door: Door) -> None:
    async with anyio.create_task_group() as group:
        leaving = anyio.CancelScope()

        async def lead() -> None:
            with leaving:
                await door.inbox.accept([event(1)])

        group.start_soon(lead)
        await anyio.wait_all_tasks_blocked()
        for number in (2, 3):
            group.start_soon(door.inbox.accept, [event(number)])
        await anyio.wait_all_tasks_blocked()
        leaving.cancel()
        door.disk.gate.set()

    assert await door.kept() == ["x1", "x2", "x3"]


async def test_repeats_strangers_and_unknown_categories_are_counted_apart(door: Door) -> None:
    door.disk.gate.set()
    stranger = event(2, organisation_id=XeroOrganisationId("org-9"))

    await door.inbox.accept([event(1), stranger, event(3, category="TIMESHEET")])
    await door.inbox.accept([event(1)])

    assert await door.kept() == ["x1"]
    assert door.outcomes() == {
        "kept": 1,
        "unknown_organisation": 1,
        "unknown_category": 1,
        "repeated": 1,
    }


async def test_only_new_events_wake_the_digest(door: Door) -> None:
    door.disk.gate.set()

    await door.inbox.accept([event(1)])
    await door.inbox.accept([event(1)])
    await door.inbox.accept([event(2, category="TIMESHEET")])

    assert door.woken == [ACME]


async def test_note_wakes_the_feed_each_time(door: Door) -> None:
    door.disk.gate.set()
    note = PipelineNote(id="msg_1", tenant=ACME, type="invoice.updated", sent_at=AT)

    await door.inbox.accept_note(note)
    await door.inbox.accept_note(note)

    assert door.woken == [ACME, ACME]
    assert door.outcomes() == {"kept": 1, "repeated": 1}


async def test_jump_in_the_count_is_told_once_and_closed_by_latecomers(door: Door) -> None:
    door.disk.gate.set()
    for number in (1, 5, 3, 2, 4):
        await door.inbox.accept([event(number)])

    gaps = [fact for fact in door.told if isinstance(fact, WebhookGapFound)]
    assert gaps == [WebhookGapFound(first=2, last=4)]
    assert await door.store.fetch(rows.gaps()) == ()
    assert await door.store.fetch(rows.highest()) == (5,)


async def test_count_is_taken_up_where_it_was_left(door: Door) -> None:
    door.disk.gate.set()
    await door.inbox.accept([event(1)])
    again = Inbox(
        store=door.store, clock=Still(), observe=door.told.append, tenant_of=lambda _: ACME
    )
    await again.start_up()

    await again.accept([event(4)])

    assert door.told[-1] == WebhookGapFound(first=2, last=3)


async def test_intent_to_receive_costs_no_write(door: Door) -> None:
    await door.inbox.accept([])

    assert door.disk.writes == 0


async def test_organisation_is_the_tenants_that_is_connected_to_it() -> None:
    @dataclass
    class Row:
        tenant: TenantId
        organisation_id: str | None

    @dataclass
    class Some:
        rows: tuple[Row, ...]
        opened: TenantId | None

        def everyone(self) -> tuple[Row, ...]:
            return self.rows

        def is_open(self, tenant: TenantId) -> bool:
            return tenant == self.opened

    beta, gone = TenantId("beta"), TenantId("gone")
    rows = (Row(gone, "Org-1"), Row(ACME, "Org-1"), Row(beta, "Org-1"), Row(beta, None))

    def whose(opened: TenantId | None) -> TenantId | None:
        connections = cast("Connections", Some(rows, opened))
        return tenants_of(connections, {ACME: 1, beta: 2})(OURS)

    assert whose(beta) == beta
    assert whose(None) == ACME
    assert tenants_of(cast("Connections", Some((), None)), ())(OURS) is None


@given(st.permutations(range(1, 13)), st.lists(st.integers(0, 2), min_size=12, max_size=12))
@settings(max_examples=30)
async def test_inboxes_of_several_replicas_count_as_one(
    order: list[int], replicas: list[int]
) -> None:
    """Each remembers how far it counted, and none opens a gap that another has closed."""
    driver = InlineDriver(Path(":memory:"))
    await migrate.upgrade(driver, AT)
    store, told = Store(driver), list[Fact]()
    await store.run(tenants.ensure([ACME]))
    inboxes = [
        Inbox(store=store, clock=Still(), observe=told.append, tenant_of=lambda _: ACME)
        for _ in range(3)
    ]
    for inbox in inboxes:
        await inbox.start_up()

    for number, replica in zip(order, replicas, strict=True):
        await inboxes[replica].accept([event(number)])

    assert await store.fetch(rows.highest()) == (12,)
    assert await store.fetch(rows.gaps()) == ()
    assert len(await store.fetch(rows.waiting(ACME, AT, limit=1000))) == 12
    assert all(min(fact.outcomes.values()) > 0 for fact in told if hasattr(fact, "outcomes"))
    await driver.close()
