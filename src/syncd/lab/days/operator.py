"""The operator of a simulated day: what he does while it storms, and what he sets right in peace.

Drawn by `operator_ways`; each act is a room of its own (`operator_acts`, `operator_decisions`,
`operator_backup`). He does one thing after the other. What he has left paused, observing or
disconnected, and whatever a brake has halted, is put in order once nothing fails any more.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import anyio

from syncd.lab.daemon.process import OPERATOR_TOKEN
from syncd.lab.days.verdict import Judgement
from syncd.lab.faults import clock_steps
from syncd.lab.people import operator_acts, operator_amid, operator_decisions, operator_ways
from syncd.lab.people.operator_api import OperatorApi
from syncd.lab.people.operator_backup import StoreOperator
from syncd.lab.people.operator_desk import Desk, kinds
from syncd.lab.people.operator_ways import OperatorWays
from syncd.lab.watch.tenancy import Tenant
from syncd.lab.watch.watched_xero import WatchedXero
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User

_HOUR_S = 3600.0
_CONSENT_FAILED, _MAPPING = "consent_failed", "mapping_unusable"
_EXPECTED = (_MAPPING, "clock_off")
"""A bookkeeper may have archived what is mapped to, and what waits for it is judged by its reason;
the machine's clock is minutes wrong in two of five worlds."""
_LOOKS_EVERY_S = 20.0
_LOOKS_RARELY_S = 60.0
_LOOKS_FOR_GRANTS_S = 200.0
_EXPIRED = "TOKEN_EXPIRED"
_BURST = (3, 9)
_BY_PLAN = 0.5
Act = Callable[[Desk], Awaitable[object]]


class SimulatedOperator:
    """One operator of one daemon; without acts and brakes all he does is end a halt, in peace."""

    def __init__(self, drawn: OperatorWays, store_operator: StoreOperator) -> None:
        self._ways = drawn
        self._desks = store_operator.desks
        self._dice = store_operator.dice
        self._clock = clock = store_operator.clock
        self._to_do = ["look at everything"]
        self._is_let_go = not drawn.turns_modes
        self._acts: Mapping[str, Act] = {
            operator_ways.PAUSE: operator_acts.pause,
            operator_ways.OBSERVE: _observe,
            operator_ways.DISCONNECT: operator_acts.disconnect,
            operator_ways.REFRESH: operator_acts.refresh,
            operator_ways.RETRY: operator_acts.retry,
            operator_ways.RETRY_REASON: operator_acts.retry_reason,
            operator_ways.REPLAY: lambda desk: operator_acts.replay(desk, clock.now()),
            operator_ways.RECONCILE: lambda desk: operator_acts.reconcile(desk, is_full=False),
            operator_ways.FULL: lambda desk: operator_acts.reconcile(desk, is_full=True),
            operator_ways.RESOLVE: operator_decisions.resolve,
            operator_ways.LINK: operator_acts.link,
            operator_ways.CREATE: operator_acts.create,
            operator_ways.PLAN: operator_decisions.plan_and_apply,
            operator_ways.BACKUP: store_operator.back_up,
            operator_ways.RESTORE: store_operator.restore,
            operator_ways.CUT_WRITE: operator_amid.disconnect_amid_write,
            operator_ways.CUT_REFRESH: operator_amid.disconnect_amid_refresh,
            operator_ways.ANEW_AMID_WRITE: operator_amid.connect_amid_write,
            operator_ways.WATCH: operator_decisions.watch_brakes,
        }

    @property
    def clock_was_set(self) -> int:
        """How often, by now."""
        return len(self._desks[0].witness.steps)

    @property
    def unrest(self) -> list[str]:
        """What he has not set right yet, as far as he has seen."""
        return [f"the operator has to do: {each}" for each in self._to_do]

    async def begin(self) -> None:
        """Before the storm: where the mode is his to say, he says live."""
        for desk in self._desks if self._ways.turns_modes else ():
            await operator_acts.live(desk)

    async def work(self, hours: float) -> None:
        """The length of the storm: his acts, a user who deletes much, a clock that is set."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._act, hours)
            group.start_soon(self._delete_many, hours)
            group.start_soon(self._set_clock, hours)
            group.start_soon(self._give_grants_anew, hours)

    async def _give_grants_anew(self, hours: float) -> None:
        """Where grants are lost, somebody looks now and then, and consents anew."""
        with anyio.move_on_after(hours * _HOUR_S if self._ways.grants_anew else 0.0):
            while True:
                await anyio.sleep(self._dice.expovariate(1 / _LOOKS_FOR_GRANTS_S))
                for desk in self._desks:
                    card = await desk.card()
                    if card.is_done and card.body["status"] == _EXPIRED:
                        await operator_acts.connect(desk)

    async def _set_clock(self, hours: float) -> None:
        began_s = self._desks[0].now_s
        for share, by_s in self._ways.steps:
            await anyio.sleep(began_s + share * hours * _HOUR_S - self._desks[0].now_s)
            self._clock.step(by_s)
            for desk in self._desks:
                desk.witness.steps.append((desk.now_s, by_s))
            desk.witness.sometimes[clock_steps.NAMES[by_s]] += 1

    async def _act(self, hours: float) -> None:
        """One act after the other."""
        if not self._ways.acts:
            return
        for desk in self._desks:
            desk.ends_s = desk.now_s + hours * _HOUR_S
        weights = self._ways.acts
        while await self._desks[0].lets_pass(_HOUR_S / self._ways.an_hour):
            (act,) = self._dice.choices([*weights], [*weights.values()])
            await self._acts[act](self._dice.choice(self._desks))

    async def _delete_many(self, hours: float) -> None:
        """Where brakes are tight, the user in Pipeline deletes many at once, now and then."""
        brakes = self._ways.brakes
        if brakes is None:
            return
        with anyio.move_on_after(hours * _HOUR_S):
            while True:
                await anyio.sleep(self._dice.expovariate(brakes.bursts_an_hour / _HOUR_S))
                self._burst(self._dice.choice(self._desks))

    def _burst(self, desk: Desk) -> None:
        alive = desk.office.books.ids("invoice")
        chosen = self._dice.sample(alive, min(len(alive), self._dice.randint(*_BURST)))
        user = User(desk.pipeline)
        for identity in chosen:
            user({"do": "delete", "tenant": desk.tenant, "id": identity})
        desk.witness.sometimes["operator: the user deleted many at once"] += bool(chosen)

    # --- peace

    async def keep_peace(self) -> None:
        """Look at every tenant, and set right whatever is not; for as long as it takes."""
        for desk in self._desks:
            desk.ends_s = math.inf
        while True:
            self._to_do = [each for desk in self._desks for each in await self._set_right(desk)]
            await anyio.sleep(_LOOKS_EVERY_S if self._to_do else _LOOKS_RARELY_S)

    async def last_look(self) -> None:
        """At the very end, when all is well, the status says so."""
        for desk in self._desks:
            card = await desk.card()
            if not card.is_done:
                desk.wrong(f"is at rest, and its card is answered with {card.status}")
            elif wrong := _not_well(desk, card.body):
                desk.wrong(f"is at rest, and its card shows {', '.join(wrong)}")

    async def _set_right(self, desk: Desk) -> list[str]:
        """What was found and dealt with; looked at once more by the next round."""
        card = await desk.card()
        if not card.is_done:
            return ["nobody answers"]
        if not self._ways.is_there:  # then nobody has put anything out of order but a brake itself
            return ["release"] if await _let_go(desk, card.body) else []
        found = [each async for each in _put_in_order(desk, card.body)]
        if not self._is_let_go:
            await operator_acts.live(desk)
            self._is_let_go = desk is self._desks[-1]
            found.append("set live once more")
        return found


def hired(
    drawn: OperatorWays,
    tenants: Sequence[Tenant],
    judgement: Judgement,
    store_operator: StoreOperator,
    worlds: tuple[WatchedXero, PipelineWorld],
) -> SimulatedOperator:
    """The operator of these tenants, with the judges' witnesses and looks into the store."""
    judgement.brakes = drawn.brakes
    xero, pipeline = worlds
    api = OperatorApi(OPERATOR_TOKEN)
    store_operator.desks = [
        Desk(
            tenant,
            api=api,
            xero=xero,
            pipeline=pipeline,
            witness=judgement.witnesses[tenant.organisation],
            reader=judgement.readers[tenant.name],
            is_alone=len(tenants) == 1,
            dice=store_operator.dice,
        )
        for tenant in tenants
    ]
    return SimulatedOperator(drawn, store_operator)


