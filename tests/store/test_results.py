"""What Pipeline is told: the newest content, until it stands there."""

from __future__ import annotations

import re
from datetime import datetime

from syncd.store import results, rows, sql
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


async def test_revision_is_on_paper_with_its_content_and_only_rises(store: Store) -> None:
    first = await one(store)
    assert first.revision == rows.to_ms(AT)

    for at in (later(-3600), later(5)):
        await store.run(results.put(ACME, [(INVOICE, str(at).encode())], at))
    await store.run(results.put(ACME, [(INVOICE, str(later(5)).encode())], later(9)))

    (found,) = await due(store, later(9))
    assert found.revision == rows.to_ms(later(5))


def test_what_is_wanted_anew_has_another_revision_whoever_wants_it() -> None:
    texts = [
        query.text
        for room in ("results", "money", "restores")
        for query in sql.load(room).values()
        if re.search(r"\b(UPDATE|INTO) results\b", query.text) and "wanted_seq + 1" in query.text
    ]

    assert len(texts) == 6
    assert [text for text in texts if "revision + 1" not in text] == []


async def test_content_put_while_the_clock_is_behind_has_the_next_revision(store: Store) -> None:
    first = await one(store)

    await store.run(results.put(ACME, [(INVOICE, b"newer")], later(-3600)))

    (found,) = await due(store)
    assert found.revision == first.revision + 1


async def test_stale_above_all_we_sent_goes_out_again_above_it(store: Store) -> None:
    """A restored backup heals: Pipeline knows a revision we have forgotten."""
    result = await one(store)
    standing = rows.to_ms(later(9999))

    await store.run(results.stale(ACME, [(result, standing)], later(1)))

    (again,) = await due(store, later(1))
    assert (again.content, again.revision) == (b"new", standing + 1)


async def test_stale_below_what_we_sent_is_dropped(store: Store) -> None:
    result = await one(store)

    await store.run(results.stale(ACME, [(result, result.revision - 1)], later(1)))

    assert await due(store, later(1)) == ()


async def test_stale_at_our_own_revision_is_other_content(store: Store) -> None:
    """Of the life a backup has forgotten, or of a repeat that says more than the first."""
    result = await one(store)

    await store.run(results.stale(ACME, [(result, result.revision)], later(1)))

    (again,) = await due(store, later(1))
    assert again.revision == result.revision + 1


async def test_deferred_waits_and_counts(store: Store) -> None:
    result = await one(store)

    await store.run(results.deferred(ACME, [result], ready_at=later(30), note="timeout"))

    assert await due(store, later(29)) == ()
    assert await store.fetch(results.next_due_at(ACME)) == (later(30),)
    (again,) = await due(store, later(30))
    assert (again.attempt, again.revision) == (1, rows.to_ms(later(30)))


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
