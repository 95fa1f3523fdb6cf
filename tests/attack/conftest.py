"""One daemon per module that strangers do their worst to, and the figures at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.journeys.support.harness import Journey, journey

Figure = Callable[[str, float, str], None]


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A connected daemon between empty books, shared by the tests of a module."""
    with journey(tmp_path_factory.mktemp("attack")) as under_way:
        yield under_way


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Notes a figure for the table at the end."""

    def noted(name: str, value: float, unit: str) -> None:
        record_property("figure", f"{name:<64}{value:>12,.1f} {unit}")

    return noted


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table, also of workers."""
    reports = [*terminalreporter.stats.get("passed", ()), *terminalreporter.stats.get("failed", ())]
    lines = [
        str(value)
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "figure"
    ]
    if lines:
        terminalreporter.section("attacks: what was measured")
        for line in sorted(lines):
            terminalreporter.write_line(line)
