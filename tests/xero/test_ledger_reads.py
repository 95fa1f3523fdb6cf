"""What is read from the pretend Xero is what stands there, whole and to the cent."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain.errors import RemoteError, Throttled
from syncd.domain.ids import PipelineCustomerId, XeroInvoiceId
from syncd.domain.model.contact import ContactStatus, ContactWrite, PostalAddress
from syncd.domain.model.invoice import LineWrite, MoneyKind, StepKind
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules.limits.allowance import AllowanceLimits
from syncd.ports.ledger import ContactText, ElementApplied
from syncd.ports.rows import Rows
from syncd.ports.transport import HttpResponse
from tests.xero.support import invoices
from tests.xero.support.worlds import (
    TENANT,
    Connected,
    Lane,
    connect,
    created,
    passes,
    played,
    virtually,
)


def test_created_invoice_reads_back_in_full() -> None:
    async def world(xero: Connected) -> None:
        answered = await created(xero, reference="PO 7", url="https://p.example/i/1?syncd=x")

        found = await xero.ledger.invoices_by_id(TENANT, [answered.id], lane=Lane.WRITE)

        live = found.get(answered.id)
        assert live.is_whole
        assert replace(live, is_whole=False) == answered
        assert (live.sub_total, live.total_tax, live.total) == (360, 54, 414)
        assert (live.number, live.reference, live.status) == ("PL-1", "PO 7", "AUTHORISED")
        assert live.url == "https://p.example/i/1?syncd=x"

    played(world)


def test_four_decimals_survive_the_way_there_and_back() -> None:
    async def world(xero: Connected) -> None:
        line = LineWrite(
            description="x",
            quantity=Decimal("2.3333"),
            unit_amount=Decimal("19.9999"),
            account_code="200",
            tax_type="OUTPUT2",
        )
        answered = await created(xero, lines=(line,))

        live = (await xero.ledger.invoices_by_number(TENANT, ["PL-1"], lane=Lane.WRITE)).rows[0]

        assert live.lines[0].quantity == Decimal("2.3333")
        assert live.lines[0].unit_amount == Decimal("19.9999")
        assert answered.lines == live.lines

    played(world)


@pytest.mark.parametrize(
    ("step", "status", "ended"),
    [
        (StepKind.VOID, XeroStatus.AUTHORISED, XeroStatus.VOIDED),
        (StepKind.DELETE, XeroStatus.DRAFT, XeroStatus.DELETED),
    ],
)
def test_ended_document_is_still_found_by_its_number(
    step: StepKind, status: XeroStatus, ended: XeroStatus
) -> None:
    async def world(xero: Connected) -> None:
        first = await created(xero, status=status)

        (answer,) = await xero.write(invoices.change(step, first.id))

        assert isinstance(answer, ElementApplied)
        (found,) = await xero.ledger.invoices_by_number(TENANT, ["PL-1"], lane=Lane.WRITE)
        assert (found.id, found.status) == (first.id, ended)

    played(world)


@pytest.mark.parametrize(
    "number",
    ["A,B", 'Pipe 3" x', "it's", "50% & more", "a+b=c?#/", "発注-7", "x" * 255, "back\\slash"],
)
def test_awkward_number_is_found_and_nothing_else(number: str) -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        first = await created(xero, number, contact_id=contact)
        await created(xero, "PL-2", contact_id=contact)

        found = await xero.ledger.invoices_by_number(TENANT, [number, "PL-9"], lane=Lane.WRITE)

        assert [(one.id, one.number) for one in found] == [(first.id, number)]

    played(world)


def test_many_numbers_go_in_queries_of_bounded_length() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        numbers = [f"INVOICE-{place:04}-{'&' * 20}" for place in range(110)]
        await xero.write(*(invoices.create(number, contact_id=contact) for number in numbers))
        xero.transport.sent.clear()

        found = await xero.ledger.invoices_by_number(TENANT, numbers, lane=Lane.WRITE)

        assert sorted(one.number for one in found) == numbers
        assert max(len(sent.url) for sent in xero.transport.sent) < 2048

    played(world)


def test_bill_with_the_same_number_is_no_sales_invoice() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        write = invoices.create("SAME", contact_id=contact)
        (call,) = xero.ledger.prepare_invoices([write])
        bill = replace(call, body=call.body.replace(b"ACCREC", b"ACCPAY"))
        (answer,) = await xero.ledger.send_invoices(
            TENANT, bill, [write], idempotency_key=xero.key(), not_after=None
        )
        assert isinstance(answer, ElementApplied), answer

        assert await xero.ledger.invoices_by_number(TENANT, ["SAME"], lane=Lane.WRITE) == Rows()
        by_id = await xero.ledger.invoices_by_id(TENANT, [answer.live.id], lane=Lane.WEBHOOK)
        assert by_id.get(answer.live.id).type == "ACCPAY"

    played(world)


def test_absent_id_is_left_out_and_asked_for_forty_at_a_time() -> None:
    async def world(xero: Connected) -> None:
        first = await created(xero)
        absent = [XeroInvoiceId(f"00000000-0000-4000-8000-{n:012}") for n in range(99)]
        xero.transport.sent.clear()

        found = await xero.ledger.invoices_by_id(TENANT, [*absent, first.id], lane=Lane.WRITE)

        assert [one.id for one in found] == [first.id]
        assert len(xero.transport.sent) == 3

    played(world)


@pytest.mark.parametrize(("length", "expected"), [(8, 2), (40, 4)])
def test_numbers_are_asked_for_a_page_of_them_at_a_time_or_what_an_address_holds(
    length: int, expected: int
) -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        numbers = [f"PL-{n:0{length - 3}}" for n in range(150)]
        for start in range(0, 150, 50):
            some = numbers[start : start + 50]
            await xero.write(*(invoices.create(each, contact_id=contact) for each in some))
        xero.transport.sent.clear()

        found = await xero.ledger.invoices_by_number(TENANT, numbers, lane=Lane.WRITE)

        assert sorted(one.number for one in found) == numbers
        assert len(xero.transport.sent) == expected
        assert max(len(one.url) for one in xero.transport.sent) < 2_090

    played(world)


def test_what_is_no_id_is_absent_and_keeps_no_other_from_being_read() -> None:
    async def world(xero: Connected) -> None:
        first = await created(xero)

        found = await xero.ledger.invoices_by_id(
            TENANT, [XeroInvoiceId("not an id"), first.id], lane=Lane.WRITE
        )

        assert [one.id for one in found] == [first.id]
        assert found.lacks("not an id")

    played(world)


@pytest.mark.parametrize("status", [200, 204, 304])
def test_answer_with_nothing_in_it_says_of_nothing_that_it_is_absent(status: int) -> None:
    """A line that breaks behind the head leaves 200 and no byte."""

    async def world(xero: Connected) -> None:
        there = await created(xero)
        xero.transport.answers.append(
            HttpResponse(status=status, headers={"content-type": "application/json"})
        )

        with pytest.raises(RemoteError):
            await xero.ledger.invoices_by_id(TENANT, [there.id], lane=Lane.WRITE)

        found = await xero.ledger.invoices_by_id(TENANT, [there.id], lane=Lane.WRITE)
        assert not found.lacks(there.id)

    played(world)


@pytest.mark.parametrize("switches", [{}, {"since_is_inclusive": False}, {"nothing_is_304": True}])
def test_own_invoices_modified_since_come_in_the_largest_pages(switches: dict[str, Any]) -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        since = xero.clock.now()
        assert (
            await xero.ledger.invoices_since(TENANT, since, lane=Lane.SWEEP, of_our_app=True)
            == Rows()
        )
        for batch in range(5):
            xero.world.clock.advance(60)
            await xero.write(
                *(invoices.create(f"{batch}-{n}", contact_id=contact) for n in range(50))
            )

        xero.transport.sent.clear()
        found = await xero.ledger.invoices_since(TENANT, since, lane=Lane.SWEEP, of_our_app=True)
        assert len(xero.transport.sent) == 1
        later = await xero.ledger.invoices_since(
            TENANT, xero.clock.now() - timedelta(seconds=30), lane=Lane.SWEEP
        )

        assert len({one.number for one in found}) == 250
        assert {one.number.partition("-")[0] for one in later} == {"4"}

    played(world, **switches)


async def _spend_but(xero: Connected, left: int) -> None:
    """Of a minute's calls, so many are left."""
    spent = 0
    for keeps in (0, left):
        most, spent = spent - keeps, 0
        await passes(61)
        with suppress(Throttled):
            while spent < most or not most:
                await xero.ledger.invoices_by_number(TENANT, ["0-1"], lane=Lane.WRITE)
                spent += 1


