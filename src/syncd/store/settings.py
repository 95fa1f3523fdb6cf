"""What each tenant's Xero organisation allows, as last read: accounts, tax rates, lock dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.settings import OrganisationSettings
from syncd.ports.driver import Row
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("settings")
_SETTINGS = msgspec.json.Decoder(OrganisationSettings)


def get(tenant: TenantId) -> Statement[OrganisationSettings]:
    """The settings last read; no row when they never were."""
    return ask(_QUERIES["get"], tenant, decode=_settings)


def undoubted(tenant: TenantId) -> Statement[OrganisationSettings]:
    """The settings last read; no row also when they are doubted since."""
    return ask(_QUERIES["undoubted"], tenant, decode=_settings)


def doubt(tenant: TenantId, at: datetime) -> Statement[None]:
    """Something may have changed there: what was read until now is doubted."""
    return tell(_QUERIES["doubt"], [(tenant, rows.to_ms(at))])


def put(tenant: TenantId, settings: OrganisationSettings) -> Statement[None]:
    """Remember what was read; an older read than the one remembered is ignored."""
    body = msgspec.json.encode(settings)
    return tell(_QUERIES["put"], [(tenant, body, rows.to_ms(settings.read_at))])


def _settings(row: Row) -> OrganisationSettings:
    body, read_at = row
    kept = _SETTINGS.decode(rows.bytes_of(body))
    return replace(kept, read_at=rows.from_ms(read_at))
