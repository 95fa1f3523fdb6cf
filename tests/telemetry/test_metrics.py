"""Facts as numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from syncd.domain.facts import (
    BrakeMoved,
    CallMade,
    ConfigReloaded,
    JobsSettled,
    RecordsForgotten,
    RequestRefused,
    RunsPlanned,
    ServiceFailed,
    ServiceHung,
    StoreWritten,
    TaskSucceeded,
    TenantSampled,
    TenantServed,
)
from syncd.domain.ids import TenantId
from syncd.domain.model.planned_run import PlannedRun
from syncd.domain.model.push import PushOutcome
from syncd.telemetry.metrics import Metrics

ACME = TenantId("acme")
AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_every_series_exists_before_anything_happened() -> None:
    text = Metrics(version="1", tenants=("acme",)).exposition().decode()

    assert 'syncd_queue_depth{state="ready",tenant="acme"} 0.0' in text
    assert 'syncd_invoices{state="out_of_sync",tenant="acme"} 0.0' in text
    assert 'syncd_pushes_total{outcome="created",tenant="acme"} 0.0' in text
    assert 'syncd_build_info{version="1"} 1.0' in text


def test_facts_are_counted() -> None:
    metrics = Metrics(version="1", tenants=("acme",))

    metrics.observe(
        JobsSettled(
            tenant=ACME, task="worker", outcomes={PushOutcome.CREATED: 3}, held={},
            push_delays_s=(0.7,), took_s=1,
        )
    )  # fmt: skip
    metrics.observe(
        CallMade(
            tenant=ACME, operation="put_invoices", status=200, took_s=0.2, bytes_read=100,
            minute_remaining=59, day_remaining=4999,
        )
    )  # fmt: skip

    text = metrics.exposition().decode()
    assert 'syncd_pushes_total{outcome="created",tenant="acme"} 3.0' in text
    assert 'syncd_xero_requests_total{operation="put_invoices",status="200"} 1.0' in text
    assert 'syncd_xero_budget_remaining{tenant="acme",window="day"} 4999.0' in text
    assert 'syncd_push_delay_seconds_bucket{le="1.0"} 1.0' in text


SAMPLE = TenantSampled(
    tenant=ACME, queue={"ready": 7}, oldest_at=AT, invoices={"synced": 2}, connection="Connected",
    access_expires_at=AT, refresh_expires_at=AT,
)  # fmt: skip


def test_a_sample_replaces_the_one_before() -> None:
    metrics = Metrics(version="1", tenants=("acme",))
    for ready in (7, 0):
        metrics.observe(replace(SAMPLE, queue={"ready": ready}))

    text = metrics.exposition().decode()
    assert 'syncd_queue_depth{state="ready",tenant="acme"} 0.0' in text
    assert 'syncd_connection_state{state="Connected",tenant="acme"} 1.0' in text


def test_tokens_of_a_tenant_that_was_disconnected_leave_no_expiry() -> None:
    metrics = Metrics(version="1", tenants=("acme",))
    metrics.observe(SAMPLE)
    assert "syncd_token_expiry_timestamp_seconds{" in metrics.exposition().decode()

    gone = replace(SAMPLE, connection="Not Connected")
    metrics.observe(replace(gone, access_expires_at=None, refresh_expires_at=None))

    assert "token_expiry_timestamp_seconds{" not in metrics.exposition().decode()


def test_every_counter_with_labels_stands_at_zero_from_the_start() -> None:
    registry = Metrics(version="1", tenants=("acme",)).registry
    counters = [one for one in registry.collect() if one.type == "counter"]

    assert [one.name for one in counters if not one.samples] == []
    assert {sample.value for one in counters for sample in one.samples} == {0.0}


def test_last_success_is_each_tenants_own_and_begins_with_the_start() -> None:
    metrics = Metrics(version="1", tenants=("acme", "beta"), started_at=AT)
    later = AT + timedelta(seconds=60)

    metrics.observe(TaskSucceeded(tenant=ACME, task="poll", at=later))

    def value(tenant: str) -> float | None:
        labels = {"tenant": tenant, "task": "poll"}
        return metrics.registry.get_sample_value("syncd_last_success_timestamp_seconds", labels)

    assert (value("acme"), value("beta")) == (later.timestamp(), AT.timestamp())


def test_breaker_mode_pause_and_troubles_are_gauges() -> None:
    metrics = Metrics(version="1", tenants=("acme",))
    metrics.observe(
        replace(
            SAMPLE, mode="live", is_paused=True, is_xero_failing=True, day_left=0,
            troubles=("xero_down", "paused"),
        )
    )  # fmt: skip

    text = metrics.exposition().decode()
    for line in (
        'syncd_breaker_open{tenant="acme"} 1.0',
        'syncd_mode{mode="live",tenant="acme"} 1.0',
        'syncd_paused{tenant="acme"} 1.0',
        'syncd_trouble{kind="xero_down",tenant="acme"} 1.0',
        'syncd_trouble{kind="day_spent",tenant="acme"} 0.0',
        'syncd_xero_budget_remaining{tenant="acme",window="day"} 0.0',
    ):
        assert line in text


def test_failure_of_one_document_is_counted_for_its_service() -> None:
    metrics = Metrics(version="1", tenants=("acme",))
    metrics.observe(ServiceFailed(service="worker:acme:i-1", error="x", retry_after_s=1))

    assert 'syncd_service_failures_total{service="worker"} 1.0' in metrics.exposition().decode()


def test_a_halted_brake_shows_at_once_until_it_is_released() -> None:
    metrics = Metrics(version="1", tenants=("acme",))
    halted = BrakeMoved(tenant=ACME, is_halted=True, kind="voids", text="too many")
    metrics.observe(halted)
    assert 'syncd_brake_halted{tenant="acme"} 1.0' in metrics.exposition().decode()

    metrics.observe(replace(halted, is_halted=False))
    assert 'syncd_brake_halted{tenant="acme"} 0.0' in metrics.exposition().decode()


def test_refused_requests_are_counted_by_listener_and_status() -> None:
    metrics = Metrics(version="1", tenants=())
    metrics.observe(RequestRefused(service="public", status=415))

    line = 'syncd_requests_refused_total{service="public",status="415"} 1.0'
    assert line in metrics.exposition().decode()


def test_next_runs_are_told_by_task_and_tenant() -> None:
    metrics = Metrics(version="1", tenants=("acme",))
    at = datetime(2026, 1, 1, tzinfo=UTC)

    metrics.observe(
        RunsPlanned(
            runs=(
                PlannedRun(task="tokens", tenant=ACME, next_run_at=at),
                PlannedRun(task="retention", tenant=None, next_run_at=at),
            )
        )
    )

    text = metrics.exposition().decode()
    assert 'syncd_next_run_timestamp_seconds{task="tokens",tenant="acme"} 1.7672256e+09' in text
    assert 'syncd_next_run_timestamp_seconds{task="retention",tenant=""} 1.7672256e+09' in text


def test_what_is_forgotten_is_counted_by_kind() -> None:
    metrics = Metrics(version="1", tenants=())

    metrics.observe(RecordsForgotten(counts={"intents": 3}, took_s=0.1))

    text = metrics.exposition().decode()
    assert 'syncd_records_forgotten_total{kind="intents"} 3.0' in text
    assert 'syncd_records_forgotten_total{kind="calls"} 0.0' in text


def test_hung_service_is_a_gauge_of_its_task_and_tenant_from_the_start() -> None:
    metrics = Metrics(version="1", tenants=("acme",))
    before = metrics.exposition().decode()
    metrics.observe(ServiceHung(service="worker:acme", is_hung=True, for_s=300))
    metrics.observe(ServiceHung(service="sampler", is_hung=True, for_s=300))
    after = metrics.exposition().decode()

    for name in ('{task="worker",tenant="acme"}', '{task="sampler",tenant=""}'):
        assert f"syncd_service_hung{name} 0.0" in before
        assert f"syncd_service_hung{name} 1.0" in after


def test_last_write_of_the_store_is_an_instant() -> None:
    metrics = Metrics(version="1", tenants=())
    metrics.observe(StoreWritten(at=AT))

    found = metrics.registry.get_sample_value("syncd_store_last_write_timestamp_seconds")
    assert found == AT.timestamp()


def test_reload_is_two_gauges_of_which_one_keeps_the_last_good_instant() -> None:
    metrics = Metrics(version="1", tenants=(), started_at=AT)
    metrics.observe(ConfigReloaded(accepted=True, at=AT + timedelta(seconds=5)))
    metrics.observe(ConfigReloaded(accepted=False, at=AT + timedelta(seconds=9), problems=("x",)))

    def value(name: str) -> float | None:
        return metrics.registry.get_sample_value(f"syncd_config_last_reload_{name}")

    assert value("successful") == 0
    assert value("success_timestamp_seconds") == AT.timestamp() + 5


def test_added_tenant_is_measured_from_its_start_and_a_removed_one_not_at_all() -> None:
    metrics = Metrics(version="1", tenants=("acme",), started_at=AT)
    beta = TenantId("beta")
    alone = _series(metrics)

    metrics.observe(TenantServed(tenant=beta, is_served=True, at=AT + timedelta(seconds=5)))
    both = _series(metrics)
    metrics.observe(ServiceHung(service="worker:beta", is_hung=True, for_s=300))
    metrics.observe(TenantServed(tenant=beta, is_served=False, at=AT))

    named = {name.replace("acme", "beta") for name in alone if "acme" in name}
    assert named == {name for name in both if "beta" in name}
    assert _series(metrics) == alone


def test_what_ends_after_its_tenant_was_removed_leaves_no_series() -> None:
    """A call that was on its way, a loop that had hung: both are told of later."""
    metrics = Metrics(version="1", tenants=("acme", "beta"), started_at=AT)
    beta = TenantId("beta")
    metrics.observe(TenantServed(tenant=beta, is_served=False, at=AT))
    alone = _series(metrics)

    metrics.observe(
        CallMade(
            tenant=beta, operation="read_invoices", status=200, took_s=1.0, bytes_read=10,
            minute_remaining=40, day_remaining=400, app_remaining=9_000,
        )
    )  # fmt: skip
    metrics.observe(ServiceHung(service="worker:beta", is_hung=False, for_s=0))

    assert {name for name in _series(metrics) - alone if "beta" in name} == set()


def _series(metrics: Metrics) -> set[str]:
    lines = metrics.exposition().decode().splitlines()
    return {line.rpartition(" ")[0] for line in lines if not line.startswith("#")}
