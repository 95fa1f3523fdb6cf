"""A tenant's card in words: what is wrong, since when, what to do."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.cli import cards
from tests.cli.understood import complaint

TENANT: dict[str, Any] = {
    "id": "acme",
    "status": "Connected",
    "organisation": "Harbour Build",
    "mode": "live",
    "paused": False,
    "backlog": 20,
    "clears_in_s": None,
    "invoices": dict.fromkeys(("synced", "waiting", "out_of_sync", "failed", "uncertain"), 0),
    "budget": {"minute": 60, "day": 0},
    "troubles": [
        {
            "kind": "xero_down",
            "text": "Xero fails or does not answer.",
            "since": "2020-01-01T00:00:00Z",
            "until": None,
        }
    ],
}


def test_a_backlog_that_nothing_may_pass_has_no_forecast() -> None:
    assert cards.summary(TENANT)["queued"] == "20, and waits"
    assert cards.summary({**TENANT, "clears_in_s": 300})["queued"].endswith("about 5 min")


def test_a_trouble_says_since_when() -> None:
    (line,) = cards.summary(TENANT)["trouble"]

    assert line.startswith("Xero fails or does not answer. Since 2020-01-01 00:00:00 UTC, ")


@pytest.mark.parametrize(
    ("day", "words"),
    [(0, "60 this minute, 0 today"), (None, "60 this minute, today's not known before a call")],
)
def test_a_spent_day_is_not_an_unknown_one(day: int | None, words: str) -> None:
    budget = {"minute": 60, "day": day}

    assert cards.summary({**TENANT, "budget": budget})["calls left"] == words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("Connected", "Connected to Harbour Build"),
        ("Not Connected", "Not Connected (Harbour Build)"),
        ("TOKEN_EXPIRED", "TOKEN_EXPIRED (Harbour Build)"),
    ],
)
def test_a_connection_that_is_gone_is_not_called_one(status: str, words: str) -> None:
    assert cards.summary({**TENANT, "status": status})["status"] == words


def test_a_tenant_without_invoices_says_none() -> None:
    assert cards.summary(TENANT)["invoices"] == "none"
    some = {**TENANT["invoices"], "synced": 2}
    assert cards.summary({**TENANT, "invoices": some})["invoices"] == {"synced:": 2}


def test_a_listing_shows_the_first_trouble() -> None:
    assert cards.in_a_row(TENANT)["trouble"] == "Xero fails or does not answer."
    assert cards.in_a_row({**TENANT, "troubles": []})["trouble"] == "none"


def test_what_needs_a_person_is_counted_and_says_where_it_is_listed() -> None:
    needs = [{"invoices": 3}, {"invoices": 13}]

    assert cards.summary(TENANT, needs)["needs a person"] == (
        "2 things, 16 invoices (`syncd needs list --tenant acme`)"
    )
    assert cards.summary(TENANT, needs[:1])["needs a person"].startswith("1 thing, 3 invoices (")
    assert cards.summary(TENANT, [])["needs a person"] == "nothing"
    assert "needs a person" not in cards.summary(TENANT)


@pytest.mark.parametrize("kind", ["paused", "token_expired", "not_connected", "consent_failed"])
def test_a_trouble_that_one_command_ends_names_it(kind: str) -> None:
    trouble = {"kind": kind, "text": "So.", "since": None, "until": None}

    (line,) = cards.summary({**TENANT, "troubles": [trouble]})["trouble"]

    assert complaint(line.split("`")[1]) == ""
    assert " acme" in line
