"""What is old leaves by itself, a little at a time; what is young or still says something stays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncd.domain.facts import Fact, RecordsForgotten
from syncd.domain.ids import IdempotencyKey, TenantId
from syncd.domain.model.inbox import InboxState, NoticeOutcome
from syncd.domain.model.store_size import StoreSize
from syncd.domain.rules.limits.retention_pace import MOST_ROWS
from syncd.engine.core import journal_audit
from syncd.engine.core.context import SyncContext
from syncd.engine.loops import retention
from syncd.ports.billing import ChangeKind
from syncd.ports.observer import Observer
from syncd.store import calls, inbox, intents, journal
from syncd.store.journal import Entry, RecordType
from syncd.store.unit_of_work import Store, Transaction
from tests.engine.support.operating import Desk, desk
from tests.store.build import ACME, AT, BETA
from tests.store.test_inbox import EVENT, keep, waiting
from tests.store.test_intents import PREPARED, intent, opened
from tests.store.test_retention import agreed, ended
from tests.support.stores import needs_file

AGES = {"keep_writes_s": 100.0, "keep_events_s": 50.0}


def hall_of(served: Desk) -> SyncContext:
    context = served.operations._context
    return replace(context, limits=replace(context.limits, **AGES))


async def written(store: Store, count: int) -> None:
    """So many invoices were written once, and agreed since; long ago."""
    for number in range(count):
        await ended(store, f"i{number}", -1000 + number)
        await agreed(store, f"i{number}", -500)


async def intents_left(store: Store, count: int) -> int:
    keys = [f"i{number}" for number in range(count)]
    of_calls = await store.fetch(intents.of_calls(range(1, 2 * count + 1)))
    return len([one for one in of_calls if one.key in keys])


@dataclass
class Days:
    """A clock that stands at noon of a day."""

    day: int = 0

    def now(self) -> datetime:
        return AT + timedelta(days=self.day)


def measured(sizes: list[StoreSize]) -> Observer:
    def observe(fact: Fact) -> None:
        if isinstance(fact, StoreSize):
            sizes.append(fact)

    return observe


async def ended_together(store: Store, keys: list[str], at_s: float) -> None:
    """One call writes them all, and each agrees a second later."""
    meant = [intent(key, element) for element, key in enumerate(keys)]
    call, opened_ = await opened(store, *meant, key=IdempotencyKey(f"install-{at_s}"), at=at_s)
    tx = Transaction()
    at = AT + timedelta(seconds=at_s)
    tx.add(intents.close([(one, intents.IntentEnd.APPLIED) for one in opened_], at))
    tx.add(calls.close_ended([call], at))
    await store.commit(tx)
    for key in keys:
        await agreed(store, key, at_s + 1)


async def test_round_forgets_what_is_old_and_says_how_much() -> None:
    async with desk() as served:
        await written(served.store, 3)

        due_s = await retention.forget_once(hall_of(served))

        assert await intents_left(served.store, 3) == 0
        assert await served.store.fetch(calls.get([1, 2, 3])) == ()
    told, size = served.told
    assert isinstance(told, RecordsForgotten)
    assert told.counts == {"intents": 3, "calls": 3}
    assert isinstance(size, StoreSize)
    assert (size.rows["links"], size.rows["intents"]) == (3, 0)
    assert size.file_bytes > 0
    assert due_s == 3600.0


async def test_what_is_young_stays_and_nothing_is_said() -> None:
    async with desk() as served:
        await ended(served.store, "i0", -20)
        await agreed(served.store, "i0", -10)

        await retention.forget_once(hall_of(served))

        assert await intents_left(served.store, 1) == 1
    assert not any(isinstance(one, RecordsForgotten) for one in served.told)


async def test_walk_passes_what_stays_among_the_old() -> None:
    """Chunks full of intents that have no base yet do not keep those behind them."""
    count = 2 * MOST_ROWS + 5
    async with desk() as served:
        for number in range(count):
            await ended(served.store, f"never-{number}", -2000)
        await written(served.store, 2)

        await retention.forget_once(hall_of(served))

        assert await intents_left(served.store, count + 2) == 0
        keys = [f"never-{number}" for number in range(count)]
        kept = await served.store.fetch(intents.since_base(ACME, ChangeKind.INVOICE, keys))
        assert len(kept) == count


async def test_much_is_forgotten_in_several_rounds() -> None:
    """So that nobody waits for the disk behind it."""
    count = retention.ROWS_A_ROUND + 2 * MOST_ROWS
    async with desk() as served:
        events = [
            replace(EVENT, sequence=number, happened_at=AT - timedelta(days=9))
            for number in range(count)
        ]
        await keep(served.store, *events, after_s=-900)
        settled = [
            (one, InboxState.DONE, NoticeOutcome.FETCHED)
            for one in await served.store.fetch(inbox.waiting(ACME, AT, limit=count))
        ]
        await served.store.run(inbox.settle(settled, AT))

        rests = [await retention.forget_once(hall_of(served)) for _ in range(2)]

        assert await waiting(served.store) == ()
    forgotten = [one.counts["events"] for one in served.told if isinstance(one, RecordsForgotten)]
    assert rests == [retention.SOON_S, 3600.0]
    first, second = forgotten
    assert retention.ROWS_A_ROUND <= first < retention.ROWS_A_ROUND + MOST_ROWS
    assert first + second == count - 1  # the newest stays


async def test_event_that_waits_before_others_does_not_keep_them() -> None:
    async with desk() as served:
        events = [replace(EVENT, sequence=number) for number in (1, 2, 3)]
        await keep(served.store, *events, after_s=-900)
        (_, second, _) = await waiting(served.store)
        settled = [(second, InboxState.DONE, NoticeOutcome.FETCHED)]
        await served.store.run(inbox.settle(settled, AT))

        await retention.forget_once(hall_of(served))

    told, _ = served.told
    assert isinstance(told, RecordsForgotten)
    assert told.counts == {"events": 1}


async def test_open_write_is_never_forgotten() -> None:
    async with desk() as served:
        store, key = served.store, IdempotencyKey("install-open")
        long_ago = AT - timedelta(days=400)
        call = await store.run(calls.open_call(ACME, PREPARED, idempotency_key=key, at=long_ago))
        await store.run(
            intents.open_intents(ACME, [intent("i1")], idempotency_key=key, at=long_ago)
        )
        await agreed(store, "i1", -500)

        await retention.forget_once(hall_of(served))

        assert len(await store.fetch(intents.open_of_tenant(ACME))) == 1
        assert len(await store.fetch(calls.get(call))) == 1


@needs_file("a server's files shrink by vacuum, which the tests' own does not run")
async def test_year_of_updates_is_no_larger_than_two_months_of_them() -> None:
    """Ten invoices, written once a day each, and an event for each write."""
    days, keys = 365, [f"i{number}" for number in range(10)]
    clock = Days()
    sizes: list[StoreSize] = []
    async with desk() as served:
        context = served.operations._context
        context = replace(context, clock=clock, observe=measured(sizes))
        for clock.day in range(days):
            at_s = clock.day * 86_400.0
            events = [
                replace(EVENT, sequence=clock.day * 10 + each, happened_at=clock.now())
                for each in range(10)
            ]
            await keep(served.store, *events, after_s=at_s)
            found = await served.store.fetch(inbox.waiting(ACME, clock.now(), limit=20))
            settled = [(one, InboxState.DONE, NoticeOutcome.FETCHED) for one in found]
            await served.store.run(inbox.settle(settled, clock.now()))
            await ended_together(served.store, keys, at_s)
            while await retention.forget_once(context) == retention.SOON_S:
                pass

    early, late = sizes[60], sizes[-1]
    assert late.file_bytes - late.free_bytes <= 1.1 * (early.file_bytes - early.free_bytes)
    assert late.rows == early.rows
    assert late.rows["intents"] == 31 * len(keys)


WORDS = {"keep_words_s": 86_400.0}


def entry(number: int, *, day: int, tenant: TenantId = ACME, about: str = "invoice") -> Entry:
    return Entry(
        tenant=tenant,
        at=AT + timedelta(days=day),
        object_type=about,
        object_key=f"i{number}",
        record_type=RecordType.EDIT,
        description=f"Ada changed it, {number}",
        who="Ada",
    )


def with_words(served: Desk, **limits: float | None) -> SyncContext:
    context = served.operations._context
    return replace(context, limits=replace(context.limits, **limits))


async def described(store: Store, tenant: TenantId = ACME) -> list[str]:
    entries = [one.entry for one in await store.fetch(journal.since(0, limit=2_000))]
    return [
        one.description for one in entries if one.object_type == "invoice" and one.tenant == tenant
    ]


async def test_old_words_of_the_journal_are_erased_and_its_chain_still_fits() -> None:
    async with desk() as served:
        old = [entry(number, day=-9) for number in range(150)]
        other = entry(1, day=-9, tenant=BETA)
        young = entry(151, day=0)
        await served.store.run(journal.append([*old, other, young]))
        memory = retention.Memory()

        await retention.forget_once(with_words(served, **WORDS), memory)
        await retention.forget_once(with_words(served, **WORDS), memory)
        await retention.forget_once(with_words(served, **WORDS), retention.Memory())

        assert await described(served.store) == [journal.ERASED] * 150 + [young.description]
        assert await described(served.store, BETA) == [journal.ERASED]
        chain = await journal_audit.verify(served.store)
    forgotten = [one.counts["words"] for one in served.told if isinstance(one, RecordsForgotten)]
    assert forgotten == [151]
    assert chain.fault is None
    assert chain.is_complete


async def test_words_are_kept_for_ever_where_nobody_says_otherwise() -> None:
    async with desk() as served:
        await served.store.run(journal.append([entry(1, day=-3_650)]))

        await retention.forget_once(with_words(served))

        assert await described(served.store) == ["Ada changed it, 1"]


async def test_what_the_journal_says_of_itself_is_never_erased() -> None:
    async with desk() as served:
        own = entry(1, day=-9, about=journal.OBJECT_TYPE)
        await served.store.run(journal.append([own]))

        await retention.forget_once(with_words(served, **WORDS))

        (found,) = await served.store.fetch(journal.since(0, limit=10))
        assert found.entry.description == own.description
