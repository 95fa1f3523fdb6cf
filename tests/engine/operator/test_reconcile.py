"""A round that a person orders is complete when the worker has looked at what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import anyio
import pytest

from syncd.domain.rules.limits.sweep_pace import Task
from syncd.engine.core import tenant_mode
from syncd.engine.operator import reconcile
from syncd.engine.operator.reconcile import ReconcileService
from syncd.engine.sweeps import sweeper
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import is_open
from tests.xero.support import worlds


@dataclass
class Gates:
    def closed_by(self, _: str) -> None:
        return None


async def _at_work(rounds: Rounds) -> None:
    """The daemon's loops, more or less: they find what is ordered by themselves."""
    while True:
        while await sweeper.sweep_once(rounds.context, rounds.tenant, is_open=is_open) == 0:
            await anyio.lowlevel.checkpoint()
        await worlds.passes(1)
        await rounds.turn()


def test_a_round_answers_with_what_the_worker_made_of_it() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "by hand"})
        woken: list[str] = []
        desk = ReconcileService(rounds.context, gates=cast("Any", Gates()), wake=woken.append)

        ticket = await desk.order(rounds.tenant, "Ada", is_full=True)
        async with anyio.create_task_group() as group:
            group.start_soon(_at_work, rounds)
            outcome = await desk.outcome(rounds.tenant, ticket)
            group.cancel_scope.cancel()

        assert outcome.is_complete
        assert [one.key for one in outcome.findings.items] == [invoice]
        assert woken == [rounds.tenant]

    play(story)


def test_a_round_that_takes_too_long_is_answered_all_the_same() -> None:
    async def story(rounds: Rounds) -> None:
        desk = ReconcileService(rounds.context, gates=cast("Any", Gates()), wake=lambda _: None)

        ticket = await desk.order(rounds.tenant, "Ada", is_full=False)
        outcome = await desk.outcome(rounds.tenant, ticket)

        assert (outcome.is_complete, outcome.ticket) == (False, ticket)

    play(story)


def test_a_round_of_a_paused_tenant_waits_for_no_work_behind_the_pause() -> None:
    async def story(rounds: Rounds) -> None:
        await tenant_mode.set_paused(rounds.context, rounds.tenant, "Ada", is_paused=True)
        rounds.invoice(rounds.customer())
        await rounds.turn()
        desk = ReconcileService(rounds.context, gates=cast("Any", Gates()), wake=lambda _: None)

        ticket = await desk.order(rounds.tenant, "Ada", is_full=False)
        async with anyio.create_task_group() as group:
            group.start_soon(_at_work, rounds)
            outcome = await desk.outcome(rounds.tenant, ticket)
            group.cancel_scope.cancel()

        assert outcome.is_complete

    play(story)


def test_a_ticket_says_its_orders_again() -> None:
    orders = {Task.INVOICES: 3, Task.FULL: 1}

    assert reconcile.orders_of(reconcile.ticket_of(orders)) == orders
    with pytest.raises(ValueError, match="invalid"):
        reconcile.orders_of("tea")
