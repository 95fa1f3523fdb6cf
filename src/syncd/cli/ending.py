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


def first_words(error: BaseException) -> str:
    """An error's own words; of a group, however deep, those of the innermost first one."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__


def end(code: Exit, message: str = "") -> NoReturn:
    """Leave with `code`, saying why on standard error."""
    if message:
        complain(message)
    sys.exit(int(code))
