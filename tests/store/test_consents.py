from __future__ import annotations

from datetime import datetime

from syncd.store import consents
from syncd.store.consents import FailedConsent, OpenedConsent, UsedConsent
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, later


async def offer(store: Store) -> None:
    await store.run(consents.offer(ACME, "ticket", created_by="Ada", expires_at=later(600)))


async def open_it(store: Store, at: datetime = AT) -> tuple[OpenedConsent, ...]:
    return await store.run(
        consents.open_consent("ticket", state_digest="state", sealed=b"v", at=at)
    )


async def test_ticket_and_state_each_work_once(store: Store) -> None:
    await offer(store)

    assert await open_it(store) == (OpenedConsent(tenant=ACME, created_by="Ada"),)
    assert await open_it(store) == ()
    assert await store.run(consents.use("state", later(1))) == (
        UsedConsent(tenant=ACME, created_by="Ada", sealed=b"v"),
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


async def test_state_under_way_is_known_without_being_taken(store: Store) -> None:
    await offer(store)
    await open_it(store)

    assert await store.fetch(consents.underway("state", later(1))) == (
        OpenedConsent(tenant=ACME, created_by="Ada"),
    )
    assert len(await store.run(consents.use("state", later(1)))) == 1
    assert await store.fetch(consents.underway("state", later(1))) == ()


async def test_newest_failure_stands_until_one_succeeds(store: Store) -> None:
    first = FailedConsent(problem="code_expired", text="Too late.", who="Ada", failed_at=AT)
    second = FailedConsent(problem="app_limit", text="Full.", who="Ben", failed_at=later(9))
    await store.run(consents.failed(ACME, first))
    await store.run(consents.failed(ACME, second))

    assert await store.fetch(consents.failure(ACME)) == (second,)
    await store.run(consents.succeeded(ACME))
    assert await store.fetch(consents.failure(ACME)) == ()
