"""What the audit trail says of a connection: who granted, renewed, lost or cut it, and when.

Called by the rooms that move a connection, for the transaction that moves it.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.store import journal
from syncd.store.journal import Entry, RecordType
from syncd.store.unit_of_work import Statement

OBJECT_TYPE = "Xero connection"
DAEMON = "syncd"
"""Who acts when no person does."""


def entry(
    tenant: TenantId,
    record_type: RecordType,
    description: str,
    *,
    at: datetime,
    who: str = DAEMON,
) -> Statement[None]:
    """One entry of the tenant's connection."""
    found = Entry(
        tenant=tenant,
        at=at,
        object_type=OBJECT_TYPE,
        object_key=tenant,
        record_type=record_type,
        description=description,
        who=who,
    )
    return journal.append([found])
