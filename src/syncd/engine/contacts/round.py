"""Names what customers are decided by: where contacts are read, and the tenant's choices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.settings import TenantPolicy
from syncd.engine.core.context import SyncContext
from syncd.ports.ledger import ContactReads


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRound:
    """One round of customers: the worker's own, or a plan's, which reads lists and writes nothing.

    `contacts` and `policy` may differ from those of `context`; all else is asked of it.
    """

    context: SyncContext
    tenant: TenantId
    contacts: ContactReads
    policy: TenantPolicy

    @property
    def now(self) -> datetime:
        """The current instant."""
        return self.context.now()
