"""Tells the other processes on the same database that there is something to look at.

PostgreSQL's LISTEN and NOTIFY, on a connection of their own. A wake says where to look and nothing
else, and only shortens a wait: one that is lost costs the time until the next look. Called by
`bootstrap`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import anyio

from syncd.domain.errors import StoreError
from syncd.ports.driver import BoundStatement
from syncd.runtime import postgresql_session
from syncd.runtime.postgresql_errors import Interrupted
from syncd.runtime.postgresql_session import Address, Session

CHANNEL = "syncd"
ANYTHING = ""
"""The topic of the wake after a connection was made: whatever was told before it is not known."""
# A connection that nothing is said on may be dead for hours before anybody notices.
_BEAT_S = 20.0
_PAUSE_S = 2.0
_TELL_S = 1.0
_BEAT = BoundStatement(name="the wakes' beat", sql="SELECT 1")


class PostgresqlWakes:
    """Hears what others tell, and tells them. `run` until it is cancelled."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._session: Session | None = None
        self._turn = anyio.Lock()

    async def run(self, on_wake: Callable[[str], None]) -> None:
        """Call `on_wake` with the topic of each wake, those of this process left out."""
        while True:
            with suppress(StoreError, Interrupted):
                await self._hear(on_wake)
            await anyio.sleep(_PAUSE_S)

    async def tell(self, topic: str) -> None:
        """Wake the others; at once, or not at all."""
        if self._session is not None:
            told = BoundStatement(
                name="a wake", sql="SELECT pg_notify(?1, ?2)", rows=((CHANNEL, topic),)
            )
            with anyio.move_on_after(_TELL_S):
                await self._run(self._session, told)

    async def _hear(self, on_wake: Callable[[str], None]) -> None:
        session = await postgresql_session.opened(self._address, is_reader=True)
        ended = anyio.Event()
        try:
            await session.listen(CHANNEL, on_wake, ended.set)
            self._session = session
            on_wake(ANYTHING)
            while not session.is_lost:
                with anyio.move_on_after(_BEAT_S):
                    await ended.wait()
                await self._run(session, _BEAT)
        finally:
            self._session = None
            session.drop()

    async def _run(self, session: Session, statement: BoundStatement) -> None:
        async with self._turn:
            with suppress(StoreError, Interrupted):
                await session.run(statement)
