"""The organisation's settings: read when they are missing or in doubt, remembered otherwise."""

from __future__ import annotations

from datetime import timedelta

from syncd.domain.facts import SettingsRead
from syncd.domain.ids import TenantId
from syncd.domain.model.settings import OrganisationSettings
from syncd.domain.rules.allowance import Lane
from syncd.engine.hall import Hall
from syncd.store import jobs, settings
from syncd.store.unit_of_work import Transaction

REREAD_AFTER = timedelta(days=1)
SETTINGS_READ = "settings_read"
"""The topic of holds that wait for newer settings (rules.holds)."""


async def current(hall: Hall, tenant: TenantId) -> OrganisationSettings:
    """The settings last read, or a read now when there are none or they are a day old."""
    found = await hall.store.fetch(settings.get(tenant))
    if found and hall.now() - found[0].read_at < REREAD_AFTER:
        return found[0]
    return await read(hall, tenant)


async def read(hall: Hall, tenant: TenantId) -> OrganisationSettings:
    """Read them now, and release what waited for that. Raises RemoteError's leaves."""
    fresh = await hall.ledger.settings(tenant, lane=Lane.WRITE)
    tx = Transaction()
    tx.add(settings.put(tenant, fresh))
    tx.add(jobs.release_by_predicate(tenant, SETTINGS_READ, hall.now()))
    await hall.store.commit(tx)
    hall.observe(
        SettingsRead(tenant=tenant, accounts=len(fresh.accounts), tax_rates=len(fresh.tax_rates))
    )
    return fresh
