"""How a command ends, and what it says on standard error; loads nothing to draw with."""

from __future__ import annotations

import sys
from typing import NoReturn

from syncd.cli.exits import Exit
from syncd.domain.rules.text.printable import printable


def complain(message: str) -> None:
    """A line on standard error."""
    sys.stderr.write(f"{printable(message)}\n")
    sys.stderr.flush()


def end(code: Exit, message: str = "") -> NoReturn:
    """Leave with `code`, saying why on standard error."""
    if message:
        complain(message)
    sys.exit(int(code))
