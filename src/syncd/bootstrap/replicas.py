"""What one of several replicas stands on, and the machine for whichever of them works.

The database, both addresses and the replica's place among the others are its own for as long as it
lives. A daemon that works is made anew for each lease (`at_work`): all it writes carries the fence
of that lease, and all it sends asks first whether the lease is still valid.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from syncd.bootstrap import opening
from syncd.bootstrap.machine import Machine, closed
from syncd.config import access
from syncd.config.options import Options
from syncd.engine.replicas.holding import HeldLease
from syncd.engine.replicas.known import KnownReplicas
from syncd.engine.replicas.member import Member
from syncd.ports.driver import SharedDriver
from syncd.ports.observer import Observer
from syncd.runtime.aiohttp_transport import AiohttpTransport, tcp_transport
from syncd.runtime.apscheduler_timer import ApschedulerTimer
from syncd.runtime.kept_address import KeptAddress, host_name
from syncd.runtime.system_clock import SystemClock, boot, since_boot_s
from syncd.runtime.system_entropy import SystemEntropy
from syncd.telemetry.fanout import Fanout
from syncd.web.http.forwarded import ReplicaKeys
from syncd.web.http.listener import SiteFactory, socket_site


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a replica has whichever part it plays."""

    driver: SharedDriver
    clock: SystemClock
    member: Member
    operator_site: SiteFactory
    public_site: SiteFactory
    keys: ReplicaKeys
    observers: tuple[Observer, ...] = ()
    on_observer_failure: Callable[[str], None] = lambda _: None


@asynccontextmanager
async def ground(
    options: Options,
    *,
    observers: tuple[Observer, ...] = (),
    on_observer_failure: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Ground]:
    """Listen on both addresses and have the database at hand, for the block's life.

    It need not answer yet. Raises ConfigError where an address cannot be listened on, StoreError
    where the library is missing.
    """
    async with AsyncExitStack() as stack:
        own = KeptAddress("server.listen", options.server.listen)
        stack.callback(own.close)
        public = KeptAddress("server.public_listen", options.server.public_listen)
        stack.callback(public.close)
        store = options.store
        driver = await opening.database(store, readers=store.pool_size, at_once=False)
        stack.push_async_callback(closed, driver)
        clock, replicas = SystemClock(), options.replicas
        member = Member(
            name=replicas.name or f"{host_name()}:{own.address.rpartition(':')[2]}",
            url=access.advertised(replicas.advertise, own.address),
            public_url=access.advertised(replicas.public_advertise, public.address),
            version=version("syncd"),
            lease_s=replicas.lease_s,
            clock=clock,
            now_s=since_boot_s,
            observe=Fanout(observers, on_failure=on_observer_failure),
            known=KnownReplicas(replicas.lease_s),
        )
        yield Ground(
            driver=driver,
            clock=clock,
            member=member,
            operator_site=socket_site(own.again),
            public_site=socket_site(public.again),
            keys=ReplicaKeys.of(options.security.encryption_key.get_secret_value()),
            observers=observers,
            on_observer_failure=on_observer_failure,
        )


@asynccontextmanager
async def at_work(on: Ground, lease: HeldLease) -> AsyncIterator[Machine]:
    """The machine of a daemon that works under this lease, for the block's life."""
    async with AsyncExitStack() as stack:
        scheduler = ApschedulerTimer(on.clock)
        stack.callback(scheduler.stop)

        def transport(system: str) -> AiohttpTransport:
            made = tcp_transport(system, lambda: lease.is_valid)
            stack.push_async_callback(made.close)
            return made

        yield Machine(
            clock=on.clock,
            entropy=SystemEntropy(),
            driver=on.driver.fenced(lease.fence, lease.lose),
            scheduler=scheduler,
            transport=transport,
            operator_site=on.operator_site,
            public_site=on.public_site,
            now_s=on.member.now_s,
            boot=boot(),
            observers=on.observers,
            on_observer_failure=on.on_observer_failure,
            replica=on.member.name,
            replicas=lease.replicas,
            keys=on.keys,
        )
