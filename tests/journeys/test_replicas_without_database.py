"""Replicas whose database is away end when asked to, wait for it, or say what is to be mended."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.journeys.support.harness import Daemon, wait_until
from tests.journeys.support.site import LEASE_S, SharedJourney, alone, shared_journey
from tests.support.postgresql import PASSWORD, WITH_PASSWORD, Cluster

pytestmark = pytest.mark.timeout(300)

ENDED_WITHIN_S = 8.0
"""Less than the ten seconds that Docker gives a container, also on a machine that is busy."""


@contextmanager
def gone(server: Cluster) -> Iterator[None]:
    """Nobody listens where the server was."""
    server.stop()
    yield
    server.start()


@contextmanager
def hung(server: Cluster) -> Iterator[None]:
    """The server takes what it is sent, and nothing is heard of it."""
    server.signal_all(signal.SIGSTOP)
    yield
    server.signal_all(signal.SIGCONT)


def ended(daemon: Daemon) -> float:
    """How long it took to end, with 0, after SIGTERM."""
    began = time.monotonic()
    assert daemon.end(signal.SIGTERM, 90) == 0, daemon.tail()
    return time.monotonic() - began


@pytest.mark.parametrize(("away", "for_s"), [(gone, 0.0), (hung, LEASE_S + 2)])
def test_replica_without_its_database_ends_within_seconds(
    tmp_path: Path,
    postgresql: Cluster,
    postgresql_url: str,
    away: Callable[[Cluster], ExitStack],
    for_s: float,
) -> None:
    with shared_journey(tmp_path, postgresql_url) as way:
        works, stands_by = way.site.holder(), way.site.standby()
        customer = way.customer("Shared")
        for _ in range(5):
            way.invoice(customer)
        with away(postgresql):
            time.sleep(for_s)
            took_s = {name: ended(way.site.daemons[name]) for name in (works, stands_by)}

        assert max(took_s.values()) < ENDED_WITHIN_S, f"{took_s}\n{way.site.tails()}"
        way.site.start()
        assert_whole(way)


def assert_whole(way: SharedJourney) -> None:
    """Every invoice stands once and newest."""
    way.rest(60)
    way.assert_good("1")


def test_replica_started_without_its_database_waits_for_it(
    tmp_path: Path, postgresql: Cluster, postgresql_url: str
) -> None:
    with alone(tmp_path, postgresql_url) as daemon:
        with gone(postgresql):
            process = daemon.spawn()
            wait_until(lambda: daemon.get("/livez").status == 200, 30, daemon.tail)
            said = b"cannot open the database"
            wait_until(lambda: said in daemon.get("/readyz?verbose").body, 10, daemon.tail)
            time.sleep(LEASE_S)  # time enough to give up

            assert process.poll() is None
            assert daemon.get("/readyz").status == 503
            assert "check host and port in store.url" in daemon.tail()

        daemon.wait_ready()
        wait_until(lambda: "works" in daemon.run("status").stdout, 30, daemon.tail)


@pytest.mark.parametrize("mistake", ["password", "database"])
def test_what_a_person_must_mend_ends_a_replica_that_starts(
    tmp_path: Path, postgresql: Cluster, postgresql_url: str, mistake: str
) -> None:
    database = postgresql_url.partition("@/")[2].partition("?")[0]
    url, store, said = {
        "password": (
            postgresql.url(database, user=WITH_PASSWORD), {"password": f"not {PASSWORD}"},
            "expected the name and password of a role",
        ),
        "database": (postgresql.url("nowhere"), {}, "make it (createdb)"),
    }[mistake]  # fmt: skip
    with alone(tmp_path, url, **store) as daemon:
        assert daemon.spawn().wait(30) == 1
        assert said in daemon.tail()
        assert "Traceback" not in daemon.tail()
        assert PASSWORD not in daemon.tail()
