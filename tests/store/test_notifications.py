"""Concerns and messages are kept until they are over, delivered or given up."""

from __future__ import annotations

from dataclasses import replace

from syncd.domain.model.concern import (
    Concern,
    ConcernKind,
    KnownConcern,
    Notification,
    Phase,
    Way,
)
from syncd.domain.model.job import JobState
from syncd.store import notifications
from syncd.store.notifications import Undelivered
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, BETA, later
from tests.store.test_withheld import queued

HALTED = Concern(kind=ConcernKind.HALTED, tenant=ACME, text="Many voids.")
STORE = Concern(kind=ConcernKind.DISK, tenant=None, text="Full.")
KNOWN = KnownConcern(concern=HALTED, since=AT, told_at=later(60), gone_at=later(90))


def message(number: int = 1) -> Notification:
    return Notification(
        id=f"msg_{number}", phase=Phase.OPENED, concern=HALTED, title="acme: halted", since=AT,
        at=AT, url="https://c.example/t/acme/brake",
    )  # fmt: skip


async def test_a_concern_stays_as_it_was_known_last_until_it_is_over(store: Store) -> None:
    daemons = KnownConcern(concern=STORE, since=AT)
    await store.run(notifications.keep([KNOWN, daemons]))
    await store.run(notifications.keep([replace(KNOWN, gone_at=None)]))

    found = await store.fetch(notifications.known())
    await store.run(notifications.forget([(ConcernKind.HALTED, ACME)]))
    left = await store.fetch(notifications.known())

    assert sorted(found, key=repr) == sorted([replace(KNOWN, gone_at=None), daemons], key=repr)
    assert left == (daemons,)


async def test_a_message_waits_on_each_way_until_it_has_ended(store: Store) -> None:
    await store.run(notifications.send(message(1), (Way.HTTP, Way.MAIL)))
    await store.run(notifications.send(message(2), (Way.HTTP,)))

    first, second = await store.fetch(notifications.waiting(Way.HTTP, 10))
    (mailed,) = await store.fetch(notifications.waiting(Way.MAIL, 10))
    await store.run(notifications.ended(first))
    put_off = replace(second, attempt=1, ready_at=later(30))
    await store.run(notifications.again(put_off))

    assert (first.notification, first.attempt, first.ready_at) == (message(1), 0, AT)
    assert (second.notification, mailed.notification) == (message(2), message(1))
    assert await store.fetch(notifications.waiting(Way.HTTP, 10)) == (put_off,)
    assert await store.fetch(notifications.under_way()) == (Undelivered(count=2, oldest_at=AT),)


async def test_no_more_are_answered_than_asked_for_and_none_is_none(store: Store) -> None:
    for number in (1, 2):
        await store.run(notifications.send(message(number), (Way.HTTP,)))

    (one,) = await store.fetch(notifications.waiting(Way.HTTP, 1))
    for each in await store.fetch(notifications.waiting(Way.HTTP, 10)):
        await store.run(notifications.ended(each))

    assert one.notification == message(1)
    assert await store.fetch(notifications.under_way()) == (Undelivered(count=0, oldest_at=None),)


async def test_invoices_that_wait_to_be_let_go_are_counted(store: Store) -> None:
    await queued(store, one=JobState.HELD, two=JobState.HELD, goes=JobState.READY)

    assert await store.fetch(notifications.withheld(ACME)) == (2,)
    assert await store.fetch(notifications.withheld(BETA)) == (0,)
