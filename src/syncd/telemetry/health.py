"""Health for the probes, folded from facts: alive, ready, and why not.

Ready asks that the store took a write lately and has room, that every service moves and nothing
drains; Xero being down or not yet connected is that tenant's state, not the process's. Alive asks
that no service has hung: that only a new start mends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from syncd.domain import facts
from syncd.domain.facts import Fact
from syncd.domain.model.value import Value


class Check(Value, frozen=True, kw_only=True):
    """One named check of a verbose probe."""

    name: str
    status: Literal["pass", "warn", "fail"]
    output: str = ""
    count: int | None = None
    """How often it was done, where that can be counted."""


class Probed(Protocol):
    """What probes ask of a daemon, whether it works or stands by."""

    @property
    def is_alive(self) -> bool:
        """Whether a new start would mend nothing."""
        ...

    @property
    def is_ready(self) -> bool:
        """Whether requests are taken."""
        ...

    def checks(self) -> tuple[Check, ...]:
        """Every check by name."""
        ...


CONFIGURATION = "configuration"
LEAST_BETWEEN_WRITES_S = 30.0
"""The store is tried every few seconds; one that took no write for so long takes none."""


class Health:
    """What the probes answer."""

    def __init__(
        self,
        *,
        now_s: Callable[[], float] = lambda: 0.0,
        written_within_s: float = LEAST_BETWEEN_WRITES_S,
        replica: str = "",
    ) -> None:
        """`now_s` is the loop's clock: whoever hangs tells nothing, so time is asked.

        `replica` is what this daemon is called among several; empty where it is the only one.
        """
        self._replica = replica
        self._now_s = now_s
        self._written_within_s = written_within_s
        self._written_at_s = 0.0
        self._hung: dict[str, float] = {}
        self._tenants = 0
        self._gone: set[str] = set()
        """Served no more: what is told of them late is nobody's check."""
        self._started = False
        self._draining = False
        self._stopped = False
        self._reload: facts.ConfigReloaded | None = None
        self._reloads = 0
        self._store: facts.StoreStanding | None = None
        self._connections: dict[str, str] = {}
        self._troubles: dict[str, tuple[str, ...]] = {}

    def observe(self, fact: Fact) -> None:  # noqa: C901, PLR0912  (one case per fact)
        """Take note of what matters to a probe."""
        match fact:
            case facts.ConnectionChanged() | facts.TenantSampled() if fact.tenant in self._gone:
                pass
            case facts.DaemonStarted():
                self._started = True
                self._tenants = fact.tenants
                self._written_at_s = self._now_s()
            case facts.TenantServed():
                self._tenants += 1 if fact.is_served else -1
                (self._gone.discard if fact.is_served else self._gone.add)(fact.tenant)
                self._connections.pop(fact.tenant, None)
                self._troubles.pop(fact.tenant, None)
            case facts.StoreWritten():
                self._written_at_s = self._now_s()
            case facts.ServiceHung():
                self._hung.pop(fact.service, None)
                if fact.is_hung:
                    self._hung[fact.service] = fact.for_s
            case facts.DaemonDraining():
                self._draining = True
            case facts.DaemonStopped():
                self._stopped = True
            case facts.StoreStanding():
                self._store = fact
            case facts.ConfigReloaded():
                self._reload = fact
                self._reloads += 1
            case facts.ConnectionChanged():
                self._connections[fact.tenant] = fact.state
            case facts.TenantSampled():
                self._connections[fact.tenant] = fact.connection
                self._troubles[fact.tenant] = fact.troubles
            case _:
                pass  # the other facts say nothing about being ready

    @property
    def is_alive(self) -> bool:
        """The loop answers, it has not ended, and no service has hung."""
        return not self._stopped and not self._hung

    def checks(self) -> tuple[Check, ...]:
        """Every check by name; tenants only ever warn."""
        draining = Check(
            name="accepting",
            status="fail" if self._draining else "pass",
            output="draining: no new work is taken" if self._draining else "",
        )
        tenants = tuple(
            Check(
                name=f"tenant:{tenant}",
                status="warn" if state != "Connected" or troubles else "pass",
                output=", ".join((state, *_besides(state, troubles))),
            )
            for tenant, state in sorted(self._connections.items())
            for troubles in [self._troubles.get(tenant, ())]
        )
        return (
            self._store_check(),
            self._room_check(),
            self._services_check(),
            draining,
            self._configuration_check(),
            *self._replica_check(),
            *tenants,
        )

    def _replica_check(self) -> tuple[Check, ...]:
        """Who works, where there are several: whoever does answers so."""
        works = f"{self._replica} works"
        return (Check(name="replica", status="pass", output=works),) if self._replica else ()

    @property
    def is_ready(self) -> bool:
        """Whether work is taken."""
        return not self._stopped and all(check.status != "fail" for check in self.checks())

    def _store_check(self) -> Check:
        """Migrated, and its last write was taken."""
        if not self._started:
            return Check(name="store", status="fail", output="the daemon has not started yet")
        if self._store is not None and not self._store.is_usable:
            return Check(name="store", status="fail", output=self._store.error)
        since_s = self._now_s() - self._written_at_s
        if since_s > self._written_within_s:
            output = f"it took no write for {since_s:.0f} s, and refuses none"
            return Check(name="store", status="fail", output=output)
        return Check(name="store", status="pass")

    def _services_check(self) -> Check:
        """Every service moves."""
        hung = [f"{name} for {for_s:.0f} s or more" for name, for_s in self._hung.items()]
        if not hung:
            return Check(name="services", status="pass")
        output = f"nothing moves in {', '.join(hung)}: start again, nothing is lost"
        return Check(name="services", status="fail", output=output)

    def summary(self) -> str:
        """In a line: how many tenants are served, and what a person should look at."""
        served = "1 tenant" if self._tenants == 1 else f"{self._tenants} tenants"
        said = [
            f"{check.name.removeprefix('tenant:')}: {check.output}"
            for check in self.checks()
            if check.status != "pass" or (self._needs_restart and check.name == CONFIGURATION)
        ]
        return "; ".join((served, *said))

    @property
    def _needs_restart(self) -> bool:
        return self._reload is not None and bool(self._reload.needs_restart)

    def _configuration_check(self) -> Check:
        """The last reload: one that was refused warns."""
        told = self._reload
        if told is None:
            return Check(name=CONFIGURATION, status="pass", count=0)
        parts = []
        if not told.accepted:
            parts.append(f"the last reload was refused: {'; '.join(told.problems)}")
        if told.applied:
            parts.append(f"applied: {', '.join(told.applied)}")
        if told.needs_restart:
            parts.append(f"needs a restart: {', '.join(told.needs_restart)}")
        return Check(
            name=CONFIGURATION,
            status="pass" if told.accepted else "warn",
            output=". ".join(parts) or "nothing to take over",
            count=self._reloads,
        )

    def _room_check(self) -> Check:
        """Space is kept back for what must still be written when the disk is full."""
        if self._store is None or self._store.has_reserve:
            return Check(name="room", status="pass")
        output = "the disk is full, or nearly: the store's reserve is spent; make room"
        return Check(name="room", status="fail", output=output)


def _besides(state: str, troubles: tuple[str, ...]) -> list[str]:
    """The troubles the state does not say already."""
    said = state.lower().replace(" ", "_")
    return [kind.replace("_", " ") for kind in troubles if kind != said]
