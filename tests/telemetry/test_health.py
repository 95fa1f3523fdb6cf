"""Alive, ready, and why not."""

from __future__ import annotations

from typing import Any

from syncd.domain.facts import (
    ConfigReloaded,
    ConnectionChanged,
    DaemonDraining,
    DaemonStarted,
    DaemonStopped,
    ServiceHung,
    StoreStanding,
    StoreWritten,
    TenantSampled,
    TenantServed,
)
from syncd.domain.ids import TenantId
from syncd.telemetry.health import CONFIGURATION, Check, Health
from tests.store.build import AT


def test_a_tenant_without_connection_does_not_make_the_process_unready() -> None:
    health = Health()
    health.observe(DaemonStarted(version="1", incarnation="i", tenants=1, took_s=0))
    health.observe(
        ConnectionChanged(tenant=TenantId("a"), state="TOKEN_EXPIRED", organisation="", cause="")
    )

    assert health.is_ready
    assert {check.name: check.status for check in health.checks()}["tenant:a"] == "warn"


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


def test_reload_that_was_refused_warns_and_says_why_until_one_is_taken_over() -> None:
    health = Health()
    health.observe(DaemonStarted(version="1", incarnation="i", tenants=1, took_s=0))

    def told(**reload: Any) -> Check:
        health.observe(ConfigReloaded(at=AT, **reload))
        return next(check for check in health.checks() if check.name == CONFIGURATION)

    refused = told(accepted=False, problems=("xero.client_id: missing",))
    taken = told(accepted=True, applied=("a.b",), needs_restart=("c.d",))

    assert (refused.status, refused.count) == ("warn", 1)
    assert refused.output == "the last reload was refused: xero.client_id: missing"
    assert (taken.status, taken.count) == ("pass", 2)
    assert taken.output == "applied: a.b. needs a restart: c.d"
    assert health.is_ready


def test_store_that_took_no_write_lately_is_not_ready_though_nobody_says_so() -> None:
    now_s = 100.0
    health = Health(now_s=lambda: now_s, written_within_s=30.0)
    health.observe(DaemonStarted(version="1", incarnation="i", tenants=1, took_s=0))
    now_s += 29
    assert health.is_ready
    health.observe(StoreWritten(at=AT))
    now_s += 29
    assert health.is_ready

    now_s += 2
    assert not health.is_ready
    assert health.checks()[0].output == "it took no write for 31 s, and refuses none"


def test_service_that_has_hung_is_named_and_only_a_new_start_mends_it() -> None:
    health = Health()
    health.observe(DaemonStarted(version="1", incarnation="i", tenants=2, took_s=0))
    health.observe(ServiceHung(service="worker:acme", is_hung=True, for_s=301.0))

    assert not health.is_alive
    assert not health.is_ready
    assert "worker:acme for 301 s" in health.summary()

    health.observe(ServiceHung(service="worker:acme", is_hung=False, for_s=0.0))
    assert health.is_alive
    assert health.summary() == "2 tenants"


def test_summary_says_what_a_person_should_look_at() -> None:
    health = Health()
    health.observe(DaemonStarted(version="1", incarnation="i", tenants=1, took_s=0))
    health.observe(
        ConnectionChanged(tenant=TenantId("a"), state="TOKEN_EXPIRED", organisation="", cause="")
    )
    health.observe(ConfigReloaded(accepted=True, at=AT, needs_restart=("server.listen",)))

    assert health.summary() == (
        "1 tenant; configuration: needs a restart: server.listen; a: TOKEN_EXPIRED"
    )


def test_tenant_that_comes_is_counted_and_one_that_goes_is_no_check_any_more() -> None:
    health, beta = Health(), TenantId("beta")
    health.observe(DaemonStarted(version="1", incarnation="i", tenants=1, took_s=0))
    health.observe(TenantServed(tenant=beta, is_served=True, at=AT))
    health.observe(ConnectionChanged(tenant=beta, state="TOKEN_EXPIRED", organisation="", cause=""))
    with_it = (health.summary(), {check.name for check in health.checks()})

    health.observe(TenantServed(tenant=beta, is_served=False, at=AT))
    # A round that was under way ends after it.
    health.observe(ConnectionChanged(tenant=beta, state="Connected", organisation="", cause=""))
    health.observe(
        TenantSampled(
            tenant=beta, queue={}, oldest_at=None, invoices={}, connection="Connected",
            access_expires_at=None, refresh_expires_at=None, troubles=("xero_down",),
        )
    )  # fmt: skip

    assert with_it[0].startswith("2 tenants")
    assert "tenant:beta" in with_it[1]
    assert health.summary().startswith("1 tenant")
    assert "tenant:beta" not in {check.name for check in health.checks()}


def test_replica_that_works_says_so_and_a_daemon_alone_says_nothing() -> None:
    (named,) = [one for one in Health(replica="alpha").checks() if one.name == "replica"]

    assert (named.status, named.output) == ("pass", "alpha works")
    assert [one for one in Health().checks() if one.name == "replica"] == []
