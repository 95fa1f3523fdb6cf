"""What Pipeline is told: the newest content, until it stands there."""

from __future__ import annotations

from datetime import datetime

from syncd.store import results, rows
from syncd.store.results import Result, ResultKey, ResultKind
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, later

INVOICE = ResultKey(kind=ResultKind.INVOICE, key="i1")
PAYMENT = ResultKey(kind=ResultKind.PAYMENT, key="i1", part="p1")


async def due(store: Store, now: datetime = AT) -> tuple[Result, ...]:
    return await store.fetch(results.due(ACME, now, limit=200))


async def one(store: Store, content: bytes = b"new") -> Result:
    await store.run(results.put(ACME, [(INVOICE, content)], AT))
    (result,) = await due(store)
    return result


async def test_put_of_the_same_content_is_not_sent_again(store: Store) -> None:
    result = await one(store)
    await store.run(results.sent(ACME, [result]))

    await store.run(results.put(ACME, [(INVOICE, b"new"), (PAYMENT, b"paid")], later(1)))

    assert [(found.at, found.content) for found in await due(store, later(1))] == [
        (PAYMENT, b"paid")
    ]


async def test_content_put_while_another_is_sent_stays_due(store: Store) -> None:
    result = await one(store)
    await store.run(results.put(ACME, [(INVOICE, b"newer")], AT))

    await store.run(results.sent(ACME, [result]))

    (left,) = await due(store)
    assert left.content == b"newer"


async def test_revision_is_on_paper_before_it_is_sent_and_only_rises(store: Store) -> None:
    result = await one(store)
    assert result.next_revision(AT) == rows.to_ms(AT)

    await store.run(results.stamp(ACME, [result], AT))
    (stamped,) = await due(store)

    assert stamped.revision == result.next_revision(AT)
    assert stamped.next_revision(later(-3600)) == stamped.revision + 1


async def test_stale_above_all_we_sent_goes_out_again_above_it(store: Store) -> None:
    """A restored backup heals: Pipeline knows a revision we have forgotten."""
    result = await one(store)
    await store.run(results.stamp(ACME, [result], AT))
    (stamped,) = await due(store)
    standing = rows.to_ms(later(9999))

    await store.run(results.stale(ACME, [(stamped, standing)], later(1)))

    (again,) = await due(store, later(1))
    assert (again.content, again.revision) == (b"new", standing)
    assert again.next_revision(later(2)) == standing + 1


async def test_stale_below_what_we_sent_is_dropped(store: Store) -> None:
    result = await one(store)
    await store.run(results.stamp(ACME, [result], AT))
    (stamped,) = await due(store)

    await store.run(results.stale(ACME, [(stamped, stamped.revision - 1)], later(1)))

    assert await due(store, later(1)) == ()


async def test_stale_at_our_own_revision_is_somebody_elses_content(store: Store) -> None:
    """Each of ours is sent once: an equal one was sent by the life a backup has forgotten."""
    result = await one(store)
    await store.run(results.stamp(ACME, [result], AT))
    (stamped,) = await due(store)

    await store.run(results.stale(ACME, [(stamped, stamped.revision)], later(1)))

    (again,) = await due(store, later(1))
    assert again.next_revision(AT) == stamped.revision + 1


async def test_deferred_waits_and_counts(store: Store) -> None:
    result = await one(store)

    await store.run(results.deferred(ACME, [result], ready_at=later(30), note="timeout"))

    assert await due(store, later(29)) == ()
    assert await store.fetch(results.next_due_at(ACME)) == (later(30),)
    (again,) = await due(store, later(30))
    assert again.attempt == 1


async def test_new_content_does_not_wait_for_the_old_ones_backoff(store: Store) -> None:
    result = await one(store)
    await store.run(results.deferred(ACME, [result], ready_at=later(300), note="timeout"))

    await store.run(results.put(ACME, [(INVOICE, b"newer")], later(1)))

    (again,) = await due(store, later(1))
    assert (again.content, again.attempt) == (b"newer", 0)


async def test_contents_are_every_part_of_an_object(store: Store) -> None:
    await store.run(results.put(ACME, [(PAYMENT, b"paid"), (INVOICE, b"new")], AT))

    found = await store.fetch(results.contents(ACME, ResultKind.PAYMENT, ["i1"]))

    assert [(result.at, result.content) for result in found] == [(PAYMENT, b"paid")]
