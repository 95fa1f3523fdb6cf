"""Outcomes of a consent show no secret, and always have words."""

from __future__ import annotations

from syncd.engine.connection import consent_words
from syncd.engine.connection.consent_outcome import ConsentOffer, ConsentOpened, Stopped
from syncd.engine.connection.consent_words import ConsentProblem
from tests.engine.support.connecting import AT


def test_offer_and_way_to_xero_hide_what_they_carry() -> None:
    offer = ConsentOffer(url="https://x/?ticket=canary", ticket="canary", expires_at=AT)
    opened = ConsentOpened(url="https://x/?state=canary", cookie="canary")

    assert "canary" not in f"{offer!r} {opened!r}"


def test_stop_has_the_plain_words_of_its_problem_or_better_ones() -> None:
    better = consent_words.wrong_organisation("A", "B")

    plain = Stopped(ConsentProblem.STATE_SPENT)
    named = Stopped(ConsentProblem.WRONG_ORGANISATION, better)

    assert plain.words == consent_words.plain(ConsentProblem.STATE_SPENT)
    assert named.words == better
