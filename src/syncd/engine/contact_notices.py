"""Which customers an announced change of contacts concerns: those are to be looked at.

Called where CONTACT events are digested. Contacts of nobody's are left out, and so is what a round
has seen already: our own writes are announced too, and cost no call.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.job import JobKind, JobRequest
from syncd.engine.hall import Hall
from syncd.store import links
from syncd.store.links import Link


async def wanted(
    hall: Hall, tenant: TenantId, announced: Mapping[XeroContactId, datetime]
) -> tuple[JobRequest, ...]:
    """Rounds to enqueue for these contacts, each with when it was last said to have changed."""
    if not announced:
        return ()
    found = await hall.store.fetch(links.customers_by_xero(tenant, sorted(announced)))
    now = hall.now()
    return tuple(
        JobRequest(tenant=tenant, kind=JobKind.PUSH_CUSTOMER, key=link.key, ready_at=now)
        for link in found
        if not _is_seen(link, announced[XeroContactId(link.xero_id)])
    )


def _is_seen(link: Link[ContactBase], happened_at: datetime) -> bool:
    """A round has looked at the contact as it was then, or later."""
    seen = None if link.base is None else link.base.xero
    return seen is not None and happened_at <= seen.updated_at
