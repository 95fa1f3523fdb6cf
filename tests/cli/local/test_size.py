"""`syncd db size` measures a store, whoever works on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from syncd.cli.exits import Exit
from syncd.cli.local.database import upgrade
from syncd.cli.local.size import said, size
from tests.cli.local.test_database import configured


async def test_size_is_of_file_log_and_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path)
    await upgrade(config=config)
    capsys.readouterr()

    await size(json=True, config=config)
    found = json.loads(capsys.readouterr().out)
    await size(config=config)
    shown = capsys.readouterr().out

    assert found["size_bytes"] == (tmp_path / "syncd.db").stat().st_size
    assert found["rows"]["journal"] == 0
    assert found["log_bytes"] >= 0
    assert "0 journal" in shown


async def test_size_of_a_store_that_is_not_there_fails(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        await size(config=configured(tmp_path))

    assert ended.value.code == Exit.FAILED


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (4096, "4.1 kB"), (10**9, "1.0 GB")],
)
def test_size_is_said_as_people_say_it(size_bytes: int, words: str) -> None:
    assert said(size_bytes) == words
