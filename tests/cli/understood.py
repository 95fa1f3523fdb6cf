"""Whether a command that a page or a document shows is one that syncd takes, without running it."""

from __future__ import annotations

import shlex

from cyclopts import CycloptsError

from syncd.cli.program import app


def complaint(command: str) -> str:
    """Why `syncd …` is not understood as it stands; empty where it is."""
    program, *words = shlex.split(command.replace("pipeline|xero", "pipeline"))
    if program != "syncd":
        return f"{command}: not a command of syncd's"
    try:
        app.parse_args(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return f"{command}: {error}"
    return ""
