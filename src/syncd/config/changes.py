"""Which options differ between two readings, and which of them a reload takes over.

Called by `bootstrap.reload`. Keys are named as the TOML file has them; no value is ever said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import structs

from syncd.config.options import Options

_OF_A_TENANT = (
    "pipeline_key", "pipeline_webhook_secret", "mode", "start_date", "invoice_url", "approved_as",
    "create_contacts", "xero_edits", "totals_tolerance", "due_days", "brake_money", "cost_codes",
    "tax_types",
)  # fmt: skip
TAKEN_OVER = frozenset(
    {
        "security.encryption_key", "security.operator_token", "security.operators",
        "xero.client_secret", "xero.webhook_key", "log.level",
        *(f"tenants.{key}" for key in _OF_A_TENANT),
    }
)  # fmt: skip
"""What a reload takes over, a tenant's keys without its name; the rest asks for a restart."""
STORED = frozenset(
    {"security.encryption_key", *(f"tenants.{key}" for key in _OF_A_TENANT)}
    - {"tenants.pipeline_key", "tenants.pipeline_webhook_secret"}
)
"""Of those, what the store has to take part in."""
_TENANT_DEPTH = 3


def values(options: Options) -> dict[str, Any]:
    """Every key with its value, secrets wrapped."""
    found: dict[str, Any] = {}
    for section, held in structs.asdict(options).items():
        if section != "tenants":
            found |= {f"{section}.{key}": value for key, value in structs.asdict(held).items()}
    for name, tenant in options.tenants.items():
        found[f"tenants.{name}"] = True
        found |= {f"tenants.{name}.{key}": value for key, value in structs.asdict(tenant).items()}
    return found


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that differ; a tenant that came or went is named once, without its keys."""
    return tuple(_changed(before, now))


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted({*before, *now}):
        tenant = _tenant_of(key)
        if tenant is not None and key != tenant and not (tenant in before and tenant in now):
            continue
        if key not in before or key not in now or before[key] != now[key]:
            yield key


def _tenant_of(key: str) -> str | None:
    parts = key.split(".", _TENANT_DEPTH - 1)
    return ".".join(parts[:2]) if parts[0] == "tenants" else None


def is_taken_over(key: str) -> bool:
    """Whether a reload is enough for this key."""
    return _general(key) in TAKEN_OVER


def is_stored(key: str) -> bool:
    """Whether the store has to take part in a change of this key."""
    return _general(key) in STORED


def _general(key: str) -> str:
    """The key of any tenant: without the name."""
    parts = key.split(".", _TENANT_DEPTH - 1)
    return key if len(parts) < _TENANT_DEPTH else f"{parts[0]}.{parts[2]}"
