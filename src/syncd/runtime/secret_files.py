"""Files that hold secrets: put anew without a gap, for the same owner; and who may read them.

Called by the `keys` and `check-config` commands.
"""

from __future__ import annotations

import os
import stat
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
    opened = os.open(fresh, flags, 0o600)
    try:
        with os.fdopen(opened, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            if (current.st_uid, current.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(opened, current.st_uid, current.st_gid)
            os.fchmod(opened, stat.S_IMODE(current.st_mode))
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
