"""The machine of the simulation: loop time for a clock, a seed for chance, memory for a network.

Hands `bootstrap` the same `Machine` a real one is, so that the daemon's code is the same to the
last line. Only the SQLite file is real, and it is used in the loop's own thread.
"""

from __future__ import annotations

import base64
import hashlib
import math
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
from aiohttp import web

from syncd.bootstrap.machine import Machine
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.lab.virtual.library_clocks import wall_time_s
from syncd.lab.virtual.virtual_scheduler import VirtualScheduler
from syncd.lab.watch.watched_wire import Wire
from syncd.ports.observer import Observer
from syncd.ports.transport import Transport
from syncd.runtime.aiohttp_transport import KEEPALIVE_S, AiohttpTransport

XERO_PATH = "/pretend/xero"
PIPELINE_PATH = "/pretend/pipeline"
OPERATOR_PATH = "/pretend/operator"
PUBLIC_PATH = "/pretend/public"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRACTION_BITS = 53


class SimulatedClock:
    """Pretend wall time with an error of its own: `drift` seconds per second, and steps."""

    def __init__(self, *, drift: float = 0.0) -> None:
        self._drift = drift
        self._began_s = wall_time_s()
        self._stepped_s = 0.0
        self._told: tuple[float, datetime] = (math.nan, _EPOCH)

    def now(self) -> datetime:
        """The instant this machine believes it is; asked many times before time goes on."""
        wall_s = wall_time_s()
        if wall_s != self._told[0]:
            error_s = (wall_s - self._began_s) * self._drift + self._stepped_s
            self._told = wall_s, _EPOCH + timedelta(seconds=wall_s + error_s)
        return self._told[1]

    def step(self, seconds: float) -> None:
        """Somebody set the clock, forward or (negative) back."""
        self._stepped_s += seconds
        self._told = (math.nan, _EPOCH)


class SeededEntropy:
    """A tree of generators: a room's draws depend on the seed and its name, on nobody else's."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._dice = random.Random(seed)  # noqa: S311 - a pretend world's dice

    def child(self, name: str) -> SeededEntropy:
        """An independent source for one room."""
        return SeededEntropy(f"{self._seed}/{name}")

    def draw(self) -> float:
        """A number in [0, 1)."""
        return self._dice.getrandbits(_FRACTION_BITS) / (1 << _FRACTION_BITS)

    def token(self, n_bytes: int) -> str:
        """A URL-safe text of `n_bytes` drawn from the seed."""
        drawn = self._dice.randbytes(n_bytes)
        return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What one incarnation of the daemon is given that differs from the one before."""

    clock: SimulatedClock
    entropy: SeededEntropy
    driver: InlineDriver
    wire: Wire
    observers: tuple[Observer, ...] = ()
    on_observer_failure: Callable[[str], None] = lambda _: None


def simulated_machine(parts: Parts, stack: AsyncExitStack) -> Machine:
    """A machine on the running `VirtualLoop`; paths of the pretend network stand for addresses.

    `stack` closes its connections when the process ends in peace; the killed close nothing.
    """
    scheduler = VirtualScheduler()
    stack.callback(scheduler.stop)

    def transport(system: str) -> Transport:
        path = PIPELINE_PATH if system.startswith("pipeline") else XERO_PATH
        connector = aiohttp.UnixConnector(path, keepalive_timeout=KEEPALIVE_S)
        made = AiohttpTransport(connector, system=system)
        stack.push_async_callback(made.close)
        return parts.wire.watched(made)

    return Machine(
        clock=parts.clock,
        entropy=parts.entropy,
        driver=parts.driver,
        scheduler=scheduler,
        transport=transport,
        operator_site=lambda runner: web.UnixSite(runner, OPERATOR_PATH),
        public_site=lambda runner: web.UnixSite(runner, PUBLIC_PATH),
        boot="the one boot of a simulated day",
        observers=parts.observers,
        on_observer_failure=parts.on_observer_failure,
    )


def encryption_key(seed: int) -> str:
    """A Fernet key that follows from the seed."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"vault {seed}".encode()).digest()).decode()
