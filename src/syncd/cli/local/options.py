"""The whole configuration for commands that need it: the daemon itself, its checks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.config import sources
from syncd.config.options import Options, StoreSection
from syncd.domain.errors import ConfigError
from syncd.domain.ids import TenantId


def options_or_end(config: Path | None) -> Options:
    """The configuration, or exit 78 naming every wrong key."""
    try:
        return sources.load(config)
    except ConfigError as error:
        unusable(error.problems)


def store_or_end(config: Path | None) -> tuple[StoreSection, list[TenantId]]:
    """Where the store is and the tenants named, or exit 78: no other secret is asked for."""
    try:
        section, tenants = sources.store(config)
    except ConfigError as error:
        unusable(error.problems)
    return section, [TenantId(name) for name in tenants]


def file_or_end(config: Path | None, instead: str) -> tuple[Path, list[TenantId]]:
    """`store_or_end` for what is done to a file only; of a database, `instead` says what to do."""
    section, tenants = store_or_end(config)
    if section.is_shared:
        end(Exit.FAILED, instead)
    return section.path, tenants


def unusable(problems: Sequence[str]) -> NoReturn:
    """Exit 78, naming every wrong key."""
    lines = "\n".join(f"  {line}" for line in problems)
    end(Exit.BAD_CONFIGURATION, f"The configuration cannot be used:\n{lines}")
