"""People are told through the store: once, on every way, until it is taken; and past a dead one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import anyio
import pytest

from syncd.domain.errors import NotSent, Refused, StoreFull
from syncd.domain.facts import Fact
from syncd.domain.ids import TenantId
from syncd.domain.model.concern import (
    Concern,
    ConcernKind,
    ConcernsSeen,
    Notification,
    NotificationsCounted,
    NotificationTried,
    Phase,
    Way,
)
from syncd.domain.rules.tenant.notifying import Patience
from syncd.engine.core.context import SyncContext
from syncd.engine.loops.notifications import LOOK_EVERY_S, Notifying
from syncd.runtime.system_entropy import SystemEntropy
from syncd.store import installation
from syncd.store.unit_of_work import Store
from tests.engine.support.operating import desk
from tests.store.build import ACME, AT
from tests.support.stores import Disk

HALTED = Concern(kind=ConcernKind.HALTED, tenant=ACME, text="40 would be voided.")


@dataclass
class Reader:
    """A way to people: what it took, and what it says to the next messages."""

    took: list[Notification] = field(default_factory=list)
    error: Exception | None = None
    waits_for: anyio.Event | None = None
    has_taken: anyio.Event = field(default_factory=anyio.Event)

    async def send(self, notification: Notification) -> None:
        if self.waits_for is not None:
            await self.waits_for.wait()
        if self.error is not None:
            raise self.error
        self.took.append(notification)
        self.has_taken.set()

    @property
    def phases(self) -> list[Phase]:
        return [each.phase for each in self.took]


@dataclass
class Clock:
    at: Any = AT

    def now(self) -> Any:
        return self.at


@dataclass
class Story:
    context: SyncContext
    clock: Clock
    disk: Disk
    told: list[Fact]
    standing: list[Concern] = field(default_factory=list)
    unread: list[TenantId] = field(default_factory=list)
    ways: dict[Way, Reader] = field(
        default_factory=lambda: {Way.HTTP: Reader(), Way.MAIL: Reader()}
    )

    def __post_init__(self) -> None:
        self.notifying = self.reborn()

    def reborn(self) -> Notifying:
        """As after a restart: nothing is known but what the store has."""

        async def standing() -> ConcernsSeen:
            return ConcernsSeen(concerns=tuple(self.standing), unread=frozenset(self.unread))

        self.notifying = Notifying(
            self.context,
            standing=standing,
            notifiers=self.ways,
            patience=Patience(after_s=60.0, repeat_every_s=86_400.0),
            console="https://c.example",
        )
        return self.notifying

    async def passes(self, seconds: float, *, late_s: float = 0.0) -> None:
        """Rounds as often as they want to come, or each so much later where days go by."""
        ends_at = self.clock.at + timedelta(seconds=seconds)
        while self.clock.at < ends_at:
            delay_s = await self.notifying.once()
            assert delay_s == LOOK_EVERY_S
            self.clock.at += timedelta(seconds=delay_s + late_s)

    def outcomes(self, way: Way) -> list[str]:
        tried = (one for one in self.told if isinstance(one, NotificationTried))
        return [one.outcome for one in tried if one.way == way]


@asynccontextmanager
async def story() -> AsyncIterator[Story]:
    async with desk() as served:
        clock, told = Clock(), list[Fact]()
        context = served.operations._context
        disk = Disk(context.store._driver)
        context = replace(
            context,
            store=Store(disk, told.append),
            clock=clock,
            entropy=SystemEntropy(),
            observe=told.append,
        )
        yield Story(context=context, clock=clock, disk=disk, told=told)


async def test_a_concern_is_told_once_on_every_way_and_its_end_once() -> None:
    async with story() as at:
        at.standing.append(HALTED)
        await at.passes(3_600)
        at.reborn()
        await at.passes(3_600)
        at.standing.clear()
        await at.passes(3_600)

    for reader in at.ways.values():
        assert reader.phases == [Phase.OPENED, Phase.RESOLVED]
    first, mailed = (reader.took[0] for reader in at.ways.values())
    assert first == mailed
    assert first.url == "https://c.example/t/acme/brake"


async def test_a_concern_of_a_tenant_that_cannot_be_looked_at_is_not_told_as_over() -> None:
    async with story() as at:
        at.standing.append(HALTED)
        await at.passes(3_600)
        at.standing.clear()
        at.unread.append(ACME)
        await at.passes(3_600)
        unread = at.ways[Way.HTTP].phases
        at.unread.clear()
        await at.passes(3_600)

    assert unread == [Phase.OPENED]
    assert at.ways[Way.HTTP].phases == [Phase.OPENED, Phase.RESOLVED]


async def test_a_way_that_fails_is_tried_again_with_the_same_message_and_holds_no_other() -> None:
    async with story() as at:
        at.standing.append(HALTED)
        at.ways[Way.HTTP].error = NotSent("nobody there", system="notify")
        await at.passes(3_600)
        at.reborn()
        mailed, at.ways[Way.HTTP].error = at.ways[Way.MAIL].took[:], None
        await at.passes(3_600)

    outcomes = at.outcomes(Way.HTTP)
    assert outcomes.count("delivered") == 1
    assert 3 <= outcomes.count("failed") <= 10  # later and later
    assert [one.id for one in at.ways[Way.HTTP].took] == [one.id for one in mailed]


async def test_a_message_nobody_takes_is_given_up_after_days_and_told_as_such() -> None:
    async with story() as at:
        at.standing.append(HALTED)
        del at.ways[Way.MAIL]
        at.ways[Way.HTTP].error = Refused("gone", system="notify", status=410)
        await at.passes(120)
        at.standing.clear()
        waiting = [one for one in at.told if isinstance(one, NotificationsCounted)][-1]
        await at.passes(3 * 86_400 + 7_200, late_s=885)
        left = [one for one in at.told if isinstance(one, NotificationsCounted)][-1]

    assert (waiting.count, waiting.oldest_at is not None) == (1, True)
    assert at.outcomes(Way.HTTP).count("given_up") == 2  # it, and that it is over
    assert left.count == 0


async def test_a_way_that_is_configured_no_more_keeps_no_message() -> None:
    async with story() as at:
        at.standing.append(HALTED)
        at.ways[Way.MAIL].error = NotSent("nobody there", system="mail")
        await at.passes(120)
        del at.ways[Way.MAIL]
        await at.passes(3_600)

    assert at.outcomes(Way.MAIL)[-1] == "given_up"
    assert [one for one in at.told if isinstance(one, NotificationsCounted)][-1].count == 0


async def test_a_store_that_takes_nothing_is_told_past_it_once_and_so_is_its_end() -> None:
    async with story() as at:
        await at.passes(60)
        at.ways[Way.MAIL].error = NotSent("nobody there", system="mail")
        at.disk.error = StoreFull("no space")
        await _fails(at)
        await at.passes(600)
        at.ways[Way.MAIL].error = None
        await at.passes(600)
        at.disk.error = None
        await at.context.store.try_out(_touch())
        await at.passes(3_600)

    for reader in at.ways.values():
        assert [one.concern.kind for one in reader.took] == [ConcernKind.STORE] * 2
        assert reader.phases == [Phase.OPENED, Phase.RESOLVED]


async def test_a_way_that_does_not_answer_keeps_no_other_waiting() -> None:
    async with story() as at:
        at.ways[Way.HTTP].waits_for = at.ways[Way.MAIL].has_taken
        at.standing.append(HALTED)

        with anyio.fail_after(5):
            await at.passes(120)

    assert at.ways[Way.MAIL].phases == [Phase.OPENED]


async def test_a_way_on_which_the_program_fails_holds_no_other() -> None:
    async with story() as at:
        at.ways[Way.HTTP].error = ValueError("no header can hold that")
        at.standing.append(HALTED)
        await at.passes(3_600)

    assert at.ways[Way.MAIL].phases == [Phase.OPENED]
    assert 3 <= at.outcomes(Way.HTTP).count("failed") <= 10


async def test_the_end_of_a_concern_is_never_told_before_its_beginning() -> None:
    """Else whoever reads it last believes that it goes on."""
    async with story() as at:
        at.ways[Way.HTTP].error = NotSent("nobody there", system="notify")
        at.standing.append(HALTED)
        await at.passes(5_400)
        at.standing.clear()
        await at.passes(590)
        at.ways[Way.HTTP].error = None
        await at.passes(7_200)

    assert at.ways[Way.HTTP].phases == [Phase.OPENED, Phase.RESOLVED]


async def test_of_a_store_that_takes_nothing_a_dead_way_is_told_later_and_later() -> None:
    async with story() as at:
        at.ways[Way.MAIL].error = NotSent("nobody there", system="mail")
        at.disk.error = StoreFull("no space")
        await _fails(at)
        await at.passes(12 * 3_600)

    assert at.ways[Way.HTTP].phases == [Phase.OPENED]
    assert 10 <= at.outcomes(Way.MAIL).count("failed") <= 24


async def test_of_a_store_that_takes_nothing_a_dead_way_is_given_up_after_days() -> None:
    async with story() as at:
        at.ways[Way.MAIL].error = Refused("gone", system="mail", status=550)
        at.disk.error = StoreFull("no space")
        await _fails(at)
        await at.passes(4 * 86_400, late_s=885)

    assert "given_up" in at.outcomes(Way.MAIL)


async def test_a_message_that_follows_from_what_could_not_be_kept_is_not_sent() -> None:
    async with story() as at:
        at.standing.append(HALTED)
        at.disk.error = StoreFull("no space")
        with pytest.raises(StoreFull):
            await at.passes(3_600)
        at.disk.error = None
        await at.context.store.try_out(_touch())
        await at.passes(600)

    halted = [one for one in at.ways[Way.HTTP].took if one.concern == HALTED]
    assert [one.phase for one in halted] == [Phase.OPENED]


def _touch() -> Any:
    return installation.touch()


async def _fails(at: Story) -> None:
    with pytest.raises(StoreFull):
        await at.context.store.try_out(_touch())
