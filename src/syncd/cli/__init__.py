"""The command line: one room per family of commands, loaded when it is called.

`main` is the program. A probe is answered before anything else is loaded. Whoever closes the pipe a
command writes to ends it without a word, as Ctrl-C does; output that finds no room is said, and no
success.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence

from syncd.cli import daemon_start, probe
from syncd.cli.ending import end
from syncd.cli.exits import Exit

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main() -> None:
    """The `syncd` program."""
    _open_streams()
    failed: tuple[Exit, str] | None = None
    try:
        _call(sys.argv[1:])
    except* KeyboardInterrupt:
        failed = Exit.INTERRUPTED, ""
    except* BrokenPipeError:
        failed = Exit.PIPE_CLOSED, ""
    except* OSError as group:
        failed = Exit.FAILED, _unwritten(group)
    if failed is not None:
        # What is still buffered would complain at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        end(*failed)


def _open_streams() -> None:
    """Standard output and error, wherever they lead, and for names in any letters."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  (for life)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _unwritten(group: BaseExceptionGroup[OSError]) -> str:
    """In words that the output found no room; anything else is a fault, and raised as one."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, OSError) and error.filename is None and error.errno in _NO_ROOM:
        return f"The output cannot be written: {error.strerror}."
    raise group


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
