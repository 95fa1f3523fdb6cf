"""Ten stories of what goes wrong: the explanation names the cause, the person and the field."""

from __future__ import annotations

from typing import Any

from syncd.domain.errors import NotSent
from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.contacts import request_link
from syncd.engine.contacts.link_requests import LinkRequest
from syncd.engine.core import journal_entries, pipeline_reach
from syncd.engine.operator.explain import Explained
from syncd.engine.operator.operations import Operations
from syncd.engine.samples.fold import SampleFold
from syncd.store import jobs
from syncd.store.journal import RecordType
from tests.engine.support.contact_stories import announced, told
from tests.engine.support.operating import Column, Keeping
from tests.engine.support.rounds import LINE, Rounds, play

PLENTY = BudgetLeft(minute=60, day=None, in_flight=0, parked_until_s=None)
PUT = {"method": "PUT", "path": "/Invoices"}


async def explained(
    rounds: Rounds, invoice: str, state: ConnectionState = ConnectionState.CONNECTED
) -> Explained:
    column = Column(state=state)
    operations = Operations(
        rounds.context,
        gates=column,
        consent=column,
        commands=column,
        allowance=lambda _: PLENTY,
        wake=lambda _: None,
        planned=lambda: (),
        keeping=Keeping(rounds.context.policies),
        samples=SampleFold(rounds.context.policies, clock=rounds.context.clock),
    )
    found = await operations.explanations.explain(rounds.tenant, invoice)
    assert found is not None
    return found


def lines(found: Explained) -> list[str]:
    """The story as a person reads it."""
    told = [
        f"{one.where}, {one.who}: {' '.join([one.text, *one.differences])}"
        for one in found.story.sentences
    ]
    return [*told, *(f"Now: {one}" for one in found.story.now), f"You: {found.story.can_do}"]


def place(found: Explained, *parts: str) -> int:
    """Where the first line with all these parts stands."""
    said = lines(found)
    for number, line in enumerate(said):
        if all(part in line for part in parts):
            return number
    raise AssertionError(f"no line has {parts}:\n" + "\n".join(said))


async def looked_at(rounds: Rounds, invoice: str) -> None:
    """A webhook or a sweep saw it move."""
    now = rounds.context.now()
    link_request = JobRequest(
        tenant=rounds.tenant, kind=JobKind.PUSH_INVOICE, key=invoice, ready_at=now
    )
    await rounds.context.store.run(jobs.enqueue([link_request], now))
    await rounds.turn()


async def synced(rounds: Rounds, **fields: Any) -> str:
    invoice = rounds.invoice(rounds.customer(), by="Dana Field", **fields)
    await rounds.after(30)
    assert rounds.result(invoice)["state"] == "synced"
    return invoice


def test_a_line_changed_by_the_bookkeeper_names_the_line_and_the_bookkeeper() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await synced(rounds)
        (row,) = rounds.books()
        line = {**row["LineItems"][0], "Quantity": 4}
        for computed in ("LineAmount", "TaxAmount"):
            line.pop(computed, None)
        rounds.xero.do(do="edit", invoice="PL-1", set={"LineItems": [line]}, who="Kim Ledger")
        await rounds.after(60)
        await looked_at(rounds, invoice)

        found = await explained(rounds, invoice)

        created = place(found, "syncd, syncd: Created in Xero: PL-1", "by Dana Field")
        edited = place(found, "Xero, Kim Ledger: edited", "zone 2: 4")
        apart = place(
            found, "Out of sync: PL-1", "moved in Xero by Kim Ledger", "quantity: Pipeline 3"
        )
        assert created < edited < apart < place(found, "Now: PL-1 is out of sync")
        assert place(found, "You: ", "take one side")

    play(story)


def test_an_edit_on_both_sides_names_both_people() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await synced(rounds, reference="PO 1")
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "hers"}, who="Kim Ledger")
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "ours"}, by="Lee Office")
        await rounds.after(30)

        found = await explained(rounds, invoice)

        both = "moved in Pipeline by Lee Office and in Xero by Kim Ledger"
        assert place(found, "Out of sync: PL-1", "reference", both)
        assert place(found, "Now: reference: Pipeline ours, Xero hers, agreed PO 1", both)

    play(story)


def test_a_number_held_by_a_stranger_is_named() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        line = {"Description": "x", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200"}
        rounds.xero.do(
            do="create_invoice",
            contact="Harbour Build",
            set={"InvoiceNumber": "PL-1", "LineItems": [line]},
        )
        invoice = rounds.invoice(customer)
        await rounds.after(60)

        found = await explained(rounds, invoice)

        assert place(found, "Waiting (number_taken): PL-1", "not ours")
        assert place(found, "You: Change the number")

    play(story)


def test_an_answer_lost_and_found_says_that_nothing_was_sent_twice() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="drop_after_commit", times=1)
        invoice = await synced(rounds)

        found = await explained(rounds, invoice)

        lost = place(found, "Sent to Xero, and whether it was taken is looked for: PL-1")
        assert lost < place(found, "Created in Xero: PL-1", "a look found it there")
        assert place(found, "Now: PL-1 is in sync")

    play(story)


def test_a_customer_without_contact_and_its_link_are_part_of_the_story() -> None:
    async def story(rounds: Rounds) -> None:
        for name in ("One", "Two"):
            made = rounds.xero.do(do="create_contact", set={"Name": name, "AccountNumber": "C1"})
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await rounds.turn()
        waiting = await explained(rounds, invoice)
        link_request = LinkRequest(link_to=XeroContactId(made["ContactID"]))
        await request_link.place(
            rounds.context, rounds.tenant, PipelineCustomerId(customer), link_request, "Robin Admin"
        )
        await rounds.after(30)

        found = await explained(rounds, invoice)

        assert place(waiting, "You: Link the customer")
        cause = place(found, "Waiting (contact_unmapped): PL-1")
        ordered = place(found, "Robin Admin: Link to the contact")
        linked = place(found, "Linked to a contact in Xero: Two")
        assert cause < ordered < linked < place(found, "Created in Xero: PL-1", "had waited")

    play(story)


