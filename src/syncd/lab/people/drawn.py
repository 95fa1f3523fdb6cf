"""Who else is at work on a simulated day: actors that only some seeds have, each with its own dice.

Called by `day` for every tenant; what goes away goes for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from syncd.lab.faults.drawn_faults import SET_BACK, named
from syncd.lab.faults.fault_mix import FaultMix
from syncd.lab.people.drawn_bookkeeping import RareBookkeeper
from syncd.lab.people.drawn_content import ContentActor
from syncd.lab.people.office_people import Action, Meeting
from syncd.lab.watch.tenancy import Tenant
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.xero.protocol.limits import DAY_S
from syncd.sandbox.xero.server.app import XeroWorld

_TURNS_AN_HOUR = 5.0
_SMALLEST_PLAN = 1000
"""Calls a day (facts §2.1)."""
_NEXT_DAY_S = 5400.0
WAYS_TO_REACH = ("name", "firstName", "lastName", "email")


class Actor(Protocol):
    """Somebody, or something, that does a thing now and then."""

    @property
    def an_hour(self) -> float:
        """How many actions."""

    def step(self) -> Action:
        """Do one thing and say what."""


@dataclass(slots=True)
class Outages:
    """A whole side that goes away, and comes back."""

    xero: XeroWorld
    pipeline: PipelineWorld
    mix: FaultMix
    is_away: bool = False
    counted: Counter[str] = field(default_factory=Counter)
    """How often it went, by what it is called."""

    @property
    def an_hour(self) -> float:
        """How often it goes or comes."""
        return _TURNS_AN_HOUR if self.mix.outage else 0.0

    def step(self) -> Action:
        """It goes, or comes back."""
        self.is_away = not self.is_away
        mix, stall_s = self.mix, self.mix.stall_s * self.is_away
        if mix.outage == "tokens":
            self.xero.switches.turn({"tokens_offline": self.is_away})
        if mix.outage in ("xero", "both"):
            late = {"stall_s": stall_s} if mix.stall_s else {"offline": self.is_away}
            self.xero.switches.turn(late)
        if mix.outage in ("pipeline", "both"):
            late = {"stall_s": stall_s} if mix.stall_s else {"offline": float(self.is_away)}
            self.pipeline.set_switches(late)
        self.counted.update(named(mix) if self.is_away else ())
        return Action("goes away" if self.is_away else "comes back", "")


@dataclass(slots=True)
class PipelineBackups:
    """Who backs one tenant's Pipeline up and, the next time, puts that back.

    Whoever finds an invoice in an earlier state corrects it at once, and a customer is entered as
    he was before. What stays as it was set back is told by no feed as a change: syncd promises
    nothing of it.
    """

    pipeline: PipelineWorld
    tenant: str
    an_hour: float
    backup: Mapping[str, Any] | None = None
    counted: Counter[str] = field(default_factory=Counter)

    def step(self) -> Action:
        """Back it up, or put it back."""
        office = self.pipeline.tenants[self.tenant]
        if self.backup is None:
            self.backup = office.dump()
            return Action("backs Pipeline up", "")
        moved, self.backup = office.set_back(self.backup), None
        for kind, identity, stood in moved:
            self._correct(kind, identity, stood)
        self.counted[SET_BACK] += 1
        return Action("sets Pipeline back", "")

    def _correct(self, kind: str, identity: str, stood: Mapping[str, Any]) -> None:
        books = self.pipeline.tenants[self.tenant].books
        if books.alive(kind, identity) is None:
            with suppress(ValueError):  # its number has gone to another
                books.restore(kind, identity, by="the office")
            return
        fields = {"reference": f"S-{books.seq}"}
        if kind == "customer":
            fields = {name: stood[name] for name in WAYS_TO_REACH} | {"phone": f"S-{books.seq}"}
        books.edit(kind, identity, fields, by="the office")


def actors(
    dice: Callable[[str], Random],
    xero: XeroWorld,
    pipeline: PipelineWorld,
    tenant: Tenant,
    meeting: Meeting,
) -> Iterator[tuple[str, Actor]]:
    """The actors of one tenant on this seed, with what they are called."""
    content = dice(tenant.dice("drawn content"))
    yield "content", ContentActor(pipeline, tenant.name, content, meeting)
    rare = dice(tenant.dice("drawn bookkeeping"))
    yield "rare bookkeeping", RareBookkeeper(xero, tenant.organisation, rare, meeting)


def misbehave(xero: XeroWorld, mix: FaultMix) -> None:
    """What a fault mix asks of Xero's switches, from the storm's beginning."""
    xero.switches.turn({"read_lag_s": mix.read_lag_s, "webhook_riddles": mix.riddles})
    xero.switches.turn({"strict_refresh": mix.loses_grants})
    if mix.token_life_s:
        xero.switches.turn({"access_token_s": mix.token_life_s})
    if mix.day_left:
        _spend(xero, mix.day_left)


def _spend(xero: XeroWorld, left: int) -> None:
    """All but so many calls of every tenant's day are spent, and the next day begins soon."""
    xero.switches.turn({"day_limit": _SMALLEST_PLAN})
    now_s = xero.clock.now()
    for tenant in xero.books:
        window = xero.limits.of(tenant).day
        window.offset_s = int(DAY_S - (now_s + _NEXT_DAY_S) % DAY_S)
        window.turn(now_s)
        window.used = _SMALLEST_PLAN - left


def behave(xero: XeroWorld, pipeline: PipelineWorld) -> None:
    """Both sides are there again, and show what stands."""
    xero.switches.turn({"offline": False, "tokens_offline": False, "stall_s": 0.0})
    xero.switches.turn({"read_lag_s": 0.0, "webhook_riddles": 0.0, "strict_refresh": False})
    pipeline.set_switches({"offline": 0.0, "stall_s": 0.0})
