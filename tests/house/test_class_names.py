"""A public class is found by its name alone where rules, workflows and the store meet."""

from __future__ import annotations

import ast
from collections import defaultdict

import pytest

from tests.house.support.source import SRC, name_of, rooms, tree_of

FLOORS = ("domain", "engine", "store")


def public_classes(floor: str) -> dict[str, list[str]]:
    """The rooms of a floor that define each public class, by its name."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for room in rooms():
        if room.is_relative_to(SRC / floor):
            for node in tree_of(room).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].append(name_of(room))
    return dict(found)


def test_public_class_name_stands_once_under_domain_engine_and_store() -> None:
    """Two classes of one name are told apart only by where they were imported from."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for floor in FLOORS:
        for name, places in public_classes(floor).items():
            found[name] += places

    assert {name: places for name, places in found.items() if len(places) > 1} == {}


@pytest.mark.parametrize("floor", FLOORS)
def test_floor_has_public_classes(floor: str) -> None:
    """A floor that is not found would pass with nothing asked."""
    assert public_classes(floor)
