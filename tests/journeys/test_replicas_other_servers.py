"""Replicas whose server follows another one, is followed by another one, or has a full disk."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.journeys.support.harness import wait_until
from tests.journeys.support.site import SharedJourney, alone, shared_journey
from tests.support.postgresql import OWNER, Cluster, small_disk, started

pytestmark = pytest.mark.timeout(300)
MEGABYTES = 64
STAYS_S = 8
"""Long enough for a small write to find room, and for the store to be tried again."""


def assert_whole(way: SharedJourney) -> None:
    """Every invoice stands once and newest."""
    way.rest(90)
    way.assert_good("1")


def test_replica_on_a_standby_server_says_so_and_goes_on_when_it_is_promoted(
    tmp_path: Path, postgresql: Cluster, postgresql_url: str
) -> None:
    name = postgresql_url.partition("@/")[2].partition("?")[0]
    said = "its server follows another one (a standby, read-only): point store.url at the primary"
    with postgresql.standby() as follower, alone(tmp_path, follower.url(name)) as daemon:
        checked = daemon.run("check-config")
        process = daemon.spawn()
        wait_until(lambda: said.encode() in daemon.get("/readyz?verbose").body, 30, daemon.tail)

        assert checked.returncode != 0
        assert said in checked.stdout + checked.stderr
        assert said in daemon.tail()
        assert daemon.get("/readyz").status == 503
        assert process.poll() is None

        follower.sql("SELECT pg_promote()")

        wait_until(lambda: "works" in daemon.run("status").stdout, 60, daemon.tail)
        assert daemon.get("/readyz").status == 200


def test_site_that_names_both_servers_goes_on_with_the_one_that_takes_over(tmp_path: Path) -> None:
    with started() as first, first.database() as name, first.standby() as second:
        # A commit is one when both servers have it.
        first.sql("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
        url = f"postgresql://{OWNER}@/{name}?host={first.folder},{second.folder}"
        with shared_journey(tmp_path, url) as way:
            customer = way.customer("Shared")
            for _ in range(5):
                way.invoice(customer)
            way.rest()
            for _ in range(20):
                way.invoice(customer)

            first.stop(signal.SIGQUIT)
            second.sql(
                "ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_promote()",
                "SELECT pg_reload_conf()",
            )  # fmt: skip
            way.invoice(customer)

            way.site.settled(60)
            assert all(one.starts == 1 for one in way.site.daemons.values())
            assert_whole(way)


def test_full_disk_of_the_server_loses_nothing_and_is_told(
    tmp_path: Path, postgresql: Cluster
) -> None:
    with small_disk(MEGABYTES) as disk:
        postgresql.sql(f"CREATE TABLESPACE small OWNER {OWNER} LOCATION '{disk}'")
        try:
            postgresql.sql(f"CREATE DATABASE full_one OWNER {OWNER} TABLESPACE small")
            with shared_journey(tmp_path, postgresql.url("full_one")) as way:
                customer = way.customer("Shared")
                for _ in range(5):
                    way.invoice(customer)
                way.rest()
                filled = fill(disk)
                for _ in range(60):
                    way.invoice(customer)

                works = way.site.daemons[way.site.holder()]
                said = b"make room on the disk of the database server"
                wait_until(lambda: said in works.get("/readyz?verbose").body, 60, way.site.tails)
                time.sleep(STAYS_S)
                assert works.get("/readyz").status == 503, works.tail()
                assert works.metrics()["syncd_store_usable"] == 0

                filled.unlink()
                wait_until(lambda: works.get("/readyz").status == 200, 60, works.tail)
                assert_whole(way)
        finally:
            postgresql.sql("DROP DATABASE IF EXISTS full_one WITH (FORCE)")
            postgresql.sql("DROP TABLESPACE small")


def fill(disk: Path) -> Path:
    """A file that takes all the room there is."""
    filled = disk / "filled"
    with filled.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
        except OSError:
            pass
    return filled
