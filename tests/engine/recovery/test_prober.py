"""Uncertain writes: whatever happened to the answer, one document and the newest content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.domain.errors import Refused
from syncd.domain.facts import ServiceFailed
from syncd.store import intents
from tests.engine.support.rounds import LINE, Rounds, play
from tests.engine.support.set_clock import Wall
from tests.xero.support.worlds import TENANT, passes

PUT = {"method": "PUT", "path": "/Invoices"}
POST = {"method": "POST", "path": "/Invoices"}


def test_a_lost_answer_is_looked_for_and_recorded_never_sent_again() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="drop_after_commit", times=1)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        assert rounds.result(invoice)["state"] == "uncertain"

        await rounds.after(30)

        assert rounds.result(invoice)["state"] == "synced"
        assert len(rounds.books()) == 1
        assert rounds.calls("PUT Invoices") == 1

    play(story)


def test_a_request_lost_on_the_way_is_repeated_with_the_same_key() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="drop_before_commit", times=1)
        invoice = rounds.invoice(rounds.customer())

        await rounds.after(30)

        sent = [each for each in rounds.xero.transport.sent if each.method == "PUT"]
        puts = [each for each in sent if "Invoices" in each.url]
        assert len(puts) == 2
        assert puts[0].headers["Idempotency-Key"] == puts[1].headers["Idempotency-Key"]
        assert puts[0].body == puts[1].body
        assert rounds.result(invoice)["state"] == "synced"
        assert len(rounds.books()) == 1

    play(story)


def test_a_look_planned_by_a_clock_that_was_ahead_comes_in_time_all_the_same() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="drop_before_commit", times=1)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        (one,) = await rounds.context.store.fetch(intents.open_of_tenant(TENANT))
        tomorrow = rounds.context.now() + timedelta(days=1)
        await rounds.context.store.run(intents.note_probes([(one.id, 0, tomorrow)]))

        await rounds.after(900, step_s=10)

        assert rounds.result(invoice)["state"] == "synced"
        assert len(rounds.books()) == 1

    play(story)


@pytest.mark.parametrize("late_s", [10, 60, 200, 300])
def test_a_commit_that_comes_late_makes_no_second_copy(late_s: int) -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="late_commit", seconds=late_s, times=1)
        invoice = rounds.invoice(rounds.customer())

        await rounds.after(900, step_s=10)

        assert [book["Status"] for book in rounds.books()] == ["AUTHORISED"]
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_what_xero_never_took_is_made_anew_only_after_the_latest_it_could_come() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="drop_before_commit")
        rounds.xero.world.faults.set([{"match": PUT, "do": "drop_before_commit", "times": 50}])
        invoice = rounds.invoice(rounds.customer())
        await rounds.after(310, step_s=10)
        rounds.xero.world.faults.set([])
        keys = {
            each.headers["Idempotency-Key"]
            for each in rounds.xero.transport.sent
            if each.method == "PUT" and "Invoices" in each.url
        }
        assert len(keys) == 1

        await rounds.after(900, step_s=10)

        assert rounds.result(invoice)["state"] == "synced"
        assert len(rounds.books()) == 1

    play(story)


def test_a_create_made_anew_believes_the_first_refusal_of_its_own() -> None:
    """Simulation, seed 20 without sweeps: the refusal was asked for again and again, for ever."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.xero.world.bookkeeper({"do": "archive", "contact": "Harbour Build"})
        rounds.fault(match=PUT, do="drop_before_commit", times=1)
        invoice = rounds.invoice(customer)

        await rounds.after(1000, step_s=10)

        told = rounds.result(invoice)
        assert (told["state"], told["reasonCode"]) == ("waiting", "contact_archived")
        asked = rounds.calls("PUT Invoices")
        await rounds.after(1000, step_s=10)
        assert rounds.calls("PUT Invoices") == asked

    play(story)


def test_a_rename_during_an_uncertain_create_makes_no_second_invoice() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="late_commit", seconds=100, times=1)
        invoice = rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()
        rounds.user(do="edit_invoice", id=invoice, set={"number": "PL-2"})

        await rounds.after(900, step_s=10)

        (book,) = rounds.books()
        assert book["InvoiceNumber"] == "PL-2"
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_a_delete_during_an_uncertain_create_leaves_nothing_alive() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="late_commit", seconds=100, times=1)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.user(do="delete", id=invoice)

        await rounds.after(900, step_s=10)

        assert {book["Status"] for book in rounds.books()} <= {"VOIDED", "DELETED"}
        assert rounds.result(invoice)["state"] == "voided"

    play(story)


