"""A folder is small enough to be read from its listing."""

from __future__ import annotations

import pytest

from tests.house.support.source import SRC

MOST_ROOMS = 15
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
