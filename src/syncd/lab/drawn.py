"""Who else is at work on a simulated day: hands that only some seeds have, each with its own dice.

Called by `day` for one Pipeline tenant and its organisation in Xero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Protocol

from syncd.lab.drawn_bookkeeping import RareBookkeeperHand
from syncd.lab.drawn_content import ContentHand
from syncd.lab.fault_mix import FaultMix
from syncd.lab.player_hands import Deed, Meeting
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.xero.app import XeroWorld

_TURNS_AN_HOUR = 5.0


class Hand(Protocol):
    """Somebody, or something, that does a thing now and then."""

    @property
    def an_hour(self) -> float:
        """How many deeds."""

    def step(self) -> Deed:
        """Do one thing and say what."""


@dataclass(slots=True)
class Outages:
    """A whole side that goes away, and comes back."""

    xero: XeroWorld
    pipeline: PipelineWorld
    mix: FaultMix
    is_away: bool = False

    @property
    def an_hour(self) -> float:
        """How often it goes or comes."""
        return _TURNS_AN_HOUR if self.mix.outage else 0.0

    def step(self) -> Deed:
        """It goes, or comes back."""
        self.is_away = not self.is_away
        if self.mix.outage in ("xero", "both"):
            self.xero.switches.turn({"offline": self.is_away})
        if self.mix.outage in ("pipeline", "both"):
            self.pipeline.set_switches({"offline": float(self.is_away)})
        return Deed("goes away" if self.is_away else "comes back", "")


def hands(
    seed: int, xero: XeroWorld, pipeline: PipelineWorld, mix: FaultMix, meeting: Meeting
) -> Iterator[tuple[str, Hand]]:
    """The hands of this seed, with what they are called."""
    tenant, organisation = next(iter(pipeline.tenants)), next(iter(xero.books))
    content = Random(f"{seed}/drawn content")  # noqa: S311 - a pretend world's dice
    yield "content", ContentHand(pipeline, tenant, content, meeting)
    rare = Random(f"{seed}/drawn bookkeeping")  # noqa: S311 - a pretend world's dice
    yield "rare bookkeeping", RareBookkeeperHand(xero, organisation, rare, meeting)
    yield "outages", Outages(xero, pipeline, mix)


def misbehave(xero: XeroWorld, mix: FaultMix) -> None:
    """What a fault mix asks of Xero's switches, from the storm's beginning."""
    xero.switches.turn({"read_lag_s": mix.read_lag_s, "webhook_riddles": mix.riddles})


def behave(xero: XeroWorld, pipeline: PipelineWorld) -> None:
    """Both sides are there again, and show what stands."""
    xero.switches.turn({"offline": False, "read_lag_s": 0.0, "webhook_riddles": 0.0})
    pipeline.set_switches({"offline": 0.0})
