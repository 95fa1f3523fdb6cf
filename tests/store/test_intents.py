"""Calls and intents: what is on paper before the first byte leaves, and until all is known."""

from __future__ import annotations

import pytest

from syncd.domain.errors import Conflict, StoreError
from syncd.domain.ids import (
    CallId,
    IdempotencyKey,
    IntentId,
    PipelineCustomerId,
    PipelineInvoiceId,
    XeroInvoiceId,
)
from syncd.domain.model.contact import ContactWrite
from syncd.domain.model.intent_body import ContactIntentBody, InvoiceIntentBody
from syncd.domain.model.invoice import InvoiceWrite, StepKind
from syncd.domain.model.job import JobKind, JobState
from syncd.domain.model.snapshot import Base
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger import PreparedCall
from syncd.store import calls, intents, jobs, links
from syncd.store.intents import Intent, IntentEnd, NewIntent
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, AT, FIRST_RUN, SECOND_RUN, customer, later, snapshot, wish

KEY = IdempotencyKey("install-acme-1")
PREPARED = PreparedCall(
    operation="create invoices", method="PUT", target="/Invoices", body=b'{"a":1}', elements=2
)


def intent(key: str, element: int = 0, step: StepKind = StepKind.CREATE) -> NewIntent:
    return NewIntent(
        kind=ChangeKind.INVOICE,
        key=key,
        element=element,
        step=step,
        version=3,
        xero_id=None if step is StepKind.CREATE else "x1",
        body=InvoiceIntentBody(
            desired=snapshot(),
            expected=snapshot("EXPECTED"),
            base_xero=snapshot("BEFORE"),
            write=InvoiceWrite(
                step=step, pipeline_id=PipelineInvoiceId(key), xero_id=XeroInvoiceId("x1")
            ),
            translation='{"accounts":["200"]}',
        ),
    )


async def opened(
    store: Store, *elements: NewIntent, key: IdempotencyKey = KEY, at: float = 0
) -> tuple[CallId, tuple[Intent, ...]]:
    tx = Transaction()
    call = tx.add(calls.open_call(ACME, PREPARED, idempotency_key=key, at=later(at)))
    tx.add(intents.open_intents(ACME, elements, idempotency_key=key, at=later(at)))
    ids = tx.add(intents.ids_of_sent_call(key))
    await store.commit(tx)
    found = await store.fetch(intents.of_calls([call.one]))
    assert ids.rows == tuple((one.id, one.call) for one in found)
    return call.one, found


async def test_call_and_intents_are_opened_as_one_and_read_back_whole(store: Store) -> None:
    call, (first, second) = await opened(store, intent("i1"), intent("i2", 1))

    (stored,) = await store.fetch(calls.get([call]))
    assert stored.prepared() == PREPARED
    assert (stored.tenant, stored.idempotency_key, stored.sends) == (ACME, KEY, 1)
    assert stored.first_sent_at == stored.last_sent_at == AT
    assert first.body == intent("i1").body
    assert (first.end, first.call, second.element) == (None, call, 1)
    assert await store.fetch(intents.of_calls([call])) == (first, second)
    assert await store.fetch(intents.open_of_tenant(ACME)) == (first, second)
    assert await store.fetch(intents.open_by_keys(ACME, ChangeKind.INVOICE, ["i2"])) == (second,)


async def test_contact_intent_keeps_its_own_body(store: Store) -> None:
    body = ContactIntentBody(
        desired=customer(), write=ContactWrite(pipeline_id=PipelineCustomerId("c1"), name="Ada")
    )
    one = NewIntent(
        kind=ChangeKind.CUSTOMER, key="c1", element=0, step=StepKind.CREATE, version=1, body=body
    )

    _, (stored,) = await opened(store, one)

    assert stored.body == body


async def test_second_open_intent_of_one_object_is_a_conflict_and_leaves_no_call(
    store: Store,
) -> None:
    call, _ = await opened(store, intent("i1"))

    with pytest.raises(Conflict, match=r"intents\.open"):
        await opened(store, intent("i2"), intent("i1", 1), key=IdempotencyKey("install-acme-2"))

    stored = await store.fetch(calls.get([CallId(one) for one in range(9)]))
    assert [one.id for one in stored] == [call]


async def test_idempotency_key_is_never_used_twice(store: Store) -> None:
    await opened(store, intent("i1"))

    with pytest.raises(Conflict, match=r"calls\.open"):
        await opened(store, intent("i2"))


