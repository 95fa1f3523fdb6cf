"""What is worked out once for all starts is what each start would have worked out."""

from __future__ import annotations

from importlib.metadata import version

from prometheus_client import CollectorRegistry

from syncd.bootstrap import system
from syncd.lab.daemon.once import constants_once
from syncd.telemetry.series import Series


def test_version_is_the_programs() -> None:
    with constants_once():
        assert vars(system)["version"]("syncd") == version("syncd")


def test_series_begin_with_their_first_event() -> None:
    registry = CollectorRegistry()

    with constants_once():
        counter = Series(registry, ["demo"]).counter("calls", "Calls.", {"tenant": ["demo"]})
        assert registry.get_sample_value("calls_total", {"tenant": "demo"}) is None
        counter.labels("demo").inc()

    assert registry.get_sample_value("calls_total", {"tenant": "demo"}) == 1


def test_everything_is_as_before_afterwards() -> None:
    before = vars(system)["version"]

    with constants_once():
        assert vars(system)["version"] is not before

    assert vars(system)["version"] == before
