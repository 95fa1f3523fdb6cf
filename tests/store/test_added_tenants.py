"""What a tenant was added with is kept by its name, and goes without anything else of it."""

from __future__ import annotations

from dataclasses import replace

from syncd.store import added_tenants, tenants
from syncd.store.added_tenants import AddedTenant
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, BETA

OF_ACME = AddedTenant(tenant=ACME, choices='{"due_days":9}', sealed_secrets=b"sealed")
OF_BETA = AddedTenant(tenant=BETA, choices="{}", sealed_secrets=b"others")


async def test_last_words_of_a_tenant_are_kept_and_its_neighbours_untouched(store: Store) -> None:
    tx = Transaction()
    tx.add(tenants.ensure([ACME, BETA]))
    tx.add(added_tenants.put(OF_BETA))
    tx.add(added_tenants.put(OF_ACME))
    tx.add(added_tenants.put(replace(OF_ACME, choices="{}")))
    tx.add(added_tenants.resealed(ACME, b"fresh"))
    await store.commit(tx)

    kept = await store.fetch(added_tenants.everyone())

    assert kept == (replace(OF_ACME, choices="{}", sealed_secrets=b"fresh"), OF_BETA)
    assert "fresh" not in repr(kept)


async def test_forgotten_one_is_served_no_more_and_still_known(store: Store) -> None:
    for statement in (
        tenants.ensure([ACME, BETA]), added_tenants.put(OF_ACME), added_tenants.put(OF_BETA),
        added_tenants.forget(ACME),
    ):  # fmt: skip
        await store.run(statement)

    assert await store.fetch(added_tenants.everyone()) == (OF_BETA,)
    assert len(await store.fetch(tenants.one(ACME))) == 1
