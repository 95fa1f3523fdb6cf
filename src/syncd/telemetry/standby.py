"""What a standby says of itself: its probes and its own metrics, never those of the holder.

Summed over replicas, what the holder counts would count twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Info, generate_latest

from syncd.domain import facts
from syncd.domain.facts import Fact
from syncd.domain.model.replica import ReplicaStanding, RequestForwarded
from syncd.telemetry import labels
from syncd.telemetry.daemon_metrics import HOLDS_LEASE, HOLDS_LEASE_MEANS
from syncd.telemetry.health import Check
from syncd.telemetry.replicas import ReplicaMetrics
from syncd.telemetry.series import Series


class StandbyHealth:
    """Ready while the store answers: whatever it is asked, the holder or the store answers."""

    def __init__(
        self, *, trouble: Callable[[], str | None], holder: Callable[[], str | None]
    ) -> None:
        """`trouble` says why the store does not answer, None while it does."""
        self._trouble = trouble
        self._holder = holder
        self._is_draining = False

    def observe(self, fact: Fact) -> None:
        """Take note of the end: from then on it is not ready, so that nobody is led here."""
        self._is_draining |= isinstance(fact, facts.DaemonDraining)

    @property
    def is_alive(self) -> bool:
        """It answers, so it lives."""
        return True

    @property
    def is_ready(self) -> bool:
        """Whether the store answered lately, and no end was asked for."""
        return self._trouble() is None and not self._is_draining

    def checks(self) -> tuple[Check, ...]:
        """The store, and who works."""
        trouble, holder = self._trouble(), self._holder()
        draining = "draining: another replica is to be asked" if self._is_draining else ""
        return (
            Check(name="store", status="pass" if trouble is None else "fail", output=trouble or ""),
            Check(name="accepting", status="fail" if draining else "pass", output=draining),
            Check(
                name="replica",
                status="warn" if holder is None else "pass",
                output="standing by; "
                + ("nobody works just now" if holder is None else f"{holder} works"),
            ),
        )

    def summary(self) -> str:
        """In a line, for the service manager."""
        return "; ".join(check.output for check in reversed(self.checks()) if check.output)


class StandbyMetrics:
    """A registry of its own, and the observer that feeds it."""

    def __init__(
        self, *, version: str, replicas: Callable[[], Sequence[ReplicaStanding]] = tuple
    ) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(ReplicaMetrics(replicas))
        info = Info("syncd_build", "The running program.", registry=self.registry)
        info.info({"version": version})
        make = Series(self.registry, ())
        make.gauge(HOLDS_LEASE, HOLDS_LEASE_MEANS)
        self._usable = make.gauge(
            "syncd_store_usable", "1 while the store takes what is written.", first=1
        )
        self._forwarded = make.counter(
            "syncd_requests_forwarded",
            "Requests a standby passed on to the replica that works, by whether it answered.",
            {"service": labels.LISTENERS, "outcome": labels.FORWARDED},
        )

    def exposition(self) -> bytes:
        """The text of a scrape."""
        return generate_latest(self.registry)

    def observe(self, fact: Fact) -> None:
        """Count what a standby does; the rest is for whoever works."""
        match fact:
            case RequestForwarded():
                outcome = labels.FORWARDED[0 if fact.is_answered else 1]
                self._forwarded.labels(fact.service, outcome).inc()
            case facts.StoreStanding():
                self._usable.set(int(fact.is_usable))
            case _:
                pass
