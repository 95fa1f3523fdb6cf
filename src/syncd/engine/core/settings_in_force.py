"""What is in force for a tenant: its choices, the durations and sizes, and what Xero allows.

Called by `engine.operator.operations` for API and console. No secret is among it.
Keys are named as the configuration has them; calls nobody outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum

from syncd.domain.ids import TenantId
from syncd.domain.model.limits import Limits
from syncd.domain.model.settings import CodeMapping, OrganisationSettings, TenantPolicy
from syncd.domain.model.value import Value
from syncd.engine.core.context import SyncContext
from syncd.store import settings

_USUAL = TenantPolicy(tenant=TenantId(""), invoice_url="")
_USUAL_LIMITS = Limits()
_APART = ("tenant", "is_mode_stored", "is_added", "cost_codes", "tax_types")
_KEYS = {"start_on": "start_date"}


class SettingSource(StrEnum):
    """Where a value comes from."""

    DEFAULT = "default"
    CONFIGURATION = "configuration"
    ADDED = "added"
    """The tenant was added with it while the daemon ran."""
    SWITCH = "switch"
    """A person's word, kept in the store: the configuration names none."""


class Setting(Value, frozen=True, kw_only=True):
    """One key with the value that counts; another value `needs_restart`, or only a reload."""

    key: str
    value: str
    source: SettingSource
    needs_restart: bool


class SettingsInForce(Value, frozen=True, kw_only=True):
    """Every setting, and the organisation's own as read last; None before the first read."""

    settings: tuple[Setting, ...]
    organisation: OrganisationSettings | None


async def of(context: SyncContext, tenant: TenantId) -> SettingsInForce:
    """What is in force for a tenant. Raises StoreError."""
    organisation = await context.store.fetch(settings.get(tenant))
    found = (*_choices(tenant, context.policies[tenant]), *_limits(context.limits))
    return SettingsInForce(settings=found, organisation=organisation[0] if organisation else None)


def _choices(tenant: TenantId, policy: TenantPolicy) -> Iterator[Setting]:
    said = SettingSource.ADDED if policy.is_added else SettingSource.CONFIGURATION
    for one in fields(policy):
        if one.name not in _APART:
            value = getattr(policy, one.name)
            is_usual = value == getattr(_USUAL, one.name)
            source = SettingSource.DEFAULT if is_usual else said
            if one.name == "mode" and policy.is_mode_stored:
                source = SettingSource.SWITCH
            yield _of(tenant, _KEYS.get(one.name, one.name), _text(value), source)
    for code, mapping in sorted(policy.cost_codes.items()):
        key = f"cost_codes.{code}"
        yield _of(tenant, key, _mapping(mapping), said)
    for rate, tax_type in sorted(policy.tax_types.items()):
        yield _of(tenant, f"tax_types.{rate}", tax_type, said)


def _limits(limits: Limits) -> Iterator[Setting]:
    for one in fields(limits):
        value = getattr(limits, one.name)
        is_usual = value == getattr(_USUAL_LIMITS, one.name)
        source = SettingSource.DEFAULT if is_usual else SettingSource.CONFIGURATION
        yield Setting(key=f"sync.{one.name}", value=_text(value), source=source, needs_restart=True)


def _of(tenant: TenantId, key: str, value: str, source: SettingSource) -> Setting:
    return Setting(key=f"tenants.{tenant}.{key}", value=value, source=source, needs_restart=False)


def _mapping(mapping: CodeMapping) -> str:
    return mapping.account if mapping.tax is None else f"{mapping.account}, tax {mapping.tax}"


def _text(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
