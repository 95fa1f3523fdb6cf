"""Which engine the stores of journeys and of the engine's tests are on.

Files of SQLite; with `SYNCD_TEST_STORE=postgresql` (`make test-postgresql`) databases of one server
of the tests' own, of which each file that would be there has one.
"""

from __future__ import annotations

import atexit
import os
import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.ports.driver import Answers, BoundStatement, Driver
from syncd.runtime import postgresql_store
from syncd.store import migrate
from tests.support.as_new import EMPTY, KEPT
from tests.support.inline_postgresql import InlinePostgresql, done, driver_of
from tests.support.migrated import migrated
from tests.support.postgresql import Cluster, started

ON_POSTGRESQL = os.environ.get("SYNCD_TEST_STORE", "sqlite") == "postgresql"
LEASE_S = 2.0
"""What a daemon that died holds up the next one for: shorter than in earnest."""


def needs_file(why: str) -> pytest.MarkDecorator:
    """For a test that is about SQLite itself, and is not run on PostgreSQL."""
    return pytest.mark.skipif(ON_POSTGRESQL, reason=f"only with a file: {why}")


@dataclass
class Disk:
    """A store's driver, whose writes fail while `error` stands."""

    driver: Any
    error: Exception | None = None
    has_reserve: bool = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.driver, name)

    async def write(self, statements: Sequence[BoundStatement]) -> Answers:
        if self.error is not None:
            raise self.error
        found: Answers = await self.driver.write(statements)
        return found


@cache
def server() -> Cluster:
    """The server, started for whoever asks first; gone with this process."""
    held = ExitStack()
    atexit.register(held.close)
    return held.enter_context(started())


_DATABASES: dict[Path, str] = {}


def url_of(path: Path) -> str:
    """What `store.url` says for a store that would be in this file."""
    if not ON_POSTGRESQL:
        return f"sqlite://{path}"
    if path not in _DATABASES:
        _DATABASES[path] = server().url(server().new_database())
    return _DATABASES[path]


def driver_at(path: Path, *, before_commit: Callable[[], None] | None = None) -> Driver:
    """A driver in virtual time, for a store that would be in this file.

    It may be there already; a new one has every migration, and no row of anybody's.
    """
    if not ON_POSTGRESQL:
        there = path if path.exists() else migrated(path)
        return InlineDriver(there, before_commit=before_commit)
    if path not in _INLINE:
        gone = [each for each in _INLINE if not each.parent.exists()]
        _FREE.extend(_DATABASES.pop(each) for each in gone)
        _INLINE.difference_update(gone)
        _DATABASES[path] = _empty_one()
        _INLINE.add(path)
    return InlinePostgresql(_DATABASES[path], before_commit=before_commit)


_INLINE: set[Path] = set()
"""The files of which a driver in virtual time has the database."""
_FREE: list[str] = []
"""Databases whose file's folder is no more."""


def _empty_one() -> str:
    if not _FREE:
        return server().url(server().new_database(_migrated()))
    url = _FREE.pop()
    done(driver_of(url).write((BoundStatement(name="empty", sql=EMPTY),)))
    return url


def demand_file(why: str) -> None:
    """Skip the test that came here: what it goes on with is SQLite's alone."""
    if ON_POSTGRESQL:
        pytest.skip(f"only with a file: {why}")


@cache
def _migrated() -> str:
    """A database that has the schema, to make others from: a migration takes half a second."""
    name = server().new_database()

    async def make() -> None:
        driver = await postgresql_store.open_driver(server().url(name), readers=1)
        await migrate.upgrade(driver, datetime(2026, 11, 22, 12, tzinfo=UTC))
        await driver.write((BoundStatement(name="kept", sql=KEPT),))
        await driver.close()

    done(make())
    return name


def one(path: Path, statement: str) -> int:
    """The one number that a statement finds in that store, while daemons work with it."""
    if ON_POSTGRESQL:
        database = url_of(path).partition("@/")[2].partition("?")[0]
        return int(server().sql("SET search_path = syncd", statement, database=database))
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        return int(store.execute(statement).fetchone()[0])


def content(path: Path) -> bytes:
    """Everything that stands in that store, as its engine keeps or shows it."""
    if ON_POSTGRESQL:
        return server().dump(url_of(path).partition("@/")[2].partition("?")[0]).encode()
    return path.read_bytes()


def every_byte(path: Path) -> bytes:
    """The same, in which bytes that the engine shows in digits stand as what they are, too."""
    shown = content(path)
    digits = re.findall(rb"\\\\x((?:[0-9a-f]{2})+)", shown) if ON_POSTGRESQL else []
    return b"\n".join((shown, *(bytes.fromhex(one.decode()) for one in digits)))


def put_back(path: Path, dumped: str) -> None:
    """Make a database what `content` said of it, by the server's own tools."""
    database = url_of(path).partition("@/")[2].partition("?")[0]
    server().sql("DROP SCHEMA syncd CASCADE", database=database)
    server().load(database, dumped)
