"""What was last seen of an invoice's money never goes back in time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from syncd.domain.errors import Conflict
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.store import links, migrate, money, results, rows, tenants
from syncd.store.money import MoneyRead
from syncd.store.results import ResultKey, ResultKind
from syncd.store.unit_of_work import Store
from tests.domain import builders
from tests.store.build import ACME, AT, BETA, later
from tests.store.test_restores import link

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
    await store.run(links.put_invoices(ACME, [link("i1", "x1")], {"i1": AT}))
    await store.run(money.record_reads(ACME, [("i1", LIVE)], AT))
    await store.run(links.put_invoices(ACME, [link("i1", "x1")]))
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
    assert (stands.content, stands.revision) == (b"new", looked_at.revision + 1)
    with pytest.raises(Conflict):
        await store.run(money.refresh(ACME, [(looked_at, b"newer")], AT))


BEFORE = 32
"""The last migration that kept own stamps beside what was read."""
SIGHTS_BEFORE = [("i1", 5_000, None, None), ("i2", 6_000, 1, "7"), ("i3", None, 1, "8")]


async def test_stamps_of_a_store_from_before_stand_with_their_links(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    driver = InlineDriver(path)
    await migrate.upgrade(driver, AT, migrate.known()[:BEFORE])
    await Store(driver).run(tenants.ensure([ACME]))
    await driver.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for key, stamp, read_at, amount in SIGHTS_BEFORE:
            connection.execute(
                "INSERT INTO links (tenant_id, kind, key, xero_id, is_ours, xero_status,"
                " xero_number, seen_at) VALUES (1, 'invoice', ?, ?, 1, 'AUTHORISED', 'PL', 1)",
                (key, key),
            )
            connection.execute(
                "INSERT INTO sights (tenant_id, key, own_updated_at, read_at, amount_paid,"
                " amount_credited, amount_due) VALUES (1, ?, ?, ?, ?, ?, ?)",
                (key, stamp, read_at, amount, amount, amount),
            )
    driver = InlineDriver(path)
    await migrate.upgrade(driver, AT)
    try:
        found = await Store(driver).fetch(money.records(ACME, ["i1", "i2", "i3"]))
    finally:
        await driver.close()

    stamps = [one.own_updated_at and rows.to_ms(one.own_updated_at) for one in found]
    assert stamps == [5_000, 6_000, None]
    dues = [one.amounts and one.amounts.due for one in found]
    assert dues == [None, Decimal(7), Decimal(8)]