async def _observe(desk: Desk) -> None:
    """For a while; then a plan, which sets it live once it is carried out, or by hand at once."""
    if not await operator_acts.observe(desk):
        return
    if desk.dice.random() < _BY_PLAN:
        await operator_decisions.plan_and_apply(desk)
    else:
        await operator_acts.live(desk)


async def _put_in_order(desk: Desk, card: Mapping[str, Any]) -> AsyncIterator[str]:
    if card["status"] != "Connected" or _CONSENT_FAILED in kinds(card):
        await operator_acts.connect(desk)
        yield "connect"
    if card["paused"]:
        await operator_acts.resume(desk)
        yield "resume"
    if card["mode"] != "live":
        await operator_acts.live(desk)
        yield "live"
    if await _let_go(desk, card):
        yield "release"


async def _let_go(desk: Desk, card: Mapping[str, Any]) -> bool:
    """Whether a brake had halted it: the default ones do, where users delete so much."""
    return bool(card["halted"]) and await operator_decisions.watch_brakes(desk)


def _not_well(desk: Desk, card: Mapping[str, Any]) -> list[str]:
    counts = desk.reader.counts()
    expected: dict[str, object] = {"status": "Connected", "mode": "live", "paused": False}
    expected |= {"halted": None, "warning": None, "restore": None, "backlog": 0}
    found = [f"{key} {card[key]!r}" for key in expected if card[key] != expected[key]]
    shown = {state: count for state, count in card["invoices"].items() if count}
    if shown != counts:
        found.append(f"invoices {shown}, where there are {dict(counts)}")
    return found + [f"trouble {each}" for each in kinds(card) if each not in _EXPECTED]
