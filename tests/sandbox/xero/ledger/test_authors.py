"""Who writes: the app, or a person."""

from __future__ import annotations

from syncd.sandbox.xero.ledger.authors import Author


def test_author_is_the_app_or_a_person() -> None:
    assert Author(who="app", at_ms=1).is_app
    assert not Author(who="Bea", at_ms=1).is_app
