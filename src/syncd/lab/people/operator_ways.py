"""What kind of operator a simulated day has, and how the daemon is configured for him.

Swarm testing: half of the worlds have none; the others one who does few things often, one who does
one rare thing all day, or one who does a little of everything. In a third, brakes are tight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import Any

from syncd.config.options import Options
from syncd.lab.faults import clock_steps
from syncd.lab.faults.clock_steps import Step

PAUSE, OBSERVE, DISCONNECT = "pause", "observe", "disconnect"
REFRESH, RETRY, RETRY_REASON = "refresh", "retry", "retry by reason"
REPLAY, RECONCILE, FULL = "replay", "reconcile", "reconcile in full"
RESOLVE, LINK, CREATE = "resolve", "link a contact", "create a contact"
PLAN, BACKUP, RESTORE = "plan and apply", "backup", "restore"
CUT_WRITE, CUT_REFRESH = "disconnect amid a write", "disconnect amid a refresh"
ANEW_AMID_WRITE = "connect again amid a write"
WATCH = "look at brakes"

USUAL = (
    *(PAUSE, OBSERVE, DISCONNECT, REFRESH, RETRY, RETRY_REASON, REPLAY, RECONCILE, FULL),
    *(RESOLVE, LINK, CREATE, PLAN, BACKUP, RESTORE),
    *(CUT_WRITE, CUT_REFRESH, ANEW_AMID_WRITE),
)
_NONE, _FEW, _ONE = 0.5, 0.7, 0.85
"""Below: nobody, few things, one thing; above: a little of everything."""
_OFTEN = (20.0, 40.0, 80.0)
_SELDOM = (10.0, 30.0)
_BRAKED = 1 / 3
_FREE_CONTACTS = 0.5
_MONEY = (None, None, Decimal(500), Decimal(5000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Brakes:
    """Tight ones, and how often in an hour the user deletes many at once."""

    voids: int
    window_s: float
    money: Decimal | None
    bursts_an_hour: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorWays:
    """One seed's operator: what he does by weight, how often, and what he may."""

    acts: Mapping[str, float] = field(default_factory=dict)
    an_hour: float = 0.0
    brakes: Brakes | None = None
    create_contacts: str = "always"
    steps: tuple[Step, ...] = ()
    grants_anew: bool = False
    """Somebody consents anew where a grant is lost."""

    @property
    def is_there(self) -> bool:
        """Whether anybody is at the desk at all."""
        return bool(self.acts) or self.brakes is not None or self.grants_anew

    @property
    def turns_modes(self) -> bool:
        """The mode is his to say, not the configuration's."""
        return OBSERVE in self.acts


NOBODY = OperatorWays()


def draw(dice: Callable[[str], Random]) -> OperatorWays:
    """The ways of one seed, from dice of their own."""
    rng = dice("operator")
    acts, an_hour = _temper(rng)
    brakes = _brakes(rng)
    if brakes is not None:
        acts = {**acts, WATCH: max(acts.values(), default=1.0)}
        an_hour = max(an_hour, rng.choice(_SELDOM))
    wants_contacts = bool({LINK, CREATE} & {*acts}) and rng.random() < _FREE_CONTACTS
    return OperatorWays(
        acts=acts,
        an_hour=an_hour,
        brakes=brakes,
        create_contacts=rng.choice(("never", "when_invoiced")) if wants_contacts else "always",
        steps=clock_steps.draw(dice("clock steps")),
    )


def _temper(rng: Random) -> tuple[dict[str, float], float]:
    draw_ = rng.random()
    if draw_ < _NONE:
        return {}, 0.0
    if draw_ < _FEW:
        chosen = rng.sample(USUAL, rng.randint(2, 4))
        return _together(dict.fromkeys(chosen, 1.0)), rng.choice(_OFTEN)
    if draw_ < _ONE:
        return _together({rng.choice(USUAL): 1.0}), rng.choice(_OFTEN)
    return {act: rng.random() for act in USUAL}, rng.choice(_SELDOM)


def _together(acts: dict[str, float]) -> dict[str, float]:
    """Nobody restores what was never saved."""
    return {**acts, BACKUP: acts.get(BACKUP, 1.0)} if RESTORE in acts else acts


def _brakes(rng: Random) -> Brakes | None:
    is_braked, voids = rng.random() < _BRAKED, rng.choice((1, 2, 4))
    window_s, money = rng.choice((600.0, 3600.0)), rng.choice(_MONEY)
    bursts = rng.choice((1.0, 3.0))
    if not is_braked:
        return None
    return Brakes(voids=voids, window_s=window_s, money=money, bursts_an_hour=bursts)


def configured(options: Options, ways: OperatorWays) -> Options:
    """The same options, with what these ways ask for."""
    fields: dict[str, Any] = {"create_contacts": ways.create_contacts}
    sync: dict[str, Any] = {}
    if ways.brakes is not None:
        fields["brake_money"] = ways.brakes.money
        sync = {"brake_voids": ways.brakes.voids, "brake_window_s": ways.brakes.window_s}
    if ways.turns_modes:
        fields["mode"] = None
    tenants = {name: replace(section, **fields) for name, section in options.tenants.items()}
    return replace(options, tenants=tenants, sync=replace(options.sync, **sync))
