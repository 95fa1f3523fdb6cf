"""Several daemons on one PostgreSQL database, and which of them works."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.journeys.support.harness import START_S, Daemon, Worlds, wait_until
from tests.journeys.support.hooked import Hooked

LEASE_S = 3.0
"""A fifth of what it is in earnest, so that nobody waits long for a takeover."""


class Site:
    """Replicas that share a database and everything else but their names and addresses."""

    def __init__(
        self,
        worlds: Worlds,
        folder: Path,
        url: str,
        *,
        names: Sequence[str] = ("alpha", "beta"),
        lease_s: float = LEASE_S,
        **configuration: Any,
    ) -> None:
        self.daemons: dict[str, Daemon] = {}
        shared: dict[str, dict[str, Any]] = {"store": {"url": url}}
        for name in names:
            own = folder / name
            own.mkdir()
            replica = {"replicas": {"name": name, "lease_s": lease_s}}
            daemon = Daemon(worlds, own, more=shared | replica, **configuration)
            # The address people know is the site's: the first replica's stands for a proxy's.
            shared.setdefault("server", {"public_url": f"http://127.0.0.1:{daemon.ports[1]}"})
            self.daemons[name] = daemon

    def start(self) -> None:
        """Start all, and wait until one works and every one is ready."""
        for daemon in self.daemons.values():
            daemon.spawn()
        for daemon in self.daemons.values():
            daemon.wait_ready()
        self.settled()

    def settled(self, within_s: float = START_S) -> str:
        """Wait until one works and the others know it; its name."""

        def found() -> str:
            self.start_the_ended()
            holders = self.holding()
            return holders[0] if len(holders) == 1 and self._all_see(holders[0]) else ""

        return str(wait_until(found, within_s, lambda: f"all know who works\n{self.tails()}"))

    def start_the_ended(self) -> None:
        """Start who ended by itself, as a service manager does: without a database none starts."""
        for daemon in self.daemons.values():
            if daemon.process is not None and daemon.process.poll() == 1:
                daemon.spawn()

    def _all_see(self, holder: str) -> bool:
        """Whether each of the others says that it stands by, and who works."""
        wanted = f"standing by; {holder} works"
        others = [daemon for name, daemon in self.daemons.items() if name != holder]
        return all(wanted.encode() in one.get("/readyz?verbose").body for one in others)

    def holding(self) -> list[str]:
        """The names of those that say that they work."""
        return [
            name
            for name, daemon in self.daemons.items()
            if daemon.metrics().get("syncd_replica_holds_lease") == 1
        ]

    def holder(self, within_s: float = START_S, other_than: str = "") -> str:
        """The name of the one that works, once there is one."""

        def found() -> str:
            return next((name for name in self.holding() if name != other_than), "")

        return str(wait_until(found, within_s, lambda: f"a replica works\n{self.tails()}"))

    def standby(self) -> str:
        """The name of the first that stands by."""
        holder = self.holder()
        return next(name for name in self.daemons if name != holder)

    def signal(self, name: str, what: signal.Signals) -> None:
        """Send a signal to one of them."""
        process = self.daemons[name].process
        assert process is not None
        process.send_signal(what)

    def tails(self) -> str:
        """What each logged last."""
        return "\n".join(f"{name} {one.tail()}" for name, one in self.daemons.items())

    def close(self) -> None:
        """End all."""
        for daemon in self.daemons.values():
            if daemon.process is not None and daemon.process.poll() is None:
                daemon.process.send_signal(signal.SIGCONT)
            daemon.close()


class SharedJourney(Hooked):
    """A journey whose daemon is whichever replica works."""

    def __init__(self, worlds: Worlds, site: Site) -> None:
        self.worlds = worlds
        self.site = site
        self.made = 0

    @property
    def daemon(self) -> Daemon:  # type: ignore[override]  # whoever works
        return self.site.daemons[self.site.holder()]


@contextmanager
def shared_journey(
    folder: Path,
    url: str,
    flags: Sequence[str] = (),
    *,
    connects: bool = True,
    **configuration: Any,
) -> Iterator[SharedJourney]:
    """Both worlds and two replicas between them, connected; ended with the block."""
    worlds = Worlds(folder, *flags)
    try:
        worlds.xero(switches={"minute_limit": 6000, "day_limit": 1_000_000})
        site = Site(worlds, folder, url, **configuration)
        try:
            site.start()
            way = SharedJourney(worlds, site)
            if connects:
                way.daemon.connect()
            yield way
        finally:
            site.close()
    finally:
        worlds.close()


@contextmanager
def alone(folder: Path, url: str, **store: str) -> Iterator[Daemon]:
    """A replica by itself, which is not started."""
    worlds = Worlds(folder)
    daemon = Daemon(
        worlds, folder, more={"store": {"url": url, **store}, "replicas": {"lease_s": LEASE_S}}
    )
    try:
        yield daemon
    finally:
        daemon.close()
        worlds.close()
