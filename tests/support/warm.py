"""Programs that are not what is tried, forked from a process that has imported what they need.

The pretend worlds of a journey, a command that tells how its daemon stands, a run of pytest with a
bug planted: started anew each costs half a second of a processor, nearly all of it imports. What is
tried as a program (the daemon, and in tests/cli each command) is started anew.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from pkgutil import resolve_name
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import TemporaryDirectory

SYNCD, PYTEST = "syncd.cli:main", "pytest:main"
IMPORTED = ("syncd.cli.pretend.sandbox", "syncd.cli.program", "syncd.lab.days.mutants", "pytest",
            "hypothesis")  # fmt: skip
"""No test and no support of one: they are imported where a bug is planted already."""


def start(
    program: str, words: Sequence[str], *, environment: Mapping[str, str], out: Path, error: Path
) -> BaseProcess:
    """A process in which the program is called with these words, and writes to these files."""
    for file in (out, error):
        file.write_bytes(b"")
    given = (program, words, dict(environment), out, error)
    process = _forked().Process(target=_call, args=given, daemon=True)
    process.start()
    return process


def run(
    program: str, words: Sequence[str], *, environment: Mapping[str, str], within_s: float
) -> CompletedProcess[str]:
    """Such a process to its end. Raises TimeoutExpired, and kills it, where that does not come."""
    with TemporaryDirectory() as folder:
        out, error = Path(folder, "out"), Path(folder, "error")
        process = start(program, words, environment=environment, out=out, error=error)
        process.join(within_s)
        if process.exitcode is None:
            process.kill()
            raise TimeoutExpired([program, *words], within_s, out.read_bytes(), error.read_bytes())
        told, complained = out.read_text("utf-8"), error.read_text("utf-8")
        return CompletedProcess([program, *words], process.exitcode, told, complained)


@cache
def _forked() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED))
    return context


def _call(
    program: str, words: Sequence[str], environment: Mapping[str, str], out: Path, error: Path
) -> None:
    for place, file in ((1, out), (2, error)):
        with file.open("ab") as opened:
            os.dup2(opened.fileno(), place)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = words
    sys.exit(resolve_name(program)())
