"""Which permissions a grant lacks, by name."""

from __future__ import annotations

import pytest

from syncd.xero import scopes


@pytest.mark.parametrize("profile", scopes.PROFILES)
def test_grant_of_a_whole_profile_lacks_nothing(profile: str) -> None:
    wanted = scopes.PROFILES[profile]

    assert scopes.missing(wanted, wanted) == ()


@pytest.mark.parametrize(
    ("granted", "lacking"),
    [
        ((), scopes.GRANULAR[1:]),
        (("accounting.invoices.read", *scopes.GRANULAR[2:]), ("accounting.invoices",)),
        (
            ("accounting.invoices", "accounting.contacts", "accounting.settings"),
            ("accounting.payments.read",),
        ),
        (("accounting.transactions", "accounting.contacts", "accounting.settings"), ()),
        (
            ("accounting.transactions.read", "accounting.contacts", "accounting.settings"),
            ("accounting.invoices",),
        ),
    ],
)
def test_writing_covers_reading_and_broad_covers_granular(
    granted: tuple[str, ...], lacking: tuple[str, ...]
) -> None:
    assert scopes.missing(scopes.GRANULAR, granted) == lacking


def test_granular_grant_does_not_cover_a_broad_wish() -> None:
    assert scopes.missing(("accounting.transactions",), scopes.GRANULAR) == (
        "accounting.transactions",
    )
