"""What operators ask of sweeps: the findings, and a reconcile round now.

Called by `engine.operator.operations` for the API. An order wakes the tenant's loops and waits a
little for what comes of it; a long sweep is asked for again by its ticket. Calls nobody outside by
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

import anyio

from syncd.domain.errors import StoreError
from syncd.domain.ids import TenantId
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.value import Value
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.domain.rules.tenant import troubles
from syncd.engine.connection.gate import Connections
from syncd.engine.core import tenant_mode
from syncd.engine.core.context import SyncContext
from syncd.engine.operator import fresh_reads
from syncd.engine.sweeps import findings, sweeper
from syncd.engine.sweeps.findings import FindingPage
from syncd.ports.billing import ChangeKind
from syncd.store import sweeps, views
from syncd.store.unit_of_work import Transaction

LOOK_EVERY_S = 0.1
FINDINGS_SHOWN = 500


class ReconcileRound(Value, frozen=True, kw_only=True):
    """A round: `is_complete` once its sweeps ended and the worker has looked at what they found.

    `refused` says what Xero would not be read for, so that findings may be missing; else None.
    """

    ticket: str
    is_complete: bool
    refused: str | None
    findings: FindingPage


class ReconcileService:
    """Findings and reconcile rounds. `wake` is called when a tenant has work."""

    def __init__(
        self, context: SyncContext, *, gates: Connections, wake: Callable[[TenantId], None]
    ) -> None:
        self._context = context
        self.closed_by = gates.closed_by
        self._wake = wake

    async def findings(
        self, tenant: TenantId, *, kind: FindingKind | None, after: tuple[str, str], limit: int
    ) -> FindingPage:
        """A page of open findings, reviewed now; as reviewed last while the store takes no write.

        Raises StoreError.
        """
        with suppress(StoreError):  # told by the store, and said by the tenant's troubles
            await findings.review(self._context, tenant)
        return await findings.listing(self._context, tenant, kind=kind, after=after, limit=limit)

    async def closed(
        self, tenant: TenantId, *, kind: FindingKind | None, limit: int
    ) -> FindingPage:
        """What went in the last 30 days, the last one first. Raises StoreError."""
        return await findings.closed(self._context, tenant, kind=kind, limit=limit)

    async def invoices_among(self, tenant: TenantId, keys: Iterable[str]) -> frozenset[str]:
        """Which of these Pipeline ids are invoices in scope, by one read. Raises StoreError."""
        read = Transaction()
        found = {key: read.add(views.one(tenant, ChangeKind.INVOICE, key)) for key in keys}
        if found:
            await self._context.store.read(read)
        return frozenset(key for key, one in found.items() if one.rows)

    async def order(self, tenant: TenantId, who: str, *, is_full: bool) -> str:
        """A round is wanted now; its ticket. Raises StoreError."""
        orders = await sweeper.order(self._context, tenant, is_full=is_full)
        words = "Reconcile asked for" + (", in full" if is_full else "")
        tx = Transaction()
        fresh_reads.everything(self._context, tenant, tx)
        tx.add(tenant_mode.said(self._context, tenant, words, who))
        await self._context.store.commit(tx)
        self._wake(tenant)
        return ticket_of(orders)

    async def outcome(self, tenant: TenantId, ticket: str) -> ReconcileRound:
        """What has come of a round, once it is complete or `answer_within_s` have passed.

        Raises ValueError for what is no ticket, StoreError.
        """
        is_complete = False
        with anyio.move_on_after(self._context.limits.answer_within_s):
            while not await self.is_complete(tenant, ticket):  # noqa: ASYNC110  (a store tells nobody)
                await anyio.sleep(LOOK_EVERY_S)
            is_complete = True
        page = await self.findings(tenant, kind=None, after=("", ""), limit=FINDINGS_SHOWN)
        return ReconcileRound(
            ticket=ticket,
            is_complete=is_complete,
            refused=await self.refused(tenant),
            findings=page,
        )

    async def refused(self, tenant: TenantId) -> str | None:
        """What sweeps could not read when they last came round; None: they read all.

        Raises StoreError.
        """
        found = troubles.of_sweeps(await self._context.store.fetch(sweeps.refused(tenant)))
        return None if found is None else found.text

    async def is_complete(self, tenant: TenantId, ticket: str) -> bool:
        """Whether a round has ended, and the worker has looked at what it found.

        Raises ValueError for what is no ticket, StoreError.
        """
        if not await sweeper.is_served(self._context, tenant, orders_of(ticket)):
            return False
        (is_busy,) = await self._context.store.fetch(sweeps.busy(tenant, self._context.now()))
        return not is_busy


def ticket_of(orders: Mapping[Task, int]) -> str:
    """Orders as one word."""
    return "-".join(f"{task}.{number}" for task, number in orders.items())


def orders_of(ticket: str) -> dict[Task, int]:
    """The orders of a ticket. Raises ValueError."""
    orders = {}
    for part in ticket.split("-"):
        task, _, number = part.partition(".")
        orders[Task(task)] = int(number)
    return orders
