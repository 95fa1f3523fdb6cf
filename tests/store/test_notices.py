"""Notices are shown newest first with what they are about; gaps and misses with theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.domain.model.inbox import InboxState, NoticeOutcome, PipelineNote, Source
from syncd.domain.rules.inbound.event_routing import Gap
from syncd.store import inbox, links, notices
from syncd.store.notices import MOST_MISSED
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, AT, BETA, later
from tests.store.test_inbox import EVENT, add, keep
from tests.store.test_views import FAILED, LINK, prepare

NOTE = PipelineNote(id="n1", tenant=ACME, type="invoice.updated", sent_at=AT)


async def test_notices_are_the_tenants_own_newest_first_with_what_they_are_about(
    store: Store,
) -> None:
    await prepare(store, {"i1": FAILED})
    await store.run(links.put_invoices(ACME, [LINK]))
    await keep(store, EVENT)
    await add(store, [inbox.of_pipeline(NOTE, later(2))])
    await keep(store, replace(EVENT, resource_id="bill", sequence=8), after_s=3)
    await keep(store, replace(EVENT, sequence=9, resource_id="other"), tenant=BETA)

    bill, note, invoice = await store.fetch(notices.newest(ACME, limit=10))

    assert (invoice.key, invoice.label, invoice.state) == ("i1", "I1", InboxState.NEW)
    assert (note.source, note.outcome) == (Source.PIPELINE, NoticeOutcome.WOKE)
    assert (bill.key, bill.resource_id) == (None, "bill")
    (last,) = await store.fetch(notices.last(ACME))
    assert (last.xero_at, last.pipeline_at) == (later(3), later(2))


async def test_pages_and_filters_cover_each_notice_once(store: Store) -> None:
    for number in range(5):
        await keep(store, replace(EVENT, sequence=number, resource_id=f"x{number}"))
    await add(store, [inbox.of_pipeline(NOTE, later(2))])

    seen: list[int] = []
    before = notices.NEWEST
    while page := await store.fetch(notices.newest(ACME, before=before, limit=2)):
        seen += [one.id for one in page]
        before = page[-1].id
    new = await store.fetch(notices.newest(ACME, outcome="new", limit=9))
    woke = await store.fetch(notices.newest(ACME, outcome="woke", limit=9))
    of_xero = await store.fetch(notices.newest(ACME, source=Source.XERO, limit=9))

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 6
    assert (len(new), len(woke), len(of_xero)) == (5, 1, 5)


async def test_gaps_are_shown_since_when(store: Store) -> None:
    tx = Transaction()
    tx.add_all(inbox.count_to(9, before=0, closed=[], opened=[Gap(first=3, last=5)], at=AT))
    await store.commit(tx)

    (gap,) = await store.fetch(notices.gaps())

    assert (gap.first, gap.last, gap.noted_at) == (3, 5, AT)


@pytest.mark.parametrize("count", [1, MOST_MISSED + 3])
async def test_misses_are_named_by_their_document_and_the_oldest_go(
    store: Store, count: int
) -> None:
    await prepare(store, {"i1": FAILED})
    await store.run(links.put_invoices(ACME, [LINK]))
    tx = Transaction()
    tx.add_all(notices.note_missed(ACME, [*(f"u{n}" for n in range(count - 1)), "x1"], AT))
    await store.commit(tx)

    first, *rest = await store.fetch(notices.missed(ACME))

    assert (first.xero_id, first.key, first.label) == ("x1", "i1", "I1")
    assert len(rest) == min(count, MOST_MISSED) - 1
    assert all(one.label is None for one in rest)
