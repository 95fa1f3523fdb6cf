"""Backups in a folder: each named by its instant, so many of them kept.

Called by `database`, for a timer that has nobody to name files and remove old ones.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from syncd.bootstrap.upkeep import PARTIAL
from syncd.cli.ending import complain, end
from syncd.cli.exits import Exit

_NAMES = "syncd-????????T??????Z.db"
_LEFT_AFTER_S = 86_400.0


def target(file: Path, at: datetime, keep: int | None) -> Path:
    """The file to make: the one named, or of a folder a new one in it."""
    is_folder = file.is_dir()
    if keep is not None and (keep < 1 or not is_folder):
        end(Exit.USAGE, f"--keep: expected 1 or more, and a folder that exists; got {keep}, {file}")
    return file / f"syncd-{at:%Y%m%dT%H%M%SZ}.db" if is_folder else file


def remove_older(folder: Path, keep: int, made: Path) -> None:
    """All but the newest `keep` of those that were named by their instants, `made` among these.

    A clock that was ahead names files that are newer than the one just made; that one stays. What
    a backup that was killed has left goes a day later, when none is under way any more.
    """
    others = sorted(each for each in folder.glob(_NAMES) if each != made)
    unfinished = [each for each in folder.glob(f"{_NAMES}{PARTIAL}*") if _is_left(each, made)]
    for each in (*others[: max(len(others) - (keep - 1), 0)], *unfinished):
        try:
            each.unlink(missing_ok=True)
        except OSError as error:
            complain(f"{each} cannot be removed: {error.strerror}.")


def _is_left(partial: Path, made: Path) -> bool:
    """Nobody has written into it for a day before the newest backup was made."""
    try:
        return made.stat().st_mtime - partial.stat().st_mtime > _LEFT_AFTER_S
    except OSError:
        return False
