"""The exit codes of every command."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What a command's end means to a script.

    The last two are what a shell says of any program that Ctrl-C ended (128 + SIGINT), and of one
    whose reader went away (128 + SIGPIPE).
    """

    DONE = 0
    FAILED = 1
    USAGE = 2
    TRY_AGAIN = 75
    BAD_CONFIGURATION = 78
    INTERRUPTED = 130
    PIPE_CLOSED = 141
