from __future__ import annotations

from datetime import datetime

from syncd.store import consents
from syncd.store.consents import OpenedConsent, UsedConsent
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, later


async def offer(store: Store) -> None:
    await store.run(consents.offer(ACME, "ticket", created_by="Ada", expires_at=later(600)))


async def open_it(store: Store, at: datetime = AT) -> tuple[OpenedConsent, ...]:
    return await store.run(
        consents.open_consent("ticket", state_digest="state", sealed_verifier=b"v", at=at)
    )


async def test_ticket_and_state_each_work_once(store: Store) -> None:
    await offer(store)

    assert await open_it(store) == (OpenedConsent(tenant=ACME, created_by="Ada"),)
    assert await open_it(store) == ()
    assert await store.run(consents.use("state", later(1))) == (
        UsedConsent(tenant=ACME, created_by="Ada", sealed_verifier=b"v"),
    )
    assert await store.run(consents.use("state", later(1))) == ()


async def test_ticket_and_state_run_out(store: Store) -> None:
    await offer(store)

    assert await open_it(store, later(600)) == ()
    await open_it(store, later(599))
    assert await store.run(consents.use("state", later(600))) == ()


async def test_state_that_was_never_opened_is_nobodys(store: Store) -> None:
    await offer(store)

    assert await store.run(consents.use("state", AT)) == ()


async def test_prune_forgets_what_ran_out(store: Store) -> None:
    await offer(store)

    await store.run(consents.prune(later(601)))

    assert await open_it(store) == ()
