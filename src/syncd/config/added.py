"""A tenant that is added while the daemon runs, judged as strictly as one of the configuration.

The keys are those of a tenant's section. `bootstrap.added_tenants` keeps what stands here in the
store: choices in the open, secrets sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import structs

from syncd.config import contradictions, reading, safety
from syncd.config.options import Options, TenantSection
from syncd.domain.errors import ConfigError

_SECRETS = ("pipeline_key", "pipeline_webhook_secret")


def section(name: str, given: Mapping[str, Any]) -> TenantSection:
    """The tenant's section. Raises ConfigError naming every wrong key at once."""
    return reading.read(TenantSection, given, within=("tenants", name))


def beside(options: Options, added: Mapping[str, TenantSection]) -> Options:
    """The options with these tenants too; those of the configuration stay as they are.

    Raises ConfigError where one contradicts another, or is not safe.
    """
    new = {name: one for name, one in added.items() if name not in options.tenants}
    found = replace(options, tenants=options.tenants | new)
    if problems := (*safety.problems(found), *contradictions.problems(found)):
        raise ConfigError(problems)
    return found


def choices_of(added: TenantSection) -> str:
    """All but the secrets and the mode, which is a switch kept in the store; as JSON."""
    kept = {
        field.name: value
        for field in structs.fields(added)
        if field.name not in (*_SECRETS, "mode")
        and (value := getattr(added, field.name)) not in (field.default, {})
    }
    return msgspec.json.encode(kept).decode()


def secrets_of(added: TenantSection) -> str:
    """The secrets in the open, as JSON: to be sealed."""
    held = {name: getattr(added, name) for name in _SECRETS}
    given = {name: one.get_secret_value() for name, one in held.items() if one is not None}
    return msgspec.json.encode(given).decode()


def restored(name: str, choices: str, secrets: str) -> TenantSection:
    """The section again. Raises ConfigError for what this program no longer understands."""
    return section(name, {**msgspec.json.decode(choices), **msgspec.json.decode(secrets)})
