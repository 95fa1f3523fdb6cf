"""Upkeep of SQLite files at rest or in use: copy, check, a driver in the caller's own thread.

For commands a person types (`bootstrap.upkeep`), which may block while they work; the daemon's own
driver is `runtime.aiosqlite_driver`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from syncd.domain.errors import StoreError, StoreFull
from syncd.ports.driver import Answers, BoundStatement, Dialect
from syncd.runtime import sqlite_transaction, store_files

BUSY_TIMEOUT_S = 5.0
MOST_PROBLEMS = 20
"""A broken file is broken: nobody reads the thousandth line."""
_BESIDE = ("-wal", "-shm", "-journal")


class UpkeepDriver:
    """The driver port in the caller's own thread; a reader cannot write. Raises StoreError."""

    def __init__(self, path: Path, *, is_reader: bool = False) -> None:
        if not path.is_file():
            message = f"there is no store at {path}: check store.url, or start the daemon once"
            raise StoreError(message)
        self._connection = sqlite_transaction.connect(
            path, busy_timeout_s=BUSY_TIMEOUT_S, synchronous="FULL", is_reader=is_reader
        )
        self._files = store_files.OpenFiles(path)

    async def write(self, statements: Sequence[BoundStatement]) -> Answers:
        """Run all statements in one write transaction; see `ports.driver`."""
        return sqlite_transaction.write(self._connection, statements)

    async def read(self, statements: Sequence[BoundStatement]) -> Answers:
        """Run all statements against one consistent snapshot; see `ports.driver`."""
        return sqlite_transaction.read(self._connection, statements)

    @property
    def dialect(self) -> Dialect:
        """SQLite's; see `ports.driver`."""
        return "sqlite"

    @property
    def has_reserve(self) -> bool:
        """A command keeps nothing back."""
        return False

    @property
    def log_bytes(self) -> int:
        """How long the log is; see `ports.driver`."""
        return self._files.log_bytes

    async def close(self) -> None:
        """Let go of the file. Idempotent."""
        self._connection.close()


def version() -> str:
    """Which SQLite this program runs on."""
    return sqlite3.sqlite_version


def copy(source: Path, target: Path, *, owned_like: store_files.Owner | None = None) -> None:
    """Copy a database as it is at one instant, whoever writes to it meanwhile.

    The copy is one file, mode 0600, on disk when this returns; a reader of a WAL never makes its
    writer wait (SQLite docs: Write-Ahead Logging). It is whose `owned_like` says where root makes
    it. Raises StoreError, and leaves nothing behind.
    """
    if not source.is_file():
        raise StoreError(f"there is no database at {source}: check the path")
    try:
        store_files.make_new(target, owned_like)
    except OSError as error:
        raise StoreError(f"cannot make {target}: {error.strerror}; check its folder") from error
    try:
        _copy(source, target)
        _sync(target)
    except StoreError:
        discard(target)
        raise
    except (sqlite3.Error, OSError) as error:
        discard(target)
        code = getattr(error, "sqlite_errorcode", None)
        kind = StoreFull if sqlite_transaction.is_full(code) else StoreError
        why = getattr(error, "strerror", None) or error
        raise kind(f"cannot copy {source} to {target}: {why}; nothing was kept") from error


def problems(path: Path) -> tuple[str, ...]:
    """What SQLite's own checks find wrong with a database: pages, indexes, references.

    Raises StoreError when the file cannot be opened at all.
    """
    try:
        with _opened(path) as connection:
            found = [
                str(row[0])
                for row in connection.execute(f"PRAGMA integrity_check({MOST_PROBLEMS})")
                if row[0] != "ok"
            ]
            for table, row_id, parent, _ in connection.execute("PRAGMA foreign_key_check"):
                found.append(
                    f"row {row_id} of {table} refers to a row of {parent} that is not there"
                )
    except sqlite3.DatabaseError as error:
        return (f"{path.name} cannot be read as a database: {error}",)
    return tuple(found[:MOST_PROBLEMS])


def size_bytes(path: Path) -> int:
    """How long the file is."""
    return path.stat().st_size


def refuse_taken(path: Path) -> None:
    """Raises StoreError where a file has that name already."""
    if path.exists():
        message = f"{path} exists already and is not overwritten: choose another name"
        raise StoreError(message)


def checkpoint(path: Path, *, keeps_log: bool = True) -> None:
    """Bring what stands in the write-ahead log into the file itself, and let go of the log.

    `keeps_log` False: it becomes one plain file for good. Nobody else may have it open. Raises
    StoreError when it cannot be read or written.
    """
    connection = sqlite_transaction.connect(path, busy_timeout_s=BUSY_TIMEOUT_S, synchronous="FULL")
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if not keeps_log:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise StoreError(f"cannot fold the log of {path} into it: {error}") from error
    finally:
        connection.close()
    _sync(path)


def settle_log(path: Path) -> bool:
    """Checkpoint a database that is about to be replaced, as far as it can be read; is there one?

    So that a death in the middle of `replace` leaves it whole.
    """
    if not path.exists():
        return False
    try:
        checkpoint(path)
    except StoreError:
        # What is broken is kept as it lies there.
        return True
    return True


def publish(made: Path, target: Path) -> None:
    """Give a finished file its name, unless the name is taken. Raises StoreError."""
    refuse_taken(target)
    try:
        os.link(made, target)
    except OSError as error:
        raise StoreError(f"cannot make {target}: {error.strerror}") from error
    made.unlink()
    _sync(target.parent)


def replace(path: Path, fresh: Path, kept: Path) -> None:
    """Put `fresh` in the place of the database at `path`, which stays as `kept`.

    At every instant there is a database at `path`: without one, a daemon that starts now would
    begin anew. The log goes first, for it must never meet another file than its own. Raises
    StoreError.
    """
    try:
        for end in _BESIDE:
            beside = path.with_name(path.name + end)
            if beside.exists():
                beside.chmod(store_files.MODE)
                beside.rename(kept.with_name(kept.name + end))
        if path.exists():
            path.chmod(store_files.MODE)
            os.link(path, kept)
        fresh.replace(path)
        _sync(path.parent)
    except OSError as error:
        message = f"cannot put {fresh} in the place of {path}: {error.strerror}"
        raise StoreError(message) from error


def discard(path: Path) -> None:
    """Remove a database we made, with what SQLite laid beside it."""
    for end in ("", *_BESIDE):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    with _opened(source) as reader:
        writer = sqlite3.connect(target, isolation_level=None)
        try:
            reader.backup(writer)
            # One file, whatever the source was: nothing beside it that could get lost.
            writer.execute("PRAGMA journal_mode = DELETE")
        finally:
            writer.close()


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that can only read."""
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_S)
    except sqlite3.Error as error:
        raise StoreError(f"cannot open {path}: {error}; check the path") from error
    try:
        yield connection
    finally:
        connection.close()


def _sync(path: Path) -> None:
    """What was written is on the disk: of a folder, its names."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
