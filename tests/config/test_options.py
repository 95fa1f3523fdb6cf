"""The limits options keep."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from syncd.config.options import SecuritySection, StoreSection, SyncSection, TenantSection
from syncd.domain.ids import TenantId


def test_what_follows_sqlite_is_an_absolute_path() -> None:
    assert str(StoreSection(url="sqlite:///var/lib/x.db").path) == "/var/lib/x.db"


def test_durations_have_a_floor() -> None:
    assert SyncSection(lease_s=0.05).lease_s == 0.05
    with pytest.raises(ValidationError):
        SyncSection(lease_s=0.01)


def test_the_short_form_is_a_super_user_called_operator() -> None:
    security = SecuritySection(encryption_key=SecretStr("k"), operator_token=SecretStr("t"))

    (operator,) = security.all_operators()

    assert (operator.name, operator.role) == ("operator", "Super User")


def test_an_invoice_link_names_the_invoice_and_never_xero() -> None:
    for url in ("https://xero.test/{id}", "https://app.test/invoices"):
        with pytest.raises(ValidationError):
            TenantSection(
                pipeline_url="https://p.test", pipeline_key=SecretStr("k"), invoice_url=url
            )


def test_a_mode_nobody_named_is_the_stores_to_say() -> None:
    section = {
        "pipeline_url": "https://p.test",
        "pipeline_key": "k",
        "invoice_url": "https://app.test/{id}",
    }

    unnamed = TenantSection.model_validate(section).policy(TenantId("acme"))
    named = TenantSection.model_validate(section | {"mode": "observe"}).policy(TenantId("acme"))

    assert (unnamed.is_mode_stored, named.is_mode_stored) == (True, False)
