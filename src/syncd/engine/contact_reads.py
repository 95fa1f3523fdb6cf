"""Reads contacts by id to where their merges end, and says whose they are.

Shared by the rounds of linked and of unlinked customers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.contact import LiveContact
from syncd.domain.rules.allowance import Lane
from syncd.engine.hall import Hall
from syncd.store import links

_MERGES_FOLLOWED = 10


async def to_the_end(
    hall: Hall, tenant: TenantId, ids: Iterable[XeroContactId]
) -> dict[XeroContactId, LiveContact]:
    """These contacts and all they were merged into, read now. Raises RemoteError's leaves."""
    found: dict[XeroContactId, LiveContact] = {}
    wanted = list(dict.fromkeys(ids))
    for _ in range(_MERGES_FOLLOWED):
        if not wanted:
            break
        read = await hall.ledger.contacts_by_id(tenant, wanted, lane=Lane.WRITE)
        found.update(read)
        ends = [one.merged_to for one in read.values() if one.merged_to is not None]
        wanted = [each for each in dict.fromkeys(ends) if each not in found]
    return found


async def owners(
    hall: Hall, tenant: TenantId, ids: Sequence[XeroContactId]
) -> dict[XeroContactId, str]:
    """The customer that each of these contacts is; nobody's are left out."""
    if not ids:
        return {}
    linked = await hall.store.fetch(links.customers_by_xero(tenant, ids))
    return {XeroContactId(link.xero_id): link.key for link in linked if link.merged_to is None}
