"""A sweep's memory, its orders and its glances are kept as they were handed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import msgspec

from syncd.domain.ids import PipelineInvoiceId, XeroOrganisationId
from syncd.domain.model.inbox import ResourceChange
from syncd.domain.model.job import PublicState
from syncd.domain.model.result import InvoiceResult
from syncd.domain.model.snapshot import Base, Snapshot
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.ports.billing import ChangeKind
from syncd.store import inbox, links, results, sweeps
from syncd.store.links import Link
from syncd.store.results import ResultKey, ResultKind
from syncd.store.sweeps import LastSeen
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, later

GLANCE = LastSeen(
    xero_id="x1",
    updated_at=AT,
    content_hash="f",
    money="414 0 0",
    dated_on="2026-11-20",
    full_at=AT,
)


def _link(xero_id: str, *, dated_on: str = "2026-11-20", status: str = "AUTHORISED") -> Link[Base]:
    shown = Snapshot(status=status, invoice_on=dated_on)
    return Link(
        key=f"key of {xero_id}",
        xero_id=xero_id,
        is_ours=True,
        xero_status=status,
        xero_number="PL-1",
        seen_at=AT,
        base=Base(pipeline=shown, xero=shown),
        based_at=AT,
    )


async def test_an_order_is_served_by_a_sweep_that_began_after_it(store: Store) -> None:
    await store.run(sweeps.remember(ACME, Task.FULL, "1", began=0, ended_at=None))
    assert await store.run(sweeps.order(ACME, Task.FULL)) == (1,)
    await store.run(sweeps.remember(ACME, Task.FULL, "2", began=0, ended_at=later(1)))

    ((one),) = await store.fetch(sweeps.tasks(ACME))
    assert (one.memory, one.progress.wanted_seq, one.progress.served_seq) == ("2", 1, 0)
    assert (one.progress.is_under_way, one.progress.ended_at) == (False, later(1))

    await store.run(sweeps.remember(ACME, Task.FULL, "3", began=1, ended_at=later(2)))
    ((one),) = await store.fetch(sweeps.tasks(ACME))
    assert one.progress.served_seq == 1


async def test_what_xero_refuses_is_known_since_the_first_time_until_a_sweep_reads_all(
    store: Store,
) -> None:
    async def ended(at_s: int | None, refused: str | None = None) -> list[tuple[str, datetime]]:
        ended_at = None if at_s is None else later(at_s)
        await store.run(
            sweeps.remember(ACME, Task.FULL, None, began=0, ended_at=ended_at, refused=refused)
        )
        return [(one.text, one.since) for one in await store.fetch(sweeps.refused(ACME))]

    assert await ended(1) == []
    assert await ended(2, "no") == [("no", later(2))]
    assert await ended(None) == [("no", later(2))]
    assert await ended(3, "never") == [("never", later(2))]
    assert await ended(4) == []
    assert await ended(5, "no") == [("no", later(5))]


async def test_a_summary_leaves_standing_when_a_document_was_read_in_full(store: Store) -> None:
    await store.run(links.put_invoices(ACME, [_link("x1")]))
    await store.run(sweeps.note_seen(ACME, [GLANCE]))
    seen = LastSeen(
        xero_id="x1", updated_at=later(5), content_hash="g", dated_on="2026-11-21", run=2
    )
    await store.run(sweeps.note_seen(ACME, [seen]))

    (now,) = await store.fetch(sweeps.last_seen(ACME, ["x1", "x2"]))
    assert (now.updated_at, now.content_hash) == (later(5), "g")
    assert await store.fetch(sweeps.stale(ACME, AT, limit=9)) == ()
    assert await store.fetch(sweeps.stale(ACME, later(1), limit=9)) == ("x1",)
    await store.run(sweeps.read_in_full(ACME, ["x1"], later(2)))
    assert await store.fetch(sweeps.stale(ACME, later(1), limit=9)) == ()


async def test_digest_stands_for_what_was_seen_last_until_something_else_is(store: Store) -> None:
    await store.run(links.put_invoices(ACME, [_link("x1"), _link("x2")]))
    await store.run(sweeps.note_seen(ACME, [replace(GLANCE, row_digest="d"), _seen("x2")]))
    await store.run(sweeps.note_alike(ACME, [("x2", "e"), ("x3", "f")], 7))

    found = await store.fetch(sweeps.linked_documents(ACME, ["x1", "x2", "x3"]))
    assert {one.xero_id: one.row_digest for one in found} == {"x1": "d", "x2": "e"}
    assert [one.shows_again("d") for one in found] == [True, False]
    assert await store.fetch(sweeps.unseen(ACME, 7, after="", limit=9)) == ("x1",)

    await store.run(sweeps.note_seen(ACME, [_seen("x2")]))
    (now,) = await store.fetch(sweeps.linked_documents(ACME, ["x2"]))
    assert now.row_digest == "e"
    for moved in ({"updated_at": later(1)}, {"content_hash": "g"}, {"money": "0 414 0"}):
        await store.run(sweeps.note_alike(ACME, [("x2", "e")], 7))
        await store.run(sweeps.note_seen(ACME, [replace(_seen("x2"), **moved)]))
        (now,) = await store.fetch(sweeps.linked_documents(ACME, ["x2"]))
        assert now.row_digest is None


def _seen(xero_id: str) -> LastSeen:
    return replace(GLANCE, xero_id=xero_id)


async def test_ranges_begin_at_dates_of_glances_or_else_of_what_was_agreed(store: Store) -> None:
    found = [_link(f"x{day}", dated_on=f"2026-11-{day:02}") for day in range(1, 8)]
    await store.run(links.put_invoices(ACME, found))
    moved = LastSeen(xero_id="x1", updated_at=AT, content_hash="f", dated_on="2026-12-24")
    await store.run(sweeps.note_seen(ACME, [moved]))

    assert await store.fetch(sweeps.bounds(ACME, every=3)) == (
        date(2026, 11, 2),
        date(2026, 11, 5),
        date(2026, 12, 24),
    )


async def test_unseen_are_the_living_that_a_run_has_not_passed(store: Store) -> None:
    found = [_link("x1"), _link("x2"), _link("x3"), _link("x4", status="VOIDED")]
    await store.run(links.put_invoices(ACME, found))
    await store.run(sweeps.note_seen(ACME, [GLANCE]))
    await store.run(sweeps.note_unchanged(ACME, ["x1"], 5))

    assert await store.fetch(sweeps.unseen(ACME, 5, after="", limit=9)) == ("x2", "x3")
    assert await store.fetch(sweeps.unseen(ACME, 5, after="x2", limit=9)) == ("x3",)
    assert await store.fetch(sweeps.documents(ACME)) == (4,)
    assert await store.fetch(sweeps.first_agreed(ACME, ChangeKind.INVOICE)) == (AT,)


async def test_known_has_the_base_only_until_a_sweep_has_seen_the_document(store: Store) -> None:
    await store.run(links.put_invoices(ACME, [_link("x1"), _link("x2")]))
    await store.run(sweeps.note_seen(ACME, [GLANCE]))
    told = InvoiceResult(
        id=PipelineInvoiceId("key of x1"), state=PublicState.SYNCED, amount_due=Decimal("414.00"),
        amount_paid=Decimal("0.00"), amount_credited=Decimal(0),
    )  # fmt: skip
    place = ResultKey(kind=ResultKind.INVOICE, key="key of x1")
    await store.run(results.put(ACME, [(place, msgspec.json.encode(told))], AT))

    one, two = sorted(
        await store.fetch(sweeps.linked_documents(ACME, ["x1", "x2", "x9"])),
        key=lambda each: each.key,
    )
    assert (one.agreed, one.published) == (None, None)
    assert one.is_as_seen(GLANCE.updated_at, GLANCE.content_hash, GLANCE.money)
    assert not one.is_told_otherwise("414 0 1")
    assert (two.is_seen, two.agreed) == (False, _link("x2").base)

    standing = await store.fetch(results.contents(ACME, ResultKind.INVOICE, ["key of x1"]))
    await store.run(results.sent(ACME, standing))
    (one,) = await store.fetch(sweeps.linked_documents(ACME, ["x1"]))
    assert one.published == "414 0 0"
    assert [one.is_told_otherwise(each) for each in ("414 0 0", "414 0 1")] == [False, True]


async def test_a_change_that_was_announced_is_not_missed(store: Store) -> None:
    await store.run(sweeps.unannounced(ACME, {"x1": AT, "x2": AT}))
    event = ResourceChange(
        organisation_id=XeroOrganisationId("o1"), category="INVOICE", event="UPDATE",
        resource_id="x1", happened_at=AT, sequence=1,
    )  # fmt: skip
    await store.run(inbox.add([inbox.of_xero(event, ACME, None, AT)]))

    await store.run(sweeps.announced(ACME))

    assert await store.run(sweeps.missed(ACME, later(1))) == ("x2",)
    assert await store.run(sweeps.missed(ACME, later(1))) == ()
