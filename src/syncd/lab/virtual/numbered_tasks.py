"""Tasks and futures that hash by number, so that a set of them has the same order in every run.

asyncio.wait and anyio's cancellation iterate over sets of tasks; by default the order of such a set
follows from memory addresses. Made by `virtual_loop`, and by aiohttp, which from Python 3.12 on
makes tasks past the loop (`library_clocks`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, Protocol, TypeVar, cast

from syncd.lab.virtual.processes import OWNER, Process

_T = TypeVar("_T")


class Numbering(Protocol):
    """What a loop that hands out numbers promises beside asyncio's own interface."""

    def next_serial(self) -> int:
        """A number nobody has had."""
        ...


class NumberedTask(asyncio.Task[_T]):
    """A task that knows its number and the process it belongs to; made like any asyncio.Task."""

    __slots__ = ("owner", "serial")

    def __init__(
        self,
        coro: Coroutine[Any, Any, _T],
        *,
        loop: Numbering,
        name: str | None = None,
        context: Context | None = None,
        **options: Any,
    ) -> None:
        self.serial = loop.next_serial()
        self.owner: Process | None = OWNER.get() if context is None else context.get(OWNER)
        # asyncio counts unnamed tasks per interpreter; our names must be the same for each loop.
        named = name or f"task-{self.serial}"
        run_by = cast("asyncio.AbstractEventLoop", loop)
        # `eager_start`, from Python 3.12 on, runs the first step before this returns.
        super().__init__(coro, loop=run_by, name=named, context=context, **options)

    def __hash__(self) -> int:
        return self.serial


class NumberedFuture(asyncio.Future[_T]):
    """A future that knows its number."""

    __slots__ = ("serial",)

    def __init__(self, *, serial: int, loop: asyncio.AbstractEventLoop) -> None:
        self.serial = serial
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self.serial


def where(task: asyncio.Task[Any]) -> str:
    """One line naming a task, its process and the line it waits at."""
    owner = getattr(task, "owner", None)
    frames = task.get_stack(limit=1)
    spot = f"{frames[-1].f_code.co_qualname}:{frames[-1].f_lineno}" if frames else "not started"
    return f"{task.get_name()} of {owner.name if owner else 'the world'} at {spot}"
