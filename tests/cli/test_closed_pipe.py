"""Whoever reads a command's output may stop, have closed it, or have no room; or press Ctrl-C."""

from __future__ import annotations

import shlex
import signal
import socket
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


@pytest.mark.parametrize(
    "words", [("keys", "generate"), ("config", "example"), ("--help",)], ids=" ".join
)
def test_output_without_room_is_a_failure_in_one_line(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", PROGRAM, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            cwd=tmp_path,
            timeout=100,
            check=False,
        )

    told = ended.stderr.decode()
    assert (ended.returncode, told.count("\n")) == (1, 1), told
    assert "cannot be written: No space left" in told


@pytest.mark.parametrize(
    ("words", "code"),
    [(("version",), 0), (("run", "--config", "nowhere.toml"), 78)],
    ids=["version", "run"],
)
def test_streams_that_were_closed_at_the_start_are_no_traceback(
    words: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", PROGRAM, *words]
    ended = subprocess.run(  # noqa: S603 - our own program
        ["/bin/sh", "-c", f"{shlex.join(command)} >&- 2>told"],
        env=environment(),
        cwd=tmp_path,
        timeout=100,
        check=False,
    )

    told = (tmp_path / "told").read_text("utf-8")
    assert ended.returncode == code, told
    assert "Traceback" not in told


def test_letters_the_output_has_not_are_written_out(tmp_path: Path) -> None:
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, "config", "example"],
        capture_output=True,
        env={**environment(), "PYTHONIOENCODING": "ascii"},
        cwd=tmp_path,
        timeout=100,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr.decode()


def test_ctrl_c_ends_an_order_with_a_word_and_no_traceback(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("a-token-of-an-operator", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        words = [
            "reconcile",
            "acme",
            "--url",
            f"http://127.0.0.1:{port}",
            "--token-file",
            str(token),
        ]
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", f"{_INTERRUPTIBLE}; {PROGRAM}", *words],
            stderr=subprocess.PIPE,
            env=environment(),
            cwd=tmp_path,
        )
        asked, _ = silent.accept()
        with asked:
            assert asked.recv(1)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=100)

    told = said.decode()
    assert process.returncode == 130, told
    assert told == "Cut short. What was ordered may have been done, or go on: look first.\n"


_INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""Who is started in the background has Ctrl-C ignored."""
