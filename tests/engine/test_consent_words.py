"""Every problem of a consent has words of its own that say what to do."""

from __future__ import annotations

from syncd.engine import consent_words
from syncd.engine.consent_words import ConsentProblem

NAMED = {
    ConsentProblem.PERMISSION_MISSING,
    ConsentProblem.SEVERAL_ORGANISATIONS,
    ConsentProblem.WRONG_ORGANISATION,
    ConsentProblem.ORGANISATION_TAKEN,
}


def test_every_problem_has_words_and_no_two_the_same() -> None:
    words = [consent_words.plain(one) for one in ConsentProblem if one not in NAMED]

    assert len({one.text for one in words}) == len(words)
    assert all(one.title and one.next_step.endswith(".") for one in words)


def test_missing_permissions_are_all_named() -> None:
    found = consent_words.permission_missing(
        ("accounting.contacts", "accounting.reports.read"), ("accounting.contacts.read",)
    )

    assert "create and edit contacts (accounting.contacts): only read access" in found.text
    assert "accounting.reports.read" in found.text


def test_success_is_the_products_notification() -> None:
    found = consent_words.connected("Demo Company (NZ)")

    assert (found.title, found.text) == ("Connected to Xero", "Organisation: Demo Company (NZ)")
