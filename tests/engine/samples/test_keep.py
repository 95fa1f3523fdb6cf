"""What has ended is stored once; while the store takes nothing it waits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from syncd.domain.errors import StoreError
from syncd.domain.model.sample import period_of
from syncd.engine.samples import keep
from syncd.ports.driver import Driver
from syncd.store import tenants
from syncd.store.unit_of_work import Store
from tests.engine.samples.test_fold import Hands, call, fold
from tests.store.build import ACME, AT, BETA
from tests.store.test_samples import kept
from tests.support.stores import driver_at


async def made(path: Path) -> tuple[Store, Driver]:
    driver = driver_at(path)
    store = Store(driver)
    await store.run(tenants.ensure([ACME, BETA]))
    return store, driver


async def test_five_minutes_are_kept_when_they_end_and_not_before(tmp_path: Path) -> None:
    store, driver = await made(tmp_path / "store.db")
    counting, clock = fold()
    counting.observe(call())
    period = period_of(AT)

    await keep.keep_ended(store, counting)
    before = await kept(store, 0, period + 1)
    clock.later(300)
    await keep.keep_ended(store, counting)

    assert before == []
    (found,) = await kept(store, 0, period + 1)
    assert (found.period, found.seen_s, found.write_calls) == (period, 300, 1)
    assert counting.ended() == ()
    await driver.close()


async def test_what_the_store_does_not_take_waits_for_it(tmp_path: Path) -> None:
    counting, clock = fold(Hands(AT - timedelta(minutes=5)))
    counting.observe(call())
    clock.later(300)
    broken, driver = await made(tmp_path / "broken.db")
    await driver.close()

    with pytest.raises(StoreError):
        await keep.keep_ended(broken, counting)

    store, driver = await made(tmp_path / "store.db")
    await keep.keep_ended(store, counting)
    assert [one.write_calls for one in await kept(store, 0, period_of(AT))] == [1]
    await driver.close()
