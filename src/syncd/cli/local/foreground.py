"""The daemon in the foreground, until a signal asks it to drain: what `syncd run` runs."""

from __future__ import annotations

import signal
import time
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import anyio
from anyio.abc import TaskGroup

from syncd.bootstrap import preflight
from syncd.bootstrap import system as bootstrap
from syncd.bootstrap.machine import real_machine
from syncd.bootstrap.reload import Reloading
from syncd.bootstrap.system import System
from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.cli.local.options import options_or_end, unusable
from syncd.config import sources
from syncd.config.options import Options
from syncd.domain.errors import ConfigError, StoreError
from syncd.runtime import collector
from syncd.runtime.private_memory import keep_private
from syncd.runtime.system_clock import SystemClock
from syncd.runtime.systemd import Systemd
from syncd.runtime.vault import VaultError
from syncd.telemetry import libraries
from syncd.telemetry.health import Health
from syncd.telemetry.logs import LogLevel, log_observer, make_logger

TOLD_EVERY_S = 5.0
"""So old may be what `systemctl status` shows."""


def run(config: Path | None) -> None:
    """Run it to its end; its exit says how it went."""
    keep_private()
    # A HUP before the receiver is up would end us.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    options = options_or_end(config)
    if problems := preflight.problems(options):
        unusable(problems)
    fast = find_spec("uvloop") is not None
    try:
        anyio.run(serve, options, config, backend_options={"use_uvloop": fast})
    except* ConfigError as group:
        end(Exit.BAD_CONFIGURATION, _first(group))
    except* (StoreError, VaultError) as group:
        end(Exit.FAILED, _first(group))


def _first(group: BaseExceptionGroup[BaseException]) -> str:
    """The innermost first error's own words."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)


async def serve(options: Options, config: Path | None) -> None:
    """The daemon, its signals and its service manager."""
    began = time.monotonic()
    clock = SystemClock()
    level = LogLevel(options.log.level)
    log = make_logger(clock, level=level)
    libraries.forward(log)
    systemd = Systemd.from_environment()
    async with real_machine(
        options,
        observers=(log_observer(log, clock),),
        on_observer_failure=lambda text: log.error("observer.failed", error=text),
    ) as machine:
        system = await bootstrap.build(options, machine)
        reloading = Reloading(system, options, use_log_level=level.use)
        reloads = Reloads(partial(_reload, reloading, system.health, config, systemd))
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            async with anyio.create_task_group() as group:
                started = anyio.Event()
                group.start_soon(_run_and_end, group, system, started)
                await started.wait()
                machine.scheduler.start()
                bootstrap.announce(system, took_s=time.monotonic() - began)
                systemd.ready(system.health.summary())
                group.start_soon(_keep_told, systemd, system)
                group.start_soon(reloads.run)
                collector.go_on()
                async for number in signals:
                    if number == signal.SIGHUP:
                        reloads.ask()
                        continue
                    systemd.stopping()
                    machine.scheduler.stop()
                    system.daemon.drain(number.name)


async def _run_and_end(group: TaskGroup, system: System, started: anyio.Event) -> None:
    await system.daemon.run(started=started)
    group.cancel_scope.cancel()


async def _keep_told(systemd: Systemd, system: System) -> None:
    """Tell the service manager how it stands, and feed its watchdog while every service moves.

    Fed three times as often as it wants. A service that has hung is not: then it ends us.
    """
    beat_s = TOLD_EVERY_S if systemd.watchdog_s is None else systemd.watchdog_s / 3
    while systemd.is_heard:
        if not system.schedule.watch.look():
            systemd.alive()
        systemd.says(system.health.summary())
        await anyio.sleep(min(beat_s, TOLD_EVERY_S))


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


async def _reload(
    reloading: Reloading, health: Health, config: Path | None, systemd: Systemd
) -> None:
    systemd.reloading()
    await reloading.reload(lambda: sources.load(config))
    systemd.ready(health.summary())
