"""Files that commands keep with `--out`: whole or not at all, and for their owner's eyes.

They hold customers' names and amounts. Called by `plan`, whose file is applied later, and `report`.
"""

from __future__ import annotations

import os
from pathlib import Path

from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.runtime import secret_files


def refuse_unusable(out: Path | None) -> None:
    """End the command where nothing could be kept there, before both books are read for it."""
    if out is None or _is_special(out):
        return
    folder = out.resolve().parent
    why = ""
    if out.is_dir():
        why = "it is a folder"
    elif not folder.is_dir():
        why = f"there is no folder {folder}"
    elif not os.access(folder, os.W_OK | os.X_OK):
        why = f"this user cannot make a file in {folder}"
    if why:
        end(Exit.FAILED, f"{out} cannot be written: {why}. Nothing was read for it.")


def put(out: Path, text: str) -> None:
    """Keep the text, in the place of what is there; ends the command where that fails.

    What was there stays until all of the new one is on the disk, and so does its mode.
    """
    try:
        if _is_special(out):
            out.write_text(text, encoding="utf-8", newline="")
        else:
            secret_files.put(out, text)
    except OSError as error:
        end(Exit.FAILED, f"{out} cannot be written: {error.strerror}; nothing of it was kept.")


def _is_special(out: Path) -> bool:
    """A pipe, a terminal or a device is written to as it is."""
    return out.exists() and not out.is_file() and not out.is_dir()
