"""The file and every growing table are measured, in a store with rows and in an empty one."""

from __future__ import annotations

from syncd.store import jobs, sizes
from syncd.store.unit_of_work import Store
from syncd.telemetry import labels
from tests.store.build import AT, wish


async def test_size_is_of_the_file_and_of_what_is_free_in_it(store: Store) -> None:
    (found,) = await store.fetch(sizes.file())

    assert found.bytes > found.free_bytes >= 0


async def test_rows_of_each_table_are_counted(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1"), wish("i2")], AT))

    counts = {name: (await store.fetch(each))[0] for name, each in sizes.counts().items()}

    assert counts["jobs"] == 2
    assert set(counts) == set(labels.STORE_TABLES)
    assert sum(counts.values()) == 2
