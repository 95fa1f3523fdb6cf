"""The unit of work: typed statements, collected first and run as one transaction.

    tx = Transaction()
    moved = tx.add(desired.put(tenant, changes))
    tx.add(feeds.move(tenant, cursor, at))
    await store.commit(tx)
    for change in moved.rows: ...

Nothing can be awaited inside a transaction, because nothing runs before it is whole. Rooms of the
store build statements; the engine composes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from syncd.domain.errors import (
    Conflict,
    NotStorable,
    StoreBroken,
    StoreError,
    StoreFull,
    StoreReplaced,
)
from syncd.domain.facts import StoreStanding
from syncd.domain.rules.text import wording
from syncd.ports.driver import Answers, BoundStatement, Driver, Row, Scalar
from syncd.ports.observer import Observer
from syncd.store.sql import Query

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Generic[T]):
    """One bound statement and how a row of its answer is read; `then` run after it, unanswered."""

    bound: BoundStatement
    decode: Callable[[Row], T]
    then: tuple[BoundStatement, ...] = ()


def ask(query: Query, *params: Scalar, decode: Callable[[Row], T]) -> Statement[T]:
    """A statement run once, whose rows are wanted."""
    bound = BoundStatement(
        name=query.name, sql=query.text, postgresql=query.postgresql, rows=(params,)
    )
    return Statement(bound=bound, decode=decode)


def tell(
    query: Query, rows: Iterable[Sequence[Scalar]] = ((),), *, must_change: int | None = None
) -> Statement[None]:
    """A statement run once per row, without an answer; no rows, nothing done."""
    bound = BoundStatement(
        name=query.name,
        sql=query.text,
        postgresql=query.postgresql,
        rows=tuple(map(tuple, rows)),
        must_change=must_change,
    )
    return Statement(bound=bound, decode=_nothing)


class Answer(Generic[T]):
    """What a statement answered, readable once its transaction has ended well."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: tuple[T, ...] | None = None

    @property
    def rows(self) -> tuple[T, ...]:
        """Every row."""
        assert self._rows is not None, "an answer is read after its transaction has run"
        return self._rows

    @property
    def one(self) -> T:
        """The only row there must be."""
        rows = self.rows
        assert len(rows) == 1, f"expected one row, got {len(rows)}"
        return rows[0]

    @property
    def first(self) -> T | None:
        """The first row, if there is any."""
        return self.rows[0] if self.rows else None


class Transaction:
    """Statements in their order, to be run as a whole by `Store.commit` or `Store.read`, once."""

    __slots__ = ("_has_run", "_parts")

    def __init__(self) -> None:
        self._parts: list[tuple[BoundStatement, Callable[[tuple[Row, ...]], None]]] = []
        self._has_run = False

    def add(self, statement: Statement[T]) -> Answer[T]:
        """Add one statement; its answer can be read when the transaction has run."""
        answer: Answer[T] = Answer()

        def fill(rows: tuple[Row, ...]) -> None:
            answer._rows = tuple(  # noqa: SLF001  (an answer is filled here and nowhere else)
                statement.decode(row) for row in rows
            )

        self._parts.append((statement.bound, fill))
        self._parts.extend((bound, _nobody) for bound in statement.then)
        return answer

    def add_all(self, statements: Iterable[Statement[None]]) -> None:
        """Add statements that answer nothing, in their order."""
        for statement in statements:
            self.add(statement)

    def begin(self) -> tuple[BoundStatement, ...]:
        """The statements to run. A transaction is run once: a second time is our own mistake."""
        assert not self._has_run, "a transaction is run once; build a new one"
        self._has_run = True
        return tuple(bound for bound, _ in self._parts)

    def end(self, answers: Sequence[tuple[Row, ...]]) -> None:
        """Hand every answer to whoever asked."""
        for (_, fill), rows in zip(self._parts, answers, strict=True):
            fill(rows)


