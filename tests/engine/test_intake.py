"""Pipeline's feed is taken page by page; what is known already moves nothing."""

from __future__ import annotations

from datetime import date

from tests.engine.rounds import Rounds, play


def test_a_cursor_too_old_starts_again_and_moves_nothing_twice() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.user(do="expire_cursors")
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 9"})

        await rounds.turn()

        (book,) = rounds.books()
        assert book["Reference"] == "PO 9"
        assert rounds.calls("PUT Invoices") == 1
        assert rounds.calls("POST Invoices") == 1

    play(story)


def test_invoices_dated_before_the_start_are_left_alone_unless_linked() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        linked = rounds.invoice(customer, "PL-linked", invoiceDate="2025-12-31")
        await rounds.turn()
        rounds.choose(start_on=date(2026, 1, 1))
        old = rounds.invoice(customer, "PL-old", invoiceDate="2025-12-31")
        rounds.user(do="edit_invoice", id=linked, set={"reference": "still ours"})

        await rounds.turn()

        (book,) = rounds.books()
        assert (book["InvoiceNumber"], book["Reference"]) == ("PL-linked", "still ours")
        assert rounds.result(old) == {}

    play(story)


def test_more_than_a_page_is_taken_whole() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        for index in range(450):
            rounds.invoice(customer, f"PL-{index}")

        await rounds.turn()

        assert len(rounds.books()) == 450

    play(story)
