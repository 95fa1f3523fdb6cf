"""Troubles are gathered from the store and the live state, and say what a call waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import anyio
import pytest

from syncd.domain.errors import StoreFull
from syncd.domain.model.trouble import TroubleKind
from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.core import tenant_mode
from syncd.engine.operator import tenant_troubles
from syncd.store import installation
from tests.engine.support.operating import QUEUED, Desk, desk
from tests.store.build import ACME, BETA

WELL = BudgetLeft(minute=41, day=4000, in_flight=0, parked_until_s=None)
NOT_CONNECTED = ConnectionState.NOT_CONNECTED


def standing(at: Desk, **more: Any) -> BudgetLeft:
    """What the allowance says from now on."""
    found = replace(WELL, **more)
    at.operations._allowance = lambda _: found
    return found


async def kinds(at: Desk) -> list[TroubleKind]:
    return [one.kind for one in (await at.operations.tenant(ACME)).troubles]


async def test_a_pause_says_by_whom_and_since_when_until_it_is_resumed() -> None:
    async with desk() as at:
        context = at.operations._context
        await tenant_mode.set_paused(context, ACME, "Ada", is_paused=True)
        paused = next(
            one
            for one in (await at.operations.tenant(ACME)).troubles
            if one.kind is TroubleKind.PAUSED
        )
        await tenant_mode.set_paused(context, ACME, "Ada", is_paused=False)

        assert (paused.since, "by Ada" in paused.text) == (context.now(), True)
        assert TroubleKind.PAUSED not in await kinds(at)


async def test_no_forecast_while_no_call_may_pass() -> None:
    async with desk() as at:
        await at.seed({"a": QUEUED})
        forecasts = [(await at.operations.tenant(ACME)).clears_in_s]
        for more in (
            {"failing_since_s": 0.0},
            {"parked_until_s": anyio.current_time() + 600},
            {"writes_parked_until_s": anyio.current_time() + 600},
        ):
            standing(at, **more)
            forecasts.append((await at.operations.tenant(ACME)).clears_in_s)

        assert forecasts[0] is not None
        assert forecasts[1:] == [None] * 3


async def test_a_queued_invoice_says_what_it_waits_for() -> None:
    async with desk() as at:
        await at.seed({"a": QUEUED})
        standing(at, failing_since_s=0.0)

        found = await at.operations.invoice(ACME, "a")
        told = await at.operations.explanations.explain(ACME, "a")

        assert found is not None
        assert told is not None
        assert "Xero fails or does not answer" in found.status.why
        assert "Xero fails or does not answer" in told.story.now[0]
        assert "its turn comes" not in told.story.can_do


async def test_a_spent_day_says_until_when_by_the_wall_clock() -> None:
    async with desk() as at:
        standing(at, parked_until_s=anyio.current_time() + 600)
        now = at.operations._context.now()

        (waits,) = [await at.operations.waits_for(ACME)]

        assert waits is not None
        assert waits.until is not None
        assert abs(waits.until - now - timedelta(seconds=600)) < timedelta(seconds=2)


async def test_a_spent_minute_is_no_trouble_but_is_what_a_call_waits_for() -> None:
    async with desk() as at:
        found = standing(at, minute=0, minute_free_at_s=anyio.current_time() + 20)

        waits = tenant_troubles.waits_for(at.operations._context, found, ())

        assert waits is not None
        assert "minute" in waits.text
        assert TroubleKind.DAY_SPENT not in await kinds(at)


async def test_a_long_pause_that_xero_asks_for_is_told_as_that() -> None:
    async with desk() as at:
        found = standing(at, minute=0, minute_free_at_s=anyio.current_time() + 7_200)

        waits = tenant_troubles.waits_for(at.operations._context, found, ())

        assert waits is not None
        assert waits.text == "Xero asks to wait. It goes on by itself."
        assert waits.until is not None


async def test_a_closed_gate_is_what_everything_waits_for() -> None:
    async with desk() as at:
        at.column.state = NOT_CONNECTED

        assert (await kinds(at))[0] is TroubleKind.NOT_CONNECTED
        waits = await at.operations.waits_for(ACME)
        assert waits is not None


async def test_a_store_that_takes_nothing_is_a_trouble_until_it_takes_something() -> None:
    async with desk() as at:
        await at.seed({"a": QUEUED})
        at.disk.error = StoreFull("no space")
        with pytest.raises(StoreFull):
            await at.store.run(installation.touch())

        full = await at.operations.tenant(ACME)
        at.disk.error = None
        await at.store.run(installation.touch())

        assert full.troubles[0].kind is TroubleKind.STORE_UNUSABLE
        assert full.writes_held_by is not None
        assert full.clears_in_s is None
        assert TroubleKind.STORE_UNUSABLE not in await kinds(at)


async def test_a_task_that_fails_again_and_again_is_a_trouble_of_whose_it_is() -> None:
    async with desk() as at:
        for name, rounds in ((f"worker:{ACME}", 5), (f"digest:{BETA}", 9), ("sampler", 4)):
            at.context.failing[name] = rounds

        (found,) = [
            one
            for one in (await at.operations.tenant(ACME)).troubles
            if one.kind is TroubleKind.SERVICE_FAILS
        ]

        assert "writing to Xero." in found.text
        assert "webhooks" not in found.text
