"""What changes in Xero is noticed without a webhook, once, cheaply, and by nobody's overwriting."""

from __future__ import annotations

import json

from syncd.domain.rules.limits.sweep_pace import Task
from syncd.store import results
from syncd.store.results import ResultKind
from tests.engine.support.rounds import LINE, Rounds, play
from tests.engine.support.sweeping import found, last, missed, reads, swept, swept_now, unread


def test_an_edit_in_xero_is_noticed_by_the_next_sweep_and_shown() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "by hand"})

        await swept(rounds)

        assert rounds.result(invoice)["state"] == "out_of_sync"
        assert [one.key for one in (await found(rounds))["differing"]] == [invoice]
        assert rounds.books()[0]["Reference"] == "by hand"

    play(story)


def test_an_edit_made_the_same_again_in_xero_resumes_without_an_operator() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "by hand"})
        await swept(rounds)
        await rounds.after(30)
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "PO 1"})

        await swept_now(rounds)

        assert rounds.result(invoice)["state"] == "synced"
        assert await found(rounds) == {}

    play(story)


def test_an_edit_that_policy_accepts_leaves_no_finding() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(xero_edits="accept")
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "by hand"})

        await swept(rounds)

        assert rounds.result(invoice)["state"] == "synced"
        assert await found(rounds) == {}

    play(story)


def test_a_payment_and_its_deletion_reach_pipeline_by_sweep() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        paid = rounds.xero.do(do="pay", invoice=rounds.xero_id(invoice), amount="100.00")
        await swept(rounds)
        assert float(rounds.result(invoice)["amountPaid"]) == 100

        await rounds.after(30)
        rounds.xero.do(do="delete_payment", payment=paid["PaymentID"])
        await swept_now(rounds)

        assert float(rounds.result(invoice)["amountPaid"]) == 0
        assert float(rounds.result(invoice)["amountDue"]) == 414
        assert await found(rounds) == {}

    play(story)


