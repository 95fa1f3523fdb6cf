"""Reads again what a person asked for: the organisation's settings, and customers' contacts.

Called where a retry, a reconcile round or a replay of webhooks is ordered. Calls nobody: the
settings are marked as doubted, so that the next round reads them before it decides, and whoever
waits for them or for a contact is ready again, so that its candidates are read.
"""

from __future__ import annotations

from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind, JobState, Reason
from syncd.domain.model.predicate import Predicate
from syncd.domain.rules.queue import holds
from syncd.engine.core.context import SyncContext
from syncd.store import desired, jobs, settings
from syncd.store.unit_of_work import Transaction

OF_CUSTOMERS = (
    Reason.CONTACT_UNMAPPED,
    Reason.CONTACT_NAME_TAKEN,
    Reason.CONTACT_ARCHIVED,
    Reason.REFUSED,
)
"""What a customer waits or failed for that may be mended in Xero."""
OF_CONTACTS = OF_CUSTOMERS[:-1]
OF_SETTINGS = tuple(reason for reason in Reason if holds.waits_for_settings(reason))
"""What an invoice waits for that newer settings of the organisation may take away."""


def everything(context: SyncContext, tenant: TenantId, tx: Transaction) -> None:
    """All that waits for settings or for a contact looks at Xero again."""
    now = context.now()
    tx.add(settings.doubt(tenant, now))
    tx.add(jobs.release_by_predicate(tenant, Predicate.SETTINGS_READ, now))
    tx.add(jobs.release_customers(tenant, OF_CUSTOMERS, now))


def of_reason(context: SyncContext, tenant: TenantId, reason: Reason, tx: Transaction) -> None:
    """What such a reason rests on is read anew."""
    now = context.now()
    if reason in OF_SETTINGS:
        tx.add(settings.doubt(tenant, now))
    if reason in OF_CONTACTS:
        tx.add(jobs.release_customers(tenant, OF_CUSTOMERS, now))


async def of_invoice(context: SyncContext, tenant: TenantId, key: str, tx: Transaction) -> None:
    """What this invoice's wait rests on is read anew. Raises StoreError."""
    (row,) = await context.store.fetch(jobs.get(tenant, JobKind.PUSH_INVOICE, [key])) or (None,)
    if row is None or row.reason is None:
        return
    now = context.now()
    if row.reason in OF_SETTINGS:
        tx.add(settings.doubt(tenant, now))
    if row.reason in OF_CONTACTS:
        keys = await _customer(context, tenant, key)
        tx.add(jobs.look(tenant, JobKind.PUSH_CUSTOMER, keys, now))


async def _customer(context: SyncContext, tenant: TenantId, key: str) -> list[str]:
    (wanted,) = await context.store.fetch(desired.invoices(tenant, [key])) or (None,)
    if wanted is None or wanted.parent is None:
        return []
    rows = await context.store.fetch(jobs.get(tenant, JobKind.PUSH_CUSTOMER, [wanted.parent]))
    return [row.key for row in rows if row.state is not JobState.DONE]
