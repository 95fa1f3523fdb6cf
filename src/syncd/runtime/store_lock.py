"""One daemon per store: a lock on `<file>.lock`, held for the life of the process.

Taken by `bootstrap` before the store is opened. The kernel lets go of it when the process ends,
however it ends, so a stale lock file means nothing and is never removed.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from syncd.domain.errors import StoreLocked
from syncd.runtime import store_files

_MOST_BYTES = 512


class StoreLock:
    """Holds the store's lock between `take` and `release`; also a context manager.

    The file says who holds it, and where that process listens for operators (`listen`): for
    whoever reads a configuration in which another address stands by now.
    """

    def __init__(self, store_path: Path, *, listen: str = "") -> None:
        self._store_path = store_path
        self._listen = listen
        self._lock_path = store_path.with_name(store_path.name + ".lock")
        self._file: int | None = None

    def take(self) -> None:
        """Take the lock at once or raise StoreLocked, saying who has it and what to do."""
        assert self._file is None, "the store's lock is taken once"
        try:
            with suppress(FileExistsError):
                store_files.make_new(self._lock_path, store_files.owner_of(self._store_path))
            file = os.open(self._lock_path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            message = (
                f"cannot make the lock file {self._lock_path}: {error.strerror}; "
                "the store's directory must exist and be writable by this user"
            )
            raise StoreLocked(message) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _said(file)[0] or "unknown"
            os.close(file)
            message = (
                f"the store {self._store_path} is in use by process {holder}: talk to that daemon, "
                "stop it before starting another, or give this one a store of its own (store.url)"
            )
            raise StoreLocked(message) from error
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n{self._listen}\n".encode(), 0)
        self._file = file

    def release(self) -> None:
        """Let go. Idempotent."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def holder(store_path: Path) -> int | None:
    """The process that holds the store; None where nobody does, or nobody can look.

    Looking takes the lock for an instant where nobody holds it.
    """
    process = _held_by(store_path)[0]
    return int(process) if process.isdecimal() else None


def listening(store_path: Path) -> str | None:
    """Where the process that holds the store listens for operators; None where that is unknown."""
    return _held_by(store_path)[1] or None


def _held_by(store_path: Path) -> tuple[str, str]:
    """The process and its address, as the lock's file has them while it is held."""
    try:
        file = os.open(store_path.with_name(store_path.name + ".lock"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return "", ""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _said(file)
    else:
        return "", ""
    finally:
        os.close(file)


def _said(file: int) -> tuple[str, str]:
    process, _, listen = os.pread(file, _MOST_BYTES, 0).decode("ascii", "replace").partition("\n")
    return process.strip(), listen.strip()
