"""What a command keeps is whole, and for its owner's eyes."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from syncd.cli import out_file


def _mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_new_file_is_for_its_owner_and_one_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    new, shared = tmp_path / "plan.json", tmp_path / "totals.csv"
    shared.write_text("of last month", "utf-8")
    shared.chmod(0o640)

    out_file.put(new, "a\r\nb\n")
    out_file.put(shared, "of this month")

    assert (new.read_bytes(), _mode(new)) == (b"a\r\nb\n", 0o600)
    assert (shared.read_text("utf-8"), _mode(shared)) == ("of this month", 0o640)


def test_what_was_there_stays_where_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.json"
    file.write_text("the plan in force", "utf-8")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SystemExit) as ended:
        out_file.put(file, "another")

    assert ended.value.code == 1
    assert "No space left" in capsys.readouterr().err
    assert [(each.name, each.read_text("utf-8")) for each in tmp_path.iterdir()] == [
        ("plan.json", "the plan in force")
    ]


@pytest.mark.parametrize("name", [".", "nowhere/plan.json"])
def test_place_that_keeps_nothing_is_refused_at_once(name: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        out_file.refuse_unusable(tmp_path / name)

    assert ended.value.code == 1


def test_device_is_written_to_as_it_is(tmp_path: Path) -> None:
    link = tmp_path / "out"
    link.symlink_to(os.devnull)

    out_file.refuse_unusable(link)
    out_file.put(link, "text")

    assert link.is_symlink()
