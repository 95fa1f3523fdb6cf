"""What a well-kept grant never does is counted."""

from __future__ import annotations

from syncd.sandbox.xero.identity.token_conduct import TokenConduct


def test_a_retry_inside_the_grace_is_no_sin_until_the_successor_was_used() -> None:
    conduct = TokenConduct()
    conduct.presented("r1")
    conduct.issued("r1", "r2", "a2")
    conduct.presented("r1")
    assert conduct.after_successor == 0

    conduct.used("a2")
    conduct.presented("r1")

    assert conduct.after_successor == 1


def test_a_refresh_with_the_successor_outgrows_its_parent() -> None:
    conduct = TokenConduct()
    conduct.issued("r1", "r2", "a2")
    conduct.presented("r2")

    conduct.presented("r1")

    assert conduct.after_successor == 1


def test_the_most_under_way_at_once_is_kept() -> None:
    conduct = TokenConduct()
    conduct.begin()
    conduct.begin()
    conduct.end()
    conduct.end()
    conduct.begin()

    assert conduct.as_json()["refreshes_most_in_flight"] == 2
