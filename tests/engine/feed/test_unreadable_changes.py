"""Entries of the feed that name no object are told, and taken once Pipeline has mended them."""

from __future__ import annotations

import pytest

from syncd.domain.facts import ChangesTaken
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found
from tests.xero.support import worlds


def test_entry_without_an_id_is_stepped_over_told_and_taken_once_it_is_mended() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        odd = rounds.invoice(customer, "PL-odd")
        rounds.invoice(customer, "PL-good")
        rounds.rewrite(f'"{odd}"', "null")

        await rounds.turn()

        assert [book["InvoiceNumber"] for book in rounds.books()] == ["PL-good"]
        (told,) = (await found(rounds))["unreadable_feed"]
        assert told.label == "PL-odd"
        assert "cannot be read" in told.text
        (taken,) = [fact for fact in rounds.told if isinstance(fact, ChangesTaken)]
        assert (taken.invoices, taken.unreadable) == (1, 1)

        await rounds.after(600)
        assert list(await found(rounds)) == ["unreadable_feed"]

        rounds.pipeline.faults.set([])
        await rounds.after(600)

        assert {book["InvoiceNumber"] for book in rounds.books()} == {"PL-good", "PL-odd"}
        assert await found(rounds) == {}

    play(story)


@pytest.mark.parametrize("most", [1, 2])
def test_a_page_that_ends_earlier_when_it_is_read_again_is_read_to_its_old_end(most: int) -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.invoice(customer, "PL-good")
        await rounds.turn()
        rounds.rewrite('"version":', '"no":')
        for n in range(7):
            rounds.invoice(customer, f"PL-{n}")
        await rounds.turn()
        assert [book["InvoiceNumber"] for book in rounds.books()] == ["PL-good"]

        rounds.pipeline.faults.set([])
        rounds.pipeline.switches["most_changes"] = most
        later = rounds.invoice(customer, "PL-later")
        await rounds.after(1800, step_s=60)

        assert len(rounds.books()) == 9
        assert rounds.result(later)["state"] == "synced"
        assert await found(rounds) == {}

    play(story)


def test_place_that_pipeline_has_forgotten_keeps_its_finding_until_the_feed_begins_again() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        odd = rounds.invoice(customer, "PL-odd")
        rounds.rewrite(f'"{odd}"', "null")
        await rounds.turn()
        again = {"do": "gone", "match": {"path": "/changes", "contains": "cursor"}}

        rounds.pipeline.faults.set([{**again, "after": 1, "times": 1}])
        await worlds.passes(400)
        await rounds.turn()
        assert list(await found(rounds)) == ["unreadable_feed"]

        rounds.pipeline.faults.set([{**again, "times": 1}])
        await worlds.passes(400)
        await rounds.turn()
        assert await found(rounds) == {}
        assert [book["InvoiceNumber"] for book in rounds.books()] == ["PL-odd"]

    play(story)
