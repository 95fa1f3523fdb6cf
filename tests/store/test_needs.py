"""What waits for a person is counted by cause from an index alone, the oldest of each beside."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.job import JobState, PublicState, Reason
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.runtime.sqlite_placeholders import prepared
from syncd.store import migrate, needs, sql, tenants
from syncd.store.unit_of_work import Store
from tests.engine.support.operating import FAILED, OUT_OF_SYNC, QUEUED, SYNCED, End, desk
from tests.store.build import ACME, AT, BETA
from tests.store.old_jobs import prepare_old
from tests.store.test_views import End as Kept

PAINT = HoldCause(kind=CauseKind.COST_CODE, name="PAINT")
WOOD = HoldCause(kind=CauseKind.COST_CODE, name="WOOD")


def unmapped(cause: HoldCause | None) -> End:
    return End(state=JobState.HELD, reason=Reason.ACCOUNT_UNMAPPED, note="map it", cause=cause)


async def test_groups_are_counted_by_cause_and_what_goes_by_itself_is_none() -> None:
    async with desk() as at:
        await at.seed(
            {
                "a": unmapped(PAINT), "b": unmapped(PAINT), "c": unmapped(WOOD),
                "d": unmapped(None),
                "e": OUT_OF_SYNC, "f": FAILED, "g": SYNCED, "h": QUEUED,
                "i": End(state=JobState.HELD, reason=Reason.RATE_LIMITED, note="later"),
            }
        )  # fmt: skip

        found = await at.store.fetch(needs.by_cause(ACME, limit=10))
        first = await at.store.fetch(needs.by_cause(ACME, limit=1))

    assert {(one.state, one.cause, one.count) for one in found} == {
        (PublicState.WAITING, "cost_code:PAINT", 2),
        (PublicState.WAITING, "cost_code:WOOD", 1),
        (PublicState.WAITING, None, 1),
        (PublicState.OUT_OF_SYNC, None, 1),
        (PublicState.FAILED, None, 1),
    }
    assert first[0] == found[0]
    assert needs.cause_of(found[0]) == PAINT


async def test_the_oldest_of_each_group_is_named() -> None:
    async with desk() as at:
        await at.seed({"a": unmapped(PAINT), "b": unmapped(PAINT), "e": OUT_OF_SYNC})
        groups = await at.store.fetch(needs.by_cause(ACME, limit=10))

        found = await at.store.fetch(needs.oldest(ACME, groups))

    assert [(one.group, one.label, one.note) for one in found] == [
        (0, "A", "map it"),
        (1, "E", "changed on both sides"),
    ]


async def test_of_those_that_wait_equally_long_the_first_by_key_is_named() -> None:
    async with desk() as at:
        await at.seed({"b": unmapped(PAINT), "a": unmapped(PAINT)})
        groups = await at.store.fetch(needs.by_cause(ACME, limit=10))

        (found,) = await at.store.fetch(needs.oldest(ACME, groups))

    assert found.label == "A"


def test_counting_reads_the_index_alone(migrated_file: Path) -> None:
    text = prepared(sql.load("needs")["by_cause"].text).sql
    with (
        closing(sqlite3.connect(f"file:{migrated_file}?mode=ro", uri=True)) as connection,
        connection,
    ):
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", [None, 9])]

    assert any("SEARCH jobs USING INDEX jobs_exceptional" in step for step in plan), plan


async def test_customers_of_a_store_from_before_are_causes(tmp_path: Path) -> None:
    driver = InlineDriver(tmp_path / "store.db")
    store = Store(driver)
    await migrate.upgrade(driver, AT, migrate.known()[:16])
    await store.run(tenants.ensure([ACME, BETA]))
    waits = Kept(JobState.HELD, Reason.CONTACT_UNMAPPED, "no contact")
    await prepare_old(driver, {"a": waits, "b": Kept(JobState.DONE)})

    await migrate.upgrade(driver, AT)
    found = await store.fetch(needs.by_cause(ACME, limit=10))
    await driver.close()

    assert [(one.cause, one.count) for one in found] == [("customer:c1", 1)]
