"""The one shape of everything long-running in the daemon."""

from __future__ import annotations

from typing import Protocol

from anyio.abc import TaskStatus


class Service(Protocol):
    """Started in order, stopped in reverse; the daemon knows none by name."""

    name: str

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        """Work until cancelled or stopped; call `task_status.started()` when ready."""
        ...

    def stop(self) -> None:
        """Take nothing new; `run` returns once what is in flight has ended."""
        ...