def test_a_list_longer_than_a_minutes_calls_is_read_to_its_end_in_the_next() -> None:
    """Simulation, seed 832034 without sweeps: begun anew each minute it spent the whole day."""

    async def main() -> None:
        few = AllowanceLimits(minute=40)
        xero = await connect(allowance=few, minute_limit=10_000)
        contact, since = await xero.contact(), xero.clock.now()
        for batch in range(21):
            xero.world.clock.advance(2)
            await xero.write(
                *(invoices.create(f"{batch}-{n}", contact_id=contact) for n in range(50))
            )
        await _spend_but(xero, 1)
        xero.transport.sent.clear()

        with pytest.raises(Throttled):
            await xero.ledger.invoices_since(TENANT, since, lane=Lane.WRITE, of_our_app=True)
        assert len(xero.transport.sent) == 1
        await passes(61)
        later = since + timedelta(seconds=1)
        found = await xero.ledger.invoices_since(TENANT, later, lane=Lane.WRITE, of_our_app=True)
        reads = len(xero.transport.sent)
        again = await xero.ledger.invoices_since(TENANT, since, lane=Lane.WRITE, of_our_app=True)

        assert len({one.number for one in found}) == len({one.number for one in again}) == 1050
        assert len(xero.transport.sent) - reads == reads

    virtually(main)


