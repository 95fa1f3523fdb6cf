"""What happens in Xero reaches Pipeline within seconds, and what is not ours costs nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncd.domain.model.job import JobKind
from syncd.domain.model.settings import CreateContacts
from syncd.store import inbox, jobs
from tests.engine.support import sweeping
from tests.engine.support.coming_back import Coming, play, synced
from tests.engine.support.contact_stories import contact, edit_in_xero, shown, told
from tests.xero.support.worlds import TENANT, passes

WITHIN_S = 5.0


def test_payment_is_in_pipeline_within_five_seconds() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)

        coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="100", reference="BACS")
        await coming.after(WITHIN_S)

        (payment,) = coming.payments(invoice)
        assert (payment["amount"], payment["reference"], payment["status"]) == (
            "100", "BACS", "Authorised",
        )  # fmt: skip
        assert coming.rounds.result(invoice)["state"] == "synced"
        coming.assert_money_agrees(invoice)

    play(story)


def test_deleted_payment_unpays_the_invoice() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)
        coming.do("pay", invoice=own)
        await coming.after(WITHIN_S)
        assert coming.rounds.result(invoice)["xeroStatus"] == "PAID"
        assert coming.rounds.result(invoice)["fullyPaidOn"]

        coming.do("delete_payment", invoice=own)
        await coming.after(WITHIN_S)

        (payment,) = coming.payments(invoice)
        told = coming.rounds.result(invoice)
        assert payment["status"] == "Deleted"
        assert (told["xeroStatus"], told.get("fullyPaidOn")) == ("AUTHORISED", None)
        coming.assert_money_agrees(invoice)

    play(story)


def test_event_is_not_covered_by_a_time_of_change_from_the_future() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)
        coming.do("pay", invoice=own, amount="100", ahead_s=12 * 3600)
        await sweeping.swept(coming.rounds)
        coming.assert_money_agrees(invoice)
        await coming.after(1)

        coming.do("pay", invoice=own, amount="50")
        await coming.after(WITHIN_S)

        assert len(coming.payments(invoice)) == 2
        coming.assert_money_agrees(invoice)

    play(story)


def test_own_write_is_settled_by_its_stamp() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        reads = coming.reads()

        await coming.after(30)

        assert coming.rounds.result(invoice)["state"] == "synced"
        assert coming.verdicts() == {"echo": 1, "covered": 1}
        assert coming.reads() == reads

    play(story)


def test_edit_in_xero_is_shown_as_out_of_sync() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)

        coming.do("edit", invoice=coming.rounds.xero_id(invoice), set={"Reference": "by hand"})
        await coming.after(WITHIN_S)

        told = coming.rounds.result(invoice)
        assert told["state"] == "out_of_sync"
        assert [(one["field"], one["movedBy"]) for one in told["differences"]] == [
            ("reference", "xero")
        ]

    play(story)


def test_edit_taken_back_in_xero_brings_both_sides_together_again() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)
        coming.do("edit", invoice=own, set={"Reference": "by hand"})
        await coming.after(WITHIN_S)

        coming.do("edit", invoice=own, set={"Reference": "PO 1"})
        await coming.after(WITHIN_S)

        assert coming.rounds.result(invoice)["state"] == "synced"

    play(story)


def test_payment_on_an_invoice_out_of_sync_is_told_all_the_same() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)
        coming.do("edit", invoice=own, set={"Reference": "by hand"})
        await coming.after(WITHIN_S)

        coming.do("pay", invoice=own, amount="10")
        await coming.after(WITHIN_S)

        assert coming.rounds.result(invoice)["state"] == "out_of_sync"
        coming.assert_money_agrees(invoice)

    play(story)


def test_void_in_xero_is_gone_in_xero() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)

        coming.do("void", invoice=coming.rounds.xero_id(invoice))
        await coming.after(WITHIN_S)

        told = coming.rounds.result(invoice)
        assert (told["state"], told["reasonCode"]) == ("waiting", "gone_in_xero")

    play(story)


def test_bills_and_foreign_invoices_cost_no_call() -> None:
    async def story(coming: Coming) -> None:
        await synced(coming)
        line = {"Description": "Sundry", "UnitAmount": "10.00", "AccountCode": "200"}
        foreign = [
            coming.do("create_invoice", set={"Type": kind, "LineItems": [line]})["InvoiceID"]
            for kind in ("ACCREC", "ACCPAY") * 20
        ]
        before = len(coming.rounds.xero.transport.sent)

        for own in foreign[:10]:
            coming.do("pay", invoice=own)
        await coming.after(20)

        assert coming.verdicts()["not_ours"] >= 50
        assert len(coming.rounds.xero.transport.sent) == before

    play(story, payment_events=True)


def test_many_invoices_are_read_forty_to_a_call() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        customer = rounds.customer()
        invoices = [rounds.invoice(customer, f"PL-{number}") for number in range(90)]
        await coming.after(8)
        reads = coming.reads()

        for invoice in invoices:
            own = rounds.xero_id(invoice)
            coming.do("pay", invoice=own, amount="1")
            coming.do("pay", invoice=own, amount="2")
        await coming.after(WITHIN_S)

        for invoice in invoices:
            coming.assert_money_agrees(invoice)
        assert coming.reads() - reads <= 3 + 2

    play(story)


def test_duplicates_and_disorder_change_nothing() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)
        for amount in ("1", "2", "3", "4"):
            coming.do("pay", invoice=own, amount=amount)
            await coming.after(1)
        coming.do("delete_payment", invoice=own)

        await coming.after(90)

        assert len(coming.payments(invoice)) == 4
        coming.assert_money_agrees(invoice)

    play(story, webhook_duplicates=1.0, webhook_reorders=0.5, webhook_delay_spread_s=3.0)


def test_event_kept_before_a_death_has_its_effect_after_it() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        coming.do("pay", invoice=coming.rounds.xero_id(invoice))
        await coming.silent(2)
        coming.rounds.xero.world.webhooks.aim(None)

        await coming.reborn()
        await coming.after(WITHIN_S)

        coming.assert_money_agrees(invoice)

    play(story)


def test_closed_gate_keeps_events_until_it_opens() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        coming.is_open = False
        coming.do("pay", invoice=coming.rounds.xero_id(invoice))
        await coming.after(60)
        assert coming.payments(invoice) == []

        coming.is_open = True
        await coming.after(1)

        coming.assert_money_agrees(invoice)

    play(story)


def test_an_event_of_an_invoice_in_work_costs_no_call_until_the_work_is_done() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        context, now = coming.context, coming.context.now()
        await context.store.run(jobs.look(TENANT, JobKind.PUSH_INVOICE, [invoice], now))
        long = {"incarnation": context.incarnation, "lease_until": now + timedelta(minutes=5)}
        await context.store.run(jobs.claim(TENANT, JobKind.PUSH_INVOICE, now=now, limit=1, **long))
        coming.do("pay", invoice=coming.rounds.xero_id(invoice))
        reads = coming.reads()

        await coming.after(60)
        assert coming.reads() == reads
        assert coming.payments(invoice) == []

        await coming.reborn()
        await coming.after(WITHIN_S)
        coming.assert_money_agrees(invoice)

    play(story)


def test_failed_read_keeps_its_events() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        rule = {"match": {"method": "GET", "path": "/Invoices"}, "do": "unavailable", "times": 3}
        coming.rounds.fault(**rule)
        coming.do("pay", invoice=coming.rounds.xero_id(invoice))

        await coming.after(10)

        coming.assert_money_agrees(invoice)

    play(story)


def test_payment_while_a_create_has_no_answer_is_not_lost() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        customer = rounds.customer()
        await coming.after(3)
        lost = {"match": {"method": "PUT", "path": "/Invoices"}, "do": "drop_after_commit"}
        rounds.fault(**lost, times=1)
        invoice = rounds.invoice(customer)
        await coming.after(2)
        (document,) = rounds.books()

        coming.do("pay", invoice=document["InvoiceID"], amount="7")
        await coming.after(60)

        assert rounds.result(invoice)["state"] == "synced"
        coming.assert_money_agrees(invoice)
        assert coming.verdicts()["not_ours"] == 0

    play(story)


@pytest.mark.parametrize("switches", [{"payment_raises_invoice_event": False}])
def test_money_event_alone_finds_its_invoice(switches: dict[str, Any]) -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)

        coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="12.34")
        await coming.after(WITHIN_S)

        coming.assert_money_agrees(invoice)
        assert coming.verdicts()["resolved"] == 1

    play(story, payment_events=True, **switches)


def test_money_event_beside_its_invoice_costs_no_read_of_its_own() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        reads = coming.reads()

        coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="12.34")
        await coming.after(WITHIN_S)

        assert coming.reads() - reads == 1
        assert coming.verdicts()["explained"] == 1

    play(story, payment_events=True)


def test_same_event_costs_nothing_once_a_later_read_has_shown_it() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)
        coming.do("pay", invoice=own, amount="1")
        await coming.after(WITHIN_S)
        reads = coming.reads()
        since = coming.rounds.xero.world.clock.utc() - timedelta(days=1)

        replayed = await coming.context.store.run(inbox.replay(since))
        await coming.after(WITHIN_S)

        assert len(replayed) >= 2
        assert coming.verdicts()["covered"] >= 1
        assert coming.reads() == reads

    play(story)


def test_contact_edited_in_xero_is_refreshed_in_pipeline_per_field() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        customer = rounds.customer(email="a@b.test", phone="06 1")
        await coming.after(WITHIN_S)
        reads = rounds.calls("GET Contacts")

        edit_in_xero(rounds, customer, EmailAddress="books@b.test", FirstName="Ann")
        await coming.after(WITHIN_S)

        found = shown(rounds, customer)
        assert (found["email"], found["firstName"], found["phone"]) == (
            "books@b.test", "Ann", "06 1",
        )  # fmt: skip
        assert coming.verdicts()["contact"] == 1
        assert rounds.calls("GET Contacts") - reads == 2  # once more: Pipeline took the refresh
        assert rounds.calls("POST Contacts") == 0

    play(story)


def test_contacts_are_read_forty_to_a_call_however_often_they_are_announced() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        customers = [
            str(rounds.user(do="create_customer", ref=f"C{n}", name=f"Builder {n}")["id"])
            for n in range(40)
        ]
        await coming.after(8)
        reads = rounds.calls("GET Contacts")

        for phone in ("06 1", "06 2"):
            for customer in customers:
                edit = {"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": phone}]}
                edit_in_xero(rounds, customer, **edit)
        await coming.after(WITHIN_S)

        assert {shown(rounds, customer)["phone"] for customer in customers} == {"06 2"}
        assert rounds.calls("GET Contacts") - reads <= 2 + 2

    play(story, webhook_duplicates=0.5)


def test_contact_announced_before_a_death_is_looked_at_after_it() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        customer = rounds.customer(email="a@b.test")
        await coming.after(WITHIN_S)
        edit_in_xero(rounds, customer, EmailAddress="books@b.test")
        await coming.silent(2)
        rounds.xero.world.webhooks.aim(None)

        await coming.reborn()
        await coming.after(WITHIN_S)

        assert shown(rounds, customer)["email"] == "books@b.test"

    play(story)


def test_foreign_contacts_cost_no_call() -> None:
    async def story(coming: Coming) -> None:
        await synced(coming)
        before = len(coming.rounds.xero.transport.sent)
        for number in range(50):
            coming.do("create_contact", set={"Name": f"A supplier {number}"})

        await coming.after(WITHIN_S)

        assert coming.verdicts()["not_ours"] == 50
        assert len(coming.rounds.xero.transport.sent) == before

    play(story)


NEVER = CreateContacts.NEVER


async def unmapped(coming: Coming, **customer: Any) -> tuple[str, str]:
    """A customer whose contact nobody makes but a person, and an invoice that waits for it."""
    coming.rounds.choose(create_contacts=NEVER)
    who = coming.rounds.customer(**customer)
    invoice = coming.rounds.invoice(who)
    await coming.after(WITHIN_S)
    assert coming.rounds.result(invoice)["reasonCode"] == "contact_unmapped"
    return who, invoice


@pytest.mark.parametrize("by", ["AccountNumber", "ContactNumber"])
def test_a_contact_made_in_xero_lets_the_waiting_invoice_go_within_seconds(by: str) -> None:
    async def story(coming: Coming) -> None:
        who, invoice = await unmapped(coming)

        mark = {"AccountNumber": "C1", "ContactNumber": who}[by]
        coming.do("create_contact", set={"Name": "Harbour Build", by: mark})
        await coming.after(WITHIN_S)

        assert coming.rounds.result(invoice)["state"] == "synced"

    play(story)


def test_a_contact_renamed_or_restored_in_xero_is_looked_at_within_seconds() -> None:
    async def story(coming: Coming) -> None:
        made = coming.do("create_contact", set={"Name": "Old Harbour"})["ContactID"]
        _who, invoice = await unmapped(coming)

        coming.do("edit_contact", contact=made, set={"Name": "Harbour Build"})
        await coming.after(WITHIN_S)
        told = coming.rounds.result(invoice)
        assert told["reasonCode"] == "contact_name_taken"
        assert f"Harbour Build ({made}), without an Account Number" in told["reason"]

        coming.do("edit_contact", contact=made, set={"AccountNumber": "C1"})
        await coming.after(WITHIN_S)
        assert coming.rounds.result(invoice)["state"] == "synced"

    play(story)


def test_an_archived_contact_of_its_number_is_named_and_its_restoring_lets_it_go() -> None:
    async def story(coming: Coming) -> None:
        fields = {"Name": "Harbour Build", "AccountNumber": "C1"}
        made = coming.do("create_contact", set=fields)["ContactID"]
        coming.do("archive", contact=made)
        who = coming.rounds.customer()
        invoice = coming.rounds.invoice(who)
        await coming.after(WITHIN_S)
        told = coming.rounds.result(invoice)
        assert told["reasonCode"] == "contact_archived"
        assert f"Harbour Build ({made})" in told["reason"]

        coming.do("edit_contact", contact=made, set={"ContactStatus": "ACTIVE"})
        await coming.after(WITHIN_S)

        assert coming.rounds.result(invoice)["state"] == "synced"

    play(story)


def test_a_name_freed_in_xero_lets_the_customer_be_made_within_seconds() -> None:
    async def story(coming: Coming) -> None:
        other = coming.do("create_contact", set={"Name": "Harbour Build"})["ContactID"]
        invoice = coming.rounds.invoice(coming.rounds.customer())
        await coming.after(WITHIN_S)
        assert coming.rounds.result(invoice)["reasonCode"] == "contact_name_taken"

        coming.do("edit_contact", contact=other, set={"Name": "Harbour Build (old)"})
        await coming.after(WITHIN_S)

        assert coming.rounds.result(invoice)["state"] == "synced"

    play(story)


def test_whoever_has_a_name_but_for_what_xero_drops_is_named_and_lets_it_go() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        rounds.xero.world.switches.turn({"drops_emoji": True})
        first, second = (
            rounds.user(do="create_customer", ref=ref, name="Harbour Build 🚧")["id"]
            for ref in ("C1", "C2")
        )
        invoice = rounds.invoice(second)
        await coming.after(WITHIN_S)
        other = contact(rounds, first)["ContactID"]
        said = told(rounds, second)["reason"]
        assert f"contact named Harbour Build 🚧: Harbour Build ({other}). Change" in said
        assert rounds.result(invoice)["reasonCode"] == "contact_name_taken"

        coming.do("edit_contact", contact=other, set={"Name": "Harbour South"})
        await coming.after(WITHIN_S)

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_two_candidates_merged_in_xero_let_the_invoice_go_within_seconds() -> None:
    async def story(coming: Coming) -> None:
        fields = {"AccountNumber": "C1"}
        one = coming.do("create_contact", set={"Name": "Harbour", **fields})["ContactID"]
        two = coming.do("create_contact", set={"Name": "Harbour Two", **fields})["ContactID"]
        invoice = coming.rounds.invoice(coming.rounds.customer())
        await coming.after(WITHIN_S)
        told = coming.rounds.result(invoice)
        assert told["reasonCode"] == "contact_unmapped"
        assert f"Harbour ({one})" in told["reason"]
        assert f"Harbour Two ({two})" in told["reason"]

        coming.do("merge", contact=two, into=one)
        await coming.after(WITHIN_S)

        assert coming.rounds.result(invoice)["state"] == "synced"

    play(story)


def test_nobodys_contacts_cost_no_call_while_every_customer_has_one() -> None:
    async def story(coming: Coming) -> None:
        await synced(coming)
        await coming.after(WITHIN_S)
        calls = coming.rounds.calls("GET Contacts")

        for number in range(3):
            coming.do("create_contact", set={"Name": f"A supplier {number}"})
        await coming.after(WITHIN_S)

        assert coming.rounds.calls("GET Contacts") == calls
        assert coming.verdicts()["not_ours"] == 3

    play(story)


def test_nobodys_contacts_are_read_forty_to_a_call_while_a_customer_waits() -> None:
    async def story(coming: Coming) -> None:
        _who, invoice = await unmapped(coming)
        calls = coming.rounds.calls("GET Contacts")

        for number in range(60):
            coming.do("create_contact", set={"Name": f"A supplier {number}"})
        await coming.silent(2)
        await coming.after(WITHIN_S)

        assert coming.rounds.calls("GET Contacts") - calls == 2
        assert coming.rounds.result(invoice)["reasonCode"] == "contact_unmapped"

    play(story)


def test_an_event_of_no_id_does_not_keep_the_contact_beside_it_from_a_waiting_customer() -> None:
    """Xero refuses a whole read for one id that is none, at every round anew."""

    async def story(coming: Coming) -> None:
        _who, invoice = await unmapped(coming)
        other = coming.do("create_contact", set={"Name": "A supplier"})["ContactID"]
        await passes(60)
        world = coming.rounds.xero.world
        for delivery in world.webhooks.due(world.clock.now()):
            odd = delivery.body.replace(other.encode(), b"not an id")
            await coming.inbox.accept(coming.reader.read(odd))
            world.webhooks.answered(delivery, 200, world.clock.now())

        coming.do("create_contact", set={"Name": "Harbour Build", "AccountNumber": "C1"})
        await coming.after(WITHIN_S)

        assert coming.rounds.result(invoice)["state"] == "synced"

    play(story)
