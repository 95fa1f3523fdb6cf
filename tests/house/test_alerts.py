"""Alert rules and dashboard speak of the daemon's own metrics, and every alert has its runbook."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from syncd.telemetry.metrics import Metrics
from tests.house.support.source import ROOT

FOLDER = ROOT / "config/prometheus"
RULES = [
    rule
    for group in yaml.safe_load((FOLDER / "rules.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((ROOT / "config/grafana/dashboard.json").read_text("utf-8"))
RUNBOOKS = (ROOT / "docs/runbooks.md").read_text("utf-8")
TESTS = ("rules.test.yml", "days.test.yml")
METRIC = re.compile(r"\bsyncd_\w+\b(?:\{([^}]*)\})?")
LABEL = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')
OPEN = {"tenant", "service"}
"""Labels whose values a dashboard's variable picks, or a series' own."""


def families() -> dict[str, list[dict[str, str]]]:
    """Every series' name with the labels it comes with, as a scrape shows them."""
    metrics = Metrics(version="1", tenants=("acme",))
    found: dict[str, list[dict[str, str]]] = {}
    for family in metrics.registry.collect():
        found.setdefault(family.name, [])
        if family.type == "counter":
            found.setdefault(f"{family.name}_total", [])
        if family.type == "histogram":
            found.setdefault(f"{family.name}_bucket", [])
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.labels)
    return found


def expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]


def matches(labels: dict[str, str], name: str, operator: str, value: str) -> bool:
    found = re.fullmatch(value, labels[name]) if "~" in operator else labels[name] == value
    return bool(found) != operator.startswith("!")


@pytest.mark.parametrize(("where", "expression"), [*expressions()])
def test_what_is_asked_for_is_what_the_daemon_tells(where: str, expression: str) -> None:
    known = families()
    asked = list(METRIC.finditer(expression))
    assert asked or expression.startswith("up{"), where
    for one in asked:
        name = one.group().partition("{")[0]
        assert name in known, f"{where}: no metric {name}"
        samples = known[name]
        for label, operator, value in LABEL.findall(one.group(1) or ""):
            if label in OPEN or not samples:  # a gauge without series until something is known
                continue
            assert any(matches(labels, label, operator, value) for labels in samples), (
                f"{where}: {name} never has {label}{operator}{value}"
            )


def test_every_alternative_that_a_rule_names_exists() -> None:
    """A misspelt one among several would never be missed."""
    known = families()
    for rule in RULES:
        for one in METRIC.finditer(rule["expr"]):
            samples = known[one.group().partition("{")[0]]
            for label, _, values in LABEL.findall(one.group(1) or ""):
                told = {labels[label] for labels in samples}
                assert not samples or set(values.split("|")) <= told, rule["alert"]


def test_every_counter_an_alert_waits_for_stands_at_zero_from_the_start() -> None:
    counters = {
        one.group().partition("{")[0]
        for rule in RULES
        if "increase(" in rule["expr"]
        for one in METRIC.finditer(rule["expr"])
    }

    assert counters
    assert [name for name in counters if not families()[name]] == []


def test_every_alert_has_its_runbook_and_no_runbook_is_left_over() -> None:
    alerts = [rule["alert"] for rule in RULES]

    assert re.findall(r"^## (\w+)$", RUNBOOKS, flags=re.MULTILINE) == alerts
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"docs/runbooks.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in TESTS:
        for test in yaml.safe_load((FOLDER / name).read_text("utf-8"))["tests"]:
            for case in test["alert_rule_test"]:
                yield test["name"], case


def test_every_alert_is_tested_to_fire_and_to_be_quiet() -> None:
    alerts = {rule["alert"] for rule in RULES}

    assert {case["alertname"] for _, case in cases() if case["exp_alerts"]} == alerts
    assert {case["alertname"] for name, case in cases() if name.startswith("at rest")} == alerts


def test_rules_do_as_their_tests_say() -> None:
    if (tool := shutil.which("promtool")) is None:
        pytest.skip("promtool is not on this machine (.ci/prometheus): no rule was run")

    for words in (["check", "rules", "rules.yml"], ["test", "rules", *TESTS]):
        done = subprocess.run(  # noqa: S603 - fixed words
            [tool, *words], cwd=FOLDER, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
