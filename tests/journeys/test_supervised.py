"""The daemon as a service manager sees it: what it hears, and whom it stops hearing from."""

from __future__ import annotations

import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.support.harness import FAST, OPERATOR, Daemon, Worlds, free_port, wait_until
from tests.support.stores import needs_file

HANGS = """
import anyio
from syncd.engine.feed import intake

async def hang(*_):
    await anyio.sleep_forever()

intake.poll_once = hang
from syncd.cli import main
main()
"""
NEW = "another-token-of-the-journeys-0123456789"


class Manager:
    """Stands where systemd listens: the words it was told, in order."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._socket.setblocking(False)
        self.words: list[str] = []

    def heard(self, word: str, after: int = 0) -> str | None:
        """The first such word after so many, if it has come."""
        self._listen()
        return next((one for one in self.words[after:] if one.startswith(word)), None)

    def count(self) -> int:
        """How many words there were."""
        self._listen()
        return len(self.words)

    def _listen(self) -> None:
        while True:
            try:
                self.words += self._socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    made = Manager(tmp_path)
    monkeypatch.setenv("NOTIFY_SOCKET", made.address)
    monkeypatch.setenv("WATCHDOG_USEC", "300000")
    yield made
    made.close()


def reload(daemon: Daemon, manager: Manager) -> str:
    """Ask for a reload; what the manager is told at its end."""
    assert daemon.process is not None
    before = manager.count()
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: manager.heard("RELOADING=1", before), 15, "the reload begins")
    assert manager.heard("MONOTONIC_USEC=", before)
    wait_until(lambda: manager.heard("READY=1", before), 15, "the reload ends")
    ended = manager.words.index("READY=1", before)
    return next(word for word in manager.words[ended:] if word.startswith("STATUS="))


@needs_file("its lock is held")
def test_no_file_and_no_store_ends_a_daemon_by_a_reload(
    unconnected: Daemon, manager: Manager
) -> None:
    unconnected.start()
    assert unconnected.process is not None
    good = unconnected.config.read_text("utf-8")
    secret = unconnected.folder / "secret"
    secret.write_bytes(b"\xff\xfe")
    told = unconnected.worlds.told["xero"]["client_secret"]
    by_file = good.replace(f'client_secret = "{told}"', f'client_secret_file = "{secret}"')

    unconnected.config.write_text(by_file, "utf-8")
    undecodable = reload(unconnected, manager)
    failed = unconnected.metrics()["syncd_config_last_reload_successful"]
    unconnected.config.write_text(good.replace("due_days = ", "due_days = 1"), "utf-8")
    other = sqlite3.connect(unconnected.folder / "syncd.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    locked = reload(unconnected, manager)
    other.close()
    freed = reload(unconnected, manager)

    assert "xero.client_secret_file" in undecodable
    assert failed == 0
    assert "tenants.demo.due_days" in locked
    assert "reload again" in locked
    assert "refused" not in freed
    assert unconnected.metrics()["syncd_config_last_reload_successful"] == 1
    assert "Traceback" not in unconnected.log.read_text("utf-8")
    assert unconnected.end(signal.SIGTERM) == 0


def test_token_that_is_replaced_opens_nothing_after_the_reload(
    unconnected: Daemon, manager: Manager
) -> None:
    unconnected.start()
    text = unconnected.config.read_text("utf-8")
    unconnected.config.write_text(text.replace(OPERATOR, NEW), "utf-8")
    assert unconnected.get("/api/v1/tenants").status == 200

    reload(unconnected, manager)

    assert unconnected.get("/api/v1/tenants").status == 401
    assert unconnected.run_anew("status").returncode == 0


@needs_file("its lock names the process")
def test_reload_by_command_ends_as_the_daemon_says(unconnected: Daemon) -> None:
    """As `systemctl reload` calls it, and as a person types it."""
    nobody = unconnected.run_anew("reload")
    unconnected.start()
    assert unconnected.process is not None
    good = unconnected.config.read_text("utf-8")

    unconnected.config.write_text(good.replace("due_days = ", "due_days = 1"), "utf-8")
    taken = unconnected.run_anew("reload")
    unconnected.config.write_text(good.replace("[xero]", "[xero]\ntimeout_s = 5", 1), "utf-8")
    refused = unconnected.run_anew("reload", "--pid", str(unconnected.process.pid))
    unconnected.config.write_text(good.replace("lease_s = 20", "lease_s = 21"), "utf-8")
    waiting = unconnected.run_anew("reload")
    moved = good.replace(f"127.0.0.1:{unconnected.ports[0]}", f"127.0.0.1:{free_port()}", 1)
    unconnected.config.write_text(moved.replace("due_days = ", "due_days = 2"), "utf-8")
    elsewhere = unconnected.run_anew("reload")

    assert nobody.returncode == 75
    assert (taken.returncode, taken.stdout) == (
        0, "Reloaded: applied: tenants.demo.due_days\n",
    )  # fmt: skip
    assert refused.returncode == 78
    assert "is not valid TOML" in refused.stderr
    assert waiting.returncode == 0
    assert "applied: tenants.demo.due_days. needs a restart: sync.lease_s" in waiting.stdout
    assert (elsewhere.returncode, elsewhere.stdout) == (
        0, "Reloaded: applied: tenants.demo.due_days. needs a restart: server.listen\n",
    )  # fmt: skip
    assert unconnected.process.poll() is None


def test_service_that_hangs_is_named_and_the_watchdog_starves(
    tmp_path: Path, manager: Manager
) -> None:
    worlds = Worlds(tmp_path)
    daemon = Daemon(worlds, tmp_path, program=HANGS, sync=FAST | {"hung_after_s": 2.0})
    try:
        daemon.start()
        wait_until(lambda: manager.heard("WATCHDOG=1"), 15, "it is fed at first")

        wait_until(lambda: daemon.get("/livez").status == 503, 20, daemon.tail)
        verbose = daemon.get("/livez?verbose").json()
        starving = manager.count()
        time.sleep(1.0)

        assert "intake:demo" in verbose["checks"]["services"][0]["output"]
        assert not manager.heard("WATCHDOG=1", starving)
        assert daemon.metrics()['syncd_service_hung{task="intake",tenant="demo"}'] == 1
        assert daemon.metrics()['syncd_service_hung{task="worker",tenant="demo"}'] == 0
        assert '"event": "service.hung"' in daemon.log.read_text("utf-8")
        wait_until(lambda: manager.heard("STATUS=1 tenant; services"), 15, "the manager is told")
    finally:
        daemon.close()
        worlds.close()
