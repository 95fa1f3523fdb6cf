"""Pipeline's feed is taken page by page; what is known already moves nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from syncd.domain.errors import CursorTooOld, Garbled, RemoteError, TooLong
from syncd.engine.feed import intake
from syncd.ports.billing import Billing, ChangePage
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found
from tests.xero.support import worlds


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


def test_a_pipeline_that_knows_the_cursor_no_more_is_told_again_what_it_was_told() -> None:
    """It may have been restored from a backup of its own, and have forgotten it."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await rounds.turn()
        told = rounds.result(invoice)
        for office in rounds.pipeline.tenants.values():
            office.results.standing = {}
        rounds.user(do="expire_cursors")

        await rounds.turn()

        assert rounds.result(invoice)["state"] == told["state"] == "synced"

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


# --- what cannot be read -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "put",
    [
        '"reference":"\\ud83d"',
        '"reference":' + "[" * 2000 + "]" * 2000,
        '"reference":1e400',
        '"reference":"","extra":1e',
    ],
    ids=["cut emoji", "nesting", "absurd", "no json"],
)
def test_odd_object_never_stops_those_behind_it(put: str) -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        odd = rounds.invoice(customer, "PL-odd", reference="ODD")
        rounds.invoice(customer, "PL-good")
        rounds.rewrite('"reference":"ODD"', put)

        await rounds.turn()

        assert "PL-good" in {book["InvoiceNumber"] for book in rounds.books()}
        if "ud83d" in put:  # a half is replaced, and the rest is plain
            return
        assert (rounds.result(odd)["state"], rounds.result(odd)["reasonCode"]) == (
            "waiting",
            "invalid_document",
        )
        assert [one.label for one in (await found(rounds))["unreadable_in_pipeline"]] == ["PL-odd"]

        rounds.pipeline.faults.set([])
        rounds.user(do="edit_invoice", id=odd, set={"reference": "mended"})
        await rounds.turn()

        assert "PL-odd" in {book["InvoiceNumber"] for book in rounds.books()}
        assert await found(rounds) == {}

    play(story)


@dataclass
class Feed:
    """A feed that answers what it is told to; everything else is Pipeline's own."""

    own: Billing
    answers: list[ChangePage | RemoteError]
    asked: list[int] = field(default_factory=list)

    async def changes_since(self, _tenant: Any, _cursor: Any, *, limit: int) -> ChangePage:
        self.asked.append(limit)
        answer = self.answers.pop(0)
        if isinstance(answer, RemoteError):
            raise answer
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.own, name)


def feeding(rounds: Rounds, *answers: ChangePage | RemoteError) -> Feed:
    feed = Feed(rounds.context.billing, list(answers))
    rounds.context = replace(rounds.context, billing=feed)  # type: ignore[arg-type]  # the rest is passed on
    return feed


OLD = CursorTooOld("410")


def test_feed_that_leads_back_to_where_it_stands_is_an_error_and_loses_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        feeding(
            rounds,
            ChangePage(changes=(), next_cursor="a", has_more=True),
            ChangePage(changes=(), next_cursor="a", has_more=True),
        )

        assert await intake.poll_once(rounds.context, rounds.tenant) == 0
        with pytest.raises(Garbled, match="leads back"):
            await intake.poll_once(rounds.context, rounds.tenant)

    play(story)


def test_feed_that_is_too_old_twice_within_a_minute_is_an_error() -> None:
    async def story(rounds: Rounds) -> None:
        end = ChangePage(changes=(), next_cursor="a", has_more=False)
        feeding(rounds, end, OLD, OLD, end, OLD, end, OLD)

        assert await intake.poll_once(rounds.context, rounds.tenant) is None
        assert await intake.poll_once(rounds.context, rounds.tenant) == 0
        with pytest.raises(Garbled, match="also from the beginning"):
            await intake.poll_once(rounds.context, rounds.tenant)
        assert await intake.poll_once(rounds.context, rounds.tenant) is None
        with pytest.raises(Garbled, match="also from the beginning"):
            await intake.poll_once(rounds.context, rounds.tenant)
        await worlds.passes(60)
        assert await intake.poll_once(rounds.context, rounds.tenant) is None
        assert await intake.poll_once(rounds.context, rounds.tenant) == 0

    play(story)


def test_page_that_is_too_long_is_asked_for_in_fewer_entries_down_to_one() -> None:
    async def story(rounds: Rounds) -> None:
        end = ChangePage(changes=(), next_cursor="a", has_more=False)
        feed = feeding(rounds, TooLong("8 MB"), TooLong("8 MB"), end, *[TooLong("8 MB")] * 4)

        await intake.poll_once(rounds.context, rounds.tenant)
        with pytest.raises(TooLong, match="One entry"):
            await intake.poll_once(rounds.context, rounds.tenant)

        assert feed.asked == [200, 40, 8, 200, 40, 8, 1]

    play(story)
