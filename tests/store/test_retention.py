"""What is old enough goes, what still says something stays, a chunk at a time."""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import CallId, IdempotencyKey
from syncd.domain.model.finding import FindingKind, Found
from syncd.domain.model.inbox import InboxState, NoticeOutcome, ResourceChange
from syncd.domain.model.snapshot import Base
from syncd.domain.rules.inbound.event_routing import Gap
from syncd.ports.billing import ChangeKind
from syncd.store import calls, findings, inbox, intents, links, retention
from syncd.store.intents import Intent, IntentEnd
from syncd.store.retention import Chunk
from syncd.store.unit_of_work import Statement, Store, Transaction
from tests.store.build import ACME, AT, later, snapshot
from tests.store.test_consents import offer, open_it
from tests.store.test_inbox import EVENT, keep, waiting
from tests.store.test_intents import intent, opened

ALL = 1_000_000


async def taken(store: Store, forget: Statement[int]) -> int:
    return len(await store.run(forget))


async def ended(store: Store, key: str, at: float) -> tuple[CallId, Intent]:
    call, (one,) = await opened(
        store, intent(key), key=IdempotencyKey(f"install-{key}-{at}"), at=at
    )
    tx = Transaction()
    tx.add(intents.close([(one, IntentEnd.APPLIED)], later(at + 5)))
    tx.add(calls.close_ended([call], later(at + 5)))
    await store.commit(tx)
    return call, one


async def agreed(store: Store, key: str, at: float) -> None:
    link = links.Link(
        key=key,
        xero_id=f"x-{key}",
        is_ours=True,
        xero_status="DRAFT",
        xero_number="INV-1",
        seen_at=AT,
        base=Base(pipeline=snapshot(), xero=snapshot()),
        based_at=later(at),
    )
    await store.run(links.put_invoices(ACME, [link]))


async def left(store: Store, *keys: str) -> list[tuple[str, float]]:
    found = await store.fetch(intents.since_base(ACME, ChangeKind.INVOICE, keys))
    return [(one.key, (one.opened_at - AT).total_seconds()) for one in found]


async def test_intents_closed_before_then_and_older_than_their_base_are_forgotten(
    store: Store,
) -> None:
    for at in (0, 10, 20):
        await ended(store, "i1", at)
    await agreed(store, "i1", 12)

    count = await taken(store, retention.forget_intents(0, ALL, later(1000)))

    assert count == 2
    assert await left(store, "i1") == [("i1", 20)]


async def test_intents_without_a_base_are_all_that_is_known_and_stay(store: Store) -> None:
    await ended(store, "i1", 0)

    assert await taken(store, retention.forget_intents(0, ALL, later(1000))) == 0


async def test_intent_that_is_open_or_young_stays(store: Store) -> None:
    await ended(store, "young", 900)
    _, (one,) = await opened(store, intent("open"))
    await agreed(store, "young", 950)
    await agreed(store, "open", 950)

    assert await taken(store, retention.forget_intents(0, ALL, later(500))) == 0
    assert await store.fetch(intents.open_of_tenant(ACME)) == (one,)


async def test_call_is_forgotten_after_its_last_intent(store: Store) -> None:
    call, _ = await ended(store, "i1", 0)
    await agreed(store, "i1", 12)

    before = await taken(store, retention.forget_calls(0, ALL, later(1000)))
    await taken(store, retention.forget_intents(0, ALL, later(1000)))
    after = await taken(store, retention.forget_calls(0, ALL, later(1000)))

    assert (before, after) == (0, 1)
    assert await store.fetch(calls.get([call])) == ()


async def test_forgetting_keeps_to_its_chunk(store: Store) -> None:
    for number in range(5):
        await ended(store, f"i{number}", number)
        await agreed(store, f"i{number}", 100)

    (first,) = await store.fetch(retention.chunk_of_intents(0, 2))
    assert first.last is not None
    (second,) = await store.fetch(retention.chunk_of_intents(first.last, 9))
    count = await taken(store, retention.forget_intents(0, first.last, later(1000)))

    assert first.oldest_at == AT
    assert second.oldest_at == later(2)
    assert count == 2


async def test_chunk_of_an_empty_table_is_none(store: Store) -> None:
    nothing = (Chunk(last=None, oldest_at=None),)

    assert await store.fetch(retention.chunk_of_intents(0, 9)) == nothing
    assert await store.fetch(retention.chunk_of_calls(0, 9)) == nothing
    assert await store.fetch(retention.chunk_of_events(0, 9)) == nothing


async def test_event_that_is_settled_and_old_is_forgotten_but_never_the_newest(
    store: Store,
) -> None:
    await keep(store, *(_event(number) for number in range(1, 6)))
    settled = [(one, InboxState.DONE, NoticeOutcome.FETCHED) for one in (await waiting(store))[1:]]
    await store.run(inbox.settle(settled, later(2)))

    assert await taken(store, retention.forget_events(0, ALL, later(1000))) == 3

    (again,) = await keep(store, *(_event(number) for number in range(1, 6)))
    assert again.count == 3


async def test_gap_nobody_will_fill_any_more_is_forgotten(store: Store) -> None:
    await _gap(store, 1, 2, AT)
    await _gap(store, 5, 6, later(100))

    assert await taken(store, retention.forget_gaps(later(50), 9)) == 1

    assert await store.fetch(inbox.gaps()) == (Gap(first=5, last=6),)


async def test_finding_that_is_long_closed_is_forgotten(store: Store) -> None:
    merged = Found(kind=FindingKind.CONTACTS_MERGED, key="c1", label="Ada", text="two became one")
    await store.run(findings.open_(ACME, [merged], AT))
    assert await taken(store, retention.forget_findings(later(3), 9)) == 0
    await store.run(findings.close_aged(ACME, merged.kind, before=later(1), at=later(2)))

    assert await taken(store, retention.forget_findings(later(3), 9)) == 1

    (again,) = await store.run(findings.open_(ACME, [merged], later(2)))
    assert again.is_new


async def test_consent_that_ran_out_is_forgotten(store: Store) -> None:
    await offer(store)

    assert await taken(store, retention.forget_consents(later(599), 9)) == 0
    assert await taken(store, retention.forget_consents(later(601), 9)) == 1

    assert await open_it(store) == ()


def _event(number: int) -> ResourceChange:
    return ResourceChange(
        category=EVENT.category,
        event=EVENT.event,
        organisation_id=EVENT.organisation_id,
        resource_id=EVENT.resource_id,
        happened_at=EVENT.happened_at,
        sequence=number,
    )


async def _gap(store: Store, first: int, last: int, at: datetime) -> None:
    tx = Transaction()
    gaps = [Gap(first=first, last=last)]
    before = next(iter(await store.fetch(inbox.highest())), 0)
    tx.add_all(inbox.count_to(last, before=before, closed=[], opened=gaps, at=at))
    await store.commit(tx)
