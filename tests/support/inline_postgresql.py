"""PostgreSQL for tests in virtual time: a transaction takes no time of the test's own loop.

The real driver, in a thread with a loop of its own; whoever asks stands still until it answers, as
`lab.virtual.inline_driver` does with a file.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from functools import cache
from typing import Any, TypeVar

from syncd.domain.errors import StoreError
from syncd.ports.driver import Answers, BoundStatement, Dialect, SharedDriver
from syncd.runtime import postgresql_store

T = TypeVar("T")
ANSWERED_S = 60.0


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="postgresql", daemon=True).start()
    return loop


def done(asked: Coroutine[Any, Any, T]) -> T:
    """What comes of it in that thread's loop."""
    return asyncio.run_coroutine_threadsafe(asked, _loop()).result(ANSWERED_S)


MOST_OPEN = 20
"""Of drivers at once, each with two connections: the tests' server takes sixty."""
_OPENED: dict[str, SharedDriver] = {}
"""By address, the one that was asked last at the end."""


def driver_of(url: str) -> SharedDriver:
    """The driver of this database in that thread, opened again where it had to make room."""
    driver = _OPENED.pop(url, None) or done(postgresql_store.open_driver(url, readers=1))
    _OPENED[url] = driver
    while len(_OPENED) > MOST_OPEN:
        done(_OPENED.pop(next(iter(_OPENED))).close())
    return driver


class InlinePostgresql:
    """Runs transactions on the database at `url`, by a driver that outlives it.

    `before_commit` may raise to make that COMMIT fail.
    """

    def __init__(self, url: str, *, before_commit: Callable[[], None] | None = None) -> None:
        self._url = url
        self._before_commit = before_commit
        self._is_closed = False

    async def write(self, statements: Sequence[BoundStatement]) -> Answers:
        self._check_open()
        if self._before_commit is not None:
            self._before_commit()
        return done(driver_of(self._url).write(statements))

    async def read(self, statements: Sequence[BoundStatement]) -> Answers:
        self._check_open()
        return done(driver_of(self._url).read(statements))

    @property
    def dialect(self) -> Dialect:
        return "postgresql"

    @property
    def has_reserve(self) -> bool:
        return True

    @property
    def log_bytes(self) -> int:
        return 0

    async def close(self) -> None:
        """Refuse what is asked from now on, as every driver does.

        What is behind it goes on: the next process opens the same store.
        """
        self._is_closed = True

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreError("the store is closed: its driver was used after close()")
