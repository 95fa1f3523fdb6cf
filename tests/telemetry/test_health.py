"""Alive, ready, and why not."""

from __future__ import annotations

from syncd.domain.facts import (
    ConnectionChanged,
    DaemonDraining,
    DaemonStarted,
    DaemonStopped,
    StoreStanding,
)
from syncd.domain.ids import TenantId
from syncd.telemetry.health import Health


def test_a_tenant_without_connection_does_not_make_the_process_unready() -> None:
    health = Health()
    health.observe(DaemonStarted(version="1", incarnation="i", tenants=1, took_s=0))
    health.observe(
        ConnectionChanged(tenant=TenantId("a"), state="TOKEN_EXPIRED", organisation="", cause="")
    )

    assert health.is_ready
    assert [check.status for check in health.checks()] == ["pass", "pass", "pass", "warn"]


def test_draining_is_alive_but_not_ready() -> None:
    health = Health()
    assert not health.is_ready

    health.observe(DaemonStarted(version="1", incarnation="i", tenants=1, took_s=0))
    health.observe(DaemonDraining(cause="SIGTERM"))

    assert health.is_alive
    assert not health.is_ready

    health.observe(DaemonStopped(forced=False))
    assert not health.is_alive


def test_store_that_takes_nothing_is_not_ready_and_says_why_until_it_does() -> None:
    health = Health()
    health.observe(DaemonStarted(version="1", incarnation="i", tenants=1, took_s=0))
    failed = StoreStanding(is_usable=False, has_reserve=True, error="jobs.claim: disk I/O error")
    health.observe(failed)

    assert not health.is_ready
    assert health.is_alive
    assert health.checks()[0].output == "jobs.claim: disk I/O error"

    health.observe(StoreStanding(is_usable=True, has_reserve=True))
    assert health.is_ready


def test_spent_reserve_is_not_ready_though_writes_pass() -> None:
    health = Health()
    health.observe(DaemonStarted(version="1", incarnation="i", tenants=1, took_s=0))
    health.observe(StoreStanding(is_usable=True, has_reserve=False))

    assert not health.is_ready
    assert [check.name for check in health.checks() if check.status == "fail"] == ["room"]