def test_an_edit_made_in_xero_after_a_lost_create_is_shown_and_never_overwritten() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="drop_after_commit", times=1)
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "by the bookkeeper"})
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})

        await rounds.after(60)

        (book,) = rounds.books()
        assert book["Reference"] == "by the bookkeeper"
        result = rounds.result(invoice)
        assert result["state"] == "out_of_sync"
        (difference,) = result["differences"]
        assert (difference["field"], difference["movedBy"]) == ("reference", "both")

    play(story)


def test_an_edit_over_an_update_whose_answer_was_lost_outlives_the_withdrawal() -> None:
    """Simulation, seed 2 without sweeps: the base had that field empty, so no edit was seen."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), status="Draft", dueDate="2026-12-10")
        await rounds.after(30)
        rounds.fault(match=POST, do="drop_after_commit", times=1)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.after(12, step_s=1)
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "by the bookkeeper"})
        await rounds.after(600, step_s=10)

        rounds.user(do="delete", id=invoice)
        await rounds.after(60)

        (book,) = rounds.books()
        assert (book["Reference"], book["Status"]) == ("by the bookkeeper", "DRAFT")
        assert rounds.result(invoice)["state"] == "out_of_sync"

    play(story)


def test_an_update_that_landed_is_recorded_and_never_sent_over_a_later_edit() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.fault(match=POST, do="drop_after_commit", times=1)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()
        rounds.xero.do(do="edit", invoice="PL-1", set={"DueDate": "2027-01-31"})

        await rounds.after(120)

        (book,) = rounds.books()
        assert (book["Reference"], book["DueDate"]) == ("PO 2", "2027-01-31")
        assert rounds.calls("POST Invoices") == 1

    play(story)


@pytest.mark.parametrize("dead_s", [0, 600])
@pytest.mark.parametrize("after", ["edit", "delete"])
def test_an_unanswered_update_that_was_taken_back_in_xero_is_a_persons_to_decide(
    dead_s: int, after: str
) -> None:
    """It landed, and a bookkeeper took it back: Xero shows the old content, and his edit."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.after(10)
        rounds.fault(match=POST, do="drop_after_commit", times=1)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()
        assert [book["Reference"] for book in rounds.books()] == ["PO 2"]
        await passes(1)
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "PO 1"})
        await passes(dead_s)
        if after == "delete":
            rounds.user(do="delete", id=invoice)

        await rounds.after(1200, step_s=10)

        (book,) = rounds.books()
        assert (book["Reference"], book["Status"]) == ("PO 1", "AUTHORISED")
        told = rounds.result(invoice)
        assert told["state"] == "out_of_sync"
        assert "Xero never answered a change of it" in told["reason"]
        assert rounds.calls("POST Invoices") == 1

    play(story)


def test_a_mark_of_sent_that_was_lost_is_made_again_though_xero_moved_since() -> None:
    """It only ever goes up, and no bookkeeper's edit can be written over with it."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.fault(match=POST, do="drop_before_commit", times=1)
        rounds.user(do="send", id=invoice)
        await rounds.turn()
        await passes(1)
        rounds.xero.do(do="pay", invoice="PL-1", amount="10.00")

        await rounds.after(1200, step_s=10)

        (book,) = rounds.books()
        assert (book["SentToContact"], book["AmountPaid"]) == (True, "10.00")
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_an_update_lost_on_the_way_reaches_xero() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.fault(match=POST, do="drop_before_commit", times=1)
        rounds.user(do="edit_line", id=invoice, line=0, set={"quantity": 5})

        await rounds.after(60)

        (book,) = rounds.books()
        assert book["Total"] == "690.00"
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_a_withdrawal_whose_answer_was_lost_ends_voided() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.fault(match=POST, do="drop_after_commit", times=1)
        rounds.user(do="delete", id=invoice)

        await rounds.after(60)

        assert [book["Status"] for book in rounds.books()] == ["VOIDED"]
        assert rounds.result(invoice)["state"] == "voided"

    play(story)


def test_a_withdrawal_that_xero_never_took_is_made_anew_whoever_touched_the_document() -> None:
    """Nobody can take a withdrawal back: that it stands says enough."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.fault(match=POST, do="drop_before_commit", times=1)
        rounds.user(do="delete", id=invoice)
        await rounds.turn()
        await passes(1)
        rounds.xero.do(do="mail", invoice="PL-1")

        await rounds.after(1200, step_s=10)

        assert [book["Status"] for book in rounds.books()] == ["VOIDED"]
        assert rounds.result(invoice)["state"] == "voided"

    play(story)


