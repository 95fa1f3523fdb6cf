"""The command line: one room per family of commands, loaded when it is called.

`main` is the program. A probe is answered before anything else is loaded, and whoever closes the
pipe a command writes to ends it without a word.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from syncd.cli import daemon_start, probe
from syncd.cli.exits import Exit


def main() -> None:
    """The `syncd` program."""
    is_read = True
    try:
        _call(sys.argv[1:])
    except* BrokenPipeError:
        is_read = False
    if not is_read:
        # What is still buffered would complain at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(int(Exit.PIPE_CLOSED))


def _call(words: Sequence[str]) -> None:
    try:
        if (asked := probe.asked(words)) is not None:
            sys.exit(int(probe.health(asked)))
        if (started := daemon_start.asked(words)) is not None:
            daemon_start.start(started)
            return
        from syncd.cli.output import console  # noqa: PLC0415  (a probe must not wait for it)
        from syncd.cli.program import app  # noqa: PLC0415  (the same)

        # Its own would end a help page whose reader is gone with an error.
        app.console = console()
        app(words)
    finally:
        sys.stdout.flush()
