"""What Pipeline changed later is news, also where it was set back and counts anew."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from syncd.domain.facts import ChangesTaken
from syncd.domain.model.settings import Mode
from syncd.engine.recovery import lease_reaper
from syncd.store import journal
from tests.engine.support.rounds import Rounds, play
from tests.xero.support import worlds


def set_back(rounds: Rounds, dump: Any) -> None:
    """A backup of Pipeline's is put in its place; places in its feed from after it are unknown."""
    rounds.pipeline.load(dump)
    rounds.user(do="expire_cursors")


@pytest.mark.parametrize("edits", [1, 2], ids=["to a lower version", "to the same version"])
def test_an_edit_after_pipeline_was_set_back_is_taken_in(edits: int) -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="as made")
        await rounds.turn()
        dump = deepcopy(rounds.pipeline.dump())
        for number in range(2):
            await worlds.passes(60)
            rounds.user(do="edit_invoice", id=invoice, set={"reference": f"lost {number}"})
            await rounds.turn()

        set_back(rounds, dump)
        await worlds.passes(60)
        for number in range(edits):
            rounds.user(do="edit_invoice", id=invoice, set={"reference": f"new {number}"})
        await rounds.after(120)

        (book,) = rounds.books()
        assert book["Reference"] == f"new {edits - 1}"
        told = rounds.result(invoice)
        assert (told["state"], told["syncedVersion"]) == ("synced", 1 + edits)
        entries = await rounds.context.store.fetch(
            journal.of_object(rounds.tenant, "Invoice", invoice)
        )
        assert any("Pipeline was set back" in one.entry.description for one in entries)

        rounds.user(do="edit_invoice", id=invoice, set={"reference": "and on"})
        await rounds.turn()
        assert rounds.books()[0]["Reference"] == "and on"

    play(story)


def test_a_delete_after_pipeline_was_set_back_is_taken_in() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        dump = deepcopy(rounds.pipeline.dump())
        for number in range(2):
            await worlds.passes(60)
            rounds.user(do="edit_invoice", id=invoice, set={"reference": f"lost {number}"})
        await rounds.turn()

        set_back(rounds, dump)
        await worlds.passes(60)
        rounds.user(do="delete", id=invoice)
        await rounds.after(120)

        assert [book["Status"] for book in rounds.books()] == ["VOIDED"]

    play(story)


def test_what_was_deleted_and_is_there_again_is_taken_in_with_its_next_edit() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        dump = deepcopy(rounds.pipeline.dump())
        await worlds.passes(60)
        rounds.user(do="delete", id=invoice)
        await rounds.turn()
        gone = rounds.result(invoice)["state"]

        set_back(rounds, dump)
        await worlds.passes(60)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "again"})
        rounds.choose(mode=Mode.LIVE)
        await lease_reaper.apply_choices(rounds.context)
        await rounds.after(120)

        assert (gone, rounds.result(invoice)["state"]) == ("voided", "synced")

    play(story)


@pytest.mark.parametrize("edits", [0, 1], ids=["as it was", "changed in an earlier state"])
def test_what_could_not_be_read_is_taken_in_once_it_can_be(edits: int) -> None:
    """Pipeline's makers mend how it is told, and no version moves; or it is set back besides."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="as made")
        await rounds.turn()
        dump = deepcopy(rounds.pipeline.dump())
        for number in range(1 + edits):
            await worlds.passes(60)
            rounds.user(do="edit_invoice", id=invoice, set={"reference": f"odd {number}"})
        rounds.rewrite(f'"reference":"odd {edits}"', '"reference":7')
        await rounds.turn()
        assert rounds.result(invoice)["reasonCode"] == "invalid_document"

        rounds.pipeline.faults.set([])
        if edits:
            set_back(rounds, dump)
            await worlds.passes(60)
            rounds.user(do="edit_invoice", id=invoice, set={"reference": "anew"})
        rounds.user(do="expire_cursors")
        await rounds.after(120)

        (book,) = rounds.books()
        assert book["Reference"] == ("anew" if edits else "odd 0")
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_what_is_told_again_as_it_was_is_no_news() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        gone = rounds.invoice(customer, "PL-2")
        rounds.user(do="edit_invoice", id=gone, set={"reference": "PO 3"})
        await rounds.turn()
        rounds.user(do="delete", id=gone)
        await rounds.turn()
        rounds.told.clear()

        rounds.user(do="expire_cursors")
        await rounds.turn()

        assert not [fact for fact in rounds.told if isinstance(fact, ChangesTaken)]

    play(story)
