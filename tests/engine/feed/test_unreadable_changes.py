"""Entries of the feed that name no object are told, and taken once Pipeline has mended them."""

from __future__ import annotations

import pytest

from syncd.domain.facts import ChangesTaken
from syncd.engine.feed.intake import poll_once
from syncd.engine.feed.unreadable_changes import MOST_PAGES
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


def test_place_that_pipeline_has_forgotten_is_looked_for_from_the_feeds_beginning() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        odd = rounds.invoice(customer, "PL-odd")
        rounds.rewrite(f'"{odd}"', "null")
        await rounds.turn()
        (told,) = (await found(rounds))["unreadable_feed"]
        place = told.key.removeprefix("after ").partition(" to ")[0]
        gone = {"path": "/changes", "contains": f"cursor={place}"}

        rounds.pipeline.faults.set([{"do": "gone", "match": gone, "times": None}])
        for _ in range(2):
            await worlds.passes(400)
            await rounds.turn()

        assert await found(rounds) == {}
        assert [book["InvoiceNumber"] for book in rounds.books()] == ["PL-odd"]

    play(story)


def test_feed_that_begins_again_finds_anew_what_cannot_be_read() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        odd = rounds.invoice(customer, "PL-odd")
        rounds.rewrite(f'"{odd}"', "null")
        await rounds.turn()

        again = {"do": "gone", "match": {"path": "/changes", "contains": "cursor"}}
        rounds.pipeline.faults.set([{**again, "times": 1}])
        await worlds.passes(400)
        await rounds.turn()

        assert await found(rounds) == {}
        assert [book["InvoiceNumber"] for book in rounds.books()] == ["PL-odd"]

    play(story)


def test_a_page_that_cannot_be_read_again_stops_neither_the_feed_nor_other_pages() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.rewrite('"version":', '"no":')
        rounds.invoice(customer, "PL-1")
        await rounds.turn()
        rounds.invoice(customer, "PL-2")
        await rounds.turn()
        first, _ = (await found(rounds))["unreadable_feed"]
        place = first.key.removeprefix("after ").partition(" to ")[0]
        again = {"path": "/changes", "contains": f"cursor={place}"}
        rule = {"match": again, "do": "error_before", "status": 500, "times": None}

        rounds.pipeline.faults.set([rule])
        await worlds.passes(400)
        await poll_once(rounds.context, rounds.tenant)
        await rounds.turn()

        assert rounds.context.reached[rounds.tenant].reading is None
        left = (await found(rounds))["unreadable_feed"]
        assert [one.key for one in left] == [first.key]
        assert len(rounds.books()) == 1

        rounds.pipeline.faults.set([])
        await worlds.passes(400)
        await rounds.turn()
        assert await found(rounds) == {}
        assert len(rounds.books()) == 2

    play(story)


def test_a_page_mended_behind_many_that_are_not_has_its_turn_too() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.rewrite('"version":', '"no":')
        for n in range(MOST_PAGES + 2):
            rounds.invoice(customer, f"PL-{n}")
            await rounds.turn()
        pages = (await found(rounds))["unreadable_feed"]
        assert len(pages) == MOST_PAGES + 2

        broken = {"do": "rewritten", "find": '"version":', "put": '"no":', "times": None}
        places = [one.key.removeprefix("after ").partition(" to ")[0] for one in pages[:MOST_PAGES]]
        rules = [
            {**broken, "match": {"path": "/changes", "contains": f"cursor={place}"}}
            for place in places
        ]
        rounds.pipeline.faults.set(rules)
        await rounds.after(1000, step_s=100)

        left = (await found(rounds))["unreadable_feed"]
        assert {one.key for one in left} == {one.key for one in pages[:MOST_PAGES]}

    play(story)
