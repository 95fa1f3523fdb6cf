"""The machine fails or is meddled with: the daemon says so, and stops before it loses anything."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attack.attacker import Neighbour
from tests.attack.conftest import Figure
from tests.journeys.support.harness import Daemon, Worlds, wait_until

FOR_A_PERSON = 78
"""How a start ends that only a person can mend: a service manager does not try it again."""
NOTICED_WITHIN_S = 30.0


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    worlds = Worlds(tmp_path)
    made = Daemon(worlds, tmp_path)
    before = os.umask(0o022)
    try:
        yield made.start()
    finally:
        os.umask(before)
        made.close()
        worlds.close()


def test_store_is_nobody_elses_to_read(daemon: Daemon) -> None:
    files = {
        each.name: stat.S_IMODE(each.stat().st_mode) for each in daemon.folder.glob("syncd.db*")
    }

    assert set(files) >= {"syncd.db", "syncd.db-wal", "syncd.db-shm", "syncd.db.lock"}
    assert set(files.values()) == {0o600}


@pytest.mark.parametrize("name", ["syncd.db", "syncd.db-wal"])
def test_store_that_is_deleted_ends_the_daemon_and_is_not_begun_anew(
    daemon: Daemon, name: str
) -> None:
    process = daemon.process
    assert process is not None

    (daemon.folder / name).unlink()

    assert process.wait(NOTICED_WITHIN_S) == 1
    assert "was deleted while the daemon had it open" in daemon.tail()
    assert "Traceback" not in daemon.tail()
    if name == "syncd.db":
        assert daemon.spawn().wait(NOTICED_WITHIN_S) == FOR_A_PERSON
        assert "is gone" in daemon.tail()
        assert not (daemon.folder / name).exists()


def test_locked_store_is_not_ready_and_is_again_when_let_go(daemon: Daemon, figure: Figure) -> None:
    def store() -> str:
        return str(daemon.get("/readyz?verbose").json()["checks"]["store"][0]["status"])

    holder = sqlite3.connect(daemon.folder / "syncd.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    wait_until(lambda: store() == "fail", NOTICED_WITHIN_S, daemon.tail)
    assert daemon.get("/livez").status == 200
    assert daemon.metrics()["syncd_store_usable"] == 0

    holder.execute("ROLLBACK")
    holder.close()
    wait_until(lambda: daemon.get("/readyz").status == 200, NOTICED_WITHIN_S, daemon.tail)
    with Neighbour(daemon) as good:
        pass
    figure("good webhook after a lock was let go", good.slowest_s * 1000, "ms")
    assert good.refused == []


def test_unsafe_configuration_does_not_start(daemon: Daemon) -> None:
    daemon.close()
    text = daemon.config.read_text("utf-8")
    api_url = daemon.worlds.told["xero"]["api_url"]
    for before, after, key in (
        (api_url, "http://api.elsewhere.example", "xero.api_url"),
        ("operator-token-of-the-journeys-0123456789", "short", "operator"),
        ("https://app.pipeline.example", "javascript://app.example", "invoice_url"),
        (f":{daemon.ports[0]}", ":99999", "server.listen"),
    ):
        assert before in text
        daemon.config.write_text(text.replace(before, after), "utf-8")
        ended = daemon.run_anew("run")
        assert (ended.returncode, key in ended.stderr) == (78, True), ended.stderr
        assert "Traceback" not in ended.stderr
