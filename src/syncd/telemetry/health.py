"""Health for the probes, folded from facts: alive, ready, and why not.

Ready asks that the store takes writes and has room, and that nothing drains; Xero being down or not
yet connected is that tenant's state, not the process's.
"""

from __future__ import annotations

from typing import Literal

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


CONFIGURATION = "configuration"


class Health:
    """What the probes answer."""

    def __init__(self) -> None:
        self._started = False
        self._draining = False
        self._stopped = False
        self._reload: facts.ConfigReloaded | None = None
        self._reloads = 0
        self._store: facts.StoreStanding | None = None
        self._connections: dict[str, str] = {}
        self._troubles: dict[str, tuple[str, ...]] = {}

    def observe(self, fact: Fact) -> None:
        """Take note of what matters to a probe."""
        match fact:
            case facts.DaemonStarted():
                self._started = True
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
        """The loop answers; it has not ended."""
        return not self._stopped

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
            draining,
            self._configuration_check(),
            *tenants,
        )

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
        return Check(name="store", status="pass")

    def _configuration_check(self) -> Check:
        """The last reload: one that was refused warns."""
        told = self._reload
        if told is None:
            return Check(name=CONFIGURATION, status="pass", count=0)
        parts = []
        if not told.accepted:
            parts.append(f"not taken over: {'; '.join(told.problems)}")
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
