"""What was last seen of an invoice's money never goes back in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from syncd.domain.errors import Conflict
from syncd.store import money, results
from syncd.store.money import MoneyRead
from syncd.store.results import ResultKey, ResultKind
from syncd.store.unit_of_work import Store
from tests.domain import builders
from tests.store.build import ACME, AT, BETA, later

LIVE = replace(
    builders.live_invoice(),
    amount_paid=Decimal("40.00"),
    amount_credited=Decimal("0.50"),
    amount_due=Decimal("74.50"),
    fully_paid_on=date(2026, 11, 20),
)


async def test_sight_shows_what_was_read(store: Store) -> None:
    await store.run(money.record_reads(ACME, [("i1", LIVE)], AT))

    (sight,) = await store.fetch(money.records(ACME, ["i1", "i2"]))

    assert sight.amounts == MoneyRead(
        read_at=AT,
        updated_at=LIVE.updated_at,
        paid=Decimal("40.00"),
        credited=Decimal("0.50"),
        due=Decimal("74.50"),
        fully_paid_on=date(2026, 11, 20),
    )
    assert await store.fetch(money.records(BETA, ["i1"])) == ()


async def test_older_read_changes_nothing(store: Store) -> None:
    await store.run(money.record_reads(ACME, [("i1", LIVE)], later(5)))
    with pytest.raises(Conflict):
        await store.run(
            money.record_reads(ACME, [("i1", replace(LIVE, amount_due=Decimal(0)))], AT)
        )

    (sight,) = await store.fetch(money.records(ACME, ["i1"]))

    assert sight.amounts is not None
    assert sight.amounts.due == Decimal("74.50")


async def test_own_write_waits_for_one_event(store: Store) -> None:
    await store.run(money.expect_events(ACME, [("i1", AT)]))
    await store.run(money.record_reads(ACME, [("i1", LIVE)], AT))
    (before,) = await store.fetch(money.records(ACME, ["i1"]))

    await store.run(money.events_arrived(ACME, [("i1", later(1))]))
    (other,) = await store.fetch(money.records(ACME, ["i1"]))
    await store.run(money.events_arrived(ACME, [("i1", AT)]))
    (after,) = await store.fetch(money.records(ACME, ["i1"]))

    assert (before.own_updated_at, other.own_updated_at, after.own_updated_at) == (AT, AT, None)
    assert after.amounts == before.amounts


async def test_refresh_replaces_only_what_was_looked_at(store: Store) -> None:
    key = ResultKey(kind=ResultKind.INVOICE, key="i1")
    await store.run(results.put(ACME, [(key, b"old")], AT))
    (looked_at,) = await store.fetch(results.contents(ACME, ResultKind.INVOICE, ["i1"]))

    await store.run(money.refresh(ACME, [(looked_at, b"new")], AT))

    (stands,) = await store.fetch(results.due(ACME, AT, limit=9))
    assert stands.content == b"new"
    with pytest.raises(Conflict):
        await store.run(money.refresh(ACME, [(looked_at, b"newer")], AT))
