"""A standby says how it stands, who works, and nothing of what the holder counts."""

from __future__ import annotations

from syncd.domain import facts
from syncd.domain.model.replica import RequestForwarded
from syncd.telemetry.standby import StandbyHealth, StandbyMetrics


def health(*, trouble: str | None = None, holder: str | None = "alpha") -> StandbyHealth:
    return StandbyHealth(trouble=lambda: trouble, holder=lambda: holder)


def test_a_standby_is_ready_while_the_store_answers() -> None:
    assert health().is_ready
    assert health(holder=None).is_ready
    assert not health(trouble="the server is away").is_ready
    assert health(trouble="the server is away").is_alive


def test_a_standby_that_is_to_end_is_not_ready() -> None:
    ending = health()
    ending.observe(facts.DaemonDraining(cause="SIGTERM"))

    assert not ending.is_ready
    assert ending.is_alive
    assert "draining" in ending.summary()


def test_probe_names_who_works() -> None:
    by_name = {check.name: check for check in health().checks()}

    assert by_name["replica"].output == "standing by; alpha works"
    assert by_name["replica"].status == "pass"
    away = {one.name: one.status for one in health(holder=None, trouble="away").checks()}
    assert away == {"store": "fail", "accepting": "pass", "replica": "warn"}


def test_summary_says_it_in_a_line() -> None:
    assert health().summary() == "standing by; alpha works"
    assert health(trouble="away", holder=None).summary() == (
        "standing by; nobody works just now; away"
    )


def test_requests_passed_on_are_counted_by_whether_they_were_answered() -> None:
    metrics = StandbyMetrics(version="1")
    for is_answered in (True, True, False):
        metrics.observe(RequestForwarded(service="api", is_answered=is_answered))
    metrics.observe(facts.StoreStanding(is_usable=False, has_reserve=True))

    shown = metrics.exposition().decode()

    name = "syncd_requests_forwarded_total"
    assert f'{name}{{outcome="answered",service="api"}} 2.0' in shown
    assert f'{name}{{outcome="unanswered",service="api"}} 1.0' in shown
    assert f'{name}{{outcome="unanswered",service="public"}} 0.0' in shown
    assert "syncd_store_usable 0.0" in shown
    assert "syncd_replica_holds_lease 0.0" in shown
