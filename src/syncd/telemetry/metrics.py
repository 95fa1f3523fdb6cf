"""Facts as Prometheus metrics: closed label sets, base units, never an invoice in a label.

Names are public (see docs/metrics.md). Gauges are set from sampled facts: a scrape never touches
the store.
"""

from __future__ import annotations

from typing import assert_never

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
    generate_latest,
)

from syncd.domain import facts
from syncd.domain.facts import Fact
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.inbox import Verdict
from syncd.domain.model.job import JobState, PublicState
from syncd.domain.model.push import PushOutcome

XERO_VERDICTS = (
    Verdict.FETCHED, Verdict.ECHO, Verdict.COVERED, Verdict.NOT_OURS, Verdict.EXPLAINED,
    Verdict.RESOLVED, Verdict.PURCHASE, Verdict.CONTACT,
)  # fmt: skip
PUT_OUTCOMES = ("stored", "unchanged", "stale", "conflict", "not_found", "invalid")
CONNECTION_STATES = ("Not Connected", "Connected", "TOKEN_EXPIRED")
_DELAYS_S = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21600)
_CALLS_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60)
_WINDOW_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)


class Metrics:
    """A registry of its own and the window that feeds it."""

    def __init__(self, *, version: str, tenants: tuple[str, ...]) -> None:
        # A `_created` series beside every counter doubles a scrape and tells nobody anything.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped
        self.registry = CollectorRegistry()
        info = Info("syncd_build", "The running program.", registry=self.registry)
        info.info({"version": version})
        self._make_work(self.registry)
        self._make_xero(self.registry)
        self._make_connection(self.registry)
        self._make_daemon(self.registry)
        self._make_back(self.registry)
        self._make_sweeps(self.registry)
        for name in tenants:
            self._initialise(name)

    def _make_work(self, make: CollectorRegistry) -> None:
        """What is to be done, and what became of it."""
        self.queue_depth = Gauge(
            "syncd_queue_depth", "Jobs by queue state.", ("tenant", "state"), registry=make
        )
        self.queue_oldest = Gauge(
            "syncd_queue_oldest_timestamp_seconds", "When the oldest open job was first wanted.",
            ("tenant",), registry=make,
        )  # fmt: skip
        self.invoices = Gauge(
            "syncd_invoices", "Invoices by sync state.", ("tenant", "state"), registry=make
        )
        self.pushes = Counter(
            "syncd_pushes", "Jobs settled, by outcome.", ("tenant", "outcome"), registry=make
        )
        self.brake = Gauge(
            "syncd_brake_halted", "1 while a brake holds all writes of the tenant.", ("tenant",),
            registry=make,
        )  # fmt: skip
        self.push_delay = Histogram(
            "syncd_push_delay_seconds", "Pipeline edit to confirmed in Xero.",
            buckets=_DELAYS_S, registry=make,
        )  # fmt: skip
        self.results = Counter(
            "syncd_results_written", "Results written back to Pipeline.", ("tenant", "outcome"),
            registry=make,
        )  # fmt: skip

    def _make_xero(self, make: CollectorRegistry) -> None:
        """Calls to Xero, and what is left of them."""
        self.requests = Counter(
            "syncd_xero_requests", "Answers of Xero; status 0 is none.",
            ("operation", "status"), registry=make,
        )  # fmt: skip
        self.request_duration = Histogram(
            "syncd_xero_request_duration_seconds", "Time a call to Xero took.", ("operation",),
            buckets=_CALLS_S, registry=make,
        )  # fmt: skip
        self.bytes_read = Counter(
            "syncd_xero_bytes_read",
            "Bytes read out of Xero, as received.",
            ("tenant",),
            registry=make,
        )
        self.budget = Gauge(
            "syncd_xero_budget_remaining", "Calls left, as Xero last said.",
            ("tenant", "window"), registry=make,
        )  # fmt: skip
        self.read_to_write = Histogram(
            "syncd_read_to_write_seconds",
            "From the live read to the write: the window no client of Xero can close.",
            buckets=_WINDOW_S, registry=make,
        )  # fmt: skip
        self.foreign_edits = Counter(
            "syncd_foreign_edits", "Edits found inside the read-to-write window.", ("tenant",),
            registry=make,
        )  # fmt: skip

    def _make_back(self, make: CollectorRegistry) -> None:
        """What comes back from Xero by itself."""
        self.webhooks = Counter(
            "syncd_webhooks_received", "Notices from outside, by what became of them at the door.",
            ("source", "outcome"), registry=make,
        )  # fmt: skip
        self.webhook_delay = Histogram(
            "syncd_webhook_delay_seconds", "Change in Xero to its effect on paper, by webhook.",
            buckets=_DELAYS_S, registry=make,
        )  # fmt: skip
        self.webhook_gaps = Counter(
            "syncd_webhook_gaps", "Jumps in the running count of Xero's webhook.", registry=make
        )
        self.digested = Counter(
            "syncd_webhooks_digested", "Events worked through, by verdict.",
            ("tenant", "verdict"), registry=make,
        )  # fmt: skip
        self.payments = Counter(
            "syncd_payments_written", "Payments and credits written back to Pipeline.",
            ("tenant", "outcome"), registry=make,
        )  # fmt: skip

    def _make_connection(self, make: CollectorRegistry) -> None:
        """The connection and its tokens."""
        self.connection = Gauge(
            "syncd_connection_state", "1 for the state that holds.", ("tenant", "state"),
            registry=make,
        )  # fmt: skip
        self.token_expiry = Gauge(
            "syncd_token_expiry_timestamp_seconds", "When the access token ends.", ("tenant",),
            registry=make,
        )  # fmt: skip
        self.refresh_expiry = Gauge(
            "syncd_refresh_token_expiry_timestamp_seconds", "When the refresh token ends.",
            ("tenant",), registry=make,
        )  # fmt: skip
        self.refreshes = Counter(
            "syncd_token_refreshes", "Refreshes by outcome.", ("tenant", "outcome"), registry=make
        )

    def _make_daemon(self, make: CollectorRegistry) -> None:
        """The daemon's own rounds."""
        self.deferrals = Counter(
            "syncd_rounds_deferred", "Rounds put off.", ("tenant", "task"), registry=make
        )
        self.failures = Counter(
            "syncd_service_failures", "Unforeseen errors by service.", ("service",), registry=make
        )
        self.store_usable = Gauge(
            "syncd_store_usable", "1 while the store takes what is written.", registry=make
        )
        self.store_reserve = Gauge(
            "syncd_store_reserve", "1 while space is kept back for a full disk.", registry=make
        )
        self.store_usable.set(1)
        self.store_reserve.set(1)
        self.refused = Counter(
            "syncd_requests_refused", "Requests answered with a 4xx, by listener and status.",
            ("service", "status"), registry=make,
        )  # fmt: skip
        self.last_success = Gauge(
            "syncd_last_success_timestamp_seconds", "Last good end of a task.", ("task",),
            registry=make,
        )  # fmt: skip

    def _make_sweeps(self, make: CollectorRegistry) -> None:
        """What sweeps read, and what they found."""
        self.findings = Gauge(
            "syncd_reconcile_findings", "Open findings by kind.", ("tenant", "kind"), registry=make
        )
        self.webhooks_missed = Counter(
            "syncd_webhooks_missed", "Changes found by a sweep, announced by no webhook in time.",
            ("tenant",), registry=make,
        )  # fmt: skip
        self.swept = Counter(
            "syncd_swept", "What sweeps read, by what became of it.", ("tenant", "task", "outcome"),
            registry=make,
        )  # fmt: skip

    def _initialise(self, tenant: str) -> None:
        """Every label set exists from the start: a missing series is no zero."""
        for job_state in JobState:
            self.queue_depth.labels(tenant, str(job_state)).set(0)
        for state in PublicState:
            self.invoices.labels(tenant, str(state)).set(0)
        for outcome in PushOutcome:
            self.pushes.labels(tenant, str(outcome))
        for verdict in XERO_VERDICTS:
            self.digested.labels(tenant, str(verdict))
        for put in PUT_OUTCOMES:
            self.payments.labels(tenant, put)
        for word in CONNECTION_STATES:
            self.connection.labels(tenant, word).set(0)
        for kind in FindingKind:
            self.findings.labels(tenant, kind).set(0)
        self.brake.labels(tenant).set(0)
        self.webhooks_missed.labels(tenant)
        self.bytes_read.labels(tenant)

    def exposition(self) -> bytes:
        """The text of a scrape."""
        return generate_latest(self.registry)

    def window(self, fact: Fact) -> None:  # noqa: C901, PLR0912  (one case per fact)
        """Count a fact."""
        match fact:
            case facts.JobsSettled():
                for outcome, count in fact.outcomes.items():
                    self.pushes.labels(fact.tenant, str(outcome)).inc(count)
                for delay_s in fact.push_delays_s:
                    self.push_delay.observe(delay_s)
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
                for word, count in fact.outcomes.items():
                    self.results.labels(fact.tenant, word).inc(count)
                for word, count in fact.payments.items():
                    self.payments.labels(fact.tenant, word).inc(count)
            case facts.WebhooksReceived():
                for word, count in fact.outcomes.items():
                    self.webhooks.labels(fact.source, word).inc(count)
            case facts.WebhookGapFound():
                self.webhook_gaps.inc()
            case facts.WebhooksDigested():
                self._digested(fact)
            case facts.TokenRefreshed():
                self.refreshes.labels(fact.tenant, fact.outcome).inc()
            case facts.RoundDeferred():
                self.deferrals.labels(fact.tenant, fact.task).inc()
            case facts.ServiceFailed():
                self.failures.labels(fact.service).inc()
            case facts.RequestRefused():
                self.refused.labels(fact.service, str(fact.status)).inc()
            case facts.StoreStanding():
                self.store_usable.set(int(fact.is_usable))
                self.store_reserve.set(int(fact.has_reserve))
            case facts.TaskSucceeded():
                self.last_success.labels(fact.task).set(fact.at.timestamp())
            case facts.ConnectionChanged():
                self._connection(fact.tenant, fact.state)
            case facts.FindingsReviewed():
                self.webhooks_missed.labels(fact.tenant).inc(fact.missed)
                for kind in FindingKind:
                    self.findings.labels(fact.tenant, kind).set(fact.open.get(kind, 0))
            case facts.SweepFinished():
                for word, count in fact.counts.items():
                    self.swept.labels(fact.tenant, fact.task, word).inc(count)
            case (
                facts.DaemonStarted() | facts.DaemonDraining() | facts.DaemonStopped()
                | facts.LeasesFreed() | facts.ConfigReloaded() | facts.ChangesTaken()
                | facts.SettingsRead() | facts.ConsentFailed()
            ):  # fmt: skip
                pass  # logged, not counted
            case _:
                assert_never(fact)

    def _count_call(self, fact: facts.CallMade) -> None:
        self.requests.labels(fact.operation, str(fact.status)).inc()
        self.request_duration.labels(fact.operation).observe(fact.took_s)
        self.bytes_read.labels(fact.tenant).inc(fact.bytes_read)
        for window, left in (
            ("minute", fact.minute_remaining),
            ("day", fact.day_remaining),
            ("app_minute", fact.app_remaining),
        ):
            if left is not None:
                self.budget.labels(fact.tenant, window).set(left)

    def _sample(self, fact: facts.TenantSampled) -> None:
        for job_state in JobState:
            depth = fact.queue.get(str(job_state), 0)
            self.queue_depth.labels(fact.tenant, str(job_state)).set(depth)
        for state in PublicState:
            count = fact.invoices.get(str(state), 0)
            self.invoices.labels(fact.tenant, str(state)).set(count)
        oldest = 0.0 if fact.oldest_at is None else fact.oldest_at.timestamp()
        self.queue_oldest.labels(fact.tenant).set(oldest)
        self.brake.labels(fact.tenant).set(int(fact.is_brake_halted))
        self._connection(fact.tenant, fact.connection)
        if fact.access_expires_at is not None:
            self.token_expiry.labels(fact.tenant).set(fact.access_expires_at.timestamp())
        if fact.refresh_expires_at is not None:
            self.refresh_expiry.labels(fact.tenant).set(fact.refresh_expires_at.timestamp())

    def _digested(self, fact: facts.WebhooksDigested) -> None:
        for word, count in fact.verdicts.items():
            self.digested.labels(fact.tenant, word).inc(count)
        for delay_s in fact.delays_s:
            self.webhook_delay.observe(delay_s)

    def _connection(self, tenant: str, state: str) -> None:
        for word in CONNECTION_STATES:
            self.connection.labels(tenant, word).set(1 if word == state else 0)
