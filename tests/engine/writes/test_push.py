"""An invoice made in Pipeline stands in Xero exactly once; edits travel, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from syncd.domain.errors import Refused
from syncd.domain.model.settings import Mode
from syncd.engine.recovery import lease_reaper
from tests.engine.support.rounds import LINE, Rounds, play


def test_an_invoice_stands_in_xero_once_and_its_state_comes_back() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())

        await rounds.turn()

        (book,) = rounds.books()
        assert (book["InvoiceNumber"], book["Status"], book["Total"]) == (
            "PL-1",
            "AUTHORISED",
            "414.00",
        )
        result = rounds.result(invoice)
        assert (result["state"], result["syncedVersion"]) == ("synced", 1)
        assert result["xeroInvoiceId"] == book["InvoiceID"]

    play(story)


def test_200_new_invoices_for_known_contacts_take_4_create_calls() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        for index in range(200):
            rounds.invoice(customer, f"PL-{index}")

        await rounds.turn()

        assert len(rounds.books()) == 200
        assert rounds.calls("PUT Invoices") == 4

    play(story)


def test_a_draft_rests_and_a_burst_of_edits_is_one_write() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), status="Draft")
        for index in range(20):
            await rounds.turn()
            rounds.user(do="edit_invoice", id=invoice, set={"reference": f"PO {index}"})
        assert rounds.books() == []

        await rounds.after(120)

        (book,) = rounds.books()
        assert book["Reference"] == "PO 19"
        assert rounds.calls("PUT Invoices") + rounds.calls("POST Invoices") == 1

    play(story)


def test_an_update_sends_only_what_moved_so_a_bookkeepers_other_field_survives() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(xero_edits="accept")
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.user(do="edit_line", id=invoice, line=0, set={"quantity": 4})
        await rounds.turn()

        (book,) = rounds.books()
        assert (book["Total"], book["Reference"]) == ("552.00", "PO 1")
        (line,) = book["LineItems"]
        before = line["LineItemID"]

        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()

        (book,) = rounds.books()
        assert (book["Reference"], book["LineItems"][0]["LineItemID"]) == ("PO 2", before)
        assert rounds.result(invoice)["syncedVersion"] == 3

    play(story)


def test_a_deleted_invoice_is_voided_and_a_deleted_draft_is_deleted() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        approved = rounds.invoice(customer, "PL-1")
        draft = rounds.invoice(customer, "PL-2", status="Draft")
        never = rounds.invoice(customer, "PL-3", status="Draft")
        rounds.user(do="delete", id=never)
        await rounds.after(30)

        rounds.user(do="delete", id=approved)
        rounds.user(do="delete", id=draft)
        await rounds.turn()

        states = {book["InvoiceNumber"]: book["Status"] for book in rounds.books()}
        assert states == {"PL-1": "VOIDED", "PL-2": "DELETED"}
        for invoice in (approved, draft, never):
            assert rounds.result(invoice)["state"] == "voided"

    play(story)


def test_the_culprit_alone_is_failed_with_xeros_own_words() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        good = [rounds.invoice(customer, f"PL-{index}") for index in range(9)]
        # Xero's tax types may not be used with every account; preflight does not know which.
        bad = rounds.invoice(
            customer, "PL-bad", lines=[{**LINE, "taxType": "INPUT2", "taxRate": None}]
        )

        await rounds.turn()

        assert {rounds.result(each)["state"] for each in good} == {"synced"}
        assert rounds.result(bad)["state"] in ("failed", "waiting")
        assert len(rounds.books()) == 9

    play(story)


def test_a_number_that_a_stranger_holds_is_never_touched() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.xero.do(
            do="create_invoice",
            contact="Harbour Build",
            set={
                "InvoiceNumber": "PL-1",
                "LineItems": [
                    {"Description": "x", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200"}
                ],
            },
        )
        before = rounds.books()
        invoice = rounds.invoice(customer)

        await rounds.turn()

        assert rounds.books() == before
        result = rounds.result(invoice)
        assert (result["state"], result["reasonCode"]) == ("waiting", "number_taken")

    play(story)


def test_a_new_number_that_a_stranger_holds_waits_and_is_not_sent_again_and_again() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.xero.do(do="create_invoice", InvoiceNumber="MINE")
        rounds.user(do="edit_invoice", id=invoice, set={"number": "MINE"})

        await rounds.turn()

        result = rounds.result(invoice)
        assert (result["state"], result["reasonCode"]) == ("waiting", "number_taken")
        assert result["xeroInvoiceNumber"] == "PL-1"
        writes = rounds.calls("POST Invoices")
        await rounds.after(1800)
        assert rounds.calls("POST Invoices") == writes

        rounds.user(do="edit_invoice", id=invoice, set={"number": "PL-2"})
        await rounds.turn()
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_a_cent_too_much_is_held_with_both_totals_before_any_write() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), total="414.01")

        await rounds.turn()

        assert rounds.calls("PUT Invoices") == 0
        result = rounds.result(invoice)
        assert (result["state"], result["reasonCode"]) == ("waiting", "totals_mismatch")
        assert "414.01" in result["reason"]
        assert "414.00" in result["reason"]

    play(story)


def test_money_on_a_document_holds_what_xero_would_refuse() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.xero.do(do="pay", invoice=rounds.xero_id(invoice), amount="100.00")

        rounds.user(do="delete", id=invoice)
        await rounds.turn()

        result = rounds.result(invoice)
        assert (result["state"], result["reasonCode"]) == ("waiting", "has_payments")
        assert [book["Status"] for book in rounds.books()] == ["AUTHORISED"]

    play(story)


def test_observing_writes_nothing_and_going_live_releases_all_of_it() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        assert rounds.books() == []

        rounds.choose(mode=Mode.LIVE)
        await lease_reaper.apply_choices(rounds.context)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


class _RefusesQuestions:
    """A ledger of a Xero that refuses to be asked for names with this in them, and all with it."""

    def __init__(self, inner: Any, word: str) -> None:
        self._inner = inner
        self._word = word
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def contacts_by(self, tenant: str, text: str, wanted: Sequence[str], **how: Any) -> Any:
        self.asked += 1
        if any(self._word in one for one in wanted):
            raise Refused("400", system="xero", status=400, detail="could not be parsed")
        return await self._inner.contacts_by(tenant, text, wanted, **how)


def test_one_customer_that_xero_refuses_to_be_asked_for_keeps_no_other_back() -> None:
    async def story(rounds: Rounds) -> None:
        whole = rounds.context
        refusing = _RefusesQuestions(whole.ledger, "Odd")
        rounds.context = replace(whole, ledger=refusing)  # type: ignore[arg-type]  # a double
        names = ["Odd Works", *(f"Builder {n}" for n in range(8))]
        odd, *others = [
            str(rounds.user(do="create_customer", ref=f"C{n}", name=name)["id"])
            for n, name in enumerate(names)
        ]
        invoices = [rounds.invoice(who, f"PL-{n}") for n, who in enumerate(others)]
        waiting = rounds.invoice(odd, "PL-odd")

        await rounds.after(120)

        assert {rounds.result(one)["state"] for one in invoices} == {"synced"}
        assert rounds.result(waiting)["state"] == "waiting"
        told = rounds.pipeline.dump()["tenants"][rounds.tenant]["results"]["customer"][odd]
        assert told["state"] == "waiting"
        assert "Xero refuses to be asked for it: could not be parsed" in told["reason"]

        rounds.context = whole
        await rounds.after(3700, step_s=100)
        assert rounds.result(waiting)["state"] == "synced"

    play(story)


def test_xero_that_refuses_every_question_is_asked_a_few_times_a_round() -> None:
    async def story(rounds: Rounds) -> None:
        refusing = _RefusesQuestions(rounds.context.ledger, "")
        rounds.context = replace(rounds.context, ledger=refusing)  # type: ignore[arg-type]  # a double
        for n in range(40):
            rounds.user(do="create_customer", ref=f"C{n}", name=f"Builder {n}")

        await rounds.turn()

        assert refusing.asked <= 20

    play(story)
