"""Pretend processes: who owns which callback, and what remains of one that was killed.

A context variable names the process of every callback, because asyncio copies the context into each
handle and task. Killing is not cancelling: after SIGKILL no `finally` runs. So the dead stay
referenced, untouched, until `forget_the_dead` is called after the judging; only then are their
coroutines closed, out of everybody's sight. Used by `virtual_loop` and `memory_net`.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
import logging
import signal
import sys
import warnings
import weakref
from collections.abc import AsyncGenerator, Callable
from contextvars import Context, ContextVar
from enum import StrEnum


class Ending(StrEnum):
    """How a pretend process came to its end."""

    RETURNED = "returned"
    RAISED = "raised"
    KILLED = "killed"


SignalHandler = tuple[Callable[[], object], Context]
"""What a process asked to be called with a signal, and the context it asked in."""


class Process:
    """One incarnation of a pretend process; made by `VirtualLoop.spawn_process` only.

    `alive` is the one thing the loop asks before each callback. `grave` keeps what a killed
    process left behind. `error` is what its entry coroutine raised, if it ended that way.
    """

    __slots__ = (
        "alive",
        "asyncgens",
        "ended",
        "error",
        "grave",
        "incarnation",
        "name",
        "signal_handlers",
        "task",
    )

    def __init__(self, name: str, incarnation: int, ended: asyncio.Future[Ending]) -> None:
        self.name = name
        self.incarnation = incarnation
        self.ended = ended
        self.alive = True
        self.error: BaseException | None = None
        self.task: asyncio.Task[object] | None = None
        self.grave: list[object] = []
        self.asyncgens: list[weakref.ref[AsyncGenerator[object, object]]] = []
        self.signal_handlers: dict[signal.Signals, SignalHandler] = {}

    def __repr__(self) -> str:
        return f"<Process {self.name}#{self.incarnation} {'alive' if self.alive else 'dead'}>"

    async def wait(self) -> Ending:
        """Wait for the end of this process, however it comes; safe to cancel."""
        return await asyncio.shield(self.ended)


OWNER: ContextVar[Process | None] = ContextVar("owner", default=None)
"""The process whose code is running; None is the world outside all processes."""


def owner_of(step: asyncio.Handle) -> Process | None:
    """The process a scheduled callback belongs to; None outside of any."""
    owner: Process | None = step._context.get(OWNER)  # type: ignore[attr-defined] # noqa: SLF001 - no stub has it, no accessor before 3.12
    return owner


_buried: list[Process] = []  # module level, so that no garbage collection wakes the dead


def bury(process: Process) -> None:
    """Keep everything the dead process referenced until `forget_the_dead`."""
    _buried.append(process)


def forget_the_dead() -> int:
    """Free what killed processes left behind, in silence; answer how many there were.

    Call it after the loop is closed and the run is judged: closing the frozen coroutines runs their
    `finally` blocks, which must not be able to change anything that still matters.
    """
    dead, _buried[:] = list(_buried), []
    if not dead:
        return 0
    log = logging.getLogger("asyncio")
    was_disabled, log.disabled = log.disabled, True
    tells, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for process in dead:
                _close_coroutines(process)
                process.grave.clear()
                process.task = None
            # The first closes what still awaits, and keeps whatever that could have reached.
            gc.collect()
            gc.collect()
    finally:
        log.disabled, sys.unraisablehook = was_disabled, tells
    return len(dead)


atexit.register(forget_the_dead)  # or the interpreter, ending, would wake them with much noise


def _close_coroutines(process: Process) -> None:
    for relic in process.grave:
        if isinstance(relic, asyncio.Task):
            coroutine = relic.get_coro()
            # A coroutine that awaits in its `finally` refuses to close; it is dead all the same.
            with contextlib.suppress(BaseException):
                if coroutine is not None:
                    coroutine.close()
