"""A socket between a driver and the server, which breaks at the worst moment when told to."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto
from pathlib import Path
from typing import Any

SOCKET = ".s.PGSQL.5432"
COMMIT = b"COMMIT\0"


class AtCommit(Enum):
    """What becomes of a COMMIT on its way."""

    LOST = auto()
    """The connection breaks before it reaches the server."""
    ANSWER_LOST = auto()
    """It is carried out; the connection breaks before the answer comes."""
    ANSWER_SILENT = auto()
    """It is carried out; the connection stands, and nothing is ever heard of it."""
    HELD = auto()
    """It does not leave, as where the machine is paused, until `held` is set."""


class Wire:
    """Carries bytes between a driver and the server."""

    def __init__(self, folder: Path, server: Path) -> None:
        self._folder = folder
        self._server = server
        self.commits = 0
        """How many COMMITs were on their way."""
        self.faults: list[AtCommit] = []
        """What happens to the next COMMITs."""
        self.held = asyncio.Event()
        self.is_cut = False
        """Whether nobody gets through any more."""
        self.cuts_with_fault = False
        """Whether the first fault is the last that anybody hears of the server."""

    def url(self, url: str) -> str:
        """The server's URL, by way of this wire."""
        return url.replace(f"host={self._server}", f"host={self._folder}")

    async def carry(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """One connection, from its first byte to its last."""
        if self.is_cut:
            to_client.transport.abort()
            return
        server, to_server = await asyncio.open_unix_connection(str(self._server / SOCKET))
        lost: list[AtCommit] = []

        async def ended(way: Coroutine[Any, Any, None]) -> None:
            with suppress(OSError):
                await way
            for each in (to_client, to_server):
                each.transport.abort()

        with suppress(OSError):
            await asyncio.gather(
                ended(self._ask(client, to_server, lost)),
                ended(_answer(server, to_client, lost)),
            )

    async def _ask(
        self, client: asyncio.StreamReader, server: asyncio.StreamWriter, lost: list[AtCommit]
    ) -> None:
        while data := await client.read(2**16):
            if COMMIT in data:
                self.commits += 1
                fault = self.faults.pop(0) if self.faults else None
                self.is_cut = self.cuts_with_fault and fault is not None
                if fault is AtCommit.LOST:
                    return
                if fault is AtCommit.HELD:
                    await self.held.wait()
                elif fault is not None:
                    lost.append(fault)
            server.write(data)


async def _answer(
    server: asyncio.StreamReader, client: asyncio.StreamWriter, lost: list[AtCommit]
) -> None:
    while (data := await server.read(2**16)) and AtCommit.ANSWER_LOST not in lost:
        if not lost:
            client.write(data)


@asynccontextmanager
async def wire(url: str) -> AsyncIterator[Wire]:
    """A wire to the server of `url`, which ends with everything that it carries."""
    folder = Path(tempfile.mkdtemp(prefix="syncd-wire-"))
    carried = Wire(folder, Path(url.partition("host=")[2]))
    server = await asyncio.start_unix_server(carried.carry, folder / SOCKET)
    try:
        yield carried
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
