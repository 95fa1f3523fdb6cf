"""An event whose read shows the books as they were before is read again, and not for ever."""

from __future__ import annotations

import pytest

from tests.engine.support.coming_back import Coming, play, synced
from tests.engine.support.contact_stories import edit_in_xero, shown

BOUND_S = 200.0
LAGS_S = (1.0, 6.0, 60.0)


def lag(coming: Coming, seconds: float) -> None:
    coming.rounds.xero.world.switches.turn({"read_lag_s": seconds})


@pytest.mark.parametrize("lag_s", LAGS_S)
def test_payment_arrives_within_three_times_the_lag(lag_s: float) -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        lag(coming, lag_s)

        coming.do("pay", invoice=coming.rounds.xero_id(invoice))
        await coming.after(5 + 3 * lag_s)

        coming.assert_money_agrees(invoice)

    play(story)


@pytest.mark.parametrize("lag_s", LAGS_S)
def test_second_of_two_edits_within_a_second_is_seen(lag_s: float) -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)
        lag(coming, lag_s)

        coming.do("edit", invoice=own, set={"Reference": "by hand"})
        await coming.after(0.75)
        coming.do("edit", invoice=own, set={"Reference": "by another"})
        await coming.after(BOUND_S)

        (apart,) = coming.rounds.result(invoice)["differences"]
        assert apart["xero"] == "by another"

    play(story)


def test_payment_without_an_event_of_its_invoice_arrives() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        lag(coming, 60)

        coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="12.34")
        await coming.after(BOUND_S)

        coming.assert_money_agrees(invoice)

    play(story, payment_events=True, payment_raises_invoice_event=False)


def test_edit_of_a_contact_arrives() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        customer = rounds.customer(email="a@b.test")
        await coming.after(5)
        lag(coming, 60)

        edit_in_xero(rounds, customer, EmailAddress="books@b.test")
        await coming.after(BOUND_S)

        assert shown(rounds, customer)["email"] == "books@b.test"

    play(story)


def test_money_that_left_the_time_of_change_as_it_was_is_told_at_once_and_read_few_times() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        reads = coming.reads()

        coming.do("credit", invoice=coming.rounds.xero_id(invoice), amount="7")
        await coming.after(5)
        coming.assert_money_agrees(invoice)
        await coming.after(2 * BOUND_S)

        assert 1 < coming.reads() - reads <= 7
        assert coming.verdicts()["unseen"] >= 1
        await coming.after(BOUND_S)
        assert coming.reads() - reads <= 7

    play(story, allocation_bumps_invoice=False)


def test_events_put_off_share_their_reads() -> None:
    async def story(coming: Coming) -> None:
        customer = coming.rounds.customer()
        invoices = [coming.rounds.invoice(customer, f"PL-{number}") for number in range(30)]
        await coming.after(8)
        lag(coming, 60)
        reads = coming.reads()

        for invoice in invoices:
            coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="1")
        await coming.after(BOUND_S)

        for invoice in invoices:
            coming.assert_money_agrees(invoice)
        assert coming.reads() - reads <= 7

    play(story)
