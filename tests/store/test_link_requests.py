from __future__ import annotations

from syncd.domain.ids import PipelineCustomerId
from syncd.store import link_requests
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, BETA

ADA, BOB = PipelineCustomerId("ada"), PipelineCustomerId("bob")


async def test_newest_request_of_a_customer_stands_until_it_is_forgotten(store: Store) -> None:
    await store.run(link_requests.put(ACME, ADA, b"1"))
    await store.run(link_requests.put(ACME, ADA, b"2"))
    await store.run(link_requests.put(ACME, BOB, b"3"))

    assert await store.fetch(link_requests.get(ACME, ADA)) == (b"2",)
    assert await store.fetch(link_requests.get(BETA, ADA)) == ()
    await store.run(link_requests.forget(ACME, ADA))
    assert await store.fetch(link_requests.get(ACME, ADA)) == ()
    assert await store.fetch(link_requests.get(ACME, BOB)) == (b"3",)
