"""The store's files on the disk: for their owner's eyes only, and still the ones we opened.

SQLite gives the files it lays beside a database (`-wal`, `-shm`) the database's own mode, so it is
made here before SQLite sees it. And SQLite writes on into a file that has lost its name, or whose
log has: only a look at the names tells.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import NamedTuple

from syncd.domain.errors import StoreError, StoreReplaced

MODE = 0o600
BALLAST = ".ballast"
_OTHERS = 0o007
_LEFT_BEHIND = ("-wal", BALLAST)


def make(path: Path) -> None:
    """An empty file for a store, unless one is there; closed to everybody else either way.

    Raises StoreError where it cannot be made, and where only what lies beside a store is left: an
    empty one in its place would begin anew, without a link or a connection.
    """
    if message := left_behind(path):
        raise StoreError(message)
    try:
        make_new(Path(os.path.realpath(path)), owner_of(path))
    except FileExistsError:
        pass
    except OSError as error:
        message = f"cannot open {path}: {error.strerror}; check the path and its permissions"
        raise StoreError(message) from error
    for file in all_of(path):
        _close_to_others(file)


class Owner(NamedTuple):
    """Whose a file is."""

    user: int
    group: int


def owner_of(path: Path) -> Owner | None:
    """Whose the store at `path` is, or its folder, where there is none; None where nobody knows."""
    for each in (path, path.parent):
        try:
            found = each.stat()
        except OSError:
            continue
        return Owner(found.st_uid, found.st_gid)
    return None


def make_new(path: Path, owner: Owner | None) -> None:
    """An empty file for its owner's eyes only, which must not be there yet. Raises OSError.

    Where root makes it, it is the owner's who is given: commands are an administrator's, and what
    they leave beside the store is the daemon's to open.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(path, flags, MODE)
    try:
        if owner is not None and os.geteuid() == 0:
            os.fchown(file, *owner)
    finally:
        os.close(file)


def left_behind(path: Path) -> str:
    """What to do where a store is gone and only what lies beside it is left; else nothing."""
    left = [beside for end in _LEFT_BEHIND if (beside := _beside(path, end)).exists()]
    if not left or path.exists():
        return ""
    return (
        f"the store {path} is gone, but {left[0].name} of it is there: put the store back, or "
        "a backup of it (syncd db restore); to begin anew with nothing, remove "
        f"{' and '.join(str(each) for each in left)}"
    )


def obstacle(path: Path) -> str:
    """Why no store can be kept at `path`; nothing where one can.

    Leaves nothing behind.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return left_behind(path) or _obstacle_of_folder(path)
    except OSError as error:
        return f"{path} cannot be opened: {error.strerror}"
    if not stat.S_ISREG(mode):
        return f"expected a file, got {path}, which is none"
    if not os.access(path, os.R_OK | os.W_OK):
        return f"{path} cannot be read and written by this user"
    return _obstacle_of_folder(path)


def _obstacle_of_folder(path: Path) -> str:
    """The folder, or the nearest one above it that is there, must take a new file."""
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=".syncd-check-"):
            return ""
    except OSError as error:
        why = error.strerror or str(error)
        return f"{folder} takes no file: {why}; this user must be able to write there"


def all_of(path: Path) -> tuple[Path, ...]:
    """The store's files that are there."""
    found = (_beside(path, end) for end in ("", "-wal", "-shm", BALLAST))
    return tuple(file for file in found if file.exists())


class OpenFiles:
    """The files a driver has open, to be compared with what their names lead to now."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = _beside(Path(os.path.realpath(path)), "-wal")
        self._opened: dict[Path, tuple[int, int]] = {path: _identity(path)}

    def check(self) -> None:
        """To be called inside a write transaction, when the log is there. Raises StoreReplaced."""
        for file in (self._path, self._log):
            try:
                found = _identity(file)
            except OSError:
                raise self._replaced("was deleted") from None
            if self._opened.setdefault(file, found) != found:
                raise self._replaced("was replaced by another file")

    @property
    def log_bytes(self) -> int:
        """How long the log is; 0 when it is not there."""
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    def _replaced(self, what: str) -> StoreReplaced:
        return StoreReplaced(
            f"the store {self._path} {what} while the daemon had it open, so nothing more can be "
            "kept; it stops. Put the store back, or a backup of it (syncd db restore), and start "
            "it again"
        )


def _identity(file: Path) -> tuple[int, int]:
    found = os.stat(file)  # noqa: PTH116  (before every commit: no object is made for it)
    return found.st_dev, found.st_ino


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _close_to_others(file: Path) -> None:
    """A store made by an older syncd, or laid here by hand, may be open to the whole machine."""
    try:
        mode = file.stat().st_mode & 0o7777
        if mode & _OTHERS:
            file.chmod(mode & ~_OTHERS)
    except OSError:
        # Another's file: `syncd check-config` warns of it.
        return
