"""Which engine the stores of journeys and of the engine's tests are on.

Files of SQLite; with `SYNCD_TEST_STORE=postgresql` (`make test-postgresql`) databases of one server
of the tests' own, of which each file that would be there has one.
"""

from __future__ import annotations

import atexit
import os
import sqlite3
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path

import pytest

from tests.support.postgresql import Cluster, started

ON_POSTGRESQL = os.environ.get("SYNCD_TEST_STORE", "sqlite") == "postgresql"
LEASE_S = 2.0
"""What a daemon that died holds up the next one for: shorter than in earnest."""


def needs_file(why: str) -> pytest.MarkDecorator:
    """For a test that is about SQLite itself, and is not run on PostgreSQL."""
    return pytest.mark.skipif(ON_POSTGRESQL, reason=f"only with a file: {why}")


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
