"""Calls and intents: what is on paper before the first byte leaves, and until all is known."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from syncd.domain.errors import Conflict, StoreError
from syncd.domain.ids import (
    CallId,
    IdempotencyKey,
    PipelineCustomerId,
    PipelineInvoiceId,
    XeroInvoiceId,
)
from syncd.domain.model.contact import ContactWrite
from syncd.domain.model.intent_body import (
    EXACT,
    ContactIntentBody,
    InvoiceIntentBody,
    TieSlack,
)
from syncd.domain.model.invoice import InvoiceWrite, StepKind
from syncd.domain.model.job import JobKind, JobState
from syncd.domain.model.snapshot import Base
from syncd.ports.billing import ChangeKind
from syncd.ports.driver import BoundStatement
from syncd.ports.ledger import PreparedCall
from syncd.store import calls, desired, intents, jobs, links
from syncd.store.desired import DesiredChange
from syncd.store.intents import Intent, IntentEnd, NewIntent
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import (
    ACME,
    AT,
    FIRST_RUN,
    SECOND_RUN,
    customer,
    invoice,
    later,
    snapshot,
    wish,
)

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
        ),
    )


async def opened(
    store: Store,
    *elements: NewIntent,
    key: IdempotencyKey = KEY,
    at: float = 0,
    are_whole: bool = False,
) -> tuple[CallId, tuple[Intent, ...]]:
    tx = Transaction()
    call = tx.add(calls.open_call(ACME, PREPARED, idempotency_key=key, at=later(at)))
    tx.add(
        intents.open_intents(ACME, elements, idempotency_key=key, at=later(at), are_whole=are_whole)
    )
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

    with pytest.raises(StoreError, match=r"(?i)check"):
        await opened(store, bad)


async def test_call_closes_and_forgets_its_bytes_with_its_last_intent(store: Store) -> None:
    call, (first, second) = await opened(store, intent("i1"), intent("i2", 1))

    async def close(which: Intent, end: IntentEnd) -> bool:
        tx = Transaction()
        tx.add(intents.close([(which, end)], later(1)))
        tx.add(calls.close_ended([call], later(1)))
        await store.commit(tx)
        (stored,) = await store.fetch(calls.get([call]))
        return stored.body is None

    assert not await close(first, IntentEnd.APPLIED)
    assert await close(second, IntentEnd.REFUSED)
    with pytest.raises(Conflict):
        await store.run(calls.resent(call, later(2)))


async def test_closed_intent_keeps_its_first_end(store: Store) -> None:
    call, (first,) = await opened(store, intent("i1"))

    await store.run(intents.close([(first, IntentEnd.APPLIED)], later(1)))
    await store.run(intents.close([(first, IntentEnd.ABANDONED)], later(2)))

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
        await store.run(intents.close([(one, IntentEnd.ABANDONED)], later(seconds + 5)))
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
    await store.run(intents.close([(first, IntentEnd.UNSENT)], later(1)))

    freed = await store.run(jobs.free_leases(SECOND_RUN, later(5)))

    assert {job.key: job.state for job in freed} == {
        "i1": JobState.READY,
        "i2": JobState.UNCERTAIN,
        "c1": JobState.READY,
    }


def create(key: str, element: int = 0, *, version: int = 1, ties: TieSlack = EXACT) -> NewIntent:
    """What its call's bytes and Pipeline's version say."""
    return NewIntent(
        kind=ChangeKind.INVOICE,
        key=key,
        element=element,
        step=StepKind.CREATE,
        version=version,
        body=InvoiceIntentBody(
            desired=snapshot(),
            expected=snapshot("EXPECTED"),
            write=InvoiceWrite(step=StepKind.CREATE, pipeline_id=PipelineInvoiceId(key)),
            ties=ties,
        ),
    )


def change(key: str, version: int, number: str = "INV-1") -> DesiredChange:
    said = invoice(key, number=number, version=version)
    return DesiredChange.as_read(key, said, by="Ada")


async def versions(store: Store) -> dict[str, tuple[int, str]]:
    """The version each open intent carries, and one thing it says."""
    stored = await store.fetch(intents.open_of_tenant(ACME))
    found = await store.fetch(intents.versions_carried([one.id for one in stored]))
    key_of = {one.id: one.key for one in stored}
    return {key_of[id_]: (said.version, said.number) for id_, said in found}


async def test_create_says_nothing_twice(store: Store) -> None:
    await store.run(desired.put(ACME, [change("i1", 1), change("i2", 1)]))
    ties = TieSlack(tax=Decimal("0.01"))

    _, (exact, tied) = await opened(store, create("i1"), create("i2", 1, ties=ties))

    assert (exact.body, exact.ties, tied.body, tied.ties) == (None, EXACT, None, ties)
    assert await versions(store) == {"i1": (1, "INV-1"), "i2": (1, "INV-1")}


async def test_version_a_call_carries_stays_until_that_is_closed(store: Store) -> None:
    """However often Pipeline goes on, and however the object goes from there."""
    await store.run(desired.put(ACME, [change("i1", 1), change("i2", 1), change("i3", 1)]))
    _, (first, second) = await opened(store, create("i1"), create("i2", 1))

    await store.run(desired.put(ACME, [change(key, 2, "INV-2") for key in ("i1", "i2", "i3")]))
    gone = DesiredChange(kind=ChangeKind.INVOICE, key="i1", version=3, at=later(9), by="Ada")
    await store.run(desired.put(ACME, [gone, change("i2", 3, "INV-3")]))

    assert await versions(store) == {"i1": (1, "INV-1"), "i2": (1, "INV-1")}
    await store.run(intents.close([(first, IntentEnd.APPLIED)], later(10)))
    assert await versions(store) == {"i2": (1, "INV-1")}
    await store.run(intents.close([(second, IntentEnd.UNSENT)], later(10)))
    assert await _kept_versions(store) == 0


async def test_create_of_a_version_that_is_gone_is_stored_whole_or_not_at_all(store: Store) -> None:
    await store.run(desired.put(ACME, [change("i1", 2), change("i2", 1)]))
    elements = (create("i1"), create("i2", 1))

    with pytest.raises(Conflict, match=r"intents\.open"):
        await opened(store, *elements)
    _, (first, _) = await opened(store, *elements, are_whole=True)

    assert first.body == elements[0].body


@pytest.mark.parametrize("end", IntentEnd)
async def test_what_no_base_will_say_is_kept(store: Store, end: IntentEnd) -> None:
    await store.run(desired.put(ACME, [change("i1", 1)]))
    _, (stored,) = await opened(store, create("i1"))
    meant = create("i1").body

    await store.run(intents.close([(replace(stored, body=meant), end)], later(1)))

    (closed,) = await store.fetch(intents.since_base(ACME, ChangeKind.INVOICE, ["i1"]))
    is_kept = end in (IntentEnd.REFUSED, IntentEnd.ABANDONED)
    assert closed.body == (meant if is_kept else None)


async def test_applied_creates_keep_what_a_base_said_that_is_forgotten(store: Store) -> None:
    await store.run(desired.put(ACME, [change("i1", 1), change("i2", 1)]))
    _, stored = await opened(store, create("i1"), create("i2", 1))
    await store.run(intents.close([(one, IntentEnd.APPLIED) for one in stored], later(1)))
    body = create("i1").body
    assert isinstance(body, InvoiceIntentBody)

    await store.run(intents.keep_meant(ACME, "i1", body))

    found = await store.fetch(intents.since_base(ACME, ChangeKind.INVOICE, ["i1", "i2"]))
    assert [one.body for one in found] == [body, None]


async def _kept_versions(store: Store) -> int:
    asked = BoundStatement(name="kept", sql="SELECT count(*) FROM sent_versions")
    (((count,),),) = await store._driver.read((asked,))
    assert isinstance(count, int)
    return count
