"""The limits options keep."""

from __future__ import annotations

import re

import pytest

from syncd.config.bounds import Secret
from syncd.config.options import (
    SecuritySection,
    StoreSection,
    SyncSection,
    TenantSection,
    XeroSection,
)
from syncd.config.reading import read
from syncd.domain.errors import ConfigError
from syncd.domain.ids import TenantId
from syncd.xero import scopes


def test_what_follows_sqlite_is_an_absolute_path() -> None:
    for url in ("sqlite:///var/lib/x.db", "sqlite:////var/lib/x.db"):
        assert str(read(StoreSection, {"url": url}).path) == "/var/lib/x.db"
    assert str(read(StoreSection, {"url": "sqlite:///my books/x.db"}).path) == "/my books/x.db"
    for url in ("sqlite://x.db", "sqlite:///", "sqlite:x.db"):
        with pytest.raises(ConfigError):
            read(StoreSection, {"url": url})


def test_durations_have_a_floor() -> None:
    assert read(SyncSection, {"lease_s": 0.05}).lease_s == 0.05
    with pytest.raises(ConfigError):
        read(SyncSection, {"lease_s": 0.01})


def test_the_short_form_is_a_super_user_called_operator() -> None:
    security = SecuritySection(encryption_key=Secret("k"), operator_token=Secret("t"))

    (operator,) = security.all_operators()

    assert (operator.name, operator.role) == ("operator", "Super User")


def test_an_invoice_link_names_the_invoice_and_never_xero() -> None:
    for url in ("https://xero.test/{id}", "https://app.test/invoices"):
        with pytest.raises(ConfigError):
            read(
                TenantSection,
                {"pipeline_url": "https://p.test", "pipeline_key": "k", "invoice_url": url},
            )


def test_a_mode_nobody_named_is_the_stores_to_say() -> None:
    section = {
        "pipeline_url": "https://p.test",
        "pipeline_key": "k",
        "invoice_url": "https://app.test/{id}",
    }

    unnamed = read(TenantSection, section).policy(TenantId("acme"))
    named = read(TenantSection, section | {"mode": "observe"}).policy(TenantId("acme"))

    assert (unnamed.is_mode_stored, named.is_mode_stored) == (True, False)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (scopes.GRANULAR[1:], "lacks offline_access (without it Xero gives no refresh token"),
        (("offline_access", "accounting.contacts.read"), "accounting.contacts"),
    ],
)
def test_scopes_that_lead_to_no_connection_are_refused_by_name(
    asked: tuple[str, ...], named: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(named)):
        read(XeroSection, {"client_id": "a", "client_secret": "b", "scopes": asked})


@pytest.mark.parametrize("asked", [*scopes.PROFILES, *scopes.PROFILES.values()])
def test_either_profile_is_enough_by_name_and_as_a_list(asked: str | tuple[str, ...]) -> None:
    read(XeroSection, {"client_id": "a", "client_secret": "b", "scopes": asked})
