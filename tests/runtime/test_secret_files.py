"""A secret file is put anew for the same owner, whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from syncd.runtime import secret_files


def test_owner_group_and_mode_stay(tmp_path: Path) -> None:
    file = tmp_path / "encryption.key"
    file.write_text("old", "utf-8")
    file.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(file, 12345, 12346)
    before = file.stat()

    secret_files.replace(file, "new")

    now = file.stat()
    assert file.read_text("utf-8") == "new"
    assert (now.st_uid, now.st_gid, stat.S_IMODE(now.st_mode)) == (
        before.st_uid, before.st_gid, 0o640,
    )  # fmt: skip
    assert [each.name for each in tmp_path.iterdir()] == ["encryption.key"]


def test_no_link_is_followed_and_nothing_begun_is_written_into(tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "encryption.key", tmp_path / "elsewhere"
    file.write_text("old", "utf-8")
    elsewhere.write_text("somebody's", "utf-8")
    (tmp_path / "encryption.key.new").symlink_to(elsewhere)

    with pytest.raises(FileExistsError):
        secret_files.replace(file, "new")

    assert (file.read_text("utf-8"), elsewhere.read_text("utf-8")) == ("old", "somebody's")


def test_file_behind_a_link_is_the_one_that_is_changed(tmp_path: Path) -> None:
    real, link = tmp_path / "real.key", tmp_path / "encryption.key"
    real.write_text("old", "utf-8")
    link.symlink_to(real)

    secret_files.replace(link, "new")

    assert link.is_symlink()
    assert real.read_text("utf-8") == "new"


@pytest.mark.parametrize(
    ("mode", "wide"), [(0o600, False), (0o640, False), (0o644, True), (0o666, True), (0o660, True)]
)
def test_file_for_everybody_is_wide(mode: int, wide: bool, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.touch()
    file.chmod(mode)

    assert secret_files.is_wide(file) is wide
    assert not secret_files.is_wide(tmp_path / "nowhere")