def test_a_withdrawal_is_not_repeated_once_pipeline_has_brought_the_invoice_back() -> None:
    """A void is final, and the number with it; the others of its call are withdrawn anew."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        back, gone = rounds.invoice(customer), rounds.invoice(customer, "PL-2")
        await rounds.turn()
        rounds.fault(match=POST, do="drop_before_commit", times=1)
        rounds.user(do="delete", id=back)
        rounds.user(do="delete", id=gone)
        await rounds.turn()
        rounds.user(do="restore", id=back)

        await rounds.after(1200, step_s=10)

        states = {book["InvoiceNumber"]: book["Status"] for book in rounds.books()}
        assert states == {"PL-1": "AUTHORISED", "PL-2": "VOIDED"}
        assert [rounds.result(each)["state"] for each in (back, gone)] == ["synced", "voided"]

    play(story)


def test_one_answer_without_its_document_proves_no_withdrawal() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.after(900, step_s=100)
        own, other = rounds.xero_id(invoice), "11111111-1111-4111-8111-111111111111"
        read = {"method": "GET", "path": "Invoices"}
        rounds.xero.world.faults.set(
            [
                {"match": POST, "do": "drop_before_commit"},
                {"match": read, "after": 1, "do": "rewritten", "find": own, "put": other},
            ]
        )
        rounds.user(do="delete", id=invoice)

        await rounds.after(1200, step_s=10)

        assert [book["Status"] for book in rounds.books()] == ["VOIDED"]
        assert rounds.xero.world.faults.fired["rewritten"] == 1

    play(story)


def test_a_server_error_after_half_a_batch_was_saved_doubles_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.fault(match=PUT, do="error_after_commit", times=1)
        for index in range(10):
            rounds.invoice(customer, f"PL-{index}", lines=[{**LINE, "quantity": index + 1}])

        await rounds.after(900, step_s=10)

        numbers = sorted(book["InvoiceNumber"] for book in rounds.books())
        assert numbers == sorted(f"PL-{index}" for index in range(10))

    play(story)


def test_an_uncertain_contact_is_found_by_our_mark_and_made_once() -> None:
    async def story(rounds: Rounds) -> None:
        contacts = {"method": "PUT", "path": "/Contacts"}
        rounds.fault(match=contacts, do="drop_after_commit", times=1)
        invoice = rounds.invoice(rounds.customer())

        await rounds.after(60)

        assert rounds.calls("PUT Contacts") == 1
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


@pytest.mark.parametrize("dead_s", [0, 600])
def test_a_create_renumbered_in_xero_is_found_by_a_clock_that_is_not_xeros(dead_s: int) -> None:
    """By our mark, among what was modified since it was sent; since when, Xero's clock says.

    Looked for soon it was repeated, and told as synced; after ten minutes made a second time.
    """

    async def story(rounds: Rounds) -> None:
        wall = Wall(rounds.context.clock, timedelta(minutes=15))
        rounds.context = replace(rounds.context, clock=wall)
        rounds.xero.client._clock = rounds.xero.ledger._clock = wall
        rounds.fault(match=PUT, do="drop_after_commit", times=1)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        (document,) = rounds.books()
        rounds.xero.do(do="edit", invoice=document["InvoiceID"], set={"InvoiceNumber": "OTHER-1"})
        await passes(dead_s)

        await rounds.after(1200, step_s=10)

        assert [each["InvoiceNumber"] for each in rounds.books()] == ["OTHER-1"]
        told = rounds.result(invoice)
        assert (told["state"], [each["field"] for each in told["differences"]]) == (
            "out_of_sync", ["number"],
        )  # fmt: skip

    play(story)


def test_a_read_that_failed_is_never_a_clean_look() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="drop_after_commit", times=1)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.fault(match={"method": "GET", "path": "/Invoices"}, do="error_before", times=40)
        await rounds.after(600, step_s=10)
        assert rounds.calls("PUT Invoices") == 1

        rounds.xero.world.faults.set([])
        await rounds.after(900, step_s=10)

        assert len(rounds.books()) == 1
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


@pytest.mark.parametrize("by", ["0.01", "-0.02"])
def test_cents_moved_to_rounding_before_the_look_are_no_rounding_of_ours(by: str) -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match=PUT, do="drop_after_commit", times=1)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        (document,) = rounds.books()
        rounds.xero.do(do="adjust_totals", invoice=document["InvoiceID"], by=by)

        await rounds.after(30)

        told = rounds.result(invoice)
        assert (told["state"], [each["field"] for each in told["differences"]]) == (
            "out_of_sync", ["total"],
        )  # fmt: skip

    play(story)


class _FailsAt:
    """A ledger whose questions about one text, and all with it, end in an error."""

    def __init__(self, inner: Any, text: str, error: Exception) -> None:
        self._inner = inner
        self._text = text
        self._error = error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def invoices_by_number(self, tenant: str, numbers: Sequence[str], **how: Any) -> Any:
        if self._text in numbers:
            raise self._error
        return await self._inner.invoices_by_number(tenant, numbers, **how)

    async def contacts_by(self, tenant: str, text: str, wanted: Sequence[str], **how: Any) -> Any:
        if self._text in wanted:
            raise self._error
        return await self._inner.contacts_by(tenant, text, wanted, **how)


def test_one_uncertain_write_the_program_fails_at_never_holds_up_the_others() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.fault(match=PUT, do="drop_after_commit", times=2)
        first = rounds.invoice(customer, "PL-1")
        await rounds.turn()
        odd = rounds.invoice(customer, "PL-3")
        await rounds.turn()
        whole = rounds.context
        failing = _FailsAt(whole.ledger, "PL-3", IndexError("list index out of range"))
        rounds.context = replace(whole, ledger=failing)  # type: ignore[arg-type]  # a double

        await rounds.after(100)

        states = [rounds.result(one)["state"] for one in (first, odd)]
        assert states == ["synced", "uncertain"]
        failed = [fact for fact in rounds.told if isinstance(fact, ServiceFailed)]
        assert {fact.service for fact in failed} == {f"prober:{rounds.tenant}:{odd}"}

        rounds.context = whole
        await rounds.after(400, step_s=10)
        assert rounds.result(odd)["state"] == "synced"
        assert len(rounds.books()) == 2
        assert rounds.calls("PUT Invoices") == 2

    play(story)


@pytest.mark.parametrize("fault", ["drop_after_commit", "drop_before_commit"])
def test_a_number_xero_refuses_to_be_asked_for_is_sought_by_its_mark_and_holds_up_nobody(
    fault: str,
) -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        refused = Refused("400", system="xero", status=400, detail="could not be parsed")
        refusing = _FailsAt(rounds.context.ledger, "PL-3", refused)
        rounds.context = replace(rounds.context, ledger=refusing)  # type: ignore[arg-type]  # a double
        rounds.fault(match=PUT, do=fault, times=1)
        invoices = [rounds.invoice(customer, f"PL-{number}") for number in range(5)]

        await rounds.after(600, step_s=10)

        assert {rounds.result(one)["state"] for one in invoices} == {"synced"}
        assert len(rounds.books()) == 5

    play(story)


def test_a_name_xero_refuses_to_be_asked_for_keeps_no_uncertain_customer_waiting() -> None:
    async def story(rounds: Rounds) -> None:
        contacts = {"method": "PUT", "path": "/Contacts"}
        rounds.fault(match=contacts, do="drop_after_commit", times=1)
        first = rounds.invoice(rounds.customer(), "PL-1")
        other = rounds.user(do="create_customer", ref="C2", name="Odd Works")["id"]
        second = rounds.invoice(other, "PL-2")
        await rounds.turn()
        refused = Refused("400", system="xero", status=400, detail="could not be parsed")
        refusing = _FailsAt(rounds.context.ledger, "Odd Works", refused)
        rounds.context = replace(rounds.context, ledger=refusing)  # type: ignore[arg-type]  # a double

        await rounds.after(120, step_s=10)

        assert [rounds.result(one)["state"] for one in (first, second)] == ["synced", "synced"]

    play(story)
