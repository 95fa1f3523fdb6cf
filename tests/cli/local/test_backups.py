"""A timer's backups: named by their instants, so many kept."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.cli.local import backups
from syncd.cli.local.database import backup, check, upgrade

AT = datetime(2026, 11, 30, 7, 5, 9, tzinfo=UTC)
NO_SECRETS = """
[store]
url = "sqlite://{folder}/syncd.db"
[xero]
client_id = "app"
[tenants.acme]
pipeline_url = "https://pipeline.test/api/v1"
"""


def test_backup_into_a_folder_is_named_by_its_instant(tmp_path: Path) -> None:
    assert backups.target(tmp_path, AT, 2) == tmp_path / "syncd-20261130T070509Z.db"
    assert backups.target(tmp_path / "one.db", AT, None) == tmp_path / "one.db"


def test_newest_ones_stay_and_nothing_else_is_touched(tmp_path: Path) -> None:
    names = [f"syncd-2026112{day}T000000Z.db" for day in range(5)]
    for name in (*names, "mine.db", "syncd-old.db"):
        (tmp_path / name).write_text("")

    backups.remove_older(tmp_path, 2, tmp_path / names[-1])

    left = {one.name for one in tmp_path.iterdir()}
    assert left == {*names[3:], "mine.db", "syncd-old.db"}


def test_backup_just_made_stays_whatever_the_clock_said_before(tmp_path: Path) -> None:
    made, ahead = tmp_path / "syncd-20261130T000000Z.db", tmp_path / "syncd-20300101T000000Z.db"
    for each in (made, ahead):
        each.write_text("")

    backups.remove_older(tmp_path, 1, made)

    assert [*tmp_path.iterdir()] == [made]


def test_what_a_killed_backup_left_goes_a_day_later(tmp_path: Path) -> None:
    made, day = tmp_path / "syncd-20261130T000000Z.db", 86_400
    made.write_text("")
    for hours, name in ((25, "left"), (2, "under way")):
        for end in ("", "-journal"):
            file = tmp_path / f"syncd-20261129T0{hours % 10}0000Z.db.partial{end}"
            file.write_text(name)
            os.utime(file, (made.stat().st_mtime - hours * day / 24,) * 2)

    backups.remove_older(tmp_path, 1, made)

    left = {one.read_text() for one in tmp_path.iterdir() if one != made}
    assert left == {"under way"}


@pytest.mark.parametrize(("name", "keep"), [("file.db", 3), (".", 0)])
def test_keep_without_a_folder_or_of_nothing_is_refused(
    tmp_path: Path, name: str, keep: int
) -> None:
    with pytest.raises(SystemExit) as ended:
        backups.target(tmp_path / name, AT, keep)

    assert ended.value.code == 2


async def test_work_on_the_stores_file_needs_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shipped unit hands secrets to the daemon alone; other commands have none."""
    config = tmp_path / "syncd.toml"
    config.write_text(NO_SECRETS.format(folder=tmp_path), "utf-8")
    folder = tmp_path / "backups"
    folder.mkdir()

    await upgrade(config=config)
    await check(config=config)
    await backup(folder, keep=1, config=config)

    (made,) = folder.iterdir()
    assert str(made) in capsys.readouterr().out
