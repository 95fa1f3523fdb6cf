"""The Ledger port against the pretend Xero: what is written is read back, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain.errors import OutcomeUnknown, Refused, Throttled
from syncd.domain.ids import IdempotencyKey, PipelineCustomerId, XeroContactId, XeroInvoiceId
from syncd.domain.model.contact import ContactStatus, ContactWrite, PostalAddress
from syncd.domain.model.invoice import InvoiceWrite, LineWrite, MoneyKind, StepKind
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules.sliding import AllowanceLimits
from syncd.ports.ledger import AppliedContact, AppliedInvoice, ElementRefused, ElementUnclear
from syncd.xero.ledger_writes import MOST_BODY_BYTES
from tests.xero import invoices
from tests.xero.worlds import TENANT, Connected, Lane, connect, virtually

PLENTY = AllowanceLimits(minute=10_000)


def played(world: Callable[[Connected], Any], **switches: Any) -> None:
    async def main() -> None:
        xero = await connect(allowance=PLENTY, minute_limit=10_000, **switches)
        await world(xero)

    virtually(main)


async def created(xero: Connected, number: str = "PL-1", **changes: Any) -> AppliedInvoice:
    contact = changes.pop("contact_id", None) or await xero.contact()
    (answer,) = await xero.write(invoices.create(number, contact_id=contact, **changes))
    assert isinstance(answer, AppliedInvoice), answer
    return answer


def test_created_invoice_reads_back_in_full() -> None:
    async def world(xero: Connected) -> None:
        answer = await created(xero, reference="PO 7", url="https://p.example/i/1?syncd=x")

        found = await xero.ledger.invoices_by_id(TENANT, [answer.live.id], lane=Lane.WRITE)

        live = found[answer.live.id]
        assert live.is_whole
        assert replace(live, is_whole=False) == answer.live
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
        answer = await created(xero, lines=(line,))

        live = (await xero.ledger.invoices_by_number(TENANT, ["PL-1"], lane=Lane.WRITE))[0]

        assert live.lines[0].quantity == Decimal("2.3333")
        assert live.lines[0].unit_amount == Decimal("19.9999")
        assert answer.live.lines == live.lines

    played(world)


def test_update_keeps_lines_by_their_ids() -> None:
    async def world(xero: Connected) -> None:
        first = (await created(xero)).live
        kept = first.lines[0]
        line = LineWrite(
            description="Install, changed",
            quantity=kept.quantity,
            unit_amount=kept.unit_amount,
            line_item_id=kept.line_item_id,
            account_code=kept.account_code,
            tax_type=kept.tax_type,
        )
        more = LineWrite(
            description="More",
            quantity=Decimal(1),
            unit_amount=Decimal(10),
            account_code="200",
            tax_type="OUTPUT2",
        )

        (answer,) = await xero.write(invoices.change(xero_id=first.id, lines=(line, more)))

        assert isinstance(answer, AppliedInvoice)
        assert [one.description for one in answer.live.lines] == ["Install, changed", "More"]
        assert answer.live.lines[0].line_item_id == kept.line_item_id
        assert xero.transport.sent[-1].method == "POST"

    played(world)


def test_update_without_lines_leaves_them_alone() -> None:
    async def world(xero: Connected) -> None:
        first = (await created(xero)).live

        (answer,) = await xero.write(invoices.change(xero_id=first.id, reference="moved"))

        assert isinstance(answer, AppliedInvoice)
        assert (answer.live.reference, answer.live.lines) == ("moved", first.lines)

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
        first = (await created(xero, status=status)).live

        (answer,) = await xero.write(invoices.change(step, first.id))

        assert isinstance(answer, AppliedInvoice)
        (found,) = await xero.ledger.invoices_by_number(TENANT, ["PL-1"], lane=Lane.WRITE)
        assert (found.id, found.status) == (first.id, ended)

    played(world)


def test_batch_with_one_bad_element_says_which() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        await created(xero, "B", contact_id=contact)

        answers = await xero.write(
            *(invoices.create(number, contact_id=contact) for number in ("A", "B", "C"))
        )

        kinds = [type(answer) for answer in answers]
        assert kinds == [AppliedInvoice, ElementRefused, AppliedInvoice]
        assert answers[1] == ElementRefused(messages=("Invoice # must be unique.",))

    played(world)


@pytest.mark.parametrize(
    "number",
    ["A,B", 'Pipe 3" x', "it's", "50% & more", "a+b=c?#/", "発注-7", "x" * 255, "back\\slash"],
)
def test_awkward_number_is_found_and_nothing_else(number: str) -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        first = (await created(xero, number, contact_id=contact)).live
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
        assert isinstance(answer, AppliedInvoice), answer

        assert await xero.ledger.invoices_by_number(TENANT, ["SAME"], lane=Lane.WRITE) == ()
        by_id = await xero.ledger.invoices_by_id(TENANT, [answer.live.id], lane=Lane.WEBHOOK)
        assert by_id[answer.live.id].type == "ACCPAY"

    played(world)


def test_absent_id_is_left_out_and_asked_for_forty_at_a_time() -> None:
    async def world(xero: Connected) -> None:
        first = (await created(xero)).live
        absent = [XeroInvoiceId(f"00000000-0000-4000-8000-{n:012}") for n in range(99)]
        xero.transport.sent.clear()

        found = await xero.ledger.invoices_by_id(TENANT, [*absent, first.id], lane=Lane.WRITE)

        assert list(found) == [first.id]
        assert len(xero.transport.sent) == 3

    played(world)


@pytest.mark.parametrize("switches", [{}, {"since_is_inclusive": False}, {"nothing_is_304": True}])
def test_own_invoices_modified_since_come_page_by_page(switches: dict[str, Any]) -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        since = xero.clock.now()
        assert await xero.ledger.invoices_by_app_since(TENANT, since, lane=Lane.SWEEP) == ()
        for batch in range(5):
            xero.world.clock.advance(60)
            await xero.write(
                *(invoices.create(f"{batch}-{n}", contact_id=contact) for n in range(50))
            )

        found = await xero.ledger.invoices_by_app_since(TENANT, since, lane=Lane.SWEEP)
        later = await xero.ledger.invoices_modified_since(
            TENANT, xero.clock.now() - timedelta(seconds=30), lane=Lane.SWEEP
        )

        assert len({one.number for one in found}) == 250
        assert {one.number.partition("-")[0] for one in later} == {"4"}

    played(world, **switches)


def test_money_is_read_as_it_stands() -> None:
    async def world(xero: Connected) -> None:
        live = (await created(xero)).live
        xero.do(do="pay", invoice=live.id, amount="100.10", date="2026-11-21")

        (found,) = await xero.ledger.invoices_by_number(TENANT, ["PL-1"], lane=Lane.WEBHOOK)

        (money,) = found.money
        assert (money.kind, money.amount) == (MoneyKind.PAYMENT, Decimal("100.10"))
        assert (found.amount_paid, found.amount_due) == (Decimal("100.10"), Decimal("313.90"))

    played(world)


def test_same_bytes_with_the_same_key_are_applied_once() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        write = invoices.create(contact_id=contact)
        xero.world.faults.set([{"do": "drop_after_commit", "match": {"method": "PUT"}}])
        with pytest.raises(OutcomeUnknown):
            await xero.write(write, key="k-1")

        (answer,) = await xero.write(write, key="k-1")

        assert isinstance(answer, AppliedInvoice)
        assert len(await xero.ledger.invoices_by_number(TENANT, ["PL-1"], lane=Lane.WRITE)) == 1

    played(world)


@pytest.mark.parametrize(
    "fault", ["drop_before_commit", "drop_after_commit", "error_after_commit", "truncated", "html"]
)
def test_lost_answer_of_a_write_is_an_unknown_outcome(fault: str) -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        xero.world.faults.set([{"do": fault, "match": {"method": "PUT"}}])

        with pytest.raises(OutcomeUnknown):
            await xero.write(invoices.create(contact_id=contact))

    played(world)


def test_half_committed_batch_is_an_unknown_outcome() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        xero.world.faults.set([{"do": "partial_commit", "match": {"method": "PUT"}}])

        with pytest.raises(OutcomeUnknown):
            await xero.write(*(invoices.create(n, contact_id=contact) for n in "AB"))

        found = await xero.ledger.invoices_by_number(TENANT, ["A", "B"], lane=Lane.WRITE)
        assert [one.number for one in found] == ["A"]

    played(world)


def test_limit_met_by_a_write_is_throttled_and_nothing_is_written() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        xero.world.faults.set([{"do": "throttle", "problem": "minute", "retry_after": 7}])

        with pytest.raises(Throttled) as caught:
            await xero.write(invoices.create(contact_id=contact))

        assert caught.value.retry_after_s == 7
        assert xero.world.counters()["writes"] == 1

    played(world)


def test_request_refused_as_a_whole_names_a_single_culprit() -> None:
    """One element alone: its objections are the answer. Several: the caller halves the batch."""

    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        bad = replace(invoices.create("A", contact_id=contact), contact_id=XeroContactId("none"))
        (alone,) = xero.ledger.prepare_invoices([bad])
        (both,) = xero.ledger.prepare_invoices([bad, invoices.create("B", contact_id=contact)])
        strict = "/Invoices?summarizeErrors=true&unitdp=4"

        (answer,) = await xero.ledger.send_invoices(
            TENANT,
            replace(alone, target=strict),
            [bad],
            idempotency_key=xero.key(),
            not_after=None,
        )
        with pytest.raises(Refused) as caught:
            await xero.ledger.send_invoices(
                TENANT,
                replace(both, target=strict),
                [bad, invoices.create("B")],
                idempotency_key=xero.key(),
                not_after=None,
            )

        assert isinstance(answer, ElementRefused)
        assert caught.value.status == 400

    played(world)


def test_batches_keep_below_fifty_elements_and_three_megabytes() -> None:
    async def world(xero: Connected) -> None:
        many = [invoices.create(f"{n}") for n in range(120)]
        long = LineWrite(description="x" * 4000, quantity=Decimal(1), unit_amount=Decimal(1))
        heavy = [invoices.create(f"{n}", lines=(long,) * 150) for n in range(12)]

        counted = xero.ledger.prepare_invoices(many)
        weighed = xero.ledger.prepare_invoices(heavy)

        assert [call.elements for call in counted] == [50, 50, 20]
        assert sum(call.elements for call in weighed) == 12
        assert len(weighed) > 1
        assert max(len(call.body) for call in weighed) <= MOST_BODY_BYTES
        assert {(call.method, call.target) for call in counted} == {
            ("PUT", "/Invoices?summarizeErrors=false&unitdp=4")
        }
        assert xero.ledger.prepare_invoices([]) == ()

    played(world)


def test_prepared_bytes_are_the_ones_that_leave() -> None:
    async def world(xero: Connected) -> None:
        write = invoices.create(contact_id=await xero.contact())
        (call,) = xero.ledger.prepare_invoices([write])

        await xero.ledger.send_invoices(
            TENANT, call, [write], idempotency_key=IdempotencyKey("k"), not_after=None
        )

        assert xero.transport.sent[-1].body == call.body
        assert xero.transport.sent[-1].headers["Idempotency-Key"] == "k"
        assert "Install" not in repr(call)

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

        assert isinstance(answer, AppliedContact), answer
        ledger, lane = xero.ledger, Lane.WRITE
        (by_number,) = await ledger.contacts_by_number(TENANT, ["cust-1", "cust-2"], lane=lane)
        (by_account,) = await ledger.contacts_by_account_number(TENANT, ["ACME,1"], lane=lane)
        (by_name,) = await ledger.contacts_by_name(TENANT, ['pipe 3" & sons, ltd'], lane=lane)
        by_id = await ledger.contacts_by_id(TENANT, [answer.live.id], lane=lane)
        assert by_number == by_account == by_name == by_id[answer.live.id] == answer.live
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

        (found,) = await xero.ledger.contacts_by_name(TENANT, ["acme ltd"], lane=Lane.WRITE)
        assert (found.email, found.number) == ("b@x.test", "cust-1")
        assert found.status is ContactStatus.ARCHIVED

    played(world)


def test_contact_whose_name_is_taken_is_refused_in_xeros_words() -> None:
    async def world(xero: Connected) -> None:
        await xero.contact("Acme Ltd", "cust-1")

        (answer,) = await xero.write_contacts(
            ContactWrite(pipeline_id=PipelineCustomerId("cust-2"), number="cust-2", name="acme ltd")
        )

        assert isinstance(answer, ElementRefused)
        assert "already assigned" in answer.messages[0]

    played(world)


def test_merged_contact_shows_its_winner() -> None:
    async def world(xero: Connected) -> None:
        loser = await xero.contact("Acme", "cust-1")
        winner = await xero.contact("Acme Ltd", "cust-2")
        xero.do(do="merge", contact=loser, into=winner)

        found = await xero.ledger.contacts_by_id(TENANT, [loser], lane=Lane.WRITE)

        assert found[loser].merged_to == winner

    played(world)


def test_answer_about_something_else_is_unclear() -> None:
    async def world(xero: Connected) -> None:
        contact = await xero.contact()
        sent = invoices.create("A", contact_id=contact)
        (call,) = xero.ledger.prepare_invoices([sent])
        believed: list[InvoiceWrite] = [invoices.create("B", contact_id=contact)]

        (answer,) = await xero.ledger.send_invoices(
            TENANT, call, believed, idempotency_key=xero.key(), not_after=None
        )

        assert isinstance(answer, ElementUnclear)

    played(world)
