"""Replicas on one PostgreSQL: one works, the others answer for it and follow when it dies.

`make chaos-replicas` makes the last of these as long as it is meant to be.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.support.harness import DEFAULTS, FAST, UNBRAKED, Stuck, call, wait_until
from tests.journeys.support.hooked import NO_SWEEPS
from tests.journeys.support.site import LEASE_S, SharedJourney, shared_journey
from tests.support.postgresql import Cluster

pytestmark = pytest.mark.timeout(int(os.environ.get("SYNCD_REPLICAS_WITHIN_S", "300")))

LONGER_THAN_ANY_PATIENCE_S = 20
"""The driver asks for a server that went away for fifteen seconds."""
TAKEN_WITHIN_S = 2 * LEASE_S + 10
"""A takeover, and a start beside other work."""


def timed(done: Callable[[], object]) -> float:
    began = time.monotonic()
    done()
    return time.monotonic() - began


def lines(way: SharedJourney, name: str, event: str) -> list[str]:
    """What a replica logged of one kind."""
    text = way.site.daemons[name].log.read_text("utf-8")
    return [line for line in text.splitlines() if f'"event": "{event}"' in line]


def paid(way: SharedJourney, invoice: str) -> None:
    """Pay it in Xero, and wait until Pipeline knows: no sweep runs, so a webhook told of it."""
    way.worlds.bookkeeper("pay", invoice=way.own(invoice), amount="10")
    wait_until(lambda: way.payments(invoice), 20, lambda: f"a payment\n{way.site.tails()}")


def assert_whole(way: SharedJourney) -> None:
    """Every invoice stands once and newest; no limit was passed, no token presented twice."""
    way.rest(60)
    way.assert_good("1")
    counters = way.worlds.xero_books()["counters"]
    assert counters["throttled"] == {}, counters
    assert counters["spent_tokens_presented"] == 0, counters


def test_the_one_that_works_dies_and_nothing_is_lost_or_doubled(
    tmp_path: Path, postgresql_url: str
) -> None:
    with shared_journey(tmp_path, postgresql_url) as way:
        customer = way.customer("Shared")
        for _ in range(5):
            way.invoice(customer)
        way.rest()
        first = way.site.holder()
        for _ in range(20):
            way.invoice(customer)

        way.site.daemons[first].end(signal.SIGKILL)
        took_s = timed(lambda: way.site.holder(other_than=first))

        assert took_s < TAKEN_WITHIN_S
        assert_whole(way)


def test_one_that_ends_is_followed_at_once(tmp_path: Path, postgresql_url: str) -> None:
    with shared_journey(tmp_path, postgresql_url) as way:
        first = way.site.holder()

        assert way.site.daemons[first].end(signal.SIGTERM) == 0
        way.site.holder(other_than=first)

        assert '"is_lost": false' in lines(way, first, "lease.ended")[-1]
        way.site.daemons[first].start()
        assert way.site.settled() != first
        way.invoice(way.customer("Shared"))
        assert_whole(way)


def test_one_that_stood_still_for_longer_than_its_lease_does_nothing_more(
    tmp_path: Path, postgresql_url: str
) -> None:
    with shared_journey(tmp_path, postgresql_url) as way:
        customer = way.customer("Shared")
        way.invoice(customer)
        way.rest()
        first = way.site.holder()
        for _ in range(30):
            way.invoice(customer)
        way.site.signal(first, signal.SIGSTOP)
        second = next(name for name in way.site.daemons if name != first)
        alone = way.site.daemons[second]
        wait_until(
            lambda: alone.metrics().get("syncd_replica_holds_lease") == 1,
            TAKEN_WITHIN_S,
            way.site.tails,
        )
        way.invoice(customer)

        way.site.signal(first, signal.SIGCONT)

        assert way.site.settled() == second
        assert '"is_lost": true' in lines(way, first, "lease.ended")[-1]
        assert_whole(way)


def test_asked_at_the_standby_everything_answers_as_at_the_other(
    tmp_path: Path, postgresql_url: str
) -> None:
    with shared_journey(tmp_path, postgresql_url) as way:
        standing = way.site.daemons[way.site.standby()]
        invoice = way.invoice(way.customer("Shared"))
        way.rest()

        own = way.daemon.get(f"/api/v1/tenants/demo/invoices/{invoice}")
        passed = standing.get(f"/api/v1/tenants/demo/invoices/{invoice}")
        assert (passed.status, passed.json()) == (own.status, own.json())
        standing.connect()  # begun here, ended at whichever address is the site's
        refused = call("GET", f"http://127.0.0.1:{standing.ports[0]}/api/v1/tenants")
        assert refused.status == 401

        works = way.site.holder()
        wait_until(  # whoever works has heard of the other by its next beat
            lambda: (
                {
                    one["name"]: one["works"]
                    for one in standing.get("/api/v1/replicas").json()["items"]
                }
                == {name: name == works for name in way.site.daemons}
            ),
            10,
            "both replicas in the list",
        )
        assert f"{works} works since" in standing.run("status").stdout
        assert standing.end(signal.SIGTERM) == 0
        replicas = "/api/v1/replicas"
        wait_until(
            lambda: [one["name"] for one in way.daemon.get(replicas).json()["items"]] == [works],
            2 * LEASE_S,
            way.site.tails,
        )


def test_one_that_died_is_named_wherever_the_site_is_asked(
    tmp_path: Path, postgresql_url: str
) -> None:
    names = ("alpha", "beta", "gamma")
    with shared_journey(tmp_path, postgresql_url, names=names) as way:
        works, *others = sorted(names, key=lambda name: name != way.site.holder())
        dead, alive = (way.site.daemons[name] for name in others)
        dead.end(signal.SIGKILL)

        def states() -> dict[str, str]:
            items = alive.get("/api/v1/replicas").json()["items"]
            return {one["name"]: one["state"] for one in items}

        expected = {works: "works", others[0]: "gone", others[1]: "stands_by"}
        wait_until(lambda: states() == expected, 4 * LEASE_S, lambda: f"{states()}")

        assert f"{others[0]} is gone, last heard of" in alive.run("status").stdout
        gone = f'syncd_replica_state{{replica="{others[0]}",state="gone"}}'
        for one in (alive, way.site.daemons[works]):
            wait_until(lambda one=one: one.metrics().get(gone) == 1, 2 * LEASE_S, one.tail)
            assert one.metrics()[f'syncd_replica_state{{replica="{works}",state="works"}}'] == 1


def test_webhook_to_a_standby_brings_its_change_whoever_works(
    tmp_path: Path, postgresql_url: str
) -> None:
    with shared_journey(tmp_path, postgresql_url, sync=FAST | NO_SWEEPS) as way:
        customer = way.customer("Shared")
        invoice = way.invoice(customer)
        way.wait_told(invoice, state="synced")
        standing = way.site.daemons[way.site.standby()]
        address = f"http://127.0.0.1:{standing.ports[1]}/webhooks/xero"
        way.worlds._command("xero", "webhooks", {"url": address})
        wait_until(
            lambda: way.worlds.xero_books()["webhooks"]["state"] == "healthy", 20, standing.tail
        )
        paid(way, invoice)

        first = way.site.holder()
        way.site.daemons[first].end(signal.SIGKILL)
        other = way.invoice(customer)
        way.wait_told(other, within_s=TAKEN_WITHIN_S + 15, state="synced")
        paid(way, other)


def test_database_that_starts_again_or_drops_everybody_stops_nobody(
    tmp_path: Path, postgresql: Cluster, postgresql_url: str
) -> None:
    with shared_journey(tmp_path, postgresql_url) as way:
        customer = way.customer("Shared")
        for _ in range(10):
            way.invoice(customer)
        postgresql.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'syncd'"
        )
        for _ in range(10):
            way.invoice(customer)
        postgresql.stop()
        time.sleep(LONGER_THAN_ANY_PATIENCE_S)
        assert way.site.holding() == []
        assert [one.get("/readyz").status for one in way.site.daemons.values()] == [503, 503]
        postgresql.start()

        way.site.settled()
        assert all(one.starts == 1 for one in way.site.daemons.values())
        assert_whole(way)


SHORT: dict[str, Any] = {
    "kills": 1,
    "pauses": 1,
    "restarts": 1,
    "cuts": 1,
    "tenants": 2,
    "invoices": 60,
    "lease_s": 3,
    "sync": FAST,
}
LONG: dict[str, Any] = {
    "kills": 50,
    "pauses": 10,
    "restarts": 5,
    "cuts": 5,
    "tenants": 20,
    "invoices": 40_000,
    "lease_s": 8,
    # Twenty tenants asked for news five times a second would leave the processor no time for work.
    "sync": {name: value / 10 for name, value in DEFAULTS.items()} | UNBRAKED,
}
SIZE = LONG if os.environ.get("SYNCD_REPLICAS") == "long" else SHORT
MOMENTS = ("read", "committed", "answered")
AT_REST_WITHIN_S = 120 if SIZE is SHORT else 3600


class Trouble:
    """Whatever befalls a site of replicas, in an order that one seed draws."""

    def __init__(self, way: SharedJourney, server: Cluster, seed: int) -> None:
        self.way = way
        self.server = server
        self.dice = random.Random(seed)  # noqa: S311 - a test's dice
        self.slowest_s = 0.0

    def all_of_it(self) -> None:
        deeds = [
            *["kill"] * SIZE["kills"], *["pause"] * SIZE["pauses"],
            *["restart"] * SIZE["restarts"], *["cut"] * SIZE["cuts"],
        ]  # fmt: skip
        self.dice.shuffle(deeds)
        for deed in deeds:
            time.sleep(self.dice.uniform(0.0, 1.5))
            getattr(self, deed)()

    def kill(self) -> None:
        """Whoever works dies, mostly at the worst instant of a write; or the other one does."""
        site = self.way.site
        works = site.settled(60)
        if self.dice.random() < 0.2:
            name = site.standby()
            site.daemons[name].end(signal.SIGKILL)
        else:
            name = works
            process = site.daemons[name].process
            assert process is not None
            order = {"pid": process.pid, "at": self.dice.choice(MOMENTS),
                     "match": {"method": self.dice.choice(("PUT", "POST"))}}  # fmt: skip
            self.way.worlds.xero(kill=order)
            with suppress(Stuck):
                wait_until(lambda: process.poll() is not None, 3, "the ordered death")
            self.way.worlds.xero(kill=None)
            if process.poll() is None:
                site.daemons[name].end(signal.SIGKILL)
            took_s = timed(lambda: site.holder(60, other_than=name))
            self.slowest_s = max(self.slowest_s, took_s)
        site.daemons[name].spawn()

    def pause(self) -> None:
        """Whoever works stands still, often in the middle of a write, until another works."""
        site = self.way.site
        name = site.settled(60)
        other = site.standby()
        site.signal(name, signal.SIGSTOP)
        alone = site.daemons[other]
        wait_until(lambda: alone.metrics().get("syncd_replica_holds_lease") == 1, 60, site.tails)
        time.sleep(self.dice.uniform(0, SIZE["lease_s"]))
        site.signal(name, signal.SIGCONT)

    def restart(self) -> None:
        """The server is gone for a while."""
        self.server.stop(self.dice.choice((signal.SIGINT, signal.SIGQUIT)))
        time.sleep(self.dice.uniform(0, 2 * SIZE["lease_s"]))
        self.server.start()

    def cut(self) -> None:
        """One replica loses its connections, in the middle of whatever they carry."""
        self.server.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE usename = 'syncd' AND random() < 0.7"
        )


def test_books_of_many_tenants_stand_whole_after_all_of_it(
    tmp_path: Path, postgresql: Cluster, postgresql_url: str
) -> None:
    each = SIZE["invoices"] // SIZE["tenants"]
    flags = (
        *("--organisations", str(SIZE["tenants"]), "--country", "NZ"),
        *("--customers", "10", "--invoices", str(each)),
    )  # fmt: skip
    # What is held for good is not looked at again every other second: a minute has sixty calls.
    sync = SIZE["sync"] | {"recheck_s": 3600.0}
    site = {"connects": False, "lease_s": SIZE["lease_s"], "sync": sync}
    limits = {"calls_per_minute": 60, "app_calls_per_minute": 10_000}
    with shared_journey(tmp_path, postgresql_url, flags, xero=limits, **site) as way:
        # Tokens that are renewed while replicas die.
        way.worlds.xero(switches={"minute_limit": 60, "access_token_s": 10})
        names = list(way.worlds.told["pipeline"]["tenants"])
        for org, name in enumerate(names, start=1):
            way.site.settled()
            way.daemon.connect(name, org)
        trouble = Trouble(way, postgresql, seed=14)

        trouble.all_of_it()

        way.site.settled(60)
        way.rest(AT_REST_WITHIN_S)
        way.assert_good("0.8")
        counters = way.worlds.xero_books()["counters"]
        assert counters["throttled"] == {}, counters
        assert counters["refreshes"] > 0, counters
        assert counters["presented_after_successor"] == 0, counters
        assert trouble.slowest_s < 2 * SIZE["lease_s"] + 10