def test_a_payment_gone_from_an_answer_that_leaves_a_credit_out_is_told_all_the_same() -> None:
    """Its amounts are as they stand, so no later sweep would read it again for a month."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        own = rounds.xero_id(invoice)
        paid = rounds.xero.do(do="pay", invoice=own, amount="100.00")
        rounds.xero.do(do="credit", invoice=own, amount="50.00")
        await swept(rounds)
        await rounds.after(30)
        rounds.xero.do(do="delete_payment", payment=paid["PaymentID"])
        read = {"method": "GET", "path": "/Invoices"}
        rounds.fault(match=read, do="rewritten", find='"CreditNotes":[', put='"Left":[', times=1)

        await swept_now(rounds)

        told = await rounds.context.store.fetch(
            results.contents(rounds.tenant, ResultKind.PAYMENT, [invoice])
        )
        status_of = {one["type"]: one["status"] for one in (json.loads(x.content) for x in told)}
        assert status_of == {"Payment": "Deleted", "CreditNote": "Authorised"}
        assert float(rounds.result(invoice)["amountPaid"]) == 0

    play(story)


def test_a_row_from_the_future_hides_no_later_payment() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        ahead, later = rounds.invoice(customer), rounds.invoice(customer, "PL-2")
        await rounds.turn()
        own, other = rounds.xero_id(ahead), rounds.xero_id(later)
        rounds.xero.do(do="pay", invoice=own, amount="100.00", ahead_s=12 * 3600)
        await swept(rounds)
        assert float(rounds.result(ahead)["amountPaid"]) == 100

        await rounds.after(30)
        rounds.xero.do(do="pay", invoice=other, amount="50.00")
        await swept_now(rounds)

        assert float(rounds.result(later)["amountPaid"]) == 50

    play(story)


def test_own_writes_come_back_without_an_alarm_or_a_call() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        kept, gone = rounds.invoice(customer), rounds.invoice(customer, "PL-2")
        await rounds.turn()
        rounds.user(do="edit_line", id=kept, line=0, set={"quantity": 4})
        rounds.user(do="delete", id=gone)
        await rounds.turn()

        await swept(rounds)

        assert last(rounds, Task.INVOICES)["enqueued"] == 0
        assert await found(rounds) == {}
        await rounds.after(2_000)
        assert missed(rounds) == 0

    play(story)


def test_an_invoice_voided_in_xero_is_missing_until_it_is_settled() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.xero.do(do="void", invoice=rounds.xero_id(invoice))

        await swept(rounds)

        assert rounds.result(invoice)["reasonCode"] == "gone_in_xero"
        assert [one.key for one in (await found(rounds))["missing"]] == [invoice]
        rounds.user(do="delete", id=invoice)
        await rounds.turn()
        assert await found(rounds) == {}

    play(story)


def test_a_crowded_second_is_read_to_its_end() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        for index in range(520):
            rounds.invoice(customer, f"PL-{index}", reference="PO 1")
        await rounds.turn()
        for book in rounds.books():
            rounds.xero.do(do="edit", invoice=book["InvoiceID"], set={"Reference": "by hand"})

        await swept(rounds)

        told = rounds.pipeline.dump()["tenants"][rounds.tenant]["results"]["invoice"].values()
        assert [one["state"] for one in told] == ["out_of_sync"] * 520

    play(story)


def test_sweep_of_what_was_just_written_costs_far_fewer_calls_than_the_writes() -> None:
    """Two calls of fifty a second: what two pages share must be little beside what they show."""

    async def story(rounds: Rounds) -> None:
        rounds.xero.transport.latency_s = 0.5
        customer = rounds.customer()
        for index in range(1_000):
            rounds.invoice(customer, f"PL-{index}")
        await rounds.turn()
        rounds.xero.transport.sent.clear()

        await swept(rounds)

        urls = [each.url for each in rounds.xero.transport.sent]
        assert sum("/Invoices?" in each and "UpdatedDateUTC%20ASC" in each for each in urls) == 3
        assert rounds.calls("PUT Invoices") == 20

    play(story)


def test_at_rest_a_sweep_costs_one_call_for_one_row() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        for index in range(130):
            rounds.invoice(customer, f"PL-{index}")
        await rounds.turn()
        await swept(rounds)
        await rounds.after(150, step_s=150)
        await swept_now(rounds)
        before, rows = reads(rounds), last(rounds, Task.INVOICES)["rows"]

        await swept_now(rounds)

        assert reads(rounds) - before == 2
        assert (rows > 0, last(rounds, Task.INVOICES)["rows"]) == (True, 0)

    play(story)


def test_an_idle_day_on_the_smallest_plan_costs_at_most_100_calls() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        for index in range(120):
            rounds.invoice(customer, f"PL-{index}")
        await rounds.turn()
        await swept(rounds)
        before = len(rounds.xero.calls)

        for _ in range(24 * 12):
            await rounds.after(300, step_s=300)
            await swept(rounds)

        # A token is refreshed ahead by the keeper; without one some calls are answered 401 here.
        assert sum(call.status == 200 for call in rounds.xero.calls[before:]) <= 100

    play(story)


def test_a_change_nobody_announced_is_a_miss_after_half_an_hour() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.xero.do(do="pay", invoice=rounds.xero_id(invoice), amount="100.00")
        await swept(rounds)
        assert missed(rounds) == 0

        await rounds.after(1_900, step_s=300)

        kinds = await found(rounds)
        assert missed(rounds) == 1
        assert list(kinds) == ["missed_webhook"]

    play(story)


def test_a_number_that_comes_free_is_taken_after_the_next_sweep() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.invoice(customer, "PL-0")
        await rounds.turn()
        stranger = rounds.xero.do(
            do="create_invoice",
            contact="Harbour Build",
            set={"InvoiceNumber": "PL-1", "LineItems": [_line()]},
        )
        invoice = rounds.invoice(customer, "PL-1")
        await rounds.turn()
        assert [one.key for one in (await found(rounds))["stranger"]] == [invoice]
        assert stranger

        rounds.user(do="edit_invoice", id=invoice, set={"number": "PL-2"})
        await rounds.turn()

        assert await found(rounds) == {}

    play(story)


def _line() -> dict[str, object]:
    return {
        "Description": LINE["description"],
        "Quantity": 1,
        "UnitAmount": 5,
        "AccountCode": "200",
    }


def test_a_sweep_that_xero_refuses_waits_for_its_next_time_and_holds_up_no_other() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.xero.world.switches.max_rows = 0
        await swept(rounds)
        before = reads(rounds)

        await swept(rounds)

        assert reads(rounds) == before
        words = "What changed in Xero's invoices could not be read to the end: Xero refused it: "
        assert any(one.text.startswith(words) for one in await unread(rounds))
        rounds.xero.world.switches.max_rows = 100_000
        rounds.xero.do(do="pay", invoice=rounds.xero_id(invoice), amount="100.00")
        await rounds.after(1_200, step_s=300)
        await swept(rounds)
        assert float(rounds.result(invoice)["amountPaid"]) == 100
        assert not any(one.text.startswith(words) for one in await unread(rounds))

    play(story)


def test_a_contacts_edit_in_xero_is_looked_at_after_the_next_sweep_and_an_echo_is_not() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer())
        await rounds.turn()
        await swept(rounds)
        assert last(rounds, Task.CONTACTS)["enqueued"] == 0

        rounds.xero.do(
            do="edit_contact", contact="Harbour Build", set={"EmailAddress": "new@harbour.test"}
        )
        await swept_now(rounds)

        assert last(rounds, Task.CONTACTS)["enqueued"] == 1

    play(story)
