"""However money moves in Xero, Pipeline's Total Paid and Amount Outstanding end equal to Xero's."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain.errors import Conflict
from syncd.domain.ids import PipelineInvoiceId, XeroInvoiceId
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.core import money_seen
from syncd.store import jobs, journal
from syncd.store.unit_of_work import Transaction
from tests.engine.support.coming_back import Coming, play, synced
from tests.engine.support.rounds import LINE
from tests.xero.support.worlds import TENANT, passes

Deed = Callable[[Coming, str], None]
WITHIN_S = 5.0


def pay(**fields: Any) -> Deed:
    return lambda coming, own: coming.do("pay", invoice=own, **fields) and None


def credit(kind: str, **fields: Any) -> Deed:
    return lambda coming, own: coming.do("credit", invoice=own, kind=kind, **fields) and None


def hand(deed: str) -> Deed:
    return lambda coming, own: coming.do(deed, invoice=own) and None


def allocate_in_two_parts(coming: Coming, own: str) -> None:
    written = coming.do("credit", invoice=own, amount="60", allocate=False)
    for amount in ("20", "40"):
        coming.do("allocate", invoice=own, credit=written["ID"], amount=amount)


def refund_the_rest(coming: Coming, own: str) -> None:
    written = coming.do("credit", invoice=own, amount="60", allocate=False)
    coming.do("allocate", invoice=own, credit=written["ID"], amount="20")
    coming.do("refund", credit=written["ID"])


MOVEMENTS: dict[str, tuple[Deed, ...]] = {
    "paid": (pay(),),
    "part paid": (pay(amount="0.01"),),
    "paid in parts": (pay(amount="100"), pay(amount="50.55"), pay()),
    "paid and taken back": (pay(), hand("delete_payment")),
    "taken back and paid again": (pay(amount="9"), hand("delete_payment"), pay(amount="9")),
    "credit note": (credit("CreditNote"),),
    "overpayment": (credit("Overpayment", amount="33.33"),),
    "prepayment": (credit("Prepayment", amount="12"),),
    "credited and paid": (credit("CreditNote", amount="14"), pay()),
    "credit taken off": (credit("CreditNote", amount="14"), hand("deallocate")),
    "overpayment taken off": (credit("Overpayment", amount="14"), hand("deallocate")),
    "prepayment taken off": (credit("Prepayment", amount="14"), hand("deallocate")),
    "what is left of a credit refunded": (refund_the_rest,),
    "one credit in two parts": (allocate_in_two_parts,),
    "everything at once": (
        pay(amount="1"), credit("CreditNote", amount="2"), credit("Overpayment", amount="3"),
        credit("Prepayment", amount="4"), pay(amount="5"), hand("delete_payment"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("at_once", [True, False], ids=["in one heap", "one by one"])
@pytest.mark.parametrize("movement", MOVEMENTS)
def test_money_in_pipeline_ends_equal_to_xeros(movement: str, *, at_once: bool) -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)

        for deed in MOVEMENTS[movement]:
            deed(coming, own)
            if not at_once:
                await coming.after(WITHIN_S)
                coming.assert_money_agrees(invoice)
        await coming.after(WITHIN_S)

        coming.assert_money_agrees(invoice)
        assert coming.rounds.result(invoice)["state"] == "synced"

    play(story)


def test_payment_in_a_foreign_currency_is_told_in_it() -> None:
    async def story(coming: Coming) -> None:
        customer = coming.rounds.customer()
        invoice = coming.rounds.invoice(customer, currencyCode="USD")
        await coming.after(WITHIN_S)
        own = coming.rounds.xero_id(invoice)
        coming.do("pay", invoice=own, amount="100")
        coming.do("credit", invoice=own, amount="7")
        await coming.after(WITHIN_S)

        coming.assert_money_agrees(invoice)
        shown = {one["currencyCode"] for one in coming.payments(invoice)}
        assert (shown, coming.document(invoice)["CurrencyCode"]) == ({"USD"}, "USD")

        coming.do("delete_payment", invoice=own)
        await coming.after(WITHIN_S)
        coming.assert_money_agrees(invoice)

    play(story)


def test_fully_paid_says_when_and_unpaid_forgets_it() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)
        coming.do("pay", invoice=own, date="2026-11-21")
        await coming.after(WITHIN_S)
        assert coming.rounds.result(invoice)["fullyPaidOn"] == "2026-11-21"

        coming.do("delete_payment", invoice=own)
        await coming.after(WITHIN_S)

        assert coming.rounds.result(invoice).get("fullyPaidOn") is None

    play(story)


def test_money_survives_a_settlement_that_did_not_look() -> None:
    """Pipeline's put replaces the whole result: what was told of money is told again."""

    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="40")
        await coming.after(WITHIN_S)

        coming.rounds.user(
            do="edit_invoice", id=invoice, set={"lines": [{**LINE, "costCode": "?"}]}
        )
        await coming.after(WITHIN_S)

        told = coming.rounds.result(invoice)
        assert told["state"] == "waiting"
        assert Decimal(str(told["amountPaid"])) == 40

    play(story)


