"""One invoice read from Pipeline now is taken in as the feed would take it."""

from __future__ import annotations

from copy import deepcopy

import pytest

from syncd.domain.errors import RemoteError
from syncd.engine.feed import intake, point_read
from syncd.store import desired
from tests.engine.support.rounds import Rounds, play
from tests.xero.support import worlds


def test_a_newer_version_is_taken_in_and_the_feed_adds_nothing_to_it() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "newer"})

        assert await point_read.refresh(rounds.context, rounds.tenant, invoice) == ""
        await rounds.turn()

        assert rounds.result(invoice)["syncedVersion"] == 2
        assert rounds.calls("POST Invoices") == 1

    play(story)


def test_who_made_the_change_is_known_when_the_feed_says_so() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "newer"}, by="Robin")

        assert await point_read.refresh(rounds.context, rounds.tenant, invoice) == ""

        (wanted,) = await rounds.context.store.fetch(desired.invoices(rounds.tenant, [invoice]))
        assert (wanted.version, wanted.changed_by) == (2, "Robin")

    play(story)


def test_a_feed_that_is_pages_behind_is_not_waited_for() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        for index in range(intake.PAGE_SIZES[0]):
            rounds.user(do="create_customer", ref=f"N{index}", name=f"News {index}")
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "newer"})

        assert await point_read.refresh(rounds.context, rounds.tenant, invoice) == ""

        (wanted,) = await rounds.context.store.fetch(desired.invoices(rounds.tenant, [invoice]))
        assert wanted.version == 2

    play(story)


def test_an_edit_in_a_pipeline_that_was_set_back_is_taken_in() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        dump = deepcopy(rounds.pipeline.dump())
        for number in range(3):
            await worlds.passes(60)
            rounds.user(do="edit_invoice", id=invoice, set={"reference": f"lost {number}"})
        await rounds.turn()
        rounds.pipeline.load(dump)
        await worlds.passes(60)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "new"})

        assert await point_read.refresh(rounds.context, rounds.tenant, invoice) == ""

        (wanted,) = await rounds.context.store.fetch(desired.invoices(rounds.tenant, [invoice]))
        assert wanted.content is not None
        assert (wanted.version, wanted.content.reference) == (2, "new")

    play(story)


def test_what_pipeline_does_not_show_is_not_decided_upon() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        assert "cannot be read" in await point_read.refresh(rounds.context, rounds.tenant, invoice)
        await rounds.turn()
        rounds.user(do="delete", id=invoice)

        assert "not show it any more" in await point_read.refresh(
            rounds.context, rounds.tenant, invoice
        )
        await rounds.turn()
        assert await point_read.refresh(rounds.context, rounds.tenant, invoice) == ""

    play(story)


def test_a_read_that_fails_is_no_answer() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.pipeline.faults.set([{"do": "error_before", "times": 5}])

        with pytest.raises(RemoteError):
            await point_read.refresh(rounds.context, rounds.tenant, invoice)

    play(story)
