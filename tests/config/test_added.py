"""A tenant that is added is judged as one of the configuration, and kept without loss."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.config import added
from syncd.config.options import Options
from syncd.config.reading import read
from syncd.domain.errors import ConfigError
from syncd.domain.ids import TenantId

GIVEN = {
    "pipeline_url": "https://p.example.com/api/v1",
    "pipeline_key": "k-0123456789",
    "invoice_url": "https://p.example.com/i/{id}",
}
OPTIONS = read(
    Options,
    {
        "security": {"encryption_key": "x", "operator_token": "t" * 20},
        "xero": {"client_id": "id", "client_secret": "s"},
        "tenants": {"acme": GIVEN},
    },
)
CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "start_date": st.dates().map(date.isoformat),
    "due_days": st.integers(0, 3650),
    "totals_tolerance": st.decimals(0, 100, places=2).map(str),
    "brake_money": st.decimals(0, 10**6, places=2).map(str),
    "approved_as": st.sampled_from(["AUTHORISED", "SUBMITTED"]),
    "xero_edits": st.sampled_from(["hold", "accept", "mirror"]),
    "tax_types": st.dictionaries(
        st.decimals(0, 1, places=3).map(str), st.text("ABC", min_size=1), max_size=3
    ),
    "cost_codes": st.dictionaries(
        st.text("LAB", min_size=1), st.fixed_dictionaries({"account": st.just("200")}), max_size=3
    ),
    "pipeline_webhook_secret": st.just("whsec_c2VjcmV0"),
    "mode": st.sampled_from(["observe", "live"]),
}


@given(st.fixed_dictionaries({}, optional=CHOICES))
def test_choices_and_secrets_come_back_as_they_were_given(chosen: dict[str, Any]) -> None:
    section = added.section("beta", GIVEN | chosen)
    choices, secrets = added.choices_of(section), added.secrets_of(section)

    restored = added.restored("beta", choices, secrets)

    tenant = TenantId("beta")
    assert restored.policy(tenant).choices == section.policy(tenant).choices
    assert restored.policy(tenant).start_on == section.policy(tenant).start_on
    assert restored.policy(tenant).is_mode_stored
    assert restored.pipeline_key == section.pipeline_key
    assert restored.pipeline_webhook_secret == section.pipeline_webhook_secret
    assert "k-0123456789" not in choices
    assert "whsec_" not in choices


def test_every_wrong_key_is_named_at_once_and_no_secret_said() -> None:
    wrong = {"pipeline_url": "nowhere", "pipeline_key": 5, "due_days": "x", "kee": "s3cret"}

    with pytest.raises(ConfigError) as raised:
        added.section("beta", wrong)

    told = str(raised.value)
    for key in ("pipeline_url", "pipeline_key", "due_days", "kee", "invoice_url"):
        assert f"tenants.beta.{key}: " in told
    assert "s3cret" not in told


def test_configuration_stays_its_own_beside_what_was_added() -> None:
    other = added.section("acme", GIVEN | {"pipeline_key": "another-one", "due_days": 3})
    second = added.section("beta", GIVEN | {"pipeline_key": "k-9", "totals_tolerance": "0.10"})

    found = added.beside(OPTIONS, {"acme": other, "beta": second})

    assert found.tenants["acme"] == OPTIONS.tenants["acme"]
    assert found.tenants["beta"].totals_tolerance == Decimal("0.10")


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("beta", GIVEN, "tenants.beta.pipeline_key: expected a key of its own, got that of acme"),
        ("a/b", GIVEN | {"pipeline_key": "k2"}, "expected a name of letters"),
        ("beta", GIVEN | {"pipeline_url": "http://p.example.com"}, "pipeline_url: expected https"),
        ("beta", GIVEN | {"pipeline_key": "k2", "tax_types": {"15": "X"}}, '"0.15" for 15 %'),
    ],
)
def test_what_contradicts_or_is_not_safe_is_refused_by_its_key(
    name: str, given: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError, match="tenants") as raised:
        added.beside(OPTIONS, {name: added.section(name, given)})

    assert told in str(raised.value)
