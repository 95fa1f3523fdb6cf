"""docs/metrics.md lists the registry's metrics, each with its labels, kind and meaning."""

from __future__ import annotations

import re
from pathlib import Path

from syncd.telemetry.metrics import Metrics
from syncd.telemetry.replicas import ReplicaMetrics
from syncd.telemetry.standby import StandbyMetrics

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "metrics.md"
SUFFIXES = {"counter": "_total", "info": "_info"}


def rows_of_the_registry() -> list[str]:
    registry = Metrics(version="1", tenants=()).registry
    rows = []
    for metric in registry._collector_to_names:
        if isinstance(metric, ReplicaMetrics):  # made at each scrape
            for one in metric.collect():
                shown = f"{one.name}{{{','.join(one._labelnames)}}}"
                rows.append(f"| `{shown}` | {one.type} | {one.documentation} |")
            continue
        labels = ",".join(metric._labelnames)
        if metric._type == "info":
            labels = "version"
        name = metric._name + SUFFIXES.get(metric._type, "")
        shown = f"{name}{{{labels}}}" if labels else name
        rows.append(f"| `{shown}` | {metric._type} | {metric._documentation} |")
    return sorted(rows)


def test_page_lists_every_metric_and_no_other() -> None:
    lines = PAGE.read_text("utf-8").split("\n## Labels\n")[0].splitlines()

    assert sorted(line for line in lines if line.startswith("| `syncd_")) == rows_of_the_registry()


def test_metric_that_a_document_names_exists() -> None:
    known = {row[3:].split("`")[0].split("{")[0] for row in rows_of_the_registry()}
    of_a_standby = StandbyMetrics(version="1").registry._collector_to_names
    known |= {
        one._name + SUFFIXES.get(one._type, "")
        for one in of_a_standby
        if not isinstance(one, ReplicaMetrics)
    }
    known |= {f"{name}_{part}" for name in known for part in ("bucket", "count", "sum")}
    named = {
        (name, page.name)
        for page in DOCS.rglob("*.md")
        if page.name != "performance.md"  # figures of the benches, in names of their own
        for name in re.findall(r"\bsyncd_[a-z_]+", page.read_text("utf-8"))
    }

    assert [each for each in sorted(named) if each[0] not in known] == []
