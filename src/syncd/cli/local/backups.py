"""Backups in a folder: each named by its instant, so many of them kept.

Called by `database`, for a timer that has nobody to name files and remove old ones.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from syncd.cli.ending import complain, end
from syncd.cli.exits import Exit

_NAMES = "syncd-????????T??????Z.db"


def target(file: Path, at: datetime, keep: int | None) -> Path:
    """The file to make: the one named, or of a folder a new one in it."""
    is_folder = file.is_dir()
    if keep is not None and (keep < 1 or not is_folder):
        end(Exit.USAGE, f"--keep: expected 1 or more, and a folder that exists; got {keep}, {file}")
    return file / f"syncd-{at:%Y%m%dT%H%M%SZ}.db" if is_folder else file


def remove_older(folder: Path, keep: int) -> None:
    """All but the newest `keep` of those that were named by their instants."""
    for each in sorted(folder.glob(_NAMES))[:-keep]:
        try:
            each.unlink()
        except OSError as error:
            complain(f"{each} cannot be removed: {error.strerror}.")