def test_an_archived_contact_is_the_cause() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.xero.do(do="archive", contact=told(rounds, customer)["xeroContactId"])
        await announced(rounds, customer)
        invoice = rounds.invoice(customer)
        await rounds.turn()

        found = await explained(rounds, invoice)

        assert place(found, "Waiting (contact_archived): PL-1")
        assert place(found, "Now: PL-1 waits.", "is archived in Xero")
        assert place(found, "You: Restore the contact in Xero")

    play(story)


def test_a_locked_period_is_the_cause_until_the_date_moves() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.do(do="lock", period="2026-11-30")
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()

        found = await explained(rounds, invoice)

        assert place(found, "Waiting (locked_period): PL-1")
        assert place(found, "You: Move the lock date")

    play(story)


def test_a_payment_that_forbids_a_void_is_named_with_its_amount_and_who_took_it() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await synced(rounds)
        rounds.xero.do(do="pay", invoice="PL-1", amount="100.00", who="Kim Ledger")
        await rounds.after(30)
        rounds.user(do="delete", id=invoice, by="Lee Office")
        await rounds.after(30)

        found = await explained(rounds, invoice)

        paid = place(found, "Xero, Kim Ledger: ")
        assert place(found, "recorded in Xero: 100.00 NZD")
        withdrawn = place(found, "Pipeline, Lee Office: Deleted")
        assert paid < withdrawn < place(found, "Waiting (has_payments): PL-1")
        assert place(found, "You: Remove the payment")

    play(story)


def test_an_invoice_voided_in_xero_names_who_voided_it() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await synced(rounds)
        rounds.xero.do(do="void", invoice="PL-1", who="Kim Ledger")
        await looked_at(rounds, invoice)

        found = await explained(rounds, invoice)

        voided = place(found, "Xero, Kim Ledger: ", "VOIDED")
        assert voided < place(found, "(gone_in_xero): PL-1")
        assert place(
            found, "You: Accept it", "by taking Xero's side", "delete the invoice in Pipeline"
        )

    play(story)


def test_a_connection_that_ended_is_the_cause_of_waiting() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await synced(rounds)
        ended = journal_entries.of_connection(
            rounds.tenant,
            "Xero took the token back",
            at=rounds.context.now(),
            record_type=RecordType.DELETE,
        )
        await rounds.context.store.run(ended)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"}, by="Lee Office")
        await rounds._poll()

        found = await explained(rounds, invoice, ConnectionState.TOKEN_EXPIRED)

        assert place(found, "Xero took the token back") < place(found, "Now: PL-1 waits.")
        assert place(found, "You: Press Connect to Xero, ")

    play(story)


def test_where_xero_cannot_be_read_the_rest_is_told() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await synced(rounds)
        rounds.fault(match={"method": "GET", "path": "/Invoices"}, do="unavailable")

        found = await explained(rounds, invoice)

        assert "could not be read" in found.unread
        assert place(found, "Created in Xero: PL-1")
        assert place(found, "Now: PL-1 was in sync when Xero was last read.")

    play(story)


def test_where_pipeline_cannot_be_read_agreement_is_as_of_the_last_read() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await synced(rounds)
        lost = NotSent("gone", system="pipeline")
        pipeline_reach.read(rounds.context, rounds.tenant, lost)

        found = await explained(rounds, invoice)

        assert place(found, "Now: PL-1 was in sync when Pipeline was last read.")
        assert place(found, "You: Nothing about the invoice")
        pipeline_reach.read(rounds.context, rounds.tenant)
        assert place(await explained(rounds, invoice), "Now: PL-1 is in sync.")

    play(story)


def test_history_costs_one_call_and_is_asked_for_what_is_there_only() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), lines=[{**LINE, "costCode": "NEW"}])
        await rounds.turn()
        found = await explained(rounds, invoice)
        assert rounds.calls("GET Invoices/*/History") == 0
        assert (found.unread, place(found, "You: Map the cost code") > 0) == ("", True)

    play(story)


def test_a_payment_the_story_comes_across_is_taken_in_and_told() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await synced(rounds)
        await rounds.after(60)
        rounds.xero.do(do="pay", invoice="PL-1", amount="50", who="the bookkeeper")

        found = await explained(rounds, invoice)
        await rounds._tell()

        assert place(found, "Xero, the bookkeeper: ", "50")
        assert place(found, "Now: Xero showed more than had been read: a payment or credit")
        assert "there is nothing to do" not in found.story.can_do
        assert str(rounds.result(invoice)["amountPaid"]) == "50"

    play(story)


def test_an_edit_the_story_comes_across_is_looked_at() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await synced(rounds, reference="PO 1")
        await rounds.after(60)
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "hers"}, who="Kim Ledger")

        found = await explained(rounds, invoice)
        await rounds.turn()

        assert place(found, "a change, which is looked at now")
        assert rounds.result(invoice)["state"] == "out_of_sync"

    play(story)


def test_a_story_without_news_costs_no_further_read() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await synced(rounds)
        before = rounds.calls("GET Invoices")

        found = await explained(rounds, invoice)

        assert found.present.taken_in == ""
        assert rounds.calls("GET Invoices") == before

    play(story)
