"""Facts as numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from syncd.domain.facts import BrakeMoved, CallMade, JobsSettled, RequestRefused, TenantSampled
from syncd.domain.ids import TenantId
from syncd.domain.model.push import PushOutcome
from syncd.telemetry.metrics import Metrics

ACME = TenantId("acme")


def test_every_series_exists_before_anything_happened() -> None:
    text = Metrics(version="1", tenants=("acme",)).exposition().decode()

    assert 'syncd_queue_depth{state="ready",tenant="acme"} 0.0' in text
    assert 'syncd_invoices{state="out_of_sync",tenant="acme"} 0.0' in text
    assert 'syncd_pushes_total{outcome="created",tenant="acme"} 0.0' in text
    assert 'syncd_build_info{version="1"} 1.0' in text


def test_facts_are_counted() -> None:
    metrics = Metrics(version="1", tenants=("acme",))

    metrics.window(
        JobsSettled(
            tenant=ACME, task="worker", outcomes={PushOutcome.CREATED: 3}, held={},
            push_delays_s=(0.7,), took_s=1,
        )
    )  # fmt: skip
    metrics.window(
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


def test_a_sample_replaces_the_one_before() -> None:
    metrics = Metrics(version="1", tenants=("acme",))
    for ready in (7, 0):
        metrics.window(
            TenantSampled(
                tenant=ACME, queue={"ready": ready}, oldest_at=datetime(2026, 1, 1, tzinfo=UTC),
                invoices={"synced": 2}, connection="Connected", access_expires_at=None,
                refresh_expires_at=None,
            )
        )  # fmt: skip

    text = metrics.exposition().decode()
    assert 'syncd_queue_depth{state="ready",tenant="acme"} 0.0' in text
    assert 'syncd_connection_state{state="Connected",tenant="acme"} 1.0' in text


def test_a_halted_brake_shows_at_once_until_it_is_released() -> None:
    metrics = Metrics(version="1", tenants=("acme",))
    halted = BrakeMoved(tenant=ACME, is_halted=True, kind="voids", text="too many")
    metrics.window(halted)
    assert 'syncd_brake_halted{tenant="acme"} 1.0' in metrics.exposition().decode()

    metrics.window(replace(halted, is_halted=False))
    assert 'syncd_brake_halted{tenant="acme"} 0.0' in metrics.exposition().decode()


def test_refused_requests_are_counted_by_listener_and_status() -> None:
    metrics = Metrics(version="1", tenants=())
    metrics.window(RequestRefused(service="public", status=415))

    line = 'syncd_requests_refused_total{service="public",status="415"} 1.0'
    assert line in metrics.exposition().decode()
