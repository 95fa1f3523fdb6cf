"""The Ledger port over Xero's Accounting API: its reading, writing and sweeping parts together.

Made by bootstrap; called by the engine through the port.
"""

from __future__ import annotations

from syncd.domain.ids import TenantId
from syncd.domain.rules.limits.allowance import Lane
from syncd.xero.ledger_reads import XeroReads
from syncd.xero.ledger_sweeps import XeroSweeps
from syncd.xero.ledger_writes import XeroWrites


class XeroLedger(XeroReads, XeroWrites, XeroSweeps):
    """Xero for the engine."""

    async def reserve(self, tenant: TenantId, *, lane: Lane, calls: int) -> None:
        """Wait until the allowance has room for `calls` calls of `lane` and the token is fresh.

        The room is kept for this task for some seconds. Raises Throttled when it takes longer
        than a short while.
        """
        await self._client.reserve(tenant, lane, calls)