def test_update_after_a_payment_tells_the_payment_still() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="40")
        coming.rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})

        await coming.after(20)

        told = coming.rounds.result(invoice)
        assert (told["state"], told["syncedVersion"]) == ("synced", 2), told
        coming.assert_money_agrees(invoice)

    play(story)


def test_payment_that_comes_between_read_and_write_is_told() -> None:
    """The write's answer leaves money out; what it tells rests on the read before it."""

    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)
        books = coming.rounds.xero.world
        begin = books.handle
        paid: list[bool] = []

        def pay_before_write(request: Any) -> Any:
            if request.method == "POST" and "Invoices" in request.path and not paid:
                paid.append(True)
                coming.do("pay", invoice=own, amount="40")
            return begin(request)

        books.handle = pay_before_write  # type: ignore[method-assign]  # a hand inside the window
        coming.rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await coming.after(20)

        assert paid
        coming.assert_money_agrees(invoice)

    play(story)


def test_every_movement_is_in_the_trail() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)
        coming.do("pay", invoice=own, amount="40", date="2026-11-21")
        await coming.after(WITHIN_S)
        coming.do("delete_payment", invoice=own)
        await coming.after(WITHIN_S)

        entries = await coming.context.store.fetch(
            journal.of_object(coming.rounds.tenant, "Invoice", invoice, limit=10)
        )

        words = [one.entry.description for one in entries]
        assert any("Payment recorded in Xero: 40.00" in each for each in words), words
        assert any("Payment taken back in Xero: 40.00" in each for each in words), words

    play(story)


def unannounced(story: Callable[[Coming], Any]) -> None:
    """Play it where no money is ever announced: only rounds that came to write see any."""
    play(story, payment_raises_invoice_event=False)


def test_payment_seen_by_a_round_that_came_to_write_is_told_with_it() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="40")
        coming.rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})

        await coming.after(3)

        assert coming.rounds.result(invoice)["syncedVersion"] == 2
        (payment,) = coming.payments(invoice)
        assert (payment["amount"], payment["status"]) == ("40", "Authorised")
        coming.assert_money_agrees(invoice)

    unannounced(story)


def test_payment_seen_by_a_round_that_had_nothing_to_write_is_told() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)
        coming.do("credit", invoice=own, kind="CreditNote", amount="14")
        coming.do("pay", invoice=own)

        await asked_for(coming, invoice)

        assert coming.rounds.result(invoice)["xeroStatus"] == "PAID"
        coming.assert_money_agrees(invoice)

    unannounced(story)


def test_payment_seen_while_an_outcome_was_sought_is_told() -> None:
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

        await coming.after(30)

        assert rounds.result(invoice)["state"] == "synced"
        coming.assert_money_agrees(invoice)

    unannounced(story)


def test_what_was_told_once_is_not_told_again() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="40")
        await coming.after(WITHIN_S)
        (told,) = coming.payments(invoice)
        entries = await coming.context.store.fetch(journal.of_object(TENANT, "Invoice", invoice))

        await asked_for(coming, invoice)

        assert coming.payments(invoice) == [told]  # its revision too
        assert entries == await coming.context.store.fetch(
            journal.of_object(TENANT, "Invoice", invoice)
        )

    play(story)


async def asked_for(coming: Coming, invoice: str) -> None:
    """A person asked to look."""
    now = coming.context.now()
    wish = JobRequest(tenant=TENANT, kind=JobKind.PUSH_INVOICE, key=invoice, ready_at=now)
    await coming.context.store.run(jobs.enqueue([wish], now))
    await coming.after(1)


async def read(coming: Coming, invoice: str) -> tuple[PipelineInvoiceId, LiveInvoice]:
    own = XeroInvoiceId(coming.rounds.xero_id(invoice))
    found = await coming.context.ledger.invoices_by_id(TENANT, [own], lane=Lane.WEBHOOK)
    (live,) = found
    return PipelineInvoiceId(invoice), live


def test_slow_read_takes_back_nothing_that_a_later_one_has_shown() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        began_at = coming.context.now()
        old = await read(coming, invoice)
        early = await money_seen.note(coming.context, TENANT, [old], began_at)
        await passes(1)
        coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="40")
        await coming.after(WITHIN_S)

        tx = Transaction()
        tx.add_all(early.statements)
        with pytest.raises(Conflict):
            await coming.context.store.commit(tx)
        late = await money_seen.note(coming.context, TENANT, [old], began_at)

        assert (late.payments, late.invoices) == (0, 0)
        tx = Transaction()
        tx.add_all(late.statements)
        await coming.context.store.commit(tx)
        await coming.after(1)
        coming.assert_money_agrees(invoice)

    play(story)


def test_round_that_read_a_lagging_copy_answers_no_event() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        coming.rounds.xero.world.switches.turn({"read_lag_s": 6.0})
        coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="40")
        await coming.silent(1)
        await asked_for(coming, invoice)

        await coming.after(12)

        coming.assert_money_agrees(invoice)

    play(story)
