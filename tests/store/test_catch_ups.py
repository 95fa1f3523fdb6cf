from __future__ import annotations

from syncd.store import catch_ups
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, later


async def test_catching_up_that_was_begun_anew_goes_nowhere_by_what_was_read_before(
    store: Store,
) -> None:
    await store.run(catch_ups.begin(ACME, "wanted", AT))
    (known,) = await store.fetch(catch_ups.get(ACME))
    await store.run(catch_ups.begin(ACME, "wanted", later(1)))

    await store.run(catch_ups.go_on(ACME, known, "invoices", later(2)))
    await store.run(catch_ups.end(ACME, known))

    (standing,) = await store.fetch(catch_ups.get(ACME))
    assert (standing.step, standing.moved_at) == ("wanted", later(1))
    await store.run(catch_ups.go_on(ACME, standing, "invoices", later(2)))
    (standing,) = await store.fetch(catch_ups.get(ACME))
    assert (standing.step, standing.moved_at) == ("invoices", later(2))
    await store.run(catch_ups.end(ACME, standing))
    assert await store.fetch(catch_ups.get(ACME)) == ()
