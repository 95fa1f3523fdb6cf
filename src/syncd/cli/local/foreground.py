"""The daemon in the foreground, until a signal asks it to drain: what `syncd run` runs."""

from __future__ import annotations

import signal
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import anyio

from syncd.bootstrap import preflight
from syncd.bootstrap import system as bootstrap
from syncd.bootstrap.machine import real_machine
from syncd.cli.ending import end, first_words
from syncd.cli.exits import Exit
from syncd.cli.local.at_work import Around, work
from syncd.cli.local.options import options_or_end, unusable
from syncd.config.options import Options
from syncd.domain.errors import ConfigError, StoreError
from syncd.runtime.private_memory import keep_private
from syncd.runtime.system_clock import SystemClock
from syncd.runtime.systemd import Systemd
from syncd.runtime.vault import VaultError
from syncd.telemetry import libraries
from syncd.telemetry.logs import Logger, LogLevel, log_observer, make_logger


def run(config: Path | None) -> None:
    """Run it to its end; its exit says how it went."""
    keep_private()
    # A HUP before the receiver is up would end us.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    options = options_or_end(config)
    if problems := preflight.problems(options):
        unusable(problems)
    fast = find_spec("uvloop") is not None
    failed: tuple[Exit, str] | None = None
    try:
        anyio.run(serve, options, config, backend_options={"use_uvloop": fast})
    except* ConfigError as group:
        failed = Exit.BAD_CONFIGURATION, first_words(group)
    except* (StoreError, VaultError) as group:
        failed = failed or (Exit.FAILED, first_words(group))
    if failed is not None:
        end(*failed)


async def serve(options: Options, config: Path | None) -> None:
    """The daemon, its signals and its service manager."""
    clock = SystemClock()
    level = LogLevel(options.log.level)
    log = make_logger(clock, level=level)
    libraries.forward(log)
    around = Around(systemd=Systemd.from_environment(), config=config, use_log_level=level.use)
    observers = (log_observer(log, clock),)
    on_failure = partial(_observer_failed, log)
    if options.store.is_shared:
        from syncd.cli.local import run_replica  # noqa: PLC0415  (a start without replicas is lean)

        await run_replica.run(options, around, observers, on_failure)
        return
    async with real_machine(
        options, observers=observers, on_observer_failure=on_failure
    ) as machine:
        system = await bootstrap.build(options, machine)
        async with around.heard():
            await work(machine, system, options, around)


def _observer_failed(log: Logger, text: str) -> None:
    log.error("observer.failed", error=text)