async def test_update_without_a_document_is_refused(store: Store) -> None:
    bad = NewIntent(
        kind=ChangeKind.INVOICE,
        key="i1",
        element=0,
        step=StepKind.UPDATE,
        version=1,
        body=intent("i1").body,
    )

    with pytest.raises(StoreError, match="CHECK"):
        await opened(store, bad)


async def test_call_closes_and_forgets_its_bytes_with_its_last_intent(store: Store) -> None:
    call, (first, second) = await opened(store, intent("i1"), intent("i2", 1))

    async def close(which: IntentId, end: IntentEnd) -> bool:
        tx = Transaction()
        tx.add(intents.close([(which, end)], later(1)))
        tx.add(calls.close_ended([call], later(1)))
        await store.commit(tx)
        (stored,) = await store.fetch(calls.get([call]))
        return stored.body is None

    assert not await close(first.id, IntentEnd.APPLIED)
    assert await close(second.id, IntentEnd.REFUSED)
    with pytest.raises(Conflict):
        await store.run(calls.resent(call, later(2)))


async def test_closed_intent_keeps_its_first_end(store: Store) -> None:
    call, (first,) = await opened(store, intent("i1"))

    await store.run(intents.close([(first.id, IntentEnd.APPLIED)], later(1)))
    await store.run(intents.close([(first.id, IntentEnd.ABANDONED)], later(2)))

    (stored,) = await store.fetch(intents.of_calls([call]))
    assert stored.end is IntentEnd.APPLIED


async def test_resend_is_counted_and_looks_begin_anew(store: Store) -> None:
    call, (first,) = await opened(store, intent("i1"))
    await store.run(intents.note_probes([(first.id, 2, later(40))]))
    await store.run(intents.not_unique([first.id]))
    (looked,) = await store.fetch(intents.of_calls([call]))

    tx = Transaction()
    tx.add(calls.resent(call, later(60)))
    tx.add(intents.resent(call))
    tx.add(calls.last_byte_left(call, later(61)))
    await store.commit(tx)

    (stored,) = await store.fetch(calls.get([call]))
    (again,) = await store.fetch(intents.of_calls([call]))
    assert (looked.clean_looks, looked.was_not_unique, looked.was_uncertain) == (2, True, False)
    assert (stored.sends, stored.first_sent_at, stored.last_sent_at) == (2, AT, later(61))
    assert (again.clean_looks, again.look_at, again.was_not_unique) == (0, None, False)
    assert again.was_uncertain


async def test_since_base_shows_what_may_still_land_late(store: Store) -> None:
    """Without a base every closed intent; with one, those opened since it moved."""
    for number, seconds in enumerate((0, 10, 20)):
        key = IdempotencyKey(f"install-acme-{number}")
        _, (one,) = await opened(store, intent("i1"), key=key, at=seconds)
        await store.run(intents.close([(one.id, IntentEnd.ABANDONED)], later(seconds + 5)))
    await opened(store, intent("i1"), key=IdempotencyKey("install-acme-open"), at=30)

    async def instants() -> list[float]:
        found = await store.fetch(intents.since_base(ACME, ChangeKind.INVOICE, ["i1", "i2"]))
        return [(one.opened_at - AT).total_seconds() for one in found]

    assert await instants() == [0, 10, 20]
    link = links.Link(
        key="i1",
        xero_id="x1",
        is_ours=True,
        xero_status="DRAFT",
        xero_number="INV-1",
        seen_at=AT,
        base=Base(pipeline=snapshot(), xero=snapshot()),
        based_at=later(12),
    )
    await store.run(links.put_invoices(ACME, [link]))
    assert await instants() == [20]


async def test_freed_lease_with_an_open_intent_is_uncertain_at_once(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1"), wish("i2"), wish("c1")], AT))
    await store.run(
        jobs.claim(
            ACME,
            JobKind.PUSH_INVOICE,
            incarnation=FIRST_RUN,
            now=AT,
            lease_until=later(120),
            limit=9,
        )
    )
    _, (first, _) = await opened(store, intent("i1"), intent("i2", 1))
    await store.run(intents.close([(first.id, IntentEnd.UNSENT)], later(1)))

    freed = await store.run(jobs.free_leases(SECOND_RUN, later(5)))

    assert {job.key: job.state for job in freed} == {
        "i1": JobState.READY,
        "i2": JobState.UNCERTAIN,
        "c1": JobState.READY,
    }
