"""What is worked out once for all starts is what each start would have worked out."""

from __future__ import annotations

from importlib.metadata import version

from prometheus_client import CollectorRegistry

from syncd.bootstrap import system
from syncd.lab.daemon.once import constants_once
from syncd.telemetry.series import Series
from syncd.web.http import openapi


def test_description_is_the_same_and_made_once() -> None:
    made = openapi.document([], version="1")

    with constants_once():
        first, second = (openapi.document([], version="1") for _ in range(2))

    assert first == made
    assert first is second


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
    before = (openapi.document, vars(system)["version"])

    with constants_once():
        assert openapi.document is not before[0]

    assert (openapi.document, vars(system)["version"]) == before
