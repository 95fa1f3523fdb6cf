"""The store's files: closed to others, and never begun anew in silence."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from syncd.domain.errors import StoreError
from syncd.runtime import store_files


def test_store_that_was_open_to_all_is_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    for name, mode in (("store.db", 0o644), ("store.db-wal", 0o664), ("store.db.ballast", 0o600)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)

    store_files.make(path)

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in store_files.all_of(path)}
    assert modes == {"store.db": 0o640, "store.db-wal": 0o660, "store.db.ballast": 0o600}


@pytest.mark.parametrize("left", ["-wal", ".ballast"])
def test_store_that_is_gone_is_not_begun_anew_in_silence(left: str, tmp_path: Path) -> None:
    (tmp_path / f"store.db{left}").touch()

    with pytest.raises(StoreError, match=f"is gone.*store.db{left}.*syncd db restore"):
        store_files.make(tmp_path / "store.db")

    assert not (tmp_path / "store.db").exists()


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        store_files.make(tmp_path / "nowhere" / "store.db")
