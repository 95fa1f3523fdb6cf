"""`syncd run` as service managers type it: started without the command line's libraries.

They would stay in the daemon's memory for ever, and take a tenth of its start. What is typed in
another way is left to the command line proper.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from syncd.runtime import collector

COMMAND, _CONFIG = "run", "--config"


class Asked(NamedTuple):
    """What was typed."""

    config: Path | None = None


def asked(words: Sequence[str]) -> Asked | None:
    """The start that was typed; None for anything else, help and mistakes among it."""
    match list(words):
        case [str(command)] if command == COMMAND:
            return Asked()
        case [str(command), str(name), str(value)] if (command, name) == (COMMAND, _CONFIG):
            return Asked(Path(value)) if value and not value.startswith("-") else None
        case [str(command), str(word)] if command == COMMAND:
            name, _, value = word.partition("=")
            return Asked(Path(value)) if name == _CONFIG and value else None
    return None


def start(of: Asked) -> None:
    """Run the daemon in the foreground."""
    collector.pause()
    if not sys.stderr.isatty():
        # structlog would load it for tracebacks in colours, which only a terminal shows.
        sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # what import looks for
    from syncd.cli.local import foreground  # noqa: PLC0415  (after the above)

    foreground.run(of.config)
