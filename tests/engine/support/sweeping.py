"""Sweeps played between both worlds: due by virtual time, told apart by what they cost."""

from __future__ import annotations

from typing import Any

from syncd.domain.facts import FindingsReviewed, SweepFinished
from syncd.domain.model.finding import Finding
from syncd.domain.model.trouble import RefusedSweep
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.engine.sweeps import findings, sweeper
from syncd.store import sweeps
from tests.engine.support.rounds import Rounds
from tests.xero.support import worlds

MOST_TURNS = 500
OPERATIONS = ("sweep_invoices", "sweep_contacts")


def is_open(_: str) -> bool:
    return True


async def swept(rounds: Rounds) -> None:
    """Every sweep that is due, to its end, and the work that follows from it."""
    for _ in range(MOST_TURNS):
        delay_s = await sweeper.sweep_once(rounds.context, rounds.tenant, is_open=is_open)
        if delay_s is None or delay_s > 0:
            await rounds.turn()
            return
    raise AssertionError("the sweeps never come to rest")


async def swept_now(rounds: Rounds, *, full: bool = False) -> None:
    """The sweeps of invoices and contacts as if they were due."""
    await sweeper.order(rounds.context, rounds.tenant, is_full=full)
    await swept(rounds)


async def found(rounds: Rounds) -> dict[str, list[Finding]]:
    """The open findings by kind, reviewed a moment later."""
    await worlds.passes(1)
    await findings.review(rounds.context, rounds.tenant)
    page = await findings.listing(rounds.context, rounds.tenant, limit=100)
    by_kind: dict[str, list[Finding]] = {}
    for one in page.items:
        by_kind.setdefault(str(one.kind), []).append(one)
    return by_kind


def reads(rounds: Rounds) -> int:
    """How many calls of sweeps have left so far."""
    return sum(call.operation in OPERATIONS for call in rounds.xero.calls)


async def unread(rounds: Rounds) -> tuple[RefusedSweep, ...]:
    """What Xero would not be read for when sweeps last came round."""
    return tuple(await rounds.context.store.fetch(sweeps.refused(rounds.tenant)))


def told(rounds: Rounds, task: Task) -> list[SweepFinished]:
    return [fact for fact in rounds.told if isinstance(fact, SweepFinished) and fact.task == task]


def missed(rounds: Rounds) -> int:
    return sum(fact.missed for fact in rounds.told if isinstance(fact, FindingsReviewed))


def last(rounds: Rounds, task: Task) -> dict[str, Any]:
    return dict(told(rounds, task)[-1].counts)
