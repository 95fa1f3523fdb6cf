"""Which organisation was just granted: by event, then the newest, then the one already bound."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from syncd.domain.ids import XeroOrganisationId
from syncd.engine.connection import organisation_choice
from syncd.engine.connection.organisation_choice import SeveralOrganisations
from syncd.ports.identity import TokenPair
from tests.engine.support.connecting import AT, ORG, OTHER_ORG, listed

LONG_AGO = AT - timedelta(days=30)
THIRD = XeroOrganisationId("org-3")


def pair(event: str = "event-1", issued_at: datetime | None = AT) -> TokenPair:
    return TokenPair(
        access_token="access",
        refresh_token="refresh",
        access_expires_at=AT,
        scopes=(),
        authentication_event_id=event,
        issued_at=issued_at,
    )


def test_consents_own_event_decides() -> None:
    mine = listed(ORG, at=LONG_AGO)

    assert (
        organisation_choice.choose([listed(OTHER_ORG, event="other"), mine], pair(), OTHER_ORG)
        == mine
    )


def test_without_the_event_the_newest_decides() -> None:
    old, new = listed(ORG, event="a", at=LONG_AGO), listed(OTHER_ORG, event="b")

    assert organisation_choice.choose([old, new], pair(), ORG) == new
    assert organisation_choice.choose([old, new], pair(event=""), None) == new


def test_newest_from_before_this_consent_gives_way_to_the_bound_one() -> None:
    bound = listed(ORG, event="a", at=LONG_AGO)
    newer = listed(OTHER_ORG, event="b", at=AT - timedelta(days=1))

    assert organisation_choice.choose([newer, bound], pair(), ORG) == bound
    assert organisation_choice.choose([newer, bound], pair(issued_at=None), ORG) == newer


def test_consent_that_connected_nothing_is_given_nobody_elses_organisation() -> None:
    """A practice was chosen, or the app is at its limit; others were connected long before."""
    others = [listed(ORG, event="a", at=LONG_AGO), listed(OTHER_ORG, event="b", at=LONG_AGO)]

    assert organisation_choice.choose(others[:1], pair(), None) is None
    assert organisation_choice.choose(others, pair(), None) is None
    assert organisation_choice.choose(others, pair(), THIRD) is None


def test_several_of_one_consent_are_told_apart_by_the_bound_one_only() -> None:
    both = [listed(OTHER_ORG), listed(ORG)]

    assert organisation_choice.choose(both, pair(), ORG) == both[1]
    assert organisation_choice.choose(both, pair(), THIRD) == SeveralOrganisations(
        names=("org-1 Ltd", "org-2 Ltd")
    )


def test_nothing_listed_is_nothing_granted() -> None:
    assert organisation_choice.choose([], pair(), ORG) is None


def test_consent_knows_what_it_granted_and_what_it_was_first_to_grant() -> None:
    made, another = listed(ORG), listed(OTHER_ORG, event="other")
    renewed = replace(listed("org-3"), created_at=LONG_AGO)

    assert organisation_choice.granted_by([made, another, renewed], pair()) == (made, renewed)
    assert organisation_choice.granted_by([made], pair(event="")) == ()
    assert [organisation_choice.is_first(one) for one in (made, renewed)] == [True, False]
