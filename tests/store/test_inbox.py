"""A notice is kept once, before anybody is answered, until its work is done."""

from __future__ import annotations

from dataclasses import replace

from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.inbox import InboxState, NoticeOutcome, PipelineNote, ResourceChange
from syncd.domain.rules.inbound.event_routing import Gap, Reread
from syncd.ports.driver import Scalar
from syncd.store import inbox
from syncd.store.inbox import Kept, Notice, Span
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, AT, BETA, later

EVENT = ResourceChange(
    category="INVOICE",
    event="UPDATE",
    organisation_id=XeroOrganisationId("org-1"),
    resource_id="x1",
    happened_at=AT,
    sequence=7,
)


async def keep(
    store: Store,
    *events: ResourceChange,
    tenant: TenantId | None = ACME,
    ignored: NoticeOutcome | None = None,
    after_s: float = 1,
) -> tuple[Kept, ...]:
    rows = [inbox.of_xero(event, tenant, ignored, later(after_s)) for event in events]
    return await add(store, rows)


async def add(store: Store, rows: list[tuple[Scalar, ...]]) -> tuple[Kept, ...]:
    (before,) = await store.fetch(inbox.last_id())
    tx = Transaction()
    tx.add(inbox.add(rows))
    kept = tx.add(inbox.kept(before))
    await store.commit(tx)
    return kept.rows


async def span(store: Store, after_s: float = 0, tenant: TenantId = ACME) -> Span:
    (found,) = await store.fetch(inbox.span(tenant, later(after_s)))
    return found


async def waiting(store: Store, tenant: TenantId = ACME) -> tuple[Notice, ...]:
    return await store.fetch(inbox.waiting(tenant, AT, limit=100))


async def test_event_is_kept_with_what_it_said(store: Store) -> None:
    (kept,) = await keep(store, EVENT)

    (notice,) = await waiting(store)
    assert kept == Kept(tenant=ACME, state=InboxState.NEW, verdict="", count=1, last_id=1)
    assert (notice.category, notice.resource_id) == ("INVOICE", "x1")
    assert (notice.happened_at, notice.received_at) == (AT, later(1))


async def test_same_event_again_is_the_same_row(store: Store) -> None:
    await keep(store, EVENT, EVENT)

    assert await keep(store, EVENT, after_s=9) == ()
    assert len(await waiting(store)) == 1


async def test_event_under_another_number_is_another_row(store: Store) -> None:
    await keep(store, EVENT, replace(EVENT, sequence=8))

    assert len(await waiting(store)) == 2


async def test_event_of_nobody_known_is_kept_and_ignored(store: Store) -> None:
    (kept,) = await keep(store, EVENT, tenant=None, ignored=NoticeOutcome.UNKNOWN_ORGANISATION)

    assert (kept.tenant, kept.state) == (None, InboxState.IGNORED)
    assert kept.verdict == "unknown_organisation"
    assert await waiting(store) == ()


async def test_tenants_wait_apart(store: Store) -> None:
    await keep(store, EVENT)
    await keep(store, replace(EVENT, organisation_id=XeroOrganisationId("org-2")), tenant=BETA)

    assert len(await waiting(store)) == len(await waiting(store, BETA)) == 1


async def test_settled_notice_has_no_work_left(store: Store) -> None:
    await keep(store, EVENT, replace(EVENT, resource_id="x2"))
    first, _ = await waiting(store)

    await store.run(inbox.settle([(first, InboxState.DONE, NoticeOutcome.FETCHED)], later(2)))

    (left,) = await waiting(store)
    assert left.resource_id == "x2"
    assert await keep(store, EVENT) == ()


async def test_span_is_from_the_first_to_the_last_still_new(store: Store) -> None:
    await keep(store, EVENT, after_s=1)
    await keep(store, replace(EVENT, sequence=8), after_s=3)

    assert await span(store) == Span(first_at=later(1), last_at=later(3), again_at=None)
    assert await span(store, tenant=BETA) == Span(first_at=None, last_at=None, again_at=None)


async def test_notice_put_off_waits_apart_until_it_is_due(store: Store) -> None:
    await keep(store, EVENT, replace(EVENT, sequence=8))
    first, second = await waiting(store)

    await store.run(inbox.put_off([(first, Reread(at=later(20), tries=3))]))

    assert await store.fetch(inbox.waiting(ACME, later(19), limit=9)) == (second,)
    assert (await span(store, 19)).again_at == later(20)
    due = await store.fetch(inbox.waiting(ACME, later(20), limit=9))
    assert due == (replace(first, tries=3), second)
    assert (await span(store, 20)).again_at is None


async def test_notice_put_off_is_due_once_the_clock_was_set_back(store: Store) -> None:
    await keep(store, EVENT)
    await store.run(
        inbox.put_off([(one, Reread(at=later(900), tries=1)) for one in await waiting(store)])
    )

    assert len(await waiting(store)) == 1
    assert (await span(store)).again_at is None


async def test_replay_wakes_what_came_since(store: Store) -> None:
    await keep(store, EVENT, after_s=1)
    await keep(store, replace(EVENT, sequence=8), after_s=60)
    await keep(
        store, replace(EVENT, sequence=9), ignored=NoticeOutcome.UNKNOWN_CATEGORY, after_s=61
    )
    ended = [(one, InboxState.IGNORED, NoticeOutcome.NOT_OURS) for one in await waiting(store)]
    await store.run(inbox.settle(ended, later(70)))

    others = await store.run(inbox.replay(later(30), BETA))
    again = await store.run(inbox.replay(later(30), ACME))

    assert (others, again) == ((), (ACME,))
    assert [one.received_at for one in await waiting(store)] == [later(60)]
    for since, until, left in ((30, 70, 1), (61, 70, 0), (0, 59, 0)):
        assert await store.fetch(inbox.left(ACME, later(since), later(until))) == (left,)


async def test_announced_are_the_instants_in_the_span_whatever_became_of_them(
    store: Store,
) -> None:
    for second in (1, 5, 9):
        event = replace(EVENT, happened_at=later(second), sequence=second)
        await keep(store, event)
    ended = [(one, InboxState.DONE, NoticeOutcome.FETCHED) for one in await waiting(store)]
    await store.run(inbox.settle(ended, later(10)))

    found = await store.fetch(inbox.announced(ACME, "INVOICE", since=later(2), until=later(9)))

    assert found == (later(5), later(9))


async def test_pipeline_note_is_kept_once_and_has_done_its_work(store: Store) -> None:
    note = PipelineNote(id="msg_1", tenant=ACME, type="invoice.updated", sent_at=AT)
    row = inbox.of_pipeline(note, later(1))

    (first,) = await add(store, [row])

    assert (first.tenant, first.state, first.verdict) == (ACME, InboxState.DONE, "woke")
    assert await add(store, [row]) == ()


async def test_running_count_and_its_gaps_survive(store: Store) -> None:
    gap, rest = Gap(first=3, last=6), Gap(first=5, last=6)
    tx = Transaction()
    tx.add_all(inbox.count_to(9, before=0, closed=(), opened=(gap,), at=AT))
    await store.commit(tx)
    tx = Transaction()
    tx.add_all(inbox.count_to(8, before=9, closed=(gap,), opened=(rest,), at=AT))
    await store.commit(tx)

    assert await store.fetch(inbox.highest()) == (9,)
    assert await store.fetch(inbox.gaps()) == (rest,)
