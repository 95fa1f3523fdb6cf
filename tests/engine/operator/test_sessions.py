"""Sessions and one-time links: how long they last, and that nothing usable is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from syncd.domain.errors import StoreError
from syncd.engine.operator.sessions import IDLE, LONGEST, TICKET_LIFE, digest_of
from syncd.store import sessions
from tests.engine.support.operating import Desk, desk


@pytest.fixture
async def at() -> AsyncIterator[Desk]:
    async with desk() as found:
        yield found


async def test_a_session_is_found_by_what_the_browser_holds_and_kept_as_a_digest(
    at: Desk,
) -> None:
    token = await at.operations.sessions.begin("ada", "mark")

    found = await at.operations.sessions.find(token)
    kept = await at.store.fetch(sessions.listing())

    assert found is not None
    assert (found.operator, found.token_mark) == ("ada", "mark")
    assert [one.digest for one in kept] == [digest_of(token)]
    assert token not in repr(kept)


@pytest.mark.parametrize("token", ["", "unknown", "x" * 1000, "\udcff"])
async def test_what_is_no_session_is_nobody(at: Desk, token: str) -> None:
    assert await at.operations.sessions.find(token) is None


async def test_a_session_ends_when_nobody_uses_it(at: Desk) -> None:
    token = await at.operations.sessions.begin("ada", "mark")
    at.clock.at += IDLE

    assert await at.operations.sessions.find(token) is None
    assert await at.operations.sessions.listing() == ()


async def test_a_session_that_is_used_lasts_a_week_and_no_longer(at: Desk) -> None:
    token = await at.operations.sessions.begin("ada", "mark")
    step = IDLE - timedelta(minutes=1)

    for _ in range(LONGEST // step):
        at.clock.at += step
        assert await at.operations.sessions.find(token) is not None
    at.clock.at += step

    assert await at.operations.sessions.find(token) is None


async def test_looking_at_a_page_is_no_write_but_every_few_minutes(at: Desk) -> None:
    token = await at.operations.sessions.begin("ada", "mark")
    began = at.clock.at

    at.clock.at += timedelta(minutes=4)
    await at.operations.sessions.find(token)
    (before,) = await at.store.fetch(sessions.listing())
    at.clock.at += timedelta(minutes=4)
    await at.operations.sessions.find(token)
    (after,) = await at.store.fetch(sessions.listing())

    assert before.seen_at == began
    assert after.seen_at == at.clock.at


async def test_ended_sessions_are_taken_out_when_somebody_signs_in(at: Desk) -> None:
    await at.operations.sessions.begin("ada", "mark")
    at.clock.at += IDLE + timedelta(seconds=1)

    await at.operations.sessions.begin("bob", "mark")

    assert [one.operator for one in await at.store.fetch(sessions.listing())] == ["bob"]


async def test_an_ended_session_is_nobody(at: Desk) -> None:
    token = await at.operations.sessions.begin("ada", "mark")

    await at.operations.sessions.end(digest_of(token))

    assert await at.operations.sessions.find(token) is None


async def test_a_link_signs_in_once(at: Desk) -> None:
    offer = await at.operations.sessions.offer("ada", "mark")

    taken = await at.operations.sessions.take(offer.ticket)
    again = await at.operations.sessions.take(offer.ticket)

    assert taken is not None
    assert (taken.operator, taken.token_mark) == ("ada", "mark")
    assert again is None
    assert offer.expires_at == at.clock.at + TICKET_LIFE


async def test_a_link_runs_out_and_is_taken_out_with_the_next(at: Desk) -> None:
    offer = await at.operations.sessions.offer("ada", "mark")
    at.clock.at += TICKET_LIFE

    await at.operations.sessions.offer("bob", "mark")

    assert await at.operations.sessions.take(offer.ticket) is None
    assert await at.operations.sessions.take("x" * 1000) is None


async def test_who_is_signed_in_looks_on_while_the_store_takes_no_write(at: Desk) -> None:
    token = await at.operations.sessions.begin("ada", "mark")
    at.clock.at += timedelta(minutes=10)
    run = at.store.run

    async def full(_: object) -> None:
        raise StoreError("the disk is full")

    at.store.run = full  # type: ignore[method-assign,assignment]  # a disk cannot be filled here
    try:
        assert await at.operations.sessions.find(token) is not None
    finally:
        at.store.run = run  # type: ignore[method-assign]  # as it was
