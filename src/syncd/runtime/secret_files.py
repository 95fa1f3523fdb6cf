"""Files that are not for everybody: put anew without a gap, for the same owner; who may read them.

Called by the `keys` and `check-config` commands, and for what commands keep with `--out`.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

_BEGUN = ".new"
_WIDE = stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP


def replace(file: Path, text: str) -> None:
    """Put `text` in the file's place, whole or not at all; its owner, group and mode stay.

    What is there at every instant, a power cut included, is the old content or the new. Raises
    OSError, also where another replacement is under way or was cut short.
    """
    file = file.resolve()
    current = file.stat()
    fresh = file.with_name(file.name + _BEGUN)
    # Nobody's link is followed and nobody's file written into: whoever runs this may be root.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    _fill(os.open(fresh, flags, 0o600), fresh, file, text, current)


def put(file: Path, text: str) -> None:
    """As `replace`, also where nothing is yet: then it is for its owner alone. Raises OSError.

    What an earlier one that was cut short has left is in nobody's way.
    """
    file = file.resolve()
    current = file.stat() if file.exists() else None
    opened, fresh = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    _fill(opened, Path(fresh), file, text, current)


def _fill(opened: int, fresh: Path, file: Path, text: str, like: os.stat_result | None) -> None:
    """Write `text` into `fresh`, for whom `like` is for, and put that in the file's place."""
    try:
        with os.fdopen(opened, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            if like is not None:
                if (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
                    os.fchown(opened, like.st_uid, like.st_gid)
                os.fchmod(opened, stat.S_IMODE(like.st_mode))
            os.fsync(opened)
        fresh.replace(file)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def is_wide(file: Path) -> bool:
    """Whether everybody on the machine may read it, or others than its owner may change it."""
    try:
        return bool(file.stat().st_mode & _WIDE)
    except OSError:
        return False  # whoever needs it says so
