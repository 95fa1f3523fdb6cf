"""Facts as Prometheus metrics: closed label sets, base units, never an invoice in a label.

Names are public (see docs/metrics.md). Gauges are set from sampled facts: a scrape never touches
the store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import assert_never

from prometheus_client import (
    CollectorRegistry,
    Info,
    disable_created_metrics,
    generate_latest,
)

from syncd.domain import facts
from syncd.domain.facts import Fact
from syncd.domain.model.concern import NotificationsCounted, NotificationTried
from syncd.domain.model.replica import (
    HolderChanged,
    LeaseEnded,
    LeaseTaken,
    ReplicaStanding,
    RequestForwarded,
)
from syncd.domain.model.store_size import StoreSize
from syncd.telemetry import labels
from syncd.telemetry.daemon_metrics import DaemonMetrics
from syncd.telemetry.replicas import ReplicaMetrics
from syncd.telemetry.series import Labels, Series, instant, one_of

_DELAYS_S = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21600)
_CALLS_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60)
_WINDOW_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)


class Metrics:
    """A registry of its own, and the observer that feeds it.

    `started_at` is what a task that has not succeeded yet is measured by.
    """

    def __init__(
        self,
        *,
        version: str,
        tenants: tuple[str, ...],
        started_at: datetime | None = None,
        replicas: Callable[[], Sequence[ReplicaStanding]] = tuple,
    ) -> None:
        # A `_created` series beside every counter doubles a scrape and tells nobody anything.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped
        self.registry = CollectorRegistry()
        self.registry.register(ReplicaMetrics(replicas))
        info = Info("syncd_build", "The running program.", registry=self.registry)
        info.info({"version": version})
        make = self._series = Series(self.registry, tenants)
        self._make_work(make)
        self._make_xero(make)
        self._make_connection(make)
        self._make_back(make)
        self._make_sweeps(make)
        self._daemon = DaemonMetrics(make, started_at)

    def _make_work(self, make: Series) -> None:
        """What is to be done, and what became of it."""
        own = make.tenants
        self.queue_depth = make.gauge(
            "syncd_queue_depth", "Jobs by queue state.", own | {"state": labels.JOB_STATES}
        )
        self.queue_oldest = make.gauge(
            "syncd_queue_oldest_timestamp_seconds",
            "When the oldest job was wanted that waits for its turn or the other side; 0 for none.",
            own,
        )
        self.queue_oldest_held = make.gauge(
            "syncd_queue_oldest_held_timestamp_seconds",
            "When the oldest job was wanted that waits for a person or a cause; 0 for none.",
            own,
        )
        self.invoices = make.gauge(
            "syncd_invoices", "Invoices by sync state.", own | {"state": labels.INVOICE_STATES}
        )
        self.pushes = make.counter(
            "syncd_pushes", "Jobs settled, by outcome.", own | {"outcome": labels.PUSH_OUTCOMES}
        )
        self.push_delay = make.histogram(
            "syncd_push_delay_seconds", "Pipeline edit to confirmed in Xero.", _DELAYS_S
        )
        self.results = make.counter(
            "syncd_results_written",
            "Results written back to Pipeline.",
            own | {"outcome": labels.PUT_OUTCOMES},
        )
        self.brake = make.gauge(
            "syncd_brake_halted", "1 while a brake holds all writes of the tenant.", own
        )
        self.paused = make.gauge("syncd_paused", "1 while a person has paused the tenant.", own)
        self.mode = make.gauge(
            "syncd_mode", "1 for the mode that holds.", own | {"mode": labels.MODES}
        )
        self.troubles = make.gauge(
            "syncd_trouble",
            "1 while the tenant has this trouble, as its card says it.",
            own | {"kind": labels.TROUBLES},
        )

    def _make_xero(self, make: Series) -> None:
        """Calls to Xero, and what is left of them."""
        own = make.tenants
        calls: Labels = {"operation": labels.OPERATIONS}
        self.requests = make.counter(
            "syncd_xero_requests",
            "Answers of Xero; status 0 is none.",
            calls | {"status": labels.STATUSES},
        )
        self.request_duration = make.histogram(
            "syncd_xero_request_duration_seconds", "Time a call to Xero took.", _CALLS_S, calls
        )
        self.bytes_read = make.counter(
            "syncd_xero_bytes_read", "Bytes read out of Xero, as received.", own
        )
        self.budget = make.gauge(
            "syncd_xero_budget_remaining",
            "Calls left; no series until Xero has said.",
            own | {"window": labels.WINDOWS},
            first=None,
        )
        self.breaker = make.gauge(
            "syncd_breaker_open", "1 while calls to Xero rest because it fails.", own
        )
        self.read_to_write = make.histogram(
            "syncd_read_to_write_seconds",
            "From the live read to the write: the window no client of Xero can close.",
            _WINDOW_S,
        )
        self.foreign_edits = make.counter(
            "syncd_foreign_edits", "Edits found inside the read-to-write window.", own
        )

    def _make_connection(self, make: Series) -> None:
        """The connection, its tokens, and whether each side answers."""
        own = make.tenants
        self.connection = make.gauge(
            "syncd_connection_state",
            "1 for the state that holds.",
            own | {"state": labels.CONNECTION_STATES},
        )
        self.token_expiry = make.gauge(
            "syncd_token_expiry_timestamp_seconds",
            "When the access token ends; no series without one.",
            own,
            first=None,
        )
        self.refresh_expiry = make.gauge(
            "syncd_refresh_token_expiry_timestamp_seconds",
            "When the refresh token ends; no series without one.",
            own,
            first=None,
        )
        self.refreshes = make.counter(
            "syncd_token_refreshes",
            "Refreshes by outcome.",
            own | {"outcome": labels.REFRESH_OUTCOMES},
        )
        self.failing = make.gauge(
            "syncd_remote_failing",
            "1 from the moment a side fails for the tenant until it answers again.",
            own | {"system": labels.SYSTEMS},
        )

    def _make_back(self, make: Series) -> None:
        """What comes back from Xero by itself."""
        own = make.tenants
        self.webhooks = make.counter(
            "syncd_webhooks_received",
            "Webhooks received, by source and outcome.",
            {"source": labels.SYSTEMS, "outcome": labels.AT_THE_DOOR},
        )
        self.webhook_delay = make.histogram(
            "syncd_webhook_delay_seconds",
            "Change in Xero to its stored effect, by webhook.",
            _DELAYS_S,
        )
        self.webhook_gaps = make.counter(
            "syncd_webhook_gaps", "Jumps in the running count of Xero's webhook."
        )
        self.digested = make.counter(
            "syncd_webhooks_digested",
            "Events processed, by verdict.",
            own | {"verdict": labels.VERDICTS},
        )
        self.payments = make.counter(
            "syncd_payments_written",
            "Payments and credits written back to Pipeline.",
            own | {"outcome": labels.PUT_OUTCOMES},
        )

    def _make_sweeps(self, make: Series) -> None:
        """What sweeps read, and what they found."""
        own = make.tenants
        self.findings = make.gauge(
            "syncd_reconcile_findings", "Open findings by kind.", own | {"kind": labels.FINDINGS}
        )
        self.webhooks_missed = make.counter(
            "syncd_webhooks_missed",
            "Changes found by a sweep, announced by no webhook in time.",
            own,
        )
        self.swept = make.counter(
            "syncd_swept",
            "What sweeps read, by what became of it.",
            own | {"task": labels.SWEPT_TASKS, "outcome": labels.SWEPT},
        )

    def exposition(self) -> bytes:
        """The text of a scrape."""
        return generate_latest(self.registry)

    def observe(self, fact: Fact) -> None:
        """Count a fact, unless it is told late of a tenant that is served no more."""
        whose = getattr(fact, "tenant", None)
        if isinstance(fact, facts.ServiceHung):
            whose = fact.service.partition(":")[2]
        if not whose or isinstance(fact, facts.TenantServed) or self._series.has(whose):
            self._count(fact)

    def _count(self, fact: Fact) -> None:  # noqa: C901, PLR0912  (one case per fact)
        match fact:
            case facts.JobsSettled():
                self._settled(fact)
            case facts.CallMade():
                self._count_call(fact)
            case facts.TenantSampled():
                self._sample(fact)
            case facts.BrakeMoved():
                self.brake.labels(fact.tenant).set(int(fact.is_halted))
            case facts.ReadToWriteMeasured():
                self.read_to_write.observe(fact.elapsed_s)
            case facts.ForeignEditFound():
                self.foreign_edits.labels(fact.tenant).inc()
            case facts.ResultsWritten():
                self._written(fact)
            case facts.WebhooksReceived():
                for word, count in fact.outcomes.items():
                    self.webhooks.labels(fact.source, word).inc(count)
            case facts.WebhookGapFound():
                self.webhook_gaps.inc()
            case facts.WebhooksDigested():
                self._digested(fact)
            case facts.TokenRefreshed():
                self.refreshes.labels(fact.tenant, fact.outcome).inc()
            case facts.ConnectionChanged():
                one_of(self.connection, fact.tenant, labels.CONNECTION_STATES, (fact.state,))
            case facts.RemoteMoved():
                self.failing.labels(fact.tenant, fact.system).set(int(fact.is_failing))
            case facts.FindingsReviewed():
                self.webhooks_missed.labels(fact.tenant).inc(fact.missed)
                for kind in labels.FINDINGS:
                    self.findings.labels(fact.tenant, kind).set(fact.open.get(kind, 0))
            case facts.TenantServed():
                self._served(fact)
            case facts.SweepFinished():
                for word, count in fact.counts.items():
                    self.swept.labels(fact.tenant, fact.task, word).inc(count)
            case (
                facts.RoundDeferred() | facts.ServiceFailed() | facts.RequestRefused()
                | facts.ServiceHung() | facts.StoreWritten()
                | facts.StoreStanding() | facts.TaskSucceeded() | facts.ConfigReloaded()
                | facts.RunsPlanned() | facts.RecordsForgotten() | StoreSize()
                | NotificationTried() | NotificationsCounted() | LeaseEnded()
            ):  # fmt: skip
                self._daemon.observe(fact)
            case (
                facts.DaemonStarted() | facts.StoreMigrated() | facts.DaemonDraining()
                | facts.DaemonStopped()
                | facts.LeasesFreed() | facts.ChangesTaken() | facts.SettingsRead()
                | facts.ConsentFailed() | facts.ClockSet()
                | facts.StartMoved() | LeaseTaken() | HolderChanged()
                | RequestForwarded()
            ):  # fmt: skip
                pass  # logged, not counted
            case _:
                assert_never(fact)

    def _served(self, fact: facts.TenantServed) -> None:
        if fact.is_served:
            self._series.add(fact.tenant)
            self._daemon.begin(fact.tenant, fact.at)
        else:
            self._series.remove(fact.tenant)

    def _settled(self, fact: facts.JobsSettled) -> None:
        for outcome, count in fact.outcomes.items():
            self.pushes.labels(fact.tenant, str(outcome)).inc(count)
        for delay_s in fact.push_delays_s:
            self.push_delay.observe(delay_s)

    def _written(self, fact: facts.ResultsWritten) -> None:
        for word, count in fact.outcomes.items():
            self.results.labels(fact.tenant, word).inc(count)
        for word, count in fact.payments.items():
            self.payments.labels(fact.tenant, word).inc(count)

    def _count_call(self, fact: facts.CallMade) -> None:
        self.requests.labels(fact.operation, str(fact.status)).inc()
        self.request_duration.labels(fact.operation).observe(fact.took_s)
        self.bytes_read.labels(fact.tenant).inc(fact.bytes_read)
        self._left(fact.tenant, "minute", fact.minute_remaining)
        self._left(fact.tenant, "day", fact.day_remaining)
        self._left(fact.tenant, "app_minute", fact.app_remaining)

    def _sample(self, fact: facts.TenantSampled) -> None:
        tenant = fact.tenant
        for state in labels.JOB_STATES:
            self.queue_depth.labels(tenant, state).set(fact.queue.get(state, 0))
        for state in labels.INVOICE_STATES:
            self.invoices.labels(tenant, state).set(fact.invoices.get(state, 0))
        self.queue_oldest.labels(tenant).set(_seconds(fact.oldest_at) or 0.0)
        self.queue_oldest_held.labels(tenant).set(_seconds(fact.oldest_held_at) or 0.0)
        self.brake.labels(tenant).set(int(fact.is_brake_halted))
        self.paused.labels(tenant).set(int(fact.is_paused))
        self.breaker.labels(tenant).set(int(fact.is_xero_failing))
        one_of(self.mode, tenant, labels.MODES, (fact.mode,))
        one_of(self.connection, tenant, labels.CONNECTION_STATES, (fact.connection,))
        one_of(self.troubles, tenant, labels.TROUBLES, fact.troubles)
        instant(self.token_expiry, tenant, _seconds(fact.access_expires_at))
        instant(self.refresh_expiry, tenant, _seconds(fact.refresh_expires_at))
        self._left(tenant, "minute", fact.minute_left)
        self._left(tenant, "day", fact.day_left)

    def _left(self, tenant: str, window: str, calls: int | None) -> None:
        if calls is not None:
            self.budget.labels(tenant, window).set(calls)

    def _digested(self, fact: facts.WebhooksDigested) -> None:
        for word, count in fact.verdicts.items():
            self.digested.labels(fact.tenant, word).inc(count)
        for delay_s in fact.delays_s:
            self.webhook_delay.observe(delay_s)


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
