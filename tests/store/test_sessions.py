"""Sessions and links by digest."""

from __future__ import annotations

from syncd.store import sessions
from syncd.store.sessions import LoginTicket
from syncd.store.unit_of_work import Store
from tests.store.build import AT, later


async def test_a_session_used_later_is_listed_first_and_never_goes_back(store: Store) -> None:
    for digest in ("a", "b"):
        await store.run(sessions.begin(digest, operator="ada", token_mark="m", at=AT))
    await store.run(sessions.seen("a", later(5)))
    await store.run(sessions.seen("a", later(2)))

    listed = await store.fetch(sessions.listing())

    assert [(one.digest, one.seen_at) for one in listed] == [("a", later(5)), ("b", AT)]
    assert listed[0].created_at == AT


async def test_ended_and_forgotten_sessions_are_gone(store: Store) -> None:
    for digest, seconds in (("old", 0), ("young", 10), ("ended", 10)):
        await store.run(sessions.begin(digest, operator="ada", token_mark="m", at=later(seconds)))
    await store.run(sessions.end_one("ended"))
    await store.run(sessions.forget(unused_since=later(5), begun_before=later(5)))

    assert [one.digest for one in await store.fetch(sessions.listing())] == ["young"]
    assert await store.fetch(sessions.find("old")) == ()


async def test_a_link_is_taken_once_and_in_time(store: Store) -> None:
    ticket = LoginTicket(operator="ada", token_mark="m")
    await store.run(sessions.offer("now", ticket, later(10)))
    await store.run(sessions.offer("late", ticket, later(5)))

    assert await store.run(sessions.take("now", later(9))) == (ticket,)
    assert await store.run(sessions.take("now", later(9))) == ()
    assert await store.run(sessions.take("late", later(5))) == ()
    await store.run(sessions.forget_tickets(later(5)))
    assert await store.run(sessions.take("late", AT)) == ()
