"""What a restored store doubts, and how each tenant's look makes it sure again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from syncd.domain.ids import TenantId, XeroInvoiceId
from syncd.domain.model.job import JobKind, JobState
from syncd.domain.model.snapshot import Base
from syncd.domain.model.statuses import XeroStatus
from syncd.ports.billing import ChangeKind
from syncd.store import jobs, links, restores, results, rows, tenants
from syncd.store.jobs import JobSettlement
from syncd.store.links import Link
from syncd.store.restores import Marked
from syncd.store.results import ResultKey, ResultKind
from syncd.store.unit_of_work import Store, Transaction
from tests.domain.builders import live_invoice
from tests.store.build import ACME, AT, BETA, FIRST_RUN, later, snapshot, wish

SINCE = AT - timedelta(days=1)
BASE = Base(pipeline=snapshot(), xero=snapshot())


def link(key: str, xero_id: str, *, status: str = "AUTHORISED") -> Link[Base]:
    return Link(
        key=key,
        xero_id=xero_id,
        is_ours=True,
        xero_status=status,
        xero_number=f"INV-{key}",
        seen_at=AT,
        base=BASE,
        based_at=AT,
        synced_version=1,
    )


async def marked(store: Store) -> None:
    tx = Transaction()
    tx.add_all(restores.mark(taken_at=AT, restored_at=later(60), look_since=SINCE))
    await store.commit(tx)


async def standing(store: Store, *keys: str) -> dict[str, Link[Base]]:
    return {one.key: one for one in await store.fetch(links.invoices(ACME, keys))}


async def test_mark_asks_every_base_how_far_it_can_be_trusted(store: Store) -> None:
    stamps = {"i1": later(-5)}
    await store.run(links.put_invoices(ACME, [link("i1", "x1"), link("i2", "x2")], stamps))

    await marked(store)

    found = await standing(store, "i1", "i2")
    assert found["i1"].unverified_from == later(-5)
    assert found["i2"].unverified_from == SINCE
    assert await store.fetch(restores.marked()) == (
        Marked(tenant=ACME, invoices=2, customers=0),
        Marked(tenant=BETA, invoices=0, customers=0),
    )


async def test_look_is_outstanding_for_every_tenant_until_its_own_end(store: Store) -> None:
    assert await store.fetch(restores.outstanding(ACME)) == ()
    await marked(store)
    await store.run(restores.remember(ACME, '{"a":1}'))
    (under_way,) = await store.fetch(restores.outstanding(ACME))
    tx = Transaction()
    tx.add_all(restores.ended(ACME, later(600)))
    await store.commit(tx)
    newcomer = TenantId("later")
    await store.run(tenants.ensure([newcomer]))

    assert (under_way.memory, under_way.since) == ('{"a":1}', SINCE)
    assert await store.fetch(restores.outstanding(ACME)) == ()
    assert await store.fetch(restores.is_outstanding(ACME)) == (False,)
    assert await store.fetch(restores.is_outstanding(BETA)) == (True,)
    assert await store.fetch(restores.is_outstanding(newcomer)) == (True,)


async def test_end_of_the_look_verifies_what_nobody_touched(store: Store) -> None:
    documents = [link("i1", "x1"), link("i2", "x2"), link("i3", "x3")]
    await store.run(links.put_invoices(ACME, documents))
    await marked(store)
    same = live_invoice(id=XeroInvoiceId("x1"), updated_at=SINCE)
    moved = live_invoice(id=XeroInvoiceId("x2"), updated_at=later(1))

    touched = await store.run(restores.touched(ACME, [same, moved], ["x3"]))
    tx = Transaction()
    tx.add_all(restores.ended(ACME, later(600)))
    await store.commit(tx)

    found = await standing(store, "i1", "i2")
    assert sorted(touched) == ["i2", "i3"]
    assert found["i1"].unverified_from is None
    assert found["i2"].unverified_from is not None
    assert found["i2"].unverified_from < SINCE


async def test_end_of_the_look_is_not_missed_by_what_is_in_hand(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1")], AT))
    (job,) = await store.run(
        jobs.claim(
            ACME, JobKind.PUSH_INVOICE, incarnation=FIRST_RUN, now=AT, lease_until=later(120),
            limit=5,
        )
    )  # fmt: skip
    tx = Transaction()
    tx.add_all(restores.ended(ACME, later(1)))
    await store.commit(tx)

    rests = JobSettlement(
        tenant=ACME,
        kind=job.kind,
        key=job.key,
        leased_until=job.leased_until,
        state=JobState.READY,
        ready_at=later(30),
    )
    tx = Transaction()
    tx.add_all(jobs.settle([rests], incarnation=FIRST_RUN, at=later(2)))
    await store.commit(tx)

    (row,) = await store.fetch(jobs.get(ACME, JobKind.PUSH_INVOICE, ["i1"]))
    assert row.ready_at == later(2)


async def test_found_documents_are_linked_once_and_the_living_one_wins(store: Store) -> None:
    gone = link("i1", "x1", status=XeroStatus.VOIDED)
    await store.run(links.put_invoices(ACME, [gone, link("i2", "x2")]))
    fresh = [
        ("i1", "x1b", "AUTHORISED", "PL-1"),
        ("i2", "x2b", "AUTHORISED", "PL-2"),
        ("i3", "x2", "AUTHORISED", "PL-3"),
        ("i4", "x4", "VOIDED", "PL-4"),
        ("i4", "x4b", "AUTHORISED", "PL-4b"),
        ("i4", "x4c", "AUTHORISED", "PL-4c"),
    ]

    await store.run(restores.found(ACME, fresh, AT))
    await store.run(restores.found(ACME, fresh, AT))

    found = await standing(store, "i1", "i2", "i3", "i4")
    assert {key: one.xero_id for key, one in found.items()} == {
        "i1": "x1b",
        "i2": "x2",
        "i4": "x4b",
    }
    assert [found["i1"].base, found["i2"].base] == [None, BASE]


async def test_doubted_results_go_with_the_next_put_or_at_the_end(store: Store) -> None:
    one, two, payment, customer = (
        ResultKey(kind=ResultKind.INVOICE, key="i1"),
        ResultKey(kind=ResultKind.INVOICE, key="i2"),
        ResultKey(kind=ResultKind.PAYMENT, key="i1", part="p1"),
        ResultKey(kind=ResultKind.CUSTOMER, key="c1"),
    )
    await store.run(results.put(ACME, [(at, b"old") for at in (one, two, payment, customer)], AT))
    await marked(store)

    async def due() -> list[ResultKey]:
        return sorted(
            (each.at for each in await store.fetch(results.due(ACME, later(900), limit=9))),
            key=lambda at: (at.kind, at.key),
        )

    before = await due()
    await store.run(results.put(ACME, [(one, b"old")], later(61)))
    after_put = await due()
    tx = Transaction()
    tx.add_all(restores.ended(ACME, later(600)))
    await store.commit(tx)

    assert before == [customer]
    assert after_put == [customer, one]
    assert await due() == [customer, one, two, payment]


async def test_customer_that_was_told_is_told_once_more_at_the_end(store: Store) -> None:
    """After the backup Pipeline may have been told of it otherwise, and no work is left of it."""
    customer = ResultKey(kind=ResultKind.CUSTOMER, key="c1")
    await store.run(results.put(ACME, [(customer, b"old")], AT))
    await store.run(results.sent(ACME, await store.fetch(results.due(ACME, later(1), limit=9))))
    await marked(store)

    tx = Transaction()
    tx.add_all(restores.ended(ACME, later(600)))
    await store.commit(tx)

    (due,) = await store.fetch(results.due(ACME, later(600), limit=9))
    assert (due.at, due.content) == (customer, b"old")
    assert due.revision == rows.to_ms(later(600))


async def test_a_seen_link_keeps_its_doubt_until_it_is_put_anew(store: Store) -> None:
    await store.run(links.put_invoices(ACME, [link("i1", "x1")]))
    await marked(store)

    await store.run(
        links.note_read(ACME, ChangeKind.INVOICE, [("i1", "PAID", "INV-i1", later(70))])
    )
    seen = await standing(store, "i1")
    await store.run(links.put_invoices(ACME, [replace(seen["i1"], unverified_from=None)]))

    assert seen["i1"].unverified_from == SINCE
    assert (await standing(store, "i1"))["i1"].unverified_from is None
