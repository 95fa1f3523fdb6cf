"""The journal's lines as they are, or why there are none and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.cli.local import service_log
from syncd.cli.local.service_log import NoLog, last_lines


def journalctl(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which journalctl is this script, and nothing else can be found."""
    program = folder / "journalctl"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


async def test_lines_are_those_of_the_unit_and_no_more_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journalctl(tmp_path, 'echo "$@"; echo "two \377"', monkeypatch)

    first, second = (await last_lines("syncd-test", 7)).splitlines()

    assert first == "--unit syncd-test --lines 7 --output cat --no-pager"
    assert second.startswith("two ")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo '-- No entries --'", "no line of the unit syncd"),
        ("exit 0", "no line of the unit syncd"),
        ("echo 'No journal files were found.' >&2; exit 1", "No journal files were found."),
        ("exit 3", "it ended with 3"),
        ("/bin/sleep 5", "did not answer"),
    ],
)
async def test_where_there_are_none_it_says_why_and_what_to_do(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journalctl(tmp_path, script, monkeypatch)
    monkeypatch.setattr(service_log, "WITHIN_S", 0.5)

    with pytest.raises(NoLog) as raised:
        await last_lines("syncd", 7)

    assert said in raised.value.text
    assert "--log FILE" in raised.value.text


async def test_machine_without_a_journal_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoLog) as raised:
        await last_lines("syncd", 7)

    assert raised.value.text.startswith("there is no journalctl on this machine")
