"""Collects a tenant's troubles as they stand now: the store's state with the live state.

One place for all who say it: the tenant's card, `status`, an invoice that waits, and the gauges
that are sampled on a beat. Calls nobody outside.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import anyio

from syncd.domain.ids import TenantId
from syncd.domain.model.trouble import Trouble, WaitsFor
from syncd.domain.rules.limits import forecast
from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.domain.rules.limits.forecast import Forecast
from syncd.domain.rules.tenant import mappings, troubles
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.domain.rules.tenant.troubles import Calls, Condition
from syncd.engine.connection.gate import Connections
from syncd.engine.core import pipeline_reach
from syncd.engine.core.context import SyncContext
from syncd.store import restores, settings, sweeps, views
from syncd.store.unit_of_work import Transaction
from syncd.store.views import TenantCard

Allowance = Callable[[TenantId], BudgetLeft]


class TroublesRead:
    """Reads what one tenant's troubles are made of in a transaction; afterwards, the troubles."""

    def __init__(self, read: Transaction, tenant: TenantId) -> None:
        self._tenant = tenant
        self._cards = read.add(views.cards(tenant))
        self._settings = read.add(settings.get(tenant))
        self._outstanding = read.add(restores.is_outstanding(tenant))
        self._refused = read.add(sweeps.refused(tenant))

    @property
    def card(self) -> TenantCard | None:
        """The tenant as the store has it."""
        return self._cards.first

    @property
    def is_look_outstanding(self) -> bool:
        """Whether a restored store still looks for what Xero has of ours."""
        return self._outstanding.one

    def is_unheard(self, context: SyncContext) -> bool:
        """Whether what changed in Pipeline cannot be read at the moment."""
        return pipeline_reach.of(context, self._tenant).reading is not None

    def troubles(
        self, context: SyncContext, gates: Connections, budget: BudgetLeft
    ) -> tuple[Trouble, ...]:
        """Every trouble. Asks for a running loop, whose clock `budget` goes by."""
        gate, card = gates.card(self._tenant), self.card
        organisation = self._settings.first
        failed = None if card is None else card.failed_consent
        condition = Condition(
            state=ConnectionState(gate.status),
            note=gate.note,
            warning=gate.warning,
            access_expires_at=gate.access_expires_at,
            refresh_failed_since=None if card is None else card.refresh_failed_since,
            consent_failed_at=None if failed is None else failed.failed_at,
            consent_text="" if failed is None else failed.text,
            calls=_calls(context, budget),
            refused_sweeps=self._refused.rows,
            reach=pipeline_reach.of(context, self._tenant),
            poll_every_s=context.limits.poll_every_s,
            clock_ahead=context.ledger.clock_ahead,
            unusable=()
            if organisation is None
            else mappings.unusable(context.policies[self._tenant], organisation),
            halt=None if card is None else card.halt,
            is_paused=card is not None and card.is_paused,
            paused_at=None if card is None else card.paused_at,
            paused_by="" if card is None else card.paused_by or "",
            is_look_outstanding=self.is_look_outstanding,
            store_says=context.store.standing.says,
            has_reserve=context.store.standing.has_reserve,
            failing=_failing(context, self._tenant),
        )
        return troubles.of(condition, context.now())


async def of(
    context: SyncContext, gates: Connections, allowance: Allowance, tenant: TenantId
) -> tuple[Trouble, ...]:
    """One tenant's troubles. Raises StoreError."""
    read = Transaction()
    look = TroublesRead(read, tenant)
    await context.store.read(read)
    return look.troubles(context, gates, allowance(tenant))


_MINUTE_S = 60.0


def waits_for(
    context: SyncContext, budget: BudgetLeft, found: tuple[Trouble, ...]
) -> WaitsFor | None:
    """Why no call to Xero passes now: a trouble, a spent minute, or a pause asked for."""
    stopped = troubles.stops_calls(found)
    if stopped is not None:
        return WaitsFor(text=stopped.text, until=stopped.until)
    if budget.minute_free_at_s is None:
        return None
    is_a_minute = budget.minute_free_at_s - anyio.current_time() <= _MINUTE_S
    why = "This minute's calls to Xero are spent" if is_a_minute else "Xero asks to wait"
    text = f"{why}. It goes on by itself."
    return WaitsFor(text=text, until=instant(context, budget.minute_free_at_s))


def held_by(
    backlog: int, ahead: Forecast, stopped: Trouble | None, budget: BudgetLeft
) -> WaitsFor | None:
    """Why the backlog does not clear: a trouble, or a day with too few calls; else None."""
    if backlog == 0:
        return None
    if stopped is not None:
        return WaitsFor(text=stopped.text, until=stopped.until)
    if not ahead.is_day_short:
        return None
    left = forecast.for_writes(budget.day or 0, budget.day_limit)
    text = (
        f"The backlog needs {ahead.calls_needed} calls; the day has {left} left for writes. The "
        "rest goes when Xero gives new ones."
    )
    return WaitsFor(text=text)


def _failing(context: SyncContext, tenant: TenantId) -> tuple[str, ...]:
    """The tasks of this tenant, and those for all, that fail again and again."""
    found = []
    for name, rounds in context.failing.items():
        task, _, whose = name.partition(":")
        if rounds >= troubles.FAILING_ROUNDS and whose in ("", tenant):
            found.append(task)
    return tuple(sorted(found))


def _calls(context: SyncContext, budget: BudgetLeft) -> Calls:
    return Calls(
        failing_since=instant(context, budget.failing_since_s),
        tried_at=instant(context, budget.tried_at_s),
        day_spent_until=instant(context, budget.parked_until_s),
        writes_paused_until=instant(context, budget.writes_parked_until_s),
        day_left=budget.day,
    )


def instant(context: SyncContext, at_s: float | None) -> datetime | None:
    """An instant of the loop's clock as people say it; to the second."""
    if at_s is None:
        return None
    at = context.now() + timedelta(seconds=at_s - anyio.current_time())
    return at.replace(microsecond=0)
