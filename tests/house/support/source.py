"""The house as text: its rooms, functions and tracked files, for the tests beside this room."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SRC = ROOT / "src" / "syncd"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def rooms() -> tuple[Path, ...]:
    """Every Python file of the daemon, sorted."""
    return tuple(sorted(SRC.rglob("*.py")))


@cache
def tree_of(room: Path) -> ast.Module:
    """The parsed room."""
    return ast.parse(room.read_text(encoding="utf-8"), filename=str(room))


def name_of(path: Path) -> str:
    """A path as people say it, from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


def functions(room: Path) -> Iterator[Function]:
    """Every function and method of a room, nested ones too."""
    for node in ast.walk(tree_of(room)):
        if isinstance(node, Function):
            yield node


def called_name(call: ast.Call) -> str:
    """The last word of what is called: `create_task` for `loop.create_task(...)`."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


@cache
def tracked_files() -> tuple[Path, ...]:
    """What the repository holds; outside a clone (a release archive), every file of the tree."""
    git = shutil.which("git")
    if git is not None and (ROOT / ".git").exists():
        listing = subprocess.run(  # noqa: S603 - fixed words, no input
            [git, "-C", str(ROOT), "ls-files", "-z"], check=True, capture_output=True, text=True
        ).stdout
        names = [name for name in listing.split("\0") if name]
        return tuple(path for name in names if (path := ROOT / name).is_file())
    return tuple(
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file() and not any(part.startswith(".venv") for part in path.parts)
    )
