"""A merge alarms nobody, however early an invoice shows it, however many customers share it."""

from __future__ import annotations

import pytest

from tests.engine.support.coming_back import Coming, play
from tests.engine.support.contact_stories import told
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
