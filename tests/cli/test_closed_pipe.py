"""Whoever reads a command's output may stop: the command ends without a word."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_probe import PROGRAM
from tests.journeys.support.harness import environment


@pytest.mark.parametrize(
    "words",
    [
        ("version",),
        ("--help",),
        ("plan", "--help"),
        ("db", "--help"),
        ("simulate", "--seed", "0", "--days", "0.0001"),
        ("completion", "bash"),
        ("keys", "generate"),
    ],
    ids=" ".join,
)
def test_command_whose_reader_is_gone_ends_quietly(words: tuple[str, ...], tmp_path: Path) -> None:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        cwd=tmp_path,
    )
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None

    _, said = process.communicate(timeout=100)

    assert (process.returncode, said.decode()) == (141, "")
