from __future__ import annotations

import pytest

from syncd.domain.errors import Conflict
from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind
from syncd.domain.model.settings import Mode
from syncd.store import tenants
from syncd.store.tenants import TenantRow
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT


async def test_new_tenant_observes_and_a_known_one_keeps_its_switch(store: Store) -> None:
    await store.run(tenants.set_mode(ACME, Mode.LIVE))
    await store.run(tenants.pause(ACME, AT, "Ada"))

    await store.run(tenants.ensure([ACME, TenantId("new")]))

    known = TenantRow(tenant=ACME, mode=Mode.LIVE, is_paused=True)
    new = TenantRow(tenant=TenantId("new"), mode=Mode.OBSERVE, is_paused=False)
    assert await store.fetch(tenants.one(ACME)) == (known,)
    assert await store.fetch(tenants.one(TenantId("new"))) == (new,)


async def test_unknown_tenant_cannot_be_switched(store: Store) -> None:
    with pytest.raises(Conflict, match=r"tenants\.set_mode"):
        await store.run(tenants.set_mode(TenantId("nobody"), Mode.LIVE))


async def test_nothing_of_a_write_is_put_on_paper_while_observing_or_paused(store: Store) -> None:
    await store.run(tenants.ensure([ACME]))
    with pytest.raises(Conflict, match=r"tenants\.may_write"):
        await store.run(tenants.may_write(ACME, JobKind.PUSH_INVOICE, ["a"]))
    await store.run(tenants.set_mode(ACME, Mode.LIVE))
    await store.run(tenants.may_write(ACME, JobKind.PUSH_INVOICE, ["a"]))
    await store.run(tenants.pause(ACME, AT, "Ada"))

    with pytest.raises(Conflict, match=r"tenants\.may_write"):
        await store.run(tenants.may_write(ACME, JobKind.PUSH_INVOICE, ["a"]))
    assert (await store.fetch(tenants.one(ACME)))[0].is_paused
