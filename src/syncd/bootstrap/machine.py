"""What the daemon stands on, and the real one: system clock, OS entropy, SQLite file, TCP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import anyio

from syncd.config.options import Options
from syncd.domain.errors import ConfigError
from syncd.domain.model.replica import ReplicaStanding
from syncd.ports.clock import Clock
from syncd.ports.driver import Driver
from syncd.ports.entropy import Entropy
from syncd.ports.observer import Observer
from syncd.ports.scheduler import Scheduler
from syncd.ports.transport import Transport
from syncd.runtime.aiohttp_transport import AiohttpTransport, tcp_transport
from syncd.runtime.aiosqlite_driver import open_driver
from syncd.runtime.apscheduler_timer import ApschedulerTimer
from syncd.runtime.store_lock import StoreLock
from syncd.runtime.system_clock import SystemClock, boot, since_boot_s
from syncd.runtime.system_entropy import SystemEntropy
from syncd.web.http.forwarded import ReplicaKeys
from syncd.web.http.listener import SiteFactory, tcp_site


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the daemon stands on. `transport` is asked once per remote, by its name."""

    clock: Clock
    entropy: Entropy
    driver: Driver
    scheduler: Scheduler
    transport: Callable[[str], Transport]
    operator_site: SiteFactory
    public_site: SiteFactory
    now_s: Callable[[], float] = anyio.current_time
    """A monotonic clock that goes on while the machine sleeps; the loop's, where none does."""
    boot: str = ""
    """Names the boot since which the loop's time counts; empty: unknown."""
    observers: tuple[Observer, ...] = ()
    """Further observers of facts: logs, a recorder, checkers."""
    on_observer_failure: Callable[[str], None] = lambda _: None
    replica: str = ""
    """What this daemon is called among several; empty: there are no others."""
    replicas: Callable[[], Sequence[ReplicaStanding]] = tuple
    """How each of the replicas stands; none where this daemon has its store alone."""
    keys: ReplicaKeys | None = None
    """By which other replicas prove from whom they pass requests on; None: there are none."""


@asynccontextmanager
async def real_machine(
    options: Options,
    *,
    observers: tuple[Observer, ...] = (),
    on_observer_failure: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Machine]:
    """The machine the program runs on, held for the block's life.

    Raises ConfigError when the store's folder cannot be made, StoreLocked when another daemon has
    the store.
    """
    path = options.store.path
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        problem = f"store.url: {path.parent} cannot be made: {error.strerror}"
        raise ConfigError((problem,)) from error
    async with AsyncExitStack() as stack:
        stack.enter_context(StoreLock(path, listen=options.server.listen))
        driver = await open_driver(path)
        stack.push_async_callback(closed, driver)
        clock = SystemClock()
        scheduler = ApschedulerTimer(clock)
        stack.callback(scheduler.stop)

        def transport(system: str) -> Transport:
            made: AiohttpTransport = tcp_transport(system)
            stack.push_async_callback(made.close)
            return made

        yield Machine(
            clock=clock,
            entropy=SystemEntropy(),
            driver=driver,
            scheduler=scheduler,
            transport=transport,
            operator_site=tcp_site(options.server.listen, "server.listen"),
            public_site=tcp_site(options.server.public_listen, "server.public_listen"),
            now_s=since_boot_s,
            boot=boot(),
            observers=observers,
            on_observer_failure=on_observer_failure,
        )


async def closed(driver: Driver) -> None:
    """Close the store. Nothing that is cancelled meanwhile keeps it open."""
    # A cancelled daemon still lets go of its file, and its threads end.
    with anyio.CancelScope(shield=True):
        await driver.close()
