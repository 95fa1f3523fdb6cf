"""What people see of the store."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import msgspec
import pytest

from syncd.domain.ids import PipelineInvoiceId
from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.job import JobKind, JobState, PublicState, Reason
from syncd.domain.model.result import InvoiceResult
from syncd.domain.model.settings import Mode
from syncd.domain.model.snapshot import Base
from syncd.domain.rules.queue import job as job_rules
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.domain.rules.text.beginnings import Beginning
from syncd.ports.billing import ChangeKind
from syncd.store import desired, jobs, journal, links, results, views
from syncd.store.desired import DesiredChange
from syncd.store.jobs import JobSettlement
from syncd.store.journal import Entry, RecordType
from syncd.store.links import Link
from syncd.store.results import ResultKey, ResultKind
from syncd.store.unit_of_work import Store, Transaction
from syncd.store.views import Narrowed
from tests.store.build import ACME, AT, FIRST_RUN, customer, invoice, later, snapshot, wish

LINK = Link(
    key="i1",
    xero_id="x1",
    is_ours=True,
    xero_status="DRAFT",
    xero_number="INV-1",
    seen_at=AT,
    base=Base(pipeline=snapshot(), xero=snapshot()),
    based_at=AT,
    synced_version=1,
)


@dataclass(frozen=True)
class End:
    """How the job of a prepared invoice ends."""

    state: JobState
    reason: Reason | None = None
    note: str | None = None
    is_out_of_sync: bool = False
    is_voided: bool = False
    cause: HoldCause | None = None


FAILED = End(JobState.FAILED, Reason.REFUSED, "no such account")


async def prepare(
    store: Store,
    ends: dict[str, End],
    *,
    numbers: dict[str, str] | None = None,
    changed: dict[str, datetime] | None = None,
) -> None:
    """One invoice per key, numbered by its key in capitals, each settled as asked."""
    tx = Transaction()
    tx.add(
        desired.put(
            ACME,
            [
                DesiredChange(
                    kind=ChangeKind.INVOICE,
                    key=key,
                    version=1,
                    at=(changed or {}).get(key, AT),
                    by="Ada",
                    content=invoice(key, number=(numbers or {}).get(key, key.upper())),
                )
                for key in ends
            ],
        )
    )
    tx.add(jobs.enqueue([wish(key) for key in ends], AT))
    claimed = tx.add(
        jobs.claim(
            ACME,
            JobKind.PUSH_INVOICE,
            incarnation=FIRST_RUN,
            now=AT,
            lease_until=later(120),
            limit=10_000,
        )
    )
    await store.commit(tx)
    settled = Transaction()
    settled.add_all(
        jobs.settle(
            [
                JobSettlement(
                    tenant=ACME,
                    kind=job.kind,
                    key=job.key,
                    leased_until=job.leased_until,
                    ready_at=later(3600),
                    detail=b'{"seen":1}' if ends[job.key].note else None,
                    **vars(ends[job.key]),
                )
                for job in claimed.rows
                if ends[job.key].state is not JobState.LEASED
            ],
            incarnation=FIRST_RUN,
            at=later(1),
        )
    )
    await store.commit(settled)


async def test_listing_shows_an_invoice_with_its_job_link_and_detail(store: Store) -> None:
    await prepare(store, {"i1": FAILED})
    await store.run(links.put_invoices(ACME, [LINK]))

    (row,) = await store.fetch(views.listing(ACME, ChangeKind.INVOICE, limit=10))

    assert (row.key, row.label, row.version, row.changed_by) == ("i1", "I1", 1, "Ada")
    assert (row.state, row.reason, row.note) == (
        PublicState.FAILED,
        Reason.REFUSED,
        "no such account",
    )
    assert (row.xero_id, row.xero_status, row.xero_label, row.synced_version) == (
        "x1",
        "DRAFT",
        "INV-1",
        1,
    )
    assert row.detail == b'{"seen":1}'
    assert await store.fetch(views.one(ACME, ChangeKind.INVOICE, "i1")) == (row,)


async def test_pages_cover_every_invoice_once_in_order_of_number(store: Store) -> None:
    await prepare(store, {f"i{number}": End(JobState.DONE) for number in (3, 1, 2, 5, 4)})

    found: list[str] = []
    after = views.START
    while page := await store.fetch(views.listing(ACME, ChangeKind.INVOICE, after=after, limit=2)):
        found += [row.key for row in page]
        after = page[-1].place

    assert found == ["i1", "i2", "i3", "i4", "i5"]


async def test_pages_go_on_behind_numbers_that_no_cursor_carries(store: Store) -> None:
    numbers = {"i1": "A" * 4_000, "i2": "A" * 4_000, "i3": "A" * 4_001, "i4": "", "i5": "é" * 300}
    await prepare(store, {key: End(JobState.DONE) for key in numbers}, numbers=numbers)

    found: list[str] = []
    after = views.START
    while page := await store.fetch(views.listing(ACME, ChangeKind.INVOICE, after=after, limit=1)):
        found += [row.key for row in page]
        after = page[-1].place
        assert len(after[0]) <= 255

    assert found == ["i4", "i1", "i2", "i3", "i5"]


async def test_filters_narrow_by_state_reason_and_number(store: Store) -> None:
    await prepare(store, {"abc-1": FAILED, "abc-2": End(JobState.DONE), "xyz": FAILED})

    async def keys(**by: object) -> list[str]:
        statement = views.listing(ACME, ChangeKind.INVOICE, Narrowed(**by), limit=10)  # type: ignore[arg-type]  (as named)
        return [row.key for row in await store.fetch(statement)]

    assert await keys(state=PublicState.FAILED) == ["abc-1", "xyz"]
    assert await keys(reason=Reason.REFUSED, text="ABC") == ["abc-1"]
    assert await keys(state=PublicState.WAITING) == []


async def test_a_listing_by_beginning_is_those_of_the_range_page_by_page(store: Store) -> None:
    long = "A" * 300
    numbers = {"i1": "A-1", "i2": "A-10", "i3": "A-10", "i4": "A-2", "i5": "B", "i6": long + "B"}
    ends = {key: End(JobState.DONE) for key in numbers} | {"i2": FAILED, "i7": FAILED}
    await prepare(store, ends, numbers={**numbers, "i7": long})

    async def keys(first: str, end: str, state: PublicState | None = None) -> list[str]:
        narrowed = Narrowed(state=state, beginning=Beginning(first=first, end=end))
        found: list[str] = []
        after = views.START
        while page := await store.fetch(
            views.listing(ACME, ChangeKind.INVOICE, narrowed, after=after, limit=1)
        ):
            found += [row.key for row in page]
            after = page[-1].place
        return found

    assert await keys("A-1", "A-2") == ["i1", "i2", "i3"]
    assert await keys("A-10", "A-11") == ["i2", "i3"]
    assert await keys("A", "B") == ["i1", "i2", "i3", "i4", "i7", "i6"]
    assert await keys("A", "B", PublicState.FAILED) == ["i2", "i7"]
    assert await keys("A", "B", PublicState.SYNCED) == ["i1", "i3", "i4", "i6"]
    assert await keys("C", "D") == []


async def test_object_that_was_never_queued_is_in_no_listing(store: Store) -> None:
    change = DesiredChange(
        kind=ChangeKind.CUSTOMER, key="c1", version=1, at=AT, by="", content=customer()
    )
    await store.run(desired.put(ACME, [change]))
    assert await store.fetch(views.listing(ACME, ChangeKind.CUSTOMER, limit=10)) == ()

    await store.run(jobs.enqueue([wish("c1", kind=JobKind.PUSH_CUSTOMER)], AT))

    (row,) = await store.fetch(
        views.listing(ACME, ChangeKind.CUSTOMER, Narrowed(text="söhne"), limit=10)
    )
    assert (row.key, row.state, row.detail) == ("c1", PublicState.PENDING, None)


@pytest.mark.parametrize(
    ("is_out_of_sync", "is_voided"), list(itertools.product((False, True), repeat=2))
)
async def test_public_state_of_a_settled_job_is_the_rules(
    store: Store, *, is_out_of_sync: bool, is_voided: bool
) -> None:
    ends = {
        f"{state}-{reason}": End(state, reason, "a note", is_out_of_sync, is_voided)
        for state in (JobState.HELD, JobState.FAILED, JobState.DONE, JobState.UNCERTAIN)
        for reason in (None, Reason.PAUSED)
        if state is not JobState.HELD or reason or is_out_of_sync
    }
    await prepare(store, ends)

    rows = await store.fetch(views.listing(ACME, ChangeKind.INVOICE, limit=100))

    assert {row.key: row.state for row in rows} == {
        key: job_rules.public_state(
            end.state, end.reason, is_voided=is_voided, is_out_of_sync=is_out_of_sync
        )
        for key, end in ends.items()
    }


async def test_sides_show_what_is_on_paper(store: Store) -> None:
    await prepare(store, {"i1": End(JobState.DONE)})
    await store.run(links.put_invoices(ACME, [LINK]))
    told = ResultKey(kind=ResultKind.INVOICE, key="i1")
    await store.run(results.put(ACME, [(told, b'{"state":"synced"}')], AT))

    (sides,) = await store.fetch(views.invoice_sides(ACME, "i1"))

    assert (sides.desired, sides.base) == (invoice("i1", number="I1"), LINK.base)
    assert (sides.result, sides.open_step) == (b'{"state":"synced"}', None)


async def test_card_of_a_tenant_without_connection_says_so(store: Store) -> None:
    acme, beta = await store.fetch(views.cards())

    assert (acme.tenant, acme.mode, acme.is_paused) == (ACME, Mode.OBSERVE, False)
    assert acme.connection is ConnectionState.NOT_CONNECTED
    assert await store.fetch(views.cards(beta.tenant)) == (beta,)


async def test_history_is_the_objects_journal(store: Store) -> None:
    entry = Entry(
        tenant=ACME,
        at=AT,
        object_type="Invoice",
        object_key="i1",
        record_type=RecordType.CREATE,
        description="Created in Xero",
        who="syncd",
    )
    await store.run(journal.append([entry]))

    (written,) = await store.fetch(views.history(ACME, "Invoice", "i1"))

    assert written.entry == entry


async def test_newest_first_covers_every_invoice_once(store: Store) -> None:
    changed = {"a": later(3), "b": later(1), "c": later(2), "d": later(2)}
    await prepare(store, dict.fromkeys(changed, FAILED), changed=changed)

    for narrowed in (Narrowed(), Narrowed(state=PublicState.FAILED)):
        found: list[str] = []
        after = views.START
        while page := await store.fetch(
            views.recent(ACME, ChangeKind.INVOICE, narrowed, after=after, limit=2)
        ):
            found += [row.key for row in page]
            after = page[-1].place_by_change

        assert found == ["a", "d", "c", "b"]


async def test_a_listing_by_cause_is_those_that_wait_for_it(store: Store) -> None:
    paint = HoldCause(kind=CauseKind.COST_CODE, name="PAINT")
    waits = End(JobState.HELD, Reason.ACCOUNT_UNMAPPED, "map it", cause=paint)
    other = replace(waits, cause=HoldCause(kind=CauseKind.COST_CODE, name="PAIN"))
    await prepare(store, {"a": waits, "b": other, "c": FAILED, "d": waits})
    narrowed = Narrowed(cause=paint.text)

    for of in (views.listing, views.recent):
        found = await store.fetch(of(ACME, ChangeKind.INVOICE, narrowed, limit=9))

        assert sorted(row.key for row in found) == ["a", "d"]
        assert {row.cause for row in found} == {paint.text}


async def test_particulars_are_pipelines_with_what_is_due_in_xero(store: Store) -> None:
    await prepare(store, {"a": FAILED, "b": FAILED})
    owner = DesiredChange(
        kind=ChangeKind.CUSTOMER, key="c1", version=1, at=AT, by="", content=customer()
    )
    await store.run(desired.put(ACME, [owner]))
    told = ResultKey(kind=ResultKind.INVOICE, key="a")
    content = msgspec.json.encode(
        InvoiceResult(
            id=PipelineInvoiceId("a"), state=PublicState.SYNCED, amount_due=Decimal("0.10")
        )
    )
    await store.run(results.put(ACME, [(told, content)], AT))

    first, second = await store.fetch(views.particulars(ACME, ["a", "b", "gone"]))

    assert (first.customer_id, first.customer, first.invoice_on) == (
        "c1", customer().name, date(2026, 11, 20),
    )  # fmt: skip
    assert (first.total, first.currency, first.amount_due) == (
        Decimal("0.23"), None, Decimal("0.10"),
    )  # fmt: skip
    assert second.amount_due is None
