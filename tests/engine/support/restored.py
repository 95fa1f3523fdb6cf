"""A day played twice over: a backup is taken, the day goes on, and the backup is put back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from syncd.bootstrap import restoration
from syncd.bootstrap.restoration import Restored
from syncd.domain.errors import RemoteError
from syncd.domain.ids import IncarnationId
from syncd.engine.recovery import lease_reaper
from syncd.engine.sweeps import after_restore
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.runtime import sqlite_upkeep
from syncd.store import backups
from syncd.store.unit_of_work import Store, Transaction
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import is_open, swept
from tests.support.stores import demand_file

MOST_LOOKS = 200


def _driver(rounds: Rounds) -> InlineDriver:
    demand_file("it is looked into by itself")
    driver = rounds.context.store._driver
    assert isinstance(driver, InlineDriver)
    return driver


def place(rounds: Rounds) -> Path:
    """Where the store's file lies."""
    rows = _driver(rounds)._connection.execute("PRAGMA database_list").fetchall()
    return Path(rows[0][2])


async def backed_up(rounds: Rounds, *, stamped: bool = True) -> Path:
    """A backup of the store as it is now."""
    path = place(rounds)
    target = path.with_name(f"backup-{rounds.context.now().timestamp():.0f}.db")
    sqlite_upkeep.copy(path, target)
    if stamped:
        tx = Transaction()
        tx.add_all(backups.stamp(rounds.context.now()))
        driver = InlineDriver(target)
        await Store(driver).commit(tx)
        await driver.close()
    return target


async def put_back(rounds: Rounds, backup: Path) -> Restored:
    """Restore, and start another life of the daemon on it."""
    path = place(rounds)
    await _driver(rounds).close()
    done = await restoration.restore(path, backup, rounds.context.now(), [rounds.tenant])
    rounds.context = replace(
        rounds.context,
        store=Store(InlineDriver(path)),
        incarnation=IncarnationId(f"{rounds.context.incarnation}+"),
    )
    await lease_reaper.start_up(rounds.context)
    return done


async def looked(rounds: Rounds) -> float | None:
    """The look as far as it goes now; when it goes on."""
    for _ in range(MOST_LOOKS):
        try:
            delay_s = await after_restore.look_once(rounds.context, rounds.tenant, is_open=is_open)
        except RemoteError:
            return 1.0
        if delay_s is None or delay_s > 0:
            return delay_s
    raise AssertionError("the look never comes to rest")


async def at_work(rounds: Rounds, seconds: float = 480) -> None:
    """The restored daemon at work with all its loops, until nothing is left to come."""
    left = seconds
    while left > 0:
        await looked(rounds)
        await swept(rounds)
        await rounds.after(30)
        left -= 30


def played(story: Callable[[Rounds], Coroutine[Any, Any, None]], **limits: Any) -> None:
    """Play a story that puts a backup back, and close the file it ends with."""

    async def whole(rounds: Rounds) -> None:
        await story(rounds)
        await _driver(rounds).close()

    play(whole, **limits)
