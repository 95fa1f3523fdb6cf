from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.domain.errors import StoreLocked
from syncd.runtime.store_lock import StoreLock, holder, listening

TAKE_AND_DIE = """
import sys, os
from pathlib import Path
from syncd.runtime.store_lock import StoreLock, holder
StoreLock(Path(sys.argv[1])).take()
os._exit(0)
"""


def test_lock_second_holder_is_told_who_has_it_and_what_to_do(tmp_path: Path) -> None:
    with StoreLock(tmp_path / "store.db"), pytest.raises(StoreLocked) as raised:
        StoreLock(tmp_path / "store.db").take()

    assert f"process {os.getpid()}" in str(raised.value)
    assert "stop it" in str(raised.value)


def test_lock_is_free_again_after_release(tmp_path: Path) -> None:
    with StoreLock(tmp_path / "store.db"):
        pass

    with StoreLock(tmp_path / "store.db"):
        assert (tmp_path / "store.db.lock").exists()


def test_lock_of_a_process_that_died_means_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TAKE_AND_DIE, str(tmp_path / "store.db")]
    subprocess.run(command, check=True)  # noqa: S603  (our own words above)

    with StoreLock(tmp_path / "store.db"):
        assert (tmp_path / "store.db.lock").read_text().strip() == str(os.getpid())


def test_lock_in_a_missing_directory_says_what_must_exist(tmp_path: Path) -> None:
    with pytest.raises(StoreLocked, match="must exist"):
        StoreLock(tmp_path / "nowhere" / "store.db").take()


def test_holder_is_whoever_has_the_store_and_nobody_after_its_end(tmp_path: Path) -> None:
    store = tmp_path / "syncd.db"

    assert holder(store) is None
    with StoreLock(store):
        assert holder(store) == os.getpid()
    assert holder(store) is None


def test_whoever_has_the_store_says_where_it_listens(tmp_path: Path) -> None:
    store = tmp_path / "syncd.db"

    with StoreLock(store, listen="127.0.0.1:8080"):
        assert (holder(store), listening(store)) == (os.getpid(), "127.0.0.1:8080")
    assert listening(store) is None


def test_lock_of_a_program_that_said_no_address_has_none(tmp_path: Path) -> None:
    store = tmp_path / "syncd.db"

    with StoreLock(store):
        (tmp_path / "syncd.db.lock").write_text(f"{os.getpid()}\n", "ascii")
        assert (holder(store), listening(store)) == (os.getpid(), None)
