"""The console names every replica, and how it stands; for a daemon alone it says nothing."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from syncd.domain.model.replica import ReplicaStanding, ReplicaState
from tests.store.build import AT
from tests.web.console.support.browsing import Browser, console
from tests.web.console.support.hostile import EACH, assert_harmless

PATH = "/replicas"
ALPHA = ReplicaStanding(
    name="alpha",
    url="http://10.0.0.1:8080",
    public_url="http://10.0.0.1:8081",
    version="1.0",
    state=ReplicaState.WORKS,
    seen_at=AT,
    since=AT - timedelta(hours=1),
    lease_until=AT + timedelta(seconds=12),
)
BETA = ReplicaStanding(
    name="beta",
    url="http://10.0.0.2:8080",
    public_url="http://10.0.0.2:8081",
    version="1.0",
    state=ReplicaState.STANDS_BY,
    seen_at=AT,
)
DEAD = msgspec.structs.replace(BETA, state=ReplicaState.GONE, seen_at=AT - timedelta(minutes=5))


def run_by(browser: Browser, *replicas: ReplicaStanding) -> None:
    browser.desk.operations.replicas = lambda: replicas


async def test_page_names_who_works_since_when_and_who_stands_by() -> None:
    async with console("Office") as browser:
        run_by(browser, ALPHA, BETA)
        shown = await browser.get(PATH)
        overview = await browser.get("/")

    assert (shown.status, shown.unclosed) == (200, [])
    assert "alpha works. 1 other stands by and would follow it." in shown.text
    assert "alpha works 1 h ago" in shown.text
    assert "http://10.0.0.2:8080, http://10.0.0.2:8081" in shown.text
    assert "Replicas: alpha works, beta stands by" in overview.text
    assert PATH in overview.links
    assert "See all replicas" not in overview.text


@pytest.mark.parametrize("path", ["/", "/t/acme"])
async def test_overview_begins_with_a_replica_that_is_gone(path: str) -> None:
    async with console("Office") as browser:
        run_by(browser, ALPHA, DEAD)
        shown = await browser.get(path)

    said = "beta is gone. It has not been heard of for a whole lease"
    assert said in shown.text
    assert "alpha works. Nobody stands by." in shown.text
    assert "See all replicas" in shown.text


async def test_overview_begins_with_a_name_that_two_replicas_have() -> None:
    async with console("Office") as browser:
        run_by(browser, msgspec.structs.replace(ALPHA, is_name_shared=True), BETA)
        shown = await browser.get("/")

    assert "Two replicas are called alpha. Give each a name of its own" in shown.text


async def test_overview_says_that_nobody_would_follow_the_last_one() -> None:
    async with console("Office") as browser:
        run_by(browser, ALPHA)
        shown = await browser.get("/")

    assert "Nobody stands by who would follow it: start another replica." in shown.text


async def test_a_daemon_alone_shows_nothing_of_replicas() -> None:
    async with console() as browser:
        overview = await browser.get("/")
        page = await browser.get(PATH)

    assert "eplica" not in overview.text
    assert PATH not in overview.links
    assert page.status == 404
    assert "One daemon has this store to itself" in page.text


@EACH
async def test_what_a_replica_calls_itself_is_shown_as_text(text: str) -> None:
    async with console() as browser:
        run_by(browser, msgspec.structs.replace(ALPHA, name=text, url=text, version=text), DEAD)

        assert_harmless(await browser.get(PATH))
        assert_harmless(await browser.get("/"))
