"""The simulated daemon's process: what lives need not stand yet."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from syncd.config.options import Options
from syncd.lab.daemon.machine import SimulatedClock
from syncd.lab.daemon.process import SimulatedDaemon
from syncd.lab.virtual.inline_driver import InlineDriver, OpenFile
from syncd.lab.virtual.virtual_loop import VirtualLoop


def test_daemon_that_was_started_this_instant_lives_and_is_not_up(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    options = cast("Options", None)  # nothing is put together before the loop's next turn
    file = OpenFile(tmp_path / "store.db")
    daemon = SimulatedDaemon(
        loop, options, seed=1, clock=SimulatedClock(), file=file, driver=InlineDriver
    )

    async def world() -> None:
        daemon.start()
        assert (daemon.is_alive, daemon.is_up) == (True, False)
        assert await daemon.drain() is None
        daemon.kill()
        assert (daemon.is_alive, daemon.is_up) == (False, False)

    loop.run_until_complete(world())
