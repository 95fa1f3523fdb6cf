"""One connection to PostgreSQL: its settings, its prepared statements, the answers of a statement.

Called by `runtime.postgresql_transaction` and `runtime.asyncpg_driver`. A session is used by one
task at a time.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import asyncpg
from asyncpg.connect_utils import SessionAttribute
from asyncpg.prepared_stmt import PreparedStatement

from syncd.domain.errors import NotStorable, StoreError, StoreUnreachable
from syncd.ports.driver import BoundStatement, Row, Scalar
from syncd.runtime import guards
from syncd.runtime.postgresql_errors import READ_ONLY, STANDBY, Interrupted, translated, unopened
from syncd.runtime.postgresql_text import counting, rewritten, storable

SCHEMA = "syncd"
"""The schema all tables of the store live in."""
OLDEST_MAJOR = 14
PLANNER = {
    "plan_cache_mode": "force_generic_plan",
    **{
        f"enable_{way}": "off"
        for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "material")
    },
    "max_parallel_workers_per_gather": "0",
}
"""How statements are planned: once for all values, row after row by an index, as SQLite does.

They are written so, and tests hold them to it. By its own count of rows PostgreSQL prefers to read
all of a tenant's invoices for a page of fifty (1 ms becomes 2 s at 100,000), because it knows
nothing of how keys go together. What has no index is read whole all the same.
"""
# There are fewer than 512 named statements, and some are prepared in two forms.
_PREPARED_STATEMENTS = 512
# A server that hears nothing from a session in a transaction ends it, and with it the writers'
# lock: a machine that was paused, or is gone, keeps nobody waiting for longer. Less than others
# wait for the lock.
_IDLE_IN_TRANSACTION_S = 5.0
# BEGIN and COMMIT wait for nothing but the disks. Without an answer for so long, there is no server
# at the other end any more.
_WORD_S = 20.0
_ANSWER_MARGIN_S = 5.0
# So that a session that rests is not forgotten by what lies between, and a dead one not kept.
_KEEPALIVES = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
_PLAIN_TYPES = {"int2", "int4", "int8", "text", "varchar", "bpchar", "name", "bytea", "void"}
_WHOLE_TYPES = {"bool", "numeric"}
_HELLO = """
SELECT current_setting('server_version_num')::int8 / 10000,
    current_setting('server_encoding'),
    current_setting('transaction_read_only') = 'on',
    CASE WHEN pg_is_in_recovery() THEN '' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
    END,
    CASE WHEN current_setting('synchronous_commit') = 'off'
    THEN set_config('synchronous_commit', 'on', false) END
