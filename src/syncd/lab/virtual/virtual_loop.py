"""An asyncio event loop on virtual time, in one thread, the same for the same seed in any process.

When nothing is ready, time jumps to the next timer; no clock, descriptor or thread is ever touched.

    with deterministic_aiohttp():
        loop = VirtualLoop(seed=7, shuffle=True, policy=faults)
        server = loop.spawn_process("ledger", serve)      # a pretend process, restartable
        loop.run_until_complete(world())                  # or anyio.run(..., loop_factory=...)
        loop.kill(server)                                 # SIGKILL: no `finally` runs
        loop.close()
    digest = loop.trace.digest()                          # equal runs have equal digests
    forget_the_dead()                                     # after judging

`loop.on_step = watch` calls `watch(step)` before each callback, where `owner_of(step)` tells whose
it is and `loop.kill` may strike: that is how a death "within 60 callbacks of a commit" is aimed.

What libraries ask of a loop is answered so: timers by virtual time; `create_unix_connection` and
`create_unix_server` by `memory_net`; `add_signal_handler` by remembering, `send_signal` delivers;
executors, DNS and other threads by an error, because threads end determinism. Garbage is collected
every so many steps instead of when memory happens to be full, because finalisers have effects.
A run that can never end raises `Stuck`, `TooManySteps` or `TooLate`.
"""
# ruff: noqa: SLF001 - the loop below asyncio's tasks, handles and timers has to open them

from __future__ import annotations

import asyncio
import contextvars
import functools
import os
import signal
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, NoReturn, TypeVarTuple

from syncd.lab.virtual.memory_net import MemoryNet, MemoryServer
from syncd.lab.virtual.net_policy import CalmNet, NetPolicy
from syncd.lab.virtual.numbered_tasks import NumberedFuture, NumberedTask
from syncd.lab.virtual.processes import OWNER, Ending, Process, SignalHandler, bury
from syncd.lab.virtual.trace import Trace
from syncd.lab.virtual.virtual_time import (
    GC_EVERY_STEPS,
    MAX_STEPS,
    MAX_TIME_S,
    START_S,
    VirtualTime,
)

_Ts = TypeVarTuple("_Ts")


