"""A merge alarms nobody, however early an invoice shows it, however many customers share it."""

from __future__ import annotations

import pytest

from tests.engine.support.coming_back import Coming, play
from tests.engine.support.contact_stories import told
from tests.engine.support.restored import at_work, backed_up, played, put_back
from tests.engine.support.rounds import Rounds
from tests.engine.support.sweeping import swept_now


def second(rounds: Rounds, name: str) -> str:
    return str(rounds.user(do="create_customer", ref=name, name=name)["id"])


def test_an_invoice_sent_in_the_second_of_a_merge_is_not_out_of_sync() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        lost, kept = rounds.customer(), second(rounds, "Harbour Group")
        invoice = rounds.invoice(lost)
        await coming.after(5)
        own, survivor = (told(rounds, each)["xeroContactId"] for each in (lost, kept))

        coming.do("merge", contact=own, into=survivor)
        rounds.user(do="edit_invoice", id=invoice, set={"dueDate": "2027-01-10"})
        await rounds.turn()  # before any webhook has come

        assert rounds.result(invoice)["state"] == "synced"
        await coming.after(5)
        assert rounds.result(invoice)["state"] == "synced"
        assert coming.document(invoice)["DueDate"] == "2027-01-10"
        assert told(rounds, lost)["xeroContactId"] == survivor

    play(story)


@pytest.mark.parametrize("is_swept", [False, True])
def test_a_survivor_shared_by_two_customers_may_be_merged_on(*, is_swept: bool) -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        first, middle, last = rounds.customer(), second(rounds, "Middle"), second(rounds, "Last")
        early = rounds.invoice(first, "PL-early")
        await coming.after(5)
        ids = [told(rounds, each)["xeroContactId"] for each in (first, middle, last)]
        coming.do("merge", contact=ids[0], into=ids[1])
        await coming.after(5)
        between = rounds.invoice(first, "PL-between")
        await coming.after(5)

        coming.do("merge", contact=ids[1], into=ids[2])
        if is_swept:
            await swept_now(rounds, full=True)
        else:
            await coming.after(5)
        after = rounds.invoice(first, "PL-after")
        await coming.after(5)

        assert told(rounds, first)["xeroContactId"] == ids[2]
        for each in (early, between, after):
            assert rounds.result(each)["state"] == "synced", rounds.result(each)
            assert coming.document(each)["ContactID"] == ids[2]

    play(story)


def test_an_invoice_that_comes_to_a_customer_merged_into_its_contact_is_not_written() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        kept, lost = rounds.customer(), second(rounds, "Harbour Group")
        invoice, other = rounds.invoice(kept), rounds.invoice(lost, "PL-2")
        await coming.after(5)
        own, survivor = (told(rounds, each)["xeroContactId"] for each in (lost, kept))
        writes = rounds.calls("POST Invoices")

        coming.do("merge", contact=own, into=survivor)
        rounds.user(do="edit_invoice", id=invoice, set={"customerId": lost})
        await rounds.turn()  # before any webhook has come

        assert rounds.result(invoice)["state"] == "synced"
        assert rounds.calls("POST Invoices") == writes
        await coming.after(5)
        for each in (invoice, other):
            assert rounds.result(each)["state"] == "synced", rounds.result(each)
            assert coming.document(each)["ContactID"] == survivor

    play(story)


@pytest.mark.parametrize("is_archived", [False, True])
def test_a_move_that_a_merge_took_back_is_no_difference_after_a_restore(
    *, is_archived: bool
) -> None:
    async def story(rounds: Rounds) -> None:
        kept, lost = rounds.customer(), second(rounds, "Harbour Group")
        invoice = rounds.invoice(kept)
        rounds.invoice(lost, "PL-2")
        await rounds.after(30)
        own, survivor = (told(rounds, each)["xeroContactId"] for each in (lost, kept))
        backup = await backed_up(rounds)
        rounds.user(do="edit_invoice", id=invoice, set={"customerId": lost})
        await rounds.after(30)
        rounds.xero.do(do="merge", contact=own, into=survivor)
        if is_archived:
            rounds.xero.do(do="edit_contact", contact=survivor, set={"ContactStatus": "ARCHIVED"})

        await put_back(rounds, backup)
        await at_work(rounds)

        assert rounds.result(invoice)["state"] == "synced", rounds.result(invoice)

    played(story)


def test_a_merge_into_a_contact_known_to_be_archived_is_read_once() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        kept, lost = rounds.customer(), second(rounds, "Harbour Group")
        invoice = rounds.invoice(kept)
        rounds.invoice(lost, "PL-2")
        await coming.after(5)
        own, survivor = (told(rounds, each)["xeroContactId"] for each in (lost, kept))
        coming.do("merge", contact=own, into=survivor)
        coming.do("edit_contact", contact=survivor, set={"ContactStatus": "ARCHIVED"})
        await coming.after(5)
        assert told(rounds, lost)["state"] == "archived"
        looks, writes = rounds.calls("GET Contacts"), rounds.calls("POST Invoices")

        rounds.user(do="edit_invoice", id=invoice, set={"customerId": lost})
        await coming.after(30)

        assert rounds.result(invoice)["state"] == "synced", rounds.result(invoice)
        assert rounds.calls("POST Invoices") == writes
        # The loser, then its survivor; the customer's own round has nothing to look for.
        assert rounds.calls("GET Contacts") == looks + 2

    play(story)
