"""What an answer makes of its invoice: lines by their words, and nothing agreed by itself."""

from __future__ import annotations

import pytest

from tests.engine.rounds import LINE, Rounds, play

THREE = [{**LINE, "description": f"Work {n}", "quantity": 1} for n in range(3)]


def quantities(rounds: Rounds) -> dict[str, str]:
    (book,) = rounds.books()
    return {line["Description"]: line["Quantity"] for line in book["LineItems"]}


@pytest.mark.parametrize("is_lost", [False, True])
def test_an_edit_reaches_its_line_in_whatever_order_xero_answered(is_lost: bool) -> None:
    """Also where the create's answer was lost and a look found it."""

    async def story(rounds: Rounds) -> None:
        rounds.xero.world.switches.turn({"reverses_new_lines": True})
        customer = rounds.customer()
        await rounds.turn()
        if is_lost:
            rounds.fault(do="drop_after_commit", match={"method": "PUT", "contains": "PL-1"})
        invoice = rounds.invoice(customer, lines=THREE)
        await rounds.after(60)

        rounds.user(do="edit_line", id=invoice, line=2, set={"quantity": 2})
        await rounds.turn()
        added = [*THREE[:2], {**THREE[2], "quantity": 2}]
        added += [{**LINE, "description": f"Work {n}", "quantity": 1} for n in (3, 4)]
        rounds.user(do="edit_invoice", id=invoice, set={"lines": added})
        await rounds.turn()
        rounds.user(do="edit_line", id=invoice, line=4, set={"quantity": 5})
        await rounds.turn()

        one, two, five = "1.0000", "2.0000", "5.0000"
        assert quantities(rounds) == {
            "Work 0": one, "Work 1": one, "Work 2": two, "Work 3": one, "Work 4": five,
        }  # fmt: skip
        assert rounds.result(invoice)["state"] == "synced"

    play(story)