class VirtualLoop(VirtualTime):
    """The loop itself; the module says how it is used."""

    _asyncgens: weakref.WeakSet[AsyncGenerator[Any, Any]]

    def __init__(
        self,
        *,
        seed: int = 0,
        shuffle: bool = False,
        policy: NetPolicy | None = None,
        start_s: float = START_S,
        max_steps: int = MAX_STEPS,
        max_time_s: float = MAX_TIME_S,
        gc_every_steps: int = GC_EVERY_STEPS,
    ) -> None:
        """Ready callbacks run first come, first served, or as `seed` deals them if `shuffle`."""
        super().__init__(
            seed=seed,
            shuffle=shuffle,
            start_s=start_s,
            max_steps=max_steps,
            max_time_s=max_time_s,
            gc_every_steps=gc_every_steps,
        )
        self._births: dict[str, int] = {}
        self._living: dict[str, Process] = {}
        self._signal_handlers: dict[signal.Signals, SignalHandler] = {}
        self.trace = Trace(now=self.time)
        self.net = MemoryNet(self, policy or CalmNet(), self.trace)

    # --- tasks and processes ------------------------------------------------------------------

    def create_future(self) -> asyncio.Future[Any]:
        """A future that hashes by number."""
        return NumberedFuture(serial=self.next_serial(), loop=self)

    def create_task(
        self,
        coro: Any,
        *,
        name: object = None,
        context: contextvars.Context | None = None,
        **options: Any,
    ) -> asyncio.Task[Any]:
        """A task that hashes by number and belongs to the process of its context."""
        self._check_closed()  # type: ignore[attr-defined] # raises asyncio's own error
        named = None if name is None else str(name)
        return NumberedTask(coro, loop=self, name=named, context=context, **options)

    def spawn_process(
        self, name: str, entry: Callable[..., Coroutine[Any, Any, object]], *args: object
    ) -> Process:
        """Start `entry(*args)` as a process of its own, in a fresh context.

        Everything it schedules belongs to it. When `entry` ends, the process ends like a real one:
        its other tasks stop where they are and its sockets are closed. Raises RuntimeError while
        an earlier process of that name lives.
        """
        if name in self._living:
            raise RuntimeError(f"a process named {name!r} is alive: kill it or await its end first")
        self._births[name] = incarnation = self._births.get(name, 0) + 1
        process = self._living[name] = Process(name, incarnation, self.create_future())
        self.trace.note("spawn", name, incarnation)
        context = contextvars.Context()
        context.run(OWNER.set, process)
        process.task = self.create_task(context.run(entry, *args), name=name, context=context)
        process.task.add_done_callback(
            lambda task: self._note_end(process, task), context=contextvars.Context()
        )
        return process

    def process(self, name: str) -> Process | None:
        """The living process of that name, if there is one."""
        return self._living.get(name)

    def kill(self, owner: Process | str) -> None:
        """SIGKILL between two callbacks: nothing of the process runs again, not even `finally`.

        Its peers see their connections end, its paths are free, its name can be spawned again. A
        process that kills itself finishes the present callback, without any effect on the loop or
        the network. Raises LookupError for a process that is not alive.
        """
        process = self._living.get(owner if isinstance(owner, str) else owner.name)
        if process is None or (process is not owner and process.name != owner):
            raise LookupError(f"{owner!r} is not alive, these are: {sorted(self._living)}")
        self.trace.note("kill", process.name, process.incarnation)
        self._reap(process, Ending.KILLED)

    def close(self) -> None:
        """The end of the world: whoever still lives is killed, and the loop is closed."""
        if not self.is_closed():
            for process in list(self._living.values()):
                self._reap(process, Ending.KILLED)
        super().close()

    def _note_end(self, process: Process, task: asyncio.Task[object]) -> None:
        if not process.alive:
            return
        process.error = asyncio.CancelledError() if task.cancelled() else task.exception()
        ending = Ending.RETURNED if process.error is None else Ending.RAISED
        self.trace.note("exit", process.name, process.incarnation, ending.value)
        self._reap(process, ending)

    def _reap(self, process: Process, ending: Ending) -> None:
        process.alive = False
        del self._living[process.name]
        for task in sorted(asyncio.all_tasks(self), key=hash):
            if getattr(task, "owner", None) is process:
                # The runner's last cancelling must not find it, nor its destructor complain.
                asyncio.tasks._unregister_task(task)
                task._log_destroy_pending = False  # type: ignore[attr-defined] # asyncio's switch
                process.grave.append(task)
        for reference in process.asyncgens:
            agen = reference()
            if agen is not None:
                self._asyncgens.discard(agen)
                process.grave.append(agen)
        self.net.reap(process)
        bury(process)
        if not process.ended.done():
            process.ended.set_result(ending)

    def _asyncgen_firstiter_hook(self, agen: AsyncGenerator[Any, Any]) -> None:
        super()._asyncgen_firstiter_hook(agen)  # type: ignore[misc] # BaseEventLoop's own
        owner = OWNER.get()
        if owner is not None:
            owner.asyncgens.append(weakref.ref(agen))

    # --- signals ------------------------------------------------------------------------------

    def add_signal_handler(self, sig: int, callback: Callable[[*_Ts], object], *args: *_Ts) -> None:
        """Remember the handler of the process that runs; real signals never reach it."""
        self._handlers()[signal.Signals(sig)] = (
            functools.partial(callback, *args),
            contextvars.copy_context(),
        )

    def remove_signal_handler(self, sig: int) -> bool:
        """Forget the handler; whether there was one."""
        return self._handlers().pop(signal.Signals(sig), None) is not None

    def send_signal(self, process: Process, sig: signal.Signals) -> bool:
        """Deliver a signal to a pretend process; whether it has a handler for it."""
        handler = process.signal_handlers.get(sig)
        if handler is None or not process.alive:
            return False
        self.trace.note("signal", process.name, process.incarnation, sig.name)
        self.call_soon(handler[0], context=handler[1])
        return True

    def _handlers(self) -> dict[signal.Signals, SignalHandler]:
        owner = OWNER.get()
        return self._signal_handlers if owner is None else owner.signal_handlers

    # --- the network, and what there is not ---------------------------------------------------

    async def create_unix_connection(
        self, protocol_factory: Callable[[], Any], path: str | None = None, **options: Any
    ) -> tuple[asyncio.Transport, Any]:
        """Connect in memory; ConnectionRefusedError when nobody listens at `path`."""
        return await self.net.connect(_plain_path(path, options), protocol_factory)

    async def create_unix_server(  # type: ignore[override] # no real sockets, so no Server
        self, protocol_factory: Callable[[], Any], path: Any = None, **options: Any
    ) -> MemoryServer:
        """Listen in memory; OSError (EADDRINUSE) when `path` is taken."""
        return self.net.listen(_plain_path(path, options), protocol_factory)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Ts], Any], *args: *_Ts
    ) -> NoReturn:
        """Always raises: threads end determinism."""
        del executor, args
        raise RuntimeError(
            f"{func!r} was to run in a thread, and threads end determinism: "
            "hand the simulation an implementation that stays on the loop"
        )


def _plain_path(path: Any, options: dict[str, Any]) -> str:
    """The path as text; ValueError for what the pretend network does not have."""
    if options.get("sock") is not None or options.get("ssl") or path is None:
        raise ValueError("the pretend network takes a path only: no TLS, no real sockets")
    return os.fsdecode(path)
