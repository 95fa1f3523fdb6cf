"""Edits on both sides: nothing is overwritten, the difference is shown, agreement resumes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.rounds import LINE, Rounds, play

MOVES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("reference", {"reference": "P"}, {"Reference": "X"}),
    ("dueDate", {"dueDate": "2027-01-10"}, {"DueDate": "2027-02-10"}),
    ("invoiceDate", {"invoiceDate": "2026-11-21"}, {"Date": "2026-11-19"}),
    ("number", {"number": "PL-P"}, {"InvoiceNumber": "PL-X"}),
]


@pytest.mark.parametrize(("field", "ours", "theirs"), MOVES)
def test_a_field_edited_on_both_sides_is_held_shown_and_resumes_when_aligned(
    field: str, ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO", dueDate="2026-12-10")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice="PL-1", set=theirs)
        before = rounds.books()

        rounds.user(do="edit_invoice", id=invoice, set=ours)
        await rounds.turn()

        result = rounds.result(invoice)
        assert result["state"] == "out_of_sync"
        shown = {each["field"]: each["movedBy"] for each in result["differences"]}
        assert shown[field] == "both"
        assert rounds.books() == before

        (name,), (value,) = ours.keys(), theirs.values()
        rounds.user(do="edit_invoice", id=invoice, set={name: value})
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"
        assert rounds.calls("POST Invoices") == 0

    play(story)


def test_the_same_edit_on_both_sides_is_no_alarm() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "PO 2"})

        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"
        assert rounds.calls("POST Invoices") == 0

    play(story)


def test_an_approval_in_xero_is_no_edit_and_pipelines_own_follows_in_peace() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), status="Draft")
        await rounds.after(20)
        rounds.xero.do(do="approve", invoice="PL-1")

        rounds.user(do="approve", id=invoice)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"
        assert rounds.calls("POST Invoices") == 0

    play(story)


def test_going_back_on_an_approved_document_is_a_regression_not_a_write() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()

        rounds.user(do="reopen", id=invoice)
        await rounds.after(30)

        result = rounds.result(invoice)
        assert result["state"] in ("waiting", "out_of_sync")
        assert result["reasonCode"] == "status_regression"
        assert [book["Status"] for book in rounds.books()] == ["AUTHORISED"]

    play(story)


def test_what_was_voided_in_xero_is_gone_and_never_made_again() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.xero.do(do="void", invoice="PL-1")

        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()

        result = rounds.result(invoice)
        assert (result["state"], result["reasonCode"]) == ("waiting", "gone_in_xero")
        assert len(rounds.books()) == 1

    play(story)


def test_voiding_never_destroys_an_edit() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "checked"})

        rounds.user(do="delete", id=invoice)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "out_of_sync"
        assert [book["Status"] for book in rounds.books()] == ["AUTHORISED"]

    play(story)


def test_an_unmapped_cost_code_waits_and_names_the_key_to_set() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), lines=[{**LINE, "costCode": "GHOST"}])

        await rounds.turn()

        result = rounds.result(invoice)
        assert (result["state"], result["reasonCode"]) == ("waiting", "account_unmapped")
        assert "tenants.acme.cost_codes.GHOST.account" in result["reason"]

    play(story)
