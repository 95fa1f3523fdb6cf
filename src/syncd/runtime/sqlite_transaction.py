"""One SQLite transaction from BEGIN to COMMIT, synchronous, in whatever thread calls it.

The core of both drivers: `runtime.aiosqlite_driver` calls it in its own threads,
`lab.virtual.inline_driver` in the loop's. Connections are made by `connect`, in autocommit, so that
every transaction here is one this room has begun.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from syncd.domain.errors import (
    Conflict,
    NotStorable,
    StoreBroken,
    StoreDiskFails,
    StoreError,
    StoreFull,
    StoreReadOnly,
)
from syncd.domain.rules.journal import hash_chain
from syncd.ports.driver import Answers, BoundStatement, Row
from syncd.runtime import guards
from syncd.runtime.sqlite_placeholders import prepared

Synchronous = Literal["FULL", "NORMAL", "OFF"]

PREPARED_STATEMENTS = 512
"""Every named statement of the store stays prepared: there are fewer of them."""
# After a checkpoint the WAL shrinks back to this, so that one big back-fill does not keep its disk.
_WAL_BYTES_KEPT = 64 * 2**20
# Free pages that a busy day fills again stay in the file; the rest goes back, some at a time.
_PAGES_KEPT_FREE = 2048
_PAGES_GIVEN_BACK = 64
_PRIMARY_CODE = 0xFF  # the rest of a result code only says more (SQLite docs: Result Codes)
# The index beside the log cannot be made longer: SQLite has no other word for a full disk there.
_NO_SPACE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
_MAY_NOT = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN)
# None: Python's own refusal of a value, before SQLite has seen it.
_OUR_MISTAKE = (
    None, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE,
)  # fmt: skip
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_TAKEN = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)


def connect(
    path: Path,
    *,
    busy_timeout_s: float,
    synchronous: Synchronous,
    is_reader: bool = False,
    chance: Callable[[int], bytes] = os.urandom,
) -> sqlite3.Connection:
    """Open the file in WAL with the settings every connection of the store has.

    `busy_timeout_s` bounds the wait for another process's lock. A reader cannot write. `chance`
    answers so many bytes that nobody can guess: the journal's salts.
    Raises StoreError when the file cannot be opened or is no database.
    """
    try:
        connection = sqlite3.connect(
            path,
            timeout=busy_timeout_s,
            isolation_level=None,
            cached_statements=PREPARED_STATEMENTS,
            check_same_thread=False,
        )
    except sqlite3.Error as error:
        raise _translated(error, "open", str(path)) from error
    try:
        # Before the first table is made, or never: what is freed can go back to the disk.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")
        # What was erased is overwritten, whatever this SQLite was built with.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES_KEPT}")
        if is_reader:
            connection.execute("PRAGMA query_only = ON")
        connection.create_function("chain_digest", -1, hash_chain.digest, deterministic=True)
        connection.create_function("fresh_salt", 0, lambda: chance(hash_chain.SALT_BYTES))
    except sqlite3.Error as error:
        connection.close()
        raise _translated(error, "open", str(path)) from error
    return connection


def write(
    connection: sqlite3.Connection,
    statements: Sequence[BoundStatement],
    before_commit: Callable[[], None] | None = None,
) -> Answers:
    """Run all statements in one write transaction.

    `before_commit` may raise to make the COMMIT fail; its error is raised as it is. Raises
    Conflict, StoreFull or StoreError, naming the statement and never a value; then nothing was
    written and the next BEGIN works.
    """
    return _transaction(connection, "BEGIN IMMEDIATE", statements, before_commit)


def write_together(
    connection: sqlite3.Connection,
    transactions: Sequence[Sequence[BoundStatement]],
    before_commit: Callable[[], None] | None = None,
) -> tuple[Answers | Exception, ...]:
    """Run transactions one after the other and COMMIT once; how each ended, in their order.

    One that breaks a rule of the store, or finds somebody was there first, is undone alone. When
    the disk or the COMMIT itself fails, nothing was written, and each runs once more for itself:
    only then is it known whose fault it was.
    """
    if len(transactions) > 1:
        with suppress(Exception):
            return _together(connection, transactions, before_commit)
    return tuple(_ended(connection, each, before_commit) for each in transactions)


def read(connection: sqlite3.Connection, statements: Sequence[BoundStatement]) -> Answers:
    """Run all statements against one snapshot of the store. Raises StoreError."""
    if len(statements) == 1 and len(statements[0].rows) == 1:
        return (_run(connection, statements[0]),)  # one statement is a snapshot by itself
    return _transaction(connection, "BEGIN DEFERRED", statements, None)


def checkpoint(connection: sqlite3.Connection) -> None:
    """Bring the log into the file as far as no reader needs it; waits for nobody, fails silently.

    What is committed is safe in the log: a checkpoint that cannot be done now is done another time.
    """
    with suppress(sqlite3.Error):
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def give_back(connection: sqlite3.Connection) -> None:
    """Give some free pages back to the disk, where there are many; fails silently.

    Little at a time, for others wait meanwhile. A file made before `auto_vacuum` keeps them.
    """
    with suppress(sqlite3.Error):
        ((pages,),) = connection.execute("PRAGMA freelist_count")
        if pages > _PAGES_KEPT_FREE:
            # `execute` takes one step of a PRAGMA, and this one frees a page a step.
            connection.executescript(f"PRAGMA incremental_vacuum({_PAGES_GIVEN_BACK})")


def _transaction(
    connection: sqlite3.Connection,
    begin: str,
    statements: Sequence[BoundStatement],
    before_commit: Callable[[], None] | None,
) -> Answers:
    with _committed(connection, begin, before_commit):
        return tuple(_run(connection, statement) for statement in statements)


def _together(
    connection: sqlite3.Connection,
    transactions: Sequence[Sequence[BoundStatement]],
    before_commit: Callable[[], None] | None,
) -> tuple[Answers | Exception, ...]:
    ends: list[Answers | Exception] = []
    with _committed(connection, "BEGIN IMMEDIATE", before_commit):
        for statements in transactions:
            _execute(connection, "SAVEPOINT one")
            try:
                ends.append(tuple(_run(connection, statement) for statement in statements))
            except (Conflict, NotStorable) as error:
                # Fails here where SQLite has undone more than the statement by itself.
                _execute(connection, "ROLLBACK TO one")
                ends.append(error)
            _execute(connection, "RELEASE one")
    return tuple(ends)


@contextmanager
def _committed(
    connection: sqlite3.Connection, begin: str, before_commit: Callable[[], None] | None
) -> Iterator[None]:
    """One transaction round the block; whatever fails in it, all is rolled back."""
    try:
        _execute(connection, begin)
        yield
        if before_commit is not None:
            before_commit()
        # COMMIT can fail (full disk) and leaves the transaction open when it does: unless it is
        # rolled back, every later BEGIN fails and one full disk wedges the daemon.
        _execute(connection, "COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def _ended(
    connection: sqlite3.Connection,
    statements: Sequence[BoundStatement],
    before_commit: Callable[[], None] | None,
) -> Answers | Exception:
    try:
        return write(connection, statements, before_commit)
    except Exception as error:  # noqa: BLE001  (raised to whoever asked for it, and to nobody else)
        return error


def _run(connection: sqlite3.Connection, statement: BoundStatement) -> tuple[Row, ...]:
    changed_before = connection.total_changes
    answer: tuple[Row, ...] = ()
    try:
        text = prepared(statement.sql)
        rows = statement.rows if text.lay_out is None else tuple(map(text.lay_out, statement.rows))
        if len(rows) == 1:
            answer = tuple(connection.execute(text.sql, rows[0]).fetchall())
        elif text.returns:
            # From Python 3.12 on executemany breaks off after the first row that is answered.
            for row in rows:
                connection.execute(text.sql, row).fetchall()
        elif rows:
            connection.executemany(text.sql, rows)
    except (sqlite3.Error, OverflowError) as error:
        raise _translated(error, statement.name) from error
    except UnicodeEncodeError:
        # Python's error holds the whole text.
        message = f"{statement.name}: a text has a character that is none (a lone surrogate)"
        raise NotStorable(message) from None
    guards.check_changed(statement, connection.total_changes - changed_before)
    return answer


def _execute(connection: sqlite3.Connection, word: str) -> None:
    try:
        connection.execute(word)
    except sqlite3.Error as error:
        raise _translated(error, word) from error


def _roll_back(connection: sqlite3.Connection) -> None:
    # SQLite has already rolled back by itself after some errors (full disk among them).
    if connection.in_transaction:
        connection.rollback()


def is_full(code: int | None) -> bool:
    """Whether SQLite's result code, with its reason, says that there is no space left."""
    return code is not None and (code in _NO_SPACE or code & _PRIMARY_CODE == sqlite3.SQLITE_FULL)


