"""Every problem of a consent has words of its own that say what to do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from syncd.domain.ids import TenantId
from syncd.domain.model.settings import Mode, TenantPolicy
from syncd.engine.connection import consent_words
from syncd.engine.connection.consent_return import Returned
from syncd.engine.connection.consent_words import ConsentProblem

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


RUNS = {"is_paused": False, "is_halted": False}


def policy(**choices: Any) -> TenantPolicy:
    return TenantPolicy(
        tenant=TenantId("acme"),
        invoice_url="https://app.test/invoices/{id}",
        **{"mode": Mode.LIVE, **choices},
    )


def test_success_is_the_products_notification() -> None:
    found = consent_words.connected("Demo Company (NZ)", policy(), **RUNS)

    assert (found.title, found.text) == ("Connected to Xero", "Organisation: Demo Company (NZ)")
    assert found.next_step.startswith("Invoices, customers and payments now sync")


@pytest.mark.parametrize(
    ("choices", "stopped"),
    [
        ({"mode": Mode.OBSERVE}, {}),
        ({"mode": Mode.LIVE}, {"is_paused": True}),
        ({"mode": Mode.LIVE}, {"is_halted": True}),
        ({"mode": Mode.LIVE}, {"is_paused": True, "is_halted": True}),
    ],
)
def test_success_promises_no_writing_that_does_not_happen(
    choices: dict[str, Any], stopped: dict[str, bool]
) -> None:
    found = consent_words.connected("Demo", policy(**choices), **{**RUNS, **stopped})

    assert "now sync" not in found.next_step
    assert "othing is written to Xero" in found.next_step


def test_success_names_the_start_date() -> None:
    since = policy(start_on=date(2026, 6, 1))

    found = consent_words.connected("Demo", since, **RUNS)

    assert "Invoices dated before 2026-06-01 are left alone" in found.next_step


def test_what_was_given_back_is_said_and_nothing_was_changed() -> None:
    words = consent_words.wrong_organisation("Redgum", "Harbour")

    found = consent_words.with_returned(words, Returned(given=("Redgum",)))

    assert "Nothing was changed. The access to Redgum was given back." in found.text


@pytest.mark.parametrize("returned", [Returned(left=("Redgum",)), Returned(is_known=False)])
def test_what_could_not_be_given_back_is_said_with_the_way_to_remove_it(returned: Returned) -> None:
    words = consent_words.wrong_organisation("Redgum", "Harbour")

    found = consent_words.with_returned(words, returned)

    assert "Nothing was changed" not in found.text
    assert "Settings > Connected apps" in found.text
