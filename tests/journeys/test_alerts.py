"""A real Prometheus scrapes a real daemon, and the right alert fires while something is wrong.

The rules are the shipped ones; only how long a state must last is cut to a second. Which alert
fires on which series, and how long it waits, `config/prometheus/*.test.yml` proves.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.house.support.source import ROOT
from tests.journeys.support.harness import (
    Daemon,
    Journey,
    Worlds,
    call,
    free_port,
    journey,
    wait_until,
)
from tests.journeys.support.hooked import NO_SWEEPS, hooked_journey
from tests.support.stores import needs_file

SHIPPED = ROOT / "config/prometheus"
WITHIN_S = 60
SMALL_MB = 96
MISSED = "syncd_webhooks_missed_total"
OVERDUE_S = 1_900
"""So far behind is Xero's clock that what it has not announced is overdue already."""
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

    def has_seen(self, series: str) -> bool:
        """Whether a look has had this series; what rises before is no increase."""
        answer = call("GET", f"http://{self.address}/api/v1/query?query={series}")
        return answer.status == 200 and bool(answer.json()["data"]["result"])

    def expect(self, *alerts: str) -> None:
        """Wait until exactly these fire."""
        wait_until(
            lambda: self.firing() == set(alerts), WITHIN_S, lambda: f"{alerts}: {self.firing()}"
        )


@contextmanager
def watched(daemon: Daemon, folder: Path) -> Iterator[Prometheus]:
    """A Prometheus that looks at this daemon."""
    if (program := shutil.which("prometheus")) is None:
        pytest.skip("prometheus is not on this machine (.ci/prometheus): no alert was fired")
    found = Prometheus(program, folder / "prometheus", f"127.0.0.1:{daemon.ports[0]}")
    try:
        yield found
    finally:
        found.process.kill()
        found.process.wait(10)


@pytest.fixture
def way(tmp_path: Path) -> Iterator[Journey]:
    with journey(tmp_path) as under_way:
        yield under_way


@pytest.fixture
def prometheus(way: Journey, tmp_path: Path) -> Iterator[Prometheus]:
    with watched(way.daemon, tmp_path) as found:
        yield found


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room; for whoever may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_MB}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(words, check=False).returncode:  # noqa: S603 - fixed words
        pytest.skip("nobody may mount a file system here: no disk was filled")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S603, S607 - fixed words


def fill(file: Path) -> Path:
    """A file that leaves no room for another byte."""
    with file.open("wb", buffering=0) as target, suppress(OSError):
        while True:
            target.write(bytes(1 << 16))
    return file


@needs_file("its lock is held")
@pytest.mark.timeout(400)
def test_the_right_alert_fires_and_ends(way: Journey, prometheus: Prometheus) -> None:
    way.invoice(way.customer("C-1"))
    prometheus.expect()

    way.daemon.post("/api/v1/tenants/demo/pause")
    prometheus.expect("SyncdPauseForgotten")
    way.daemon.post("/api/v1/tenants/demo/resume")
    prometheus.expect()

    with (
        closing(sqlite3.connect(way.daemon.folder / "syncd.db", isolation_level=None)) as store,
        store,
    ):
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


@needs_file("its disk has a reserve")
@pytest.mark.timeout(400)
def test_a_full_disk_fires_before_and_when_nothing_can_be_written(
    tmp_path: Path, small_disk: Path
) -> None:
    worlds = Worlds(tmp_path)
    daemon = Daemon(worlds, tmp_path)
    text = daemon.config.read_text("utf-8")
    moved = text.replace(f"sqlite://{tmp_path}/", f"sqlite://{small_disk}/")
    assert moved != text
    daemon.config.write_text(moved, "utf-8")
    try:
        worlds.xero(switches={"minute_limit": 6000, "day_limit": 1_000_000})
        daemon.start()
        daemon.connect()
        with watched(daemon, tmp_path) as prometheus:
            prometheus.expect()
            fillers = [fill(small_disk / "filler")]
            wait_until(lambda: "SyncdDiskFull" in _busy(daemon, prometheus), WITHIN_S, daemon.tail)
            fillers.append(fill(small_disk / "last filler"))
            wait_until(
                lambda: "SyncdStoreUnusable" in _busy(daemon, prometheus), WITHIN_S, daemon.tail
            )
            for each in fillers:
                each.unlink()
            wait_until(
                lambda: not {"SyncdStoreUnusable", "SyncdDiskFull"} & _busy(daemon, prometheus),
                WITHIN_S,
                daemon.tail,
            )
    finally:
        daemon.close()
        worlds.close()


@pytest.mark.timeout(400)
def test_lost_webhooks_fire_once_a_sweep_finds_what_none_announced(tmp_path: Path) -> None:
    sync = {**NO_SWEEPS, "reconcile_every_s": 1.0, "poll_every_s": 0.2}
    with (
        hooked_journey(tmp_path, sync=sync, behind_s=OVERDUE_S) as way,
        watched(way.daemon, tmp_path) as prometheus,
    ):
        # Pipeline's notes are signed by its own clock, too far behind ours to be taken.
        way.worlds.pipeline(switches={"webhooks_lost": 1.0})
        invoice = way.synced(way.customer("Lost"))
        wait_until(lambda: prometheus.has_seen(MISSED), WITHIN_S, way.daemon.tail)
        time.sleep(2.5)  # its own event has gone by, and is no news of what follows
        way.worlds.xero(switches={"webhook_losses": 1.0})

        way.worlds.bookkeeper("pay", invoice=way.own(invoice), amount="10")

        way.wait_money(invoice)
        prometheus.expect("SyncdWebhooksLost", "SyncdClockOff")  # both worlds' clock was set back


def _busy(daemon: Daemon, prometheus: Prometheus) -> set[str]:
    """What fires while somebody works: a store that nobody writes into is never found full."""
    for switch in ("pause", "resume"):
        daemon.post(f"/api/v1/tenants/demo/{switch}")
    return prometheus.firing()
