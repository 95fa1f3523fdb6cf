from __future__ import annotations

from syncd.domain.ids import InstallationId
from syncd.store import installation
from syncd.store.unit_of_work import Store
from tests.store.build import AT, later


async def test_installation_is_named_once(store: Store) -> None:
    await store.run(installation.ensure(InstallationId("first-name"), AT))
    await store.run(installation.ensure(InstallationId("second-name"), later(1)))

    assert await store.fetch(installation.get()) == ("first-name",)
