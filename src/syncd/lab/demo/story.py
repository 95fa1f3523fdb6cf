"""The demo's story: connect, let the seeded books flow, then a day's work or play without end.

Called by `cli.pretend.demo`, which shows it. `lab.demo.stage` sets everything up and takes it down
again; here is what happens in between, and what a watcher is told.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Protocol

import anyio

from syncd.domain.facts import RoundDeferred
from syncd.domain.ids import TenantId
from syncd.lab.demo import by_hand
from syncd.lab.demo.day import Day, Play
from syncd.lab.demo.judge import Verdict, judge, written_in
from syncd.lab.demo.stage import TENANT, Stage, staged
from syncd.lab.demo.tally import Tally, Told, told
from syncd.sandbox.seed import Country

_LOOK_EVERY_S = 0.2
_DEED_EVERY_S = 0.06
"""A scripted day is told quickly."""
_PLAY_EVERY_S = 2.5
"""At play, so many can be followed by eye, and Xero's limit of calls a minute carries them."""
_PLENTY_LEFT = 30
"""With so many calls left of a minute nobody has to slow down."""
_LONGEST_PAUSE_S = 15.0
_STALLED_S = 90.0
"""Longer than any minute limit lasts: nothing more will move."""


class Act(StrEnum):
    """The parts of the story, in their order."""

    CONNECT = "connect"
    CUSTOMERS = "customers"
    INVOICES = "invoices"
    DAY = "day"
    PLAY = "play"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStatus:
    """The demo's status at one moment. `rate`: invoices a second while the books flowed."""

    act: Act
    at_s: float
    organisation: str
    told: Told
    tally: Tally
    rate: float
    first_sync_s: float | None
    books_stood_s: float | None
    rests_s: float = 0.0
    """Work waits, and no call to Xero is made for so long still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a scripted day ended."""

    verdict: Verdict
    last: DemoStatus


class Watcher(Protocol):
    """Whoever shows the demo."""

    def raised(self, stage: Stage) -> None:
        """Everything runs; here is where it is found."""

    def seen(self, status: DemoStatus) -> None:
        """This is how it stands; several times a second."""

    def acted(self, action: str) -> None:
        """Somebody did something in one of the books."""


@dataclass(slots=True)
class EarlyEnd:
    """Ends the demo early: first gently, with the daemon draining, then at once."""

    act: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    house: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    is_up: bool = False

    def fall(self) -> None:
        """End the play; while the stage is being set, or the second time, end everything."""
        if self.is_up and not self.act.cancel_called:
            self.act.cancel()
        else:
            self.house.cancel()


async def play(
    watcher: Watcher,
    *,
    seed: int,
    customers: int,
    invoices: int,
    once: bool,
    early_end: EarlyEnd,
    country: Country = "NZ",
) -> Outcome | None:
    """The whole demo, in a country's books; None when the curtain fell before its end.

    Raises DemoFailed, OSError, and whatever keeps the daemon from running, in an ExceptionGroup.
    """
    began_s = anyio.current_time()
    tally = Tally(tenant=TenantId(TENANT))
    outcome = None
    with early_end.house:
        async with staged(
            seed=seed,
            customers=customers,
            invoices=invoices,
            observer=tally.observe,
            country=country,
        ) as stage:
            watcher.raised(stage)
            story = _Story(stage, tally, watcher, began_s=began_s, rng=_dice(seed))
            early_end.is_up = True
            with early_end.act:
                await story.open()
                if once:
                    outcome = await story.day()
                else:
                    await story.play()
    return outcome


def pause_s(minute_left: int | None) -> float:
    """How long people rest between two actions, by the calls left of this minute.

    The fewer are left, the longer: spent to the last, nothing would move for most of a minute.
    """
    if minute_left is None or minute_left >= _PLENTY_LEFT:
        return _PLAY_EVERY_S
    scarcity = _PLENTY_LEFT / max(minute_left, 1)
    return min(_LONGEST_PAUSE_S, _PLAY_EVERY_S * scarcity * math.sqrt(scarcity))


