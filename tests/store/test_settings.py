from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from syncd.domain.ids import XeroOrganisationId
from syncd.domain.model.settings import Account, OrganisationSettings, TaxRate
from syncd.store import settings
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, later

SETTINGS = OrganisationSettings(
    organisation_id=XeroOrganisationId("o1"),
    name="Acme Ltd",
    base_currency="NZD",
    read_at=AT,
    accounts={"200": Account(code="200", name="Sales", tax_type="OUTPUT2", is_usable=True)},
    tax_rates={"OUTPUT2": TaxRate(tax_type="OUTPUT2", rate=Decimal("0.15"), is_usable=True)},
    currencies=("NZD",),
    tracking={"Region": ("North",)},
    period_lock_on=date(2026, 3, 31),
)


async def test_settings_read_back_exactly(store: Store) -> None:
    assert await store.fetch(settings.get(ACME)) == ()
    await store.run(settings.put(ACME, SETTINGS))
    assert await store.fetch(settings.get(ACME)) == (SETTINGS,)


async def test_older_read_does_not_replace_a_newer_one(store: Store) -> None:
    await store.run(settings.put(ACME, SETTINGS))

    await store.run(settings.put(ACME, replace(SETTINGS, name="Old", read_at=later(-1))))

    assert await store.fetch(settings.get(ACME)) == (SETTINGS,)
