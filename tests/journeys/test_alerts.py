"""A real Prometheus scrapes a real daemon, and the right alert fires while something is wrong.

The rules are the shipped ones; only how long a state must last is cut to a second. Which alert
fires on which series, and how long it waits, `config/prometheus/*.test.yml` proves.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.support.source import ROOT
from tests.journeys.support.harness import Journey, call, free_port, journey, wait_until

SHIPPED = ROOT / "config/prometheus"
WITHIN_S = 60
DOWN = [{"do": "html", "times": 100_000}]


class Prometheus:
    """Prometheus with the shipped configuration, looking every second."""

    def __init__(self, program: str, folder: Path, target: str) -> None:
        folder.mkdir()
        rules = (SHIPPED / "rules.yml").read_text("utf-8")
        scrape = (SHIPPED / "scrape.yml").read_text("utf-8")
        (folder / "rules.yml").write_text(re.sub(r"for: \w+", "for: 1s", rules), "utf-8")
        hasty = scrape.replace("127.0.0.1:8080", target).replace("15s", "1s")
        (folder / "prometheus.yml").write_text(hasty, "utf-8")
        self.address = f"127.0.0.1:{free_port()}"
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 - fixed words
                [
                    program,
                    "--config.file=prometheus.yml",
                    "--storage.tsdb.path=data",
                    f"--web.listen-address={self.address}",
                ],
                cwd=folder,
                stdout=log,
                stderr=log,
            )

    def firing(self) -> set[str]:
        """The alerts that fire now; before the first look at its rules, that none is known."""
        answer = call("GET", f"http://{self.address}/api/v1/rules?type=alert")
        if answer.status != 200:
            return {"not up yet"}
        groups = answer.json()["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        if not rules or any(rule["health"] != "ok" for rule in rules):
            return {"not up yet"}
        return {rule["name"] for rule in rules if rule["state"] == "firing"}

    def expect(self, *alerts: str) -> None:
        """Wait until exactly these fire."""
        wait_until(
            lambda: self.firing() == set(alerts), WITHIN_S, lambda: f"{alerts}: {self.firing()}"
        )


@pytest.fixture
def way(tmp_path: Path) -> Iterator[Journey]:
    with journey(tmp_path) as under_way:
        yield under_way


@pytest.fixture
def prometheus(way: Journey, tmp_path: Path) -> Iterator[Prometheus]:
    if (program := shutil.which("prometheus")) is None:
        pytest.skip("prometheus is not on this machine (.ci/prometheus): no alert was fired")
    target = f"127.0.0.1:{way.daemon.ports[0]}"
    found = Prometheus(program, tmp_path / "prometheus", target)
    yield found
    found.process.kill()
    found.process.wait(10)


@pytest.mark.timeout(400)
def test_the_right_alert_fires_and_ends(way: Journey, prometheus: Prometheus) -> None:
    way.invoice(way.customer("C-1"))
    prometheus.expect()

    way.daemon.post("/api/v1/tenants/demo/pause")
    prometheus.expect("SyncdPauseForgotten")
    way.daemon.post("/api/v1/tenants/demo/resume")
    prometheus.expect()

    with sqlite3.connect(way.daemon.folder / "syncd.db", isolation_level=None) as store:
        store.execute("BEGIN IMMEDIATE")
        wait_until(
            lambda: "SyncdStoreUnusable" in prometheus.firing(), WITHIN_S, "the store is told"
        )
        store.execute("ROLLBACK")
    wait_until(
        lambda: "SyncdStoreUnusable" not in prometheus.firing(), WITHIN_S, "it is well again"
    )

    way.worlds.xero(rules=DOWN)
    way.invoice(way.customer("C-2"))
    wait_until(lambda: "SyncdXeroDown" in prometheus.firing(), WITHIN_S, "Xero is told")
    way.worlds.xero(rules=[])
    wait_until(lambda: "SyncdXeroDown" not in prometheus.firing(), WITHIN_S, "Xero is well again")

    way.worlds.bookkeeper("withdraw")
    way.daemon.post("/api/v1/tenants/demo/refresh")
    wait_until(lambda: "SyncdTokenExpired" in prometheus.firing(), WITHIN_S, "the token is told")

    way.daemon.close()
    wait_until(lambda: "SyncdDown" in prometheus.firing(), WITHIN_S, "the end is told")