def _dice(seed: int) -> Random:
    return Random(f"demo-{seed}")  # noqa: S311 - a pretend world's dice


class _Story:
    """What happens on one stage."""

    def __init__(
        self, stage: Stage, tally: Tally, watcher: Watcher, *, began_s: float, rng: Random
    ) -> None:
        self._stage = stage
        self._tally = tally
        self._watcher = watcher
        self._rng = rng
        self._began_s = began_s
        self._act = Act.CONNECT
        self._organisation = ""
        self._connected_s = 0.0
        self._first_sync_s: float | None = None
        self._stood_s: float | None = None
        self._rate = 0.0
        self._rest: RoundDeferred | None = None
        self._rest_began_s = 0.0

    async def open(self) -> None:
        """Connect, and let the seeded books flow until they stand in Xero."""
        self._look()
        self._organisation = await self._stage.connect()
        self._connected_s = self._elapsed_s()
        await self._stage.connect(by_hand.TENANT, organisation=by_hand.ORGANISATION)
        await self._until(Act.CUSTOMERS, lambda seen: seen.customers_told >= seen.customers)
        await self._until(Act.INVOICES, lambda seen: seen.unsettled == 0)
        self._stood_s = self._elapsed_s()

    async def day(self) -> Outcome:
        """A scripted day in the office, and the judge's word on both books afterwards."""
        self._act = Act.DAY
        day = Day(self._stage.pipeline, self._stage.xero, tenant=TENANT, rng=self._rng)
        for action in day.actions():
            self._watcher.acted(action)
            self._look()
            await anyio.sleep(_DEED_EVERY_S)
        last = await self._until(
            Act.DAY, lambda seen: seen.unsettled == 0 and seen.payments >= day.payments
        )
        verdict = judge(*self._stage.dumps())
        verdict.wrong += written_in(self._stage.observed())
        return Outcome(verdict=verdict, last=last)

    async def play(self) -> None:
        """Both sides at work until somebody ends it."""
        self._act = Act.PLAY
        people = Play(self._stage.pipeline, self._stage.xero, tenant=TENANT, rng=self._rng)
        while True:
            if action := people.step():
                self._watcher.acted(action)
            with anyio.move_on_after(pause_s(self._tally.minute_left)):
                while True:
                    self._look()
                    await anyio.sleep(_LOOK_EVERY_S)

    async def _until(self, act: Act, is_done: Callable[[Told], bool]) -> DemoStatus:
        """Look until it is so, or until nothing has moved for long."""
        self._act = act
        moved_s = self._elapsed_s()
        before = status = self._look()
        while not is_done(status.told) and self._elapsed_s() - moved_s < _STALLED_S:
            await anyio.sleep(_LOOK_EVERY_S)
            status = self._look()
            if status.told != before.told:
                before, moved_s = status, self._elapsed_s()
        return status

    def _look(self) -> DemoStatus:
        seen, now_s = told(self._stage.pipeline.tenants[TENANT]), self._elapsed_s()
        synced = seen.states.get("synced", 0)
        if synced and self._first_sync_s is None:
            self._first_sync_s = now_s
        if self._stood_s is None and now_s > self._connected_s > 0:
            self._rate = synced / (now_s - self._connected_s)
        status = DemoStatus(
            act=self._act,
            at_s=now_s,
            organisation=self._organisation,
            told=seen,
            tally=self._tally,
            rate=self._rate,
            first_sync_s=self._first_sync_s,
            books_stood_s=self._stood_s,
            rests_s=self._rests_s(now_s) if seen.unsettled else 0.0,
        )
        self._watcher.seen(status)
        return status

    def _rests_s(self, now_s: float) -> float:
        if self._rest is not self._tally.rest:
            self._rest, self._rest_began_s = self._tally.rest, now_s
        if self._rest is None:
            return 0.0
        return max(0.0, self._rest_began_s + self._rest.retry_after_s - now_s)

    def _elapsed_s(self) -> float:
        return anyio.current_time() - self._began_s
