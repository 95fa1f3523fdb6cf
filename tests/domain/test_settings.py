"""A tenant's choices as one text: another whenever a decision would go by something else."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain.ids import TenantId
from syncd.domain.model.settings import (
    CodeMapping,
    CreateContacts,
    Mode,
    TenantPolicy,
    XeroEdits,
)
from syncd.domain.model.statuses import XeroStatus

POLICY = TenantPolicy(tenant=TenantId("acme"), invoice_url="https://app.test/{id}")
DECIDES: dict[str, Any] = {
    "start_on": date(2026, 1, 1),
    "invoice_url": "https://other.test/{id}",
    "approved_as": XeroStatus.SUBMITTED,
    "create_contacts": CreateContacts.NEVER,
    "xero_edits": XeroEdits.MIRROR,
    "totals_tolerance": Decimal("0.05"),
    "due_days": 7,
    "cost_codes": {"LAB": CodeMapping(account="200")},
    "tax_types": {Decimal("0.15"): "OUTPUT2"},
}
ELSEWHERE: dict[str, Any] = {
    "tenant": TenantId("beta"),
    "mode": Mode.LIVE,
    "is_mode_stored": True,
    "is_added": True,
    "brake_money": Decimal(500),
}
"""Released by events of their own, or no reason to wait for."""


@pytest.mark.parametrize("name", DECIDES)
def test_choice_that_decides_is_told_apart(name: str) -> None:
    assert replace(POLICY, **{name: DECIDES[name]}).choices != POLICY.choices


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_decides_nothing_is_left_out(name: str) -> None:
    assert replace(POLICY, **{name: ELSEWHERE[name]}).choices == POLICY.choices


def test_every_choice_has_its_place() -> None:
    assert {field.name for field in fields(TenantPolicy)} == {*DECIDES, *ELSEWHERE}


def test_same_choices_written_otherwise_are_the_same() -> None:
    one = replace(POLICY, tax_types={Decimal("0.10"): "A", Decimal(0): "B"})
    other = replace(POLICY, tax_types={Decimal(0): "B", Decimal("0.1"): "A"})

    assert one.choices == other.choices
