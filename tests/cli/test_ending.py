"""Why a command ended stands on standard error, and commands no terminal."""

from __future__ import annotations

import pytest

from syncd.cli import ending
from syncd.cli.exits import Exit


def test_end_says_why_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        ending.end(Exit.TRY_AGAIN, "Nobody [there] :smile:")

    assert ended.value.code == 75
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "Nobody [there] :smile:\n")


def test_end_without_a_word_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        ending.end(Exit.DONE)

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_error_in_groups_speaks_for_itself(depth: int) -> None:
    error: Exception = ValueError("the database is away")
    for _ in range(depth):
        error = ExceptionGroup("unhandled errors in a TaskGroup", [error, OSError("as well")])

    assert ending.first_words(error) == "the database is away"
    assert ending.first_words(OSError()) == "OSError"


def test_nothing_others_wrote_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    ending.complain("\x1b]0;owned\x07 \x9b2J \u202egnp")

    assert capsys.readouterr().err == "\\x1b]0;owned\\x07 \\x9b2J \\u202egnp\n"
