"""What a pretend network may do to a connection, and the calm one that does nothing.

The fault policies of the simulation implement `NetPolicy`; `memory_net` and `memory_transport` ask
it once for every connect, write, close and reset, always in the same order for the same seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Direction(StrEnum):
    """Which way bytes travel."""

    TO_SERVER = "to_server"
    TO_CLIENT = "to_client"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What a policy may know of a connection; names are of processes, empty outside of any."""

    number: int
    path: str
    client: str
    server: str


class NetPolicy(Protocol):
    """Decides what the network does to each connection."""

    def refuses(self, conn: Connection) -> bool:
        """Whether the attempt to connect is refused although somebody listens."""

    def latency_s(self, conn: Connection, direction: Direction, n_bytes: int) -> float:
        """Seconds until these bytes arrive; 0 bytes is a connect, close or reset; inf is never."""

    def cut(self, conn: Connection, direction: Direction, n_bytes: int) -> int | None:
        """None lets the write through; k resets both ends after the first k of its bytes."""


class CalmNet:
    """A network without faults and with one fixed latency, in seconds."""

    def __init__(self, latency_s: float = 0.0) -> None:
        self._latency_s = latency_s

    def refuses(self, conn: Connection) -> bool:
        """Nobody who listens is ever unreachable."""
        del conn
        return False

    def latency_s(self, conn: Connection, direction: Direction, n_bytes: int) -> float:
        """The same for every byte."""
        del conn, direction, n_bytes
        return self._latency_s

    def cut(self, conn: Connection, direction: Direction, n_bytes: int) -> int | None:
        """Nothing is ever cut."""
        del conn, direction, n_bytes
        return None
