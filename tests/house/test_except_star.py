"""Nothing leaves an `except*` on its own: Python 3.11.2, Debian's, wraps what does in a group.

A program that ends in one would print a traceback, and a service manager read 1 for its exit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.support.source import SRC, called_name, rooms, tree_of

ENDS = {"end", "exit", "unusable"}


def leaves(tree: ast.Module) -> Iterator[int]:
    """The lines at which something new is raised in an `except*`."""
    for one in ast.walk(tree):
        if isinstance(one, ast.TryStar):
            for node in (each for handler in one.handlers for each in ast.walk(handler)):
                is_new = isinstance(node, ast.Raise) and node.exc is not None
                if is_new or (isinstance(node, ast.Call) and called_name(node) in ENDS):
                    yield node.lineno


def test_nothing_new_is_raised_in_an_except_star() -> None:
    found = [(str(room.relative_to(SRC)), at) for room in rooms() for at in leaves(tree_of(room))]

    assert found == []


def test_what_ends_a_program_there_is_found() -> None:
    ends = "try:\n    go()\nexcept* OSError as group:\n    end(1, str(group))\n"
    raises = "try:\n    go()\nexcept* OSError:\n    raise ValueError\n"

    assert list(leaves(ast.parse(ends))) == list(leaves(ast.parse(raises))) == [4]
    assert list(leaves(ast.parse("try:\n    go()\nexcept* OSError:\n    raise\n"))) == []