def _translated(error: Exception, name: str, place: str = "the store's disk") -> StoreError:
    """Our error for SQLite's. SQLite's own words name columns and constraints, never values."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & _PRIMARY_CODE
    if is_full(code):
        return StoreFull(f"{name}: {error}; nothing was written; make room on {place}")
    if code in _TAKEN:
        return Conflict(f"{name}: {error}; nothing was written; that place is taken")
    if primary == sqlite3.SQLITE_BUSY:
        return StoreError(f"{name}: {error}; another program holds the file; close it")
    if primary == sqlite3.SQLITE_IOERR:
        why = f"{place} answers with errors: look at the machine's log, and at its quota"
        return StoreDiskFails(f"{name}: {error}; nothing was written; {why}")
    if name == "open":
        return StoreError(f"cannot open {place}: {error}; check the path and its permissions")
    return _of_the_statement(primary, f"{name}: {error}")


def _of_the_statement(primary: int | None, message: str) -> StoreError:
    """The file is open and there is room: it is damaged, or the statement is at fault."""
    if primary in _MAY_NOT:
        message += "; nothing was written; is its disk read-only, or its folder another user's?"
        return StoreReadOnly(message)
    if primary in _DAMAGED:
        message += "; the file is damaged: stop the daemon, run syncd db check"
        return StoreBroken(message)
    return (NotStorable if primary in _OUR_MISTAKE else StoreError)(message)