class Store:
    """Runs transactions through a driver. The engine's only way to the database.

    Whether it can be used is told to `observe` whenever that changes: from the first transaction
    that fails to the next write that does not. Damage never ends by itself.
    """

    def __init__(self, driver: Driver, observe: Observer | None = None) -> None:
        self._driver = driver
        self._observe = observe
        self._error: StoreError | None = None
        self._found_full: tuple[str, ...] = ()
        """The statements of the transaction that met a full disk."""
        self._told = StoreStanding(is_usable=True, has_reserve=True)

    @property
    def log_bytes(self) -> int:
        """How long the log beside the store's file is."""
        return self._driver.log_bytes

    @property
    def standing(self) -> StoreStanding:
        """Whether it takes what is written, as it was told last."""
        return self._told

    async def commit(self, transaction: Transaction) -> None:
        """Write all of it or nothing. Raises Conflict, StoreFull, StoreError."""
        transaction.end(await self._write(transaction.begin()))

    async def read(self, transaction: Transaction) -> None:
        """Ask all of it of one snapshot. Raises StoreError."""
        transaction.end(await self._read(transaction.begin()))

    async def fetch(self, statement: Statement[T]) -> tuple[T, ...]:
        """Read one statement's rows. Raises StoreError."""
        (rows,) = await self._read((statement.bound,))
        return tuple(statement.decode(row) for row in rows)

    async def run(self, statement: Statement[T]) -> tuple[T, ...]:
        """Write one statement alone; its rows. Raises Conflict, StoreFull, StoreError."""
        rows, *_ = await self._write((statement.bound, *statement.then))
        return tuple(statement.decode(row) for row in rows)

    async def try_out(self, statement: Statement[None]) -> None:
        """Show that the store takes writes: begin and end one, with `statement` after a failure.

        An empty transaction meets a lock, or a file that is gone; only bytes meet a full disk.
        Raises StoreError.
        """
        await self._write(() if self._error is None else (statement.bound,), is_trial=True)

    async def _write(
        self, statements: Sequence[BoundStatement], *, is_trial: bool = False
    ) -> Answers:
        try:
            answers = await self._driver.write(statements)
        except (Conflict, NotStorable):
            raise  # the store's answer, not its trouble
        except StoreError as error:
            if isinstance(error, StoreFull):
                self._found_full = _names(statements)
            self._failed(error)
            raise
        if not isinstance(self._error, StoreBroken | StoreReplaced) and (
            is_trial or self._shows_room(statements)
        ):
            self._error = None
        self._report()
        return answers

    def _shows_room(self, statements: Sequence[BoundStatement]) -> bool:
        """Whether a disk that was full is so no more: a server has room left for small writes.

        What was refused says so once it is taken; in a file any write does.
        """
        if not isinstance(self._error, StoreFull) or self._driver.dialect == "sqlite":
            return True
        return _names(statements) == self._found_full

    async def _read(self, statements: Sequence[BoundStatement]) -> Answers:
        try:
            return await self._driver.read(statements)
        except NotStorable:
            raise  # as above
        except StoreError as error:
            self._failed(error)
            raise

    def _failed(self, error: StoreError) -> None:
        if not isinstance(self._error, StoreBroken | StoreReplaced):
            self._error = error
        self._report()

    def _report(self) -> None:
        """Report what has changed since the last report; the words of an error are no change."""
        error, reported = self._error, self._told
        says = "" if error is None else wording.in_words(error)
        has_reserve = self._driver.has_reserve
        if (reported.says, reported.has_reserve) == (says, has_reserve):
            return
        self._told = StoreStanding(
            is_usable=error is None, has_reserve=has_reserve, error=str(error or ""), says=says
        )
        if self._observe is not None:
            self._observe(self._told)


def _names(statements: Sequence[BoundStatement]) -> tuple[str, ...]:
    return tuple(one.name for one in statements)


def _nothing(_row: Row) -> None:
    return None


def _nobody(_rows: tuple[Row, ...]) -> None:
    return None
