"""Metrics of the daemon itself: its rounds, its listeners, its store and its configuration.

Made and fed by `metrics`, for the registry it keeps.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from syncd.domain import facts
from syncd.domain.model.concern import NotificationsCounted, NotificationTried
from syncd.domain.model.replica import LeaseEnded
from syncd.domain.model.store_size import StoreSize
from syncd.telemetry import labels
from syncd.telemetry.series import NOBODY, TENANT, Series

HOLDS_LEASE = "syncd_replica_holds_lease"
HOLDS_LEASE_MEANS = "1 for the daemon that works; of several replicas the others say 0."
OwnFact = (
    facts.RoundDeferred
    | facts.ServiceFailed
    | facts.ServiceHung
    | facts.RequestRefused
    | facts.StoreWritten
    | facts.StoreStanding
    | facts.TaskSucceeded
    | facts.ConfigReloaded
    | facts.RunsPlanned
    | facts.RecordsForgotten
    | LeaseEnded
    | StoreSize
    | NotificationTried
    | NotificationsCounted
)


class DaemonMetrics:
    """What the daemon says of itself. `started_at` stands for what has not happened yet."""

    def __init__(self, make: Series, started_at: datetime | None) -> None:
        self._make_rounds(make)
        self._make_surroundings(make)
        self._make_messages(make)
        if started_at is not None:
            self.reloaded_at.set(started_at.timestamp())
            self.store_written_at.set(started_at.timestamp())
        for tenant in make.tenants[TENANT]:
            self.begin(tenant, started_at)

    def begin(self, tenant: str, at: datetime | None) -> None:
        """The tenant is served from then on: what its tasks' last success is measured by."""
        for task in labels.LOOPS:
            self.hung.labels(task, tenant).set(0)
        if at is not None:
            for task in labels.SUCCEEDING:
                self.last_success.labels(tenant, task).set(at.timestamp())

    def _make_rounds(self, make: Series) -> None:
        """What the services do, when, and whether they fail."""
        own = make.tenants
        self.deferrals = make.counter(
            "syncd_rounds_deferred", "Rounds put off.", own | {"task": labels.DEFERRED}
        )
        self.failures = make.counter(
            "syncd_service_failures",
            "Unforeseen errors by service.",
            {"service": labels.SERVICES},
        )
        self.hung = make.gauge(
            "syncd_service_hung",
            "1 while a service shows for a while that it does nothing.",
            {"task": labels.SHARED_LOOPS, TENANT: NOBODY},
        )
        self.last_success = make.gauge(
            "syncd_last_success_timestamp_seconds",
            "Last good end of a tenant's task; the start, until there was one.",
            own | {"task": labels.SUCCEEDING},
            first=None,
        )
        self.next_run = make.gauge(
            "syncd_next_run_timestamp_seconds",
            "When a task's next round is due.",
            {"task": (*labels.LOOPS, *labels.SHARED_LOOPS)} | own,
            first=None,
        )

    def _make_surroundings(self, make: Series) -> None:
        """The store, the configuration, the listeners and the site."""
        self.holds_lease = make.gauge(HOLDS_LEASE, HOLDS_LEASE_MEANS, first=1)
        self.store_written_at = make.gauge(
            "syncd_store_last_write_timestamp_seconds",
            "When the store last took a write it was tried with.",
        )
        self.store_usable = make.gauge(
            "syncd_store_usable", "1 while the store takes what is written.", first=1
        )
        self.store_reserve = make.gauge(
            "syncd_store_reserve", "1 while space is kept back for a full disk.", first=1
        )
        self.reloaded = make.gauge(
            "syncd_config_last_reload_successful",
            "1 while the last reading of the configuration was taken over.",
            first=1,
        )
        self.reloaded_at = make.gauge(
            "syncd_config_last_reload_success_timestamp_seconds",
            "When the configuration was last taken over; the start counts.",
        )
        self.refused = make.counter(
            "syncd_requests_refused",
            "Requests answered with a 4xx, by listener and status.",
            {"service": labels.LISTENERS, "status": labels.REFUSALS},
        )
        self.forgotten = make.counter(
            "syncd_records_forgotten",
            "Old records taken out of the store, by kind.",
            {"kind": labels.FORGOTTEN},
        )
        self.store_bytes = make.gauge(
            "syncd_store_bytes",
            "Size of the store's file, of what is free in it, and of its log.",
            {"part": labels.STORE_PARTS},
        )
        self.store_rows = make.gauge(
            "syncd_store_rows",
            "Rows of the store's tables that grow.",
            {"table": labels.STORE_TABLES},
        )

    def _make_messages(self, make: Series) -> None:
        """What people are told."""
        self.notifications = make.counter(
            "syncd_notifications",
            "Tries to deliver a message to people, by way and outcome.",
            {"way": labels.WAYS, "outcome": labels.DELIVERIES},
        )
        self.undelivered_at = make.gauge(
            "syncd_notifications_oldest_timestamp_seconds",
            "When the oldest message was made that is not delivered yet; 0 for none.",
        )

    def observe(self, fact: OwnFact) -> None:  # noqa: C901, PLR0912  (one case per fact)
        """Count a fact."""
        match fact:
            case facts.RoundDeferred():
                self.deferrals.labels(fact.tenant, fact.task).inc()
            case facts.ServiceFailed():
                # What follows the colon names a tenant, or one document.
                self.failures.labels(fact.service.partition(":")[0]).inc()
            case facts.RequestRefused():
                self.refused.labels(fact.service, str(fact.status)).inc()
            case facts.ServiceHung():
                task, _, tenant = fact.service.partition(":")
                self.hung.labels(task, tenant).set(int(fact.is_hung))
            case facts.StoreWritten():
                self.store_written_at.set(fact.at.timestamp())
            case facts.StoreStanding():
                self.store_usable.set(int(fact.is_usable))
                self.store_reserve.set(int(fact.has_reserve))
            case facts.TaskSucceeded():
                self.last_success.labels(fact.tenant, fact.task).set(fact.at.timestamp())
            case facts.ConfigReloaded():
                self.reloaded.set(int(fact.accepted))
                if fact.accepted:
                    self.reloaded_at.set(fact.at.timestamp())
            case facts.RecordsForgotten():
                for word, count in fact.counts.items():
                    self.forgotten.labels(word).inc(count)
            case LeaseEnded():
                self.holds_lease.set(0)
            case StoreSize():
                sizes = (fact.file_bytes, fact.free_bytes, fact.log_bytes)
                for part, size in zip(labels.STORE_PARTS, sizes, strict=True):
                    self.store_bytes.labels(part).set(size)
                for table, count in fact.rows.items():
                    self.store_rows.labels(table).set(count)
            case NotificationTried():
                self.notifications.labels(fact.way, fact.outcome).inc()
            case NotificationsCounted():
                oldest_at = fact.oldest_at
                self.undelivered_at.set(0.0 if oldest_at is None else oldest_at.timestamp())
            case facts.RunsPlanned():
                for run in fact.runs:
                    planned = self.next_run.labels(run.task, run.tenant or "")
                    planned.set(run.next_run_at.timestamp())
            case _:
                assert_never(fact)
