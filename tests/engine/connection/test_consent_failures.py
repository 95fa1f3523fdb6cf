"""A consent that failed is on the card and in the trail, once, until one ends in Connected."""

from __future__ import annotations

from pathlib import Path

from syncd.domain.errors import StoreFull
from syncd.domain.facts import ConsentFailed
from syncd.engine.connection.consent_outcome import ConsentOpened, NotConnected
from syncd.store import journal, views
from syncd.store.consents import FailedConsent
from tests.engine.support.connecting import ACME, World, a_world


async def set_out(world: World) -> ConsentOpened:
    offer = await world.flow.start(ACME, "Ada")
    opened = await world.flow.open(offer.ticket)
    assert isinstance(opened, ConsentOpened)
    return opened


async def cancelled(world: World) -> NotConnected:
    opened = await set_out(world)
    query = {"state": opened.cookie, "error": "access_denied"}
    outcome = await world.flow.finish(query, opened.cookie)
    assert isinstance(outcome, NotConnected)
    return outcome


async def on_the_card(world: World) -> FailedConsent | None:
    (card,) = await world.store.fetch(views.cards(ACME))
    return card.failed_consent


async def entries(world: World) -> list[tuple[str, str]]:
    found = await world.store.fetch(journal.of_object(ACME, "Xero connection", ACME))
    return [(one.entry.who, one.entry.description) for one in found]


async def test_cancelled_consent_is_on_the_card_and_in_the_trail(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        outcome = await cancelled(world)

        failure = await on_the_card(world)
        assert failure is not None
        assert (failure.problem, failure.who) == ("consent_refused", "Ada")
        assert failure.failed_at == world.clock.now()
        assert failure.text.startswith(outcome.words.text)
        assert await entries(world) == [("Ada", f"Connect to Xero failed: {outcome.words.text}")]


async def test_the_last_failure_stands_until_a_consent_succeeds(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await cancelled(world)
        opened = await set_out(world)
        await world.flow.finish({"state": opened.cookie}, opened.cookie)
        failure = await on_the_card(world)
        assert failure is not None
        assert failure.problem == "code_missing"

        await world.connect()

        assert await on_the_card(world) is None


async def test_browser_without_its_cookie_is_noted_once_however_often_it_asks(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        opened = await set_out(world)

        for _ in range(3):
            await world.flow.finish({"state": opened.cookie, "code": "good"}, None)

        failure = await on_the_card(world)
        assert failure is not None
        assert failure.problem == "cookie_missing"
        assert len(await entries(world)) == 1
        assert world.told == [ConsentFailed(tenant=ACME, problem="cookie_missing")]


async def test_state_nobody_set_out_with_is_noted_nowhere(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.flow.finish({"state": "forged", "code": "good"}, None)

        assert await on_the_card(world) is None
        assert await entries(world) == []


async def test_store_that_cannot_take_a_failure_keeps_its_page_from_nobody(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        opened = await set_out(world)
        world.fails_commit = [None, StoreFull("no disk")]

        query = {"state": opened.cookie, "error": "access_denied"}
        outcome = await world.flow.finish(query, opened.cookie)

        assert isinstance(outcome, NotConnected)
        assert outcome.problem == "consent_refused"
        assert world.told == [ConsentFailed(tenant=ACME, problem="consent_refused")]
