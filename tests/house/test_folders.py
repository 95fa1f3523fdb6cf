"""A folder is small enough to be read from its listing, and the papers say what it holds."""

from __future__ import annotations

import ast

import pytest

from tests.house.source import ROOT, SRC

MOST_ROOMS = 15
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
FLOORS = ("engine", "domain/rules", "lab", "web", "cli")
FOLDERS = sorted(
    folder.parent.relative_to(SRC).as_posix()
    for floor in FLOORS
    for folder in (SRC / floor).rglob("__init__.py")
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder_has_few_rooms(folder: str) -> None:
    rooms = [room for room in (SRC / folder).glob("*.py") if room.name != "__init__.py"]

    assert len(rooms) <= MOST_ROOMS, sorted(room.name for room in rooms)


@pytest.mark.parametrize("floor", FLOORS)
def test_floor_has_folders(floor: str) -> None:
    """A floor that lost its folders would pass with nothing asked."""
    assert len([folder for folder in FOLDERS if folder.startswith(f"{floor}/")]) > 1


@pytest.mark.parametrize("folder", [folder for folder in FOLDERS if folder not in FLOORS])
def test_architecture_page_says_what_the_folder_holds(folder: str) -> None:
    held = ast.get_docstring(ast.parse((SRC / folder / "__init__.py").read_text("utf-8")))

    assert f"| `{folder}` | {held} |" in PAGE