"""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the database is, who asks, and how long anything may take. Its repr has no secret."""

    url: str = field(repr=False)
    password: str | None = field(default=None, repr=False)
    connect_timeout_s: float = 10.0
    lock_timeout_s: float = 10.0
    statement_timeout_s: float = 60.0
    application: str = "syncd"
    """What the server lists its sessions as."""

    @property
    def place(self) -> str:
        """The database and its host, as messages name them."""
        try:
            parts = urlsplit(self.url)
            host = parts.hostname or "this machine"
        except ValueError:
            return "the database of store.url"
        if "@" in parts.path or "@" in parts.query:
            return "the database of store.url"  # a password with a slash, perhaps
        host = parse_qs(parts.query).get("host", [host])[0]
        return f"the database {parts.path.lstrip('/') or 'of the role'} at {host}"

    def check_files(self) -> None:
        """Raise StoreError where the certificate to trust is none that can be read."""
        with suppress(ValueError):
            for name in parse_qs(urlsplit(self.url).query).get("sslrootcert", []):
                if name != "system" and not os.access(name, os.R_OK):
                    message = (
                        f"cannot open {self.place}: expected a certificate to trust in {name}, and "
                        "there is none to be read: check sslrootcert in store.url"
                    )
                    raise StoreError(message)

    @property
    def has_several_hosts(self) -> bool:
        """Whether one of them has to be found that takes writes."""
        before, _, query = self.url.partition("?")
        with suppress(ValueError):
            named = parse_qs(query).get("host", [""])[0]
            return "," in before + named and "target_session_attrs" not in query
        return False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A prepared statement; `is_plain`: its answers are given on as they come."""

    statement: PreparedStatement[asyncpg.Record]
    is_plain: bool


class Session:
    """One connection and what is prepared on it. Make with `opened`."""

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record], timeline: str) -> None:
        self._connection = connection
        self._prepared: dict[str, _Prepared] = {}
        self.timeline = timeline
        """Which history of its data the server writes: another one after a standby took over."""

    @property
    def is_lost(self) -> bool:
        """Whether it can be used no more."""
        return self._connection.is_closed()

    def drop(self) -> None:
        """Break the connection off; whatever was begun on it is rolled back by the server."""
        self._connection.terminate()

    async def close(self) -> None:
        """Take leave of the server, which is given a moment."""
        try:
            await self._connection.close(timeout=_ANSWER_MARGIN_S)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self.drop()

    async def say(self, words: str) -> str:
        """Run a word of the protocol of transactions (BEGIN, COMMIT); the tag of its answer."""
        try:
            return await self._connection.execute(words, timeout=_WORD_S)
        except Exception as error:  # noqa: BLE001  (translated whatever it is)
            failed = self._failed(error, words)
        raise failed

    async def run(self, statement: BoundStatement) -> tuple[Row, ...]:
        """Run a statement for each of its rows; see `ports.driver.BoundStatement`.

        Raises StoreError and its leaves, naming the statement and never a value, or Interrupted.
        """
        try:
            return await self._run(statement)
        except (StoreError, Interrupted):
            raise
        except Exception as error:  # noqa: BLE001  (translated whatever it is)
            failed = self._failed(error, statement.name)
        # Here, where the error is no longer handled, it does not become the cause of ours.
        raise failed

    async def _run(self, statement: BoundStatement) -> tuple[Row, ...]:
        text = statement.sql if statement.postgresql is None else statement.postgresql
        rows = storable(statement.rows)
        if len(rows) == 1:
            one = await self._prepare(rewritten(text), statement.name)
            found = await one.statement.fetch(*rows[0])
            if statement.must_change is not None:
                guards.check_changed(statement, _changed(one.statement.get_statusmsg()))
            answers = tuple(map(tuple, found))
            return answers if one.is_plain else _whole(answers, statement.name)
        if statement.must_change is not None:
            # Pipelined, an execution tells its count only by the rows it answers.
            one = await self._prepare(counting(text), statement.name)
            changed = await one.statement.fetchmany(rows) if rows else []
            guards.check_changed(statement, len(changed))
        elif rows:
            one = await self._prepare(rewritten(text), statement.name)
            await one.statement.executemany(rows)
        return ()

    async def _prepare(self, text: str, name: str) -> _Prepared:
        known = self._prepared.get(text)
        if known is not None:
            return known
        if len(self._prepared) >= _PREPARED_STATEMENTS:
            del self._prepared[next(iter(self._prepared))]
        statement = await self._connection.prepare(text)
        types = {each.type.name for each in statement.get_attributes()}
        if odd := types - _PLAIN_TYPES - _WHOLE_TYPES:
            message = (
                f"{name} answers {', '.join(sorted(odd))}: expected text, whole numbers or bytes; "
                "cast it in the statement"
            )
            raise NotStorable(message)
        made = self._prepared[text] = _Prepared(statement, not types & _WHOLE_TYPES)
        return made

    def _failed(self, error: Exception, name: str) -> StoreError | Interrupted:
        if self.is_lost:
            return Interrupted(f"{name}: the connection was lost", is_lost=True)
        failed = translated(error, name)
        if isinstance(failed, Interrupted) and failed.is_lost:
            self.drop()
        return failed


async def opened(address: Address, *, is_reader: bool) -> Session:
    """Connect. Raises StoreError, and StoreUnreachable where it may help to wait."""
    settings = {
        "application_name": address.application,
        "search_path": SCHEMA,
        "TimeZone": "UTC",
        **PLANNER,
        "jit": "off",  # no statement here runs long enough to be worth compiling
        "statement_timeout": _ms(address.statement_timeout_s),
        "lock_timeout": _ms(address.lock_timeout_s),
        "idle_in_transaction_session_timeout": _ms(_IDLE_IN_TRANSACTION_S),
        **_KEEPALIVES,
    }
    if is_reader:
        settings["default_transaction_read_only"] = "on"
        settings["default_transaction_isolation"] = "repeatable read"
    connection = None
    address.check_files()
    try:
        connection = await asyncpg.connect(
            address.url,
            password=address.password,
            timeout=address.connect_timeout_s,
            command_timeout=address.statement_timeout_s + _ANSWER_MARGIN_S,
            statement_cache_size=_PREPARED_STATEMENTS,
            server_settings=settings,
            target_session_attrs=SessionAttribute.primary if address.has_several_hosts else None,
        )
        hello = await connection.fetchrow(_HELLO)
        assert hello is not None, "a SELECT without FROM answers one row"
        return Session(connection, _greeted(hello, address.place, is_reader=is_reader))
    except StoreError as error:
        failed = error
    except Exception as error:  # noqa: BLE001  (translated whatever it is)
        failed = unopened(error, address.place)
    if connection is not None:
        connection.terminate()
    raise failed


def _greeted(hello: asyncpg.Record, place: str, *, is_reader: bool) -> str:
    major, encoding, is_read_only, timeline, _ = hello
    if major < OLDEST_MAJOR:
        message = (
            f"cannot use {place}: expected PostgreSQL {OLDEST_MAJOR} or newer, and it is "
            f"{major}: upgrade the server"
        )
        raise StoreError(message)
    if encoding != "UTF8":
        message = (
            f"cannot use {place}: expected the encoding UTF8, and it has {encoding}: make another "
            "one (createdb --encoding UTF8 --template template0)"
        )
        raise StoreError(message)
    if not timeline and not is_reader:
        message = (
            f"cannot use {place}: expected a database that takes writes, and its server follows "
            f"another one (a standby, read-only): {STANDBY}"
        )
        raise StoreUnreachable(message)
    if is_read_only and not is_reader:
        message = (
            f"cannot use {place}: expected a database that takes writes, and it is read-only: "
            f"{READ_ONLY}"
        )
        raise StoreError(message)
    return str(timeline)


def _changed(tag: str | None) -> int:
    """How many rows a command's tag says it changed: `UPDATE 3`, `INSERT 0 1`; none for others."""
    word, *_, count = (tag or "").split(" ")
    return int(count) if word in ("INSERT", "UPDATE", "DELETE", "MERGE") else 0


def _whole(answers: tuple[tuple[Scalar | Decimal, ...], ...], name: str) -> tuple[Row, ...]:
    """Answers with truth as 0 and 1, and sums (numeric at the server) as whole numbers."""
    return tuple(tuple(_scalar(value, name) for value in row) for row in answers)


def _scalar(value: Scalar | Decimal, name: str) -> Scalar:
    if isinstance(value, bool | Decimal):
        if value != (whole := int(value)):
            raise NotStorable(f"{name} answers a fraction: expected whole numbers; round it there")
        return whole
    return value


def _ms(seconds: float) -> str:
    return str(round(seconds * 1000))
