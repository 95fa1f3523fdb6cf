"""A store from before `cursors` was parted: every row of it is found in its own place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from syncd.domain.ids import PipelineCustomerId, TenantId
from syncd.domain.model.settings import Mode
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.store import (
    applied_plans,
    catch_ups,
    feeds,
    link_requests,
    migrate,
    settings,
    tenants,
    views,
)
from syncd.store.catch_ups import CatchUp
from syncd.store.feeds import Feed
from syncd.store.tenants import TenantRow
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, BETA, later
from tests.store.test_settings import SETTINGS

BEFORE = 14
"""The last migration that still had `cursors`."""
SAID = [
    ("paused", "Ada", 1),
    ("started_by_plan", "plan ab12 applied", 2),
    ("choices", "d1f0", 3),
    ("start_date", "", 4),
    ("settings_doubted", "", 5),
    ("pipeline_feed", "f:77", 6),
    ("pipeline_feed_began_again", "", 7),
    ("feed_since_restore", "", 8),
    ("catch_up", "invoices", 9),
    ("contact_wish:c1", '{"link_to":"x-1"}', 10),
    ("contact_wish:ö:2", '{"create":{}}', 11),
    ("plan_applied:ab12", "2026-11-22T12:00:00Z", 12),
    ("mapping", "of nobody we know", 13),
    ("contact_wish:", "of no customer", 14),
]
CHARLIE = TenantId("charlie")


async def written_before(path: Path) -> None:
    """A store of that schema: ACME has a row of each kind, BETA two, CHARLIE none."""
    driver = InlineDriver(path)
    await migrate.upgrade(driver, AT, migrate.known()[:BEFORE])
    await Store(driver).run(tenants.ensure([ACME, BETA, CHARLIE]))
    await driver.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE tenants SET mode = 'live', is_paused = 1 WHERE name = 'acme'")
        connection.execute(
            "INSERT INTO settings SELECT id, ?, ? FROM tenants",
            (b"{}", int(AT.timestamp() * 1000)),
        )
        rows = [("acme", name, value, at) for name, value, at in SAID]
        rows += [("beta", "pipeline_feed", "f:1", 20), ("beta", "start_date", "2026-04-01", 21)]
        connection.executemany(
            "INSERT INTO cursors SELECT id, ?, ?, ? FROM tenants WHERE name = ?",
            [(name, value, int(later(at).timestamp() * 1000), t) for t, name, value, at in rows],
        )


async def test_every_row_is_found_in_its_place_after_the_upgrade(tmp_path: Path) -> None:
    await written_before(tmp_path / "store.db")
    driver = InlineDriver(tmp_path / "store.db")
    store = Store(driver)

    await migrate.upgrade(driver, later(60))

    assert await store.fetch(tenants.one(ACME)) == (
        TenantRow(
            tenant=ACME,
            mode=Mode.LIVE,
            is_paused=True,
            is_started_by_plan=True,
            choices="d1f0",
            start_date="",
        ),
    )
    (card,) = await store.fetch(views.cards(ACME))
    assert (card.paused_at, card.paused_by) == (later(1), "Ada")
    assert await store.fetch(settings.undoubted(ACME)) == ()
    assert await store.fetch(feeds.get(ACME)) == (
        Feed(cursor="f:77", moved_at=later(6), began_again_at=later(7), is_behind_restore=True),
    )
    assert await store.fetch(catch_ups.get(ACME)) == (CatchUp(step="invoices", moved_at=later(9)),)
    customers = [PipelineCustomerId("c1"), PipelineCustomerId("ö:2")]
    bodies = [(await store.fetch(link_requests.get(ACME, one)))[0] for one in customers]
    assert bodies == [b'{"link_to":"x-1"}', b'{"create":{}}']
    assert await store.fetch(applied_plans.is_applied(ACME, "ab12")) == (True,)
    await driver.close()


async def test_tenants_keep_apart_and_one_without_rows_has_none(tmp_path: Path) -> None:
    await written_before(tmp_path / "store.db")
    driver = InlineDriver(tmp_path / "store.db")
    store = Store(driver)

    await migrate.upgrade(driver, later(60))

    (beta,) = await store.fetch(tenants.one(BETA))
    assert (beta.choices, beta.start_date, beta.is_started_by_plan) == (None, "2026-04-01", False)
    (feed,) = await store.fetch(feeds.get(BETA))
    assert (feed.cursor, feed.moved_at, feed.is_behind_restore) == ("f:1", later(20), False)
    assert await store.fetch(applied_plans.is_applied(BETA, "ab12")) == (False,)
    assert await store.fetch(feeds.get(CHARLIE)) == ()
    assert (await store.fetch(tenants.one(CHARLIE)))[0].start_date is None
    await driver.close()


async def test_row_of_an_unknown_name_is_kept(tmp_path: Path) -> None:
    await written_before(tmp_path / "store.db")
    driver = InlineDriver(tmp_path / "store.db")
    await migrate.upgrade(driver, later(60))
    await driver.close()

    with closing(sqlite3.connect(tmp_path / "store.db")) as connection, connection:
        kept = connection.execute("SELECT name, value FROM unknown_cursors ORDER BY moved_at")

        assert kept.fetchall() == [
            ("mapping", "of nobody we know"),
            ("contact_wish:", "of no customer"),
        ]
    connection.close()


async def test_doubt_ends_with_a_read_that_is_newer(store: Store) -> None:
    await store.run(settings.put(ACME, SETTINGS))
    assert await store.fetch(settings.undoubted(ACME)) == (SETTINGS,)

    await store.run(settings.doubt(ACME, later(5)))

    assert await store.fetch(settings.undoubted(ACME)) == ()
    assert await store.fetch(settings.get(ACME)) == (SETTINGS,)
