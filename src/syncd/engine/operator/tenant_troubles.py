"""A tenant's troubles as they stand now: what the store says, put together with the live state.

One gathering for all who say it: the tenant's card, `status`, an invoice that waits, and the gauges
that are sampled on a beat. Calls nobody outside.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import anyio

from syncd.domain.ids import TenantId
from syncd.domain.model.trouble import Trouble, WaitsFor
from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.domain.rules.tenant import troubles
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.domain.rules.tenant.troubles import Calls, Condition
from syncd.engine.connection.gate import Connections
from syncd.engine.core import pipeline_reach
from syncd.engine.core.context import SyncContext
from syncd.engine.core.tenant_mode import PAUSED
from syncd.store import cursors, restores, views
from syncd.store.unit_of_work import Transaction
from syncd.store.views import TenantCard

Allowance = Callable[[TenantId], BudgetLeft]


class Look:
    """What a transaction is to read of one tenant's troubles; afterwards, the troubles."""

    def __init__(self, read: Transaction, tenant: TenantId) -> None:
        self._tenant = tenant
        self._cards = read.add(views.cards(tenant))
        self._paused = read.add(cursors.get(tenant, PAUSED))
        self._outstanding = read.add(restores.is_outstanding(tenant))

    @property
    def card(self) -> TenantCard | None:
        """The tenant as the store has it."""
        return self._cards.first

    @property
    def is_look_outstanding(self) -> bool:
        """Whether a restored store still looks for what Xero has of ours."""
        return self._outstanding.one

    def troubles(
        self, context: SyncContext, gates: Connections, standing: BudgetLeft
    ) -> tuple[Trouble, ...]:
        """Every trouble. Asks for a running loop, whose clock `standing` goes by."""
        gate, card, paused = gates.card(self._tenant), self.card, self._paused.first
        failed = None if card is None else card.failed_consent
        condition = Condition(
            state=ConnectionState(gate.status),
            note=gate.note,
            warning=gate.warning,
            access_expires_at=gate.access_expires_at,
            refresh_failed_since=None if card is None else card.refresh_failed_since,
            consent_failed_at=None if failed is None else failed.failed_at,
            consent_text="" if failed is None else failed.text,
            calls=_calls(context, standing),
            reach=pipeline_reach.of(context, self._tenant),
            poll_every_s=context.limits.poll_every_s,
            halt=None if card is None else card.halt,
            is_paused=card is not None and card.is_paused,
            paused_at=None if paused is None else paused.moved_at,
            paused_by="" if paused is None else paused.value,
            is_look_outstanding=self.is_look_outstanding,
        )
        return troubles.of(condition, context.now())


async def of(
    context: SyncContext, gates: Connections, allowance: Allowance, tenant: TenantId
) -> tuple[Trouble, ...]:
    """One tenant's troubles. Raises StoreError."""
    read = Transaction()
    look = Look(read, tenant)
    await context.store.read(read)
    return look.troubles(context, gates, allowance(tenant))


def waits_for(
    context: SyncContext, standing: BudgetLeft, found: tuple[Trouble, ...]
) -> WaitsFor | None:
    """Why no call to Xero passes now: a trouble, or a minute whose calls are spent."""
    stopped = troubles.stops_calls(found)
    if stopped is not None:
        return WaitsFor(text=stopped.text, until=stopped.until)
    if standing.minute_free_at_s is None:
        return None
    text = "This minute's calls to Xero are spent. It goes on by itself."
    return WaitsFor(text=text, until=_instant(context, standing.minute_free_at_s))


def _calls(context: SyncContext, standing: BudgetLeft) -> Calls:
    return Calls(
        failing_since=_instant(context, standing.failing_since_s),
        tried_at=_instant(context, standing.tried_at_s),
        day_spent_until=_instant(context, standing.parked_until_s),
        writes_rest_until=_instant(context, standing.writes_parked_until_s),
        day_left=standing.day,
    )


def _instant(context: SyncContext, at_s: float | None) -> datetime | None:
    """An instant of the loop's clock as people say it; to the second, the rest is a breath."""
    if at_s is None:
        return None
    at = context.now() + timedelta(seconds=at_s - anyio.current_time())
    return at.replace(microsecond=0)
