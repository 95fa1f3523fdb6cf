"""The whole configuration for commands that need it: the daemon itself, its checks."""

from __future__ import annotations

from pathlib import Path

from syncd.cli.exits import Exit
from syncd.cli.output import end
from syncd.config import sources
from syncd.config.options import Options
from syncd.domain.errors import ConfigError


def options_or_end(config: Path | None) -> Options:
    """The configuration, or exit 78 naming every wrong key."""
    try:
        return sources.load(config)
    except ConfigError as error:
        end(
            Exit.BAD_CONFIGURATION,
            "\n".join(
                ("The configuration cannot be used:", *(f"  {line}" for line in error.problems))
            ),
        )