def test_money_is_read_as_it_stands() -> None:
    async def world(xero: Connected) -> None:
        live = await created(xero)
        xero.do(do="pay", invoice=live.id, amount="100.10", date="2026-11-21")

        (found,) = await xero.ledger.invoices_by_number(TENANT, ["PL-1"], lane=Lane.WEBHOOK)

        (money,) = found.money
        assert (money.kind, money.amount) == (MoneyKind.PAYMENT, Decimal("100.10"))
        assert (found.amount_paid, found.amount_due) == (Decimal("100.10"), Decimal("313.90"))

    played(world)


def test_settings_read_what_the_organisation_allows() -> None:
    async def world(xero: Connected) -> None:
        xero.do(do="lock", period="2026-07-31")

        found = await xero.ledger.settings(TENANT, lane=Lane.SWEEP)

        assert found.organisation_id == xero.tokens.organisation
        assert found.accounts["200"].is_usable
        assert found.tax_rates["OUTPUT2"].rate == Decimal("0.15")
        assert found.base_currency in found.currencies
        assert str(found.period_lock_on) == "2026-07-31"
        assert found.read_at == xero.clock.now()

    played(world)


def test_contact_reads_back_by_each_of_its_names() -> None:
    async def world(xero: Connected) -> None:
        write = ContactWrite(
            pipeline_id=PipelineCustomerId("cust-1"),
            number="cust-1",
            name='Pipe 3" & Sons, Ltd',
            account_number="ACME,1",
            email="a@acme.example",
            phone="+64 4 496 0000",
            postal_address=PostalAddress(line1="1 High St", city="Leeds"),
        )

        (answer,) = await xero.write_contacts(write)

        assert isinstance(answer, ElementApplied), answer
        ledger, lane = xero.ledger, Lane.WRITE
        (by_number,) = await ledger.contacts_by(
            TENANT, ContactText.NUMBER, ["cust-1", "cust-2"], lane=lane
        )
        (by_account,) = await ledger.contacts_by(
            TENANT, ContactText.ACCOUNT_NUMBER, ["ACME,1"], lane=lane
        )
        (by_name,) = await ledger.contacts_by(
            TENANT, ContactText.NAME, ['pipe 3" & sons, ltd'], lane=lane
        )
        by_id = await ledger.contacts_by_id(TENANT, [answer.live.id], lane=lane)
        assert by_number == by_account == by_name == by_id.get(answer.live.id) == answer.live
        assert (by_number.phone, by_number.postal_address) == (write.phone, write.postal_address)

    played(world)


def test_contact_update_touches_what_moved_and_archived_ones_are_found() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        own = PipelineCustomerId("cust-1")

        await xero.write_contacts(ContactWrite(pipeline_id=own, xero_id=contact, email="b@x.test"))
        await xero.write_contacts(
            ContactWrite(pipeline_id=own, xero_id=contact, status=ContactStatus.ARCHIVED)
        )

        (found,) = await xero.ledger.contacts_by(
            TENANT, ContactText.NAME, ["acme ltd"], lane=Lane.WRITE
        )
        assert (found.email, found.number) == ("b@x.test", "cust-1")
        assert found.status is ContactStatus.ARCHIVED

    played(world)


def test_merged_contact_shows_its_winner() -> None:
    async def world(xero: Connected) -> None:
        loser = await xero.contact("Acme", "cust-1")
        winner = await xero.contact("Acme Ltd", "cust-2")
        xero.do(do="merge", contact=loser, into=winner)

        found = await xero.ledger.contacts_by_id(TENANT, [loser], lane=Lane.WRITE)

        assert found.get(loser).merged_to == winner

    played(world)
