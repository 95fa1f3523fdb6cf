"""A review says what came and went, counts a miss once, and costs no call."""

from __future__ import annotations

from syncd.domain.facts import FindingsReviewed
from syncd.domain.model.finding import FindingKind, Found
from syncd.engine.sweeps import findings
from syncd.store import findings as stored
from syncd.store import notices
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found, missed, swept
from tests.xero.support import worlds


def _last(rounds: Rounds) -> FindingsReviewed:
    return [fact for fact in rounds.told if isinstance(fact, FindingsReviewed)][-1]


def test_a_review_tells_what_came_and_what_went() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "by hand"})
        await swept(rounds)
        calls = len(rounds.xero.calls)

        await findings.review(rounds.context, rounds.tenant)
        came = _last(rounds)
        await rounds.after(60)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "by hand"})
        await rounds.turn()
        await findings.review(rounds.context, rounds.tenant)
        went = _last(rounds)

        assert (dict(came.open), dict(came.opened)) == ({"differing": 1}, {"differing": 1})
        assert (dict(went.open), dict(went.closed)) == ({}, {"differing": 1})
        assert len(rounds.xero.calls) - calls <= 2  # the worker's own look, none of the reviews'

    play(story)


def test_misses_are_counted_once_and_forgotten_after_a_day_without_any() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.xero.do(do="pay", invoice=rounds.xero_id(invoice), amount="10.00")
        await swept(rounds)
        await worlds.passes(1_900)

        assert list(await found(rounds)) == ["missed_webhook"]
        await worlds.passes(90_000)
        assert await found(rounds) == {}
        assert missed(rounds) == 1
        (document,) = await rounds.context.store.fetch(notices.missed(rounds.tenant))
        assert (document.key, document.label) == (invoice, "PL-1")

    play(story)


def test_findings_are_listed_page_by_page() -> None:
    async def story(rounds: Rounds) -> None:
        kind = FindingKind.CONTACT_KEPT
        some = [Found(kind=kind, key=f"c{at}", label="", text="kept") for at in range(3)]
        await rounds.context.store.run(stored.open_(rounds.tenant, some, rounds.context.now()))

        first = await findings.listing(rounds.context, rounds.tenant, kind=kind, limit=2)
        assert first.next_place is not None
        second = await findings.listing(
            rounds.context, rounds.tenant, after=first.next_place, limit=2
        )

        assert [one.key for one in (*first.items, *second.items)] == ["c0", "c1", "c2"]
        assert second.next_place is None

    play(story)
