"""Pages of changes and summaries, each one call, as the pretend Xero gives them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from syncd.domain.errors import Refused
from syncd.domain.model.summary import InvoiceSummary
from syncd.domain.rules.compare import content_hash, snapshots
from syncd.domain.rules.limits.allowance import Lane
from tests.xero.support import invoices, worlds
from tests.xero.support.worlds import TENANT, Connected, played

LONG_AGO = timedelta(days=1)


async def _some(at: Connected, count: int) -> list[str]:
    contact = await at.contact()
    answers = await at.write(
        *[invoices.create(f"PL-{index}", contact_id=contact) for index in range(count)]
    )
    return [str(answer.live.id) for answer in answers]  # type: ignore[union-attr]  # all applied


def test_changes_come_page_by_page_oldest_first_and_in_full() -> None:
    async def story(at: Connected) -> None:
        made = await _some(at, 3)
        since = at.clock.now() - LONG_AGO

        page = await at.ledger.invoice_changes(TENANT, since, page=1, lane=Lane.SWEEP)

        assert (page.is_last, page.count) == (True, 3)
        assert {row.id for row in page.rows} == set(made)
        assert all(row.lines and row.is_whole for row in page.rows)

    played(story)


def test_the_newest_change_is_one_row_and_none_where_nothing_changed_since() -> None:
    async def story(at: Connected) -> None:
        await _some(at, 2)
        await worlds.passes(60)
        (last,) = await _more(at)
        now = at.clock.now()

        newest = await at.ledger.newest_invoice_change(TENANT, now - LONG_AGO, lane=Lane.SWEEP)
        later = await at.ledger.newest_invoice_change(
            TENANT, now + timedelta(seconds=5), lane=Lane.SWEEP
        )
        contact = await at.ledger.newest_contact_change(TENANT, now - LONG_AGO, lane=Lane.SWEEP)

        assert newest == last
        assert later is None
        assert contact is not None

    played(story)


def test_a_summary_has_the_face_and_the_money_of_the_whole_document() -> None:
    async def story(at: Connected) -> None:
        made = await _some(at, 1)
        at.do(do="pay", invoice=made[0], amount="10.00")
        first, after = date(2020, 1, 1), date(2030, 1, 1)

        page = await at.ledger.invoice_summaries(TENANT, first, after, page=1, lane=Lane.SWEEP)
        whole = await at.ledger.invoices_by_id(TENANT, made, lane=Lane.SWEEP)  # type: ignore[arg-type]  # plain ids

        (listed,), (live,) = page.rows, whole
        row = listed.summary(page.as_of)
        assert isinstance(row, InvoiceSummary)
        assert content_hash.summary_hash(row) == content_hash.snapshot_hash(snapshots.of_xero(live))
        assert content_hash.money_of(row) == content_hash.money_of(live)
        assert (row.updated_at, row.url) == (live.updated_at, live.url)
        none = await at.ledger.invoice_summaries(TENANT, after, None, page=1, lane=Lane.SWEEP)
        assert (none.rows, none.is_last) == ((), True)

    played(story)


def test_a_range_is_read_whole_with_lines_and_money_bills_left_out() -> None:
    async def story(at: Connected) -> None:
        made = await _some(at, 3)
        at.do(do="pay", invoice=made[0], amount="10.00")
        at.do(do="void", invoice=made[1])
        line = {"Description": "Rent", "UnitAmount": "5", "AccountCode": "400"}
        bill = {"Type": "ACCPAY", "LineItems": [line]}
        at.do(do="create_invoice", contact="Acme Ltd", set=bill)

        page = await at.ledger.invoices_dated(
            TENANT, date(2020, 1, 1), None, page=1, lane=Lane.SWEEP
        )

        assert [live.id for live in page.rows] == sorted(made)
        assert (page.is_last, page.count) == (True, 3)
        assert all(live.lines and live.is_whole for live in page.rows)
        assert sum(live.amount_paid for live in page.rows) == 10

    played(story)


def test_a_range_that_holds_too_much_is_refused() -> None:
    async def story(at: Connected) -> None:
        await _some(at, 3)
        at.world.switches.max_rows = 2

        with pytest.raises(Refused):
            await at.ledger.invoice_summaries(
                TENANT, date(2020, 1, 1), None, page=1, lane=Lane.SWEEP
            )

    played(story)


async def _more(at: Connected) -> list[object]:
    contact = await at.contact("Other Ltd", "cust-2")
    answers = await at.write(invoices.create("PL-last", contact_id=contact))
    return [answer.live.updated_at for answer in answers]  # type: ignore[union-attr]  # applied


def test_all_there_is_comes_by_id_in_full_the_archived_and_the_voided_too() -> None:
    async def story(at: Connected) -> None:
        made = await _some(at, 3)
        at.do(do="void", invoice=made[0])
        at.do(do="create_invoice", set={"Type": "ACCPAY"})
        old = at.do(do="create_contact", Name="Old Friend")
        at.do(do="archive", contact=old["ContactID"])

        invoices_page = await at.ledger.invoices_dated(TENANT, None, None, page=1, lane=Lane.SWEEP)
        contacts_page = await at.ledger.all_contacts(TENANT, page=1, lane=Lane.SWEEP)

        assert [row.id for row in invoices_page.rows] == sorted(made)
        assert all(row.lines and row.is_whole for row in invoices_page.rows)
        assert invoices_page.is_last
        assert old["ContactID"] in [row.id for row in contacts_page.rows]
        assert [row.id for row in contacts_page.rows] == sorted(
            row.id for row in contacts_page.rows
        )

    played(story)
