"""A daemon at work in the foreground: its signals, its reloads, and what the service manager hears.

Called by `foreground` for a daemon that has its store to itself, by `run_replica` for one of
several.
"""

from __future__ import annotations

import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import anyio
from anyio.abc import TaskGroup

from syncd.bootstrap import system as bootstrap
from syncd.bootstrap.machine import Machine
from syncd.bootstrap.reload import Reloading
from syncd.bootstrap.system import System
from syncd.config import sources
from syncd.config.options import Options
from syncd.daemon import Daemon
from syncd.runtime import collector
from syncd.runtime.systemd import Systemd
from syncd.telemetry.health import Health

TOLD_EVERY_S = 5.0
"""So old may be what `systemctl status` shows."""


def _nothing() -> None:
    return None


@dataclass(slots=True)
class Around:
    """What a daemon hears from outside, whichever part it plays just now."""

    systemd: Systemd
    config: Path | None
    use_log_level: Callable[[str], None]
    began_s: float = field(default_factory=time.monotonic)
    """When the process, or this replica's turn to work, began."""
    cause: str = ""
    """The signal that asked for the end; empty while none has."""
    _was_ready: bool = False
    _daemon: Daemon | None = None
    _stop: Callable[[], None] = _nothing
    _reload: Callable[[], None] = _nothing
    _at_end: Callable[[], None] = _nothing

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[None]:
        """Pass signals on to whoever serves, while the block runs."""
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            async with anyio.create_task_group() as group:
                group.start_soon(self._listen, signals)
                yield
                group.cancel_scope.cancel()

    async def _listen(self, signals: AsyncIterator[signal.Signals]) -> None:
        async for number in signals:
            if number == signal.SIGHUP:
                self._reload()
                continue
            self.cause = number.name
            self.systemd.stopping()
            self._at_end()
            self._stop()
            if self._daemon is not None:
                self._daemon.drain(self.cause)

    def ends_with(self, at_end: Callable[[], None]) -> None:
        """Call this as soon as an end is asked for, whoever serves then."""
        self._at_end = at_end
        if self.cause:
            at_end()

    def serves(
        self,
        daemon: Daemon,
        *,
        reload: Callable[[], None] = _nothing,
        stop: Callable[[], None] = _nothing,
    ) -> None:
        """From now on signals are for this daemon; an end asked for before is asked of it too.

        `stop` is called first.
        """
        self._daemon, self._reload, self._stop = daemon, reload, stop
        if self.cause:
            stop()
            daemon.drain(self.cause)

    def is_ready(self, words: str) -> None:
        """Tell the service manager, in a line; with the first time the start is over."""
        self.systemd.ready(words)
        if not self._was_ready:
            self._was_ready = True
            collector.go_on()

    def prepares(self, stop: Callable[[], None]) -> None:
        """From now on a daemon is put together: an end is asked for by `stop`."""
        self.began_s = time.monotonic()
        self._daemon, self._reload, self._stop = None, _nothing, stop
        if self.cause:
            stop()


async def work(machine: Machine, system: System, options: Options, around: Around) -> None:
    """Run a daemon that was built until it has ended."""
    reloading = Reloading(system, options, use_log_level=around.use_log_level)
    reloads = Reloads(partial(_reload, reloading, system.health, around))
    systemd = around.systemd
    async with anyio.create_task_group() as group:
        started = anyio.Event()
        around.serves(system.daemon, reload=reloads.ask, stop=machine.scheduler.stop)
        group.start_soon(run_and_end, group, system.daemon, started)
        await started.wait()
        machine.scheduler.start()
        bootstrap.announce(system, took_s=time.monotonic() - around.began_s)
        around.is_ready(system.health.summary())
        lives = partial(_every_service_moves, system)
        group.start_soon(partial(keep_told, systemd, system.health.summary, lives=lives))
        group.start_soon(reloads.run)


async def run_and_end(group: TaskGroup, daemon: Daemon, started: anyio.Event) -> None:
    """Run a daemon, and end the group with it."""
    await daemon.run(started=started)
    group.cancel_scope.cancel()


async def keep_told(
    systemd: Systemd, summary: Callable[[], str], *, lives: Callable[[], bool] = lambda: True
) -> None:
    """Tell the service manager how it stands, and feed its watchdog while `lives` says so.

    Fed three times as often as it wants.
    """
    beat_s = TOLD_EVERY_S if systemd.watchdog_s is None else systemd.watchdog_s / 3
    while systemd.is_heard:
        if lives():
            systemd.alive()
        systemd.says(summary())
        await anyio.sleep(min(beat_s, TOLD_EVERY_S))


def _every_service_moves(system: System) -> bool:
    """A service that has hung starves the watchdog: then it ends us."""
    return not system.schedule.watch.look()


class Reloads:
    """One reload after another, beside the signals: one that waits for the store delays no end.

    Whoever asks while one is under way gets one more, which reads what is there then.
    """

    def __init__(self, once: Callable[[], Awaitable[None]]) -> None:
        self._once = once
        self._asked = anyio.Event()

    def ask(self) -> None:
        """Reload soon."""
        self._asked.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._asked.wait()
            self._asked = anyio.Event()
            await self._once()


async def _reload(reloading: Reloading, health: Health, around: Around) -> None:
    around.systemd.reloading()
    await reloading.reload(lambda: sources.load(around.config))
    around.systemd.ready(health.summary())
