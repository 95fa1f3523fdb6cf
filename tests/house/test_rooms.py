"""A room has one subject, says which, and fits into a head."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

from tests.house.support.source import Function, functions, name_of, rooms, tree_of

LINES_PER_ROOM = 400  # 300 is the guideline
LINES_OF_MOST_ROOMS = 130
LINES_PER_FUNCTION = 60
# Words that let anything in: a room or class called so has no subject.
NO_SUBJECT = ("utils", "util", "helpers", "helper", "manager", "misc", "common", "data", "info")


def test_room_fits_into_400_lines() -> None:
    sizes = {name_of(room): len(room.read_text("utf-8").splitlines()) for room in rooms()}

    assert {name: size for name, size in sizes.items() if size > LINES_PER_ROOM} == {}


def test_half_of_the_rooms_fit_into_130_lines() -> None:
    sizes = [len(room.read_text("utf-8").splitlines()) for room in rooms()]

    assert median(sizes) <= LINES_OF_MOST_ROOMS


def test_only_tables_are_kept_from_the_formatter() -> None:
    kept = [f"{name_of(room)}:{line}" for room in rooms() for line in _kept_beside_tables(room)]

    assert kept == []


def _kept_beside_tables(room: Path) -> list[int]:
    """Lines that end with `fmt: skip` where no table does: a display, or the cases of a match."""
    lines = room.read_text("utf-8").splitlines()
    tables = {
        node.end_lineno
        for node in ast.walk(tree_of(room))
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.Return) and _is_table(node.value)
    }
    return [
        at
        for at, line in enumerate(lines, start=1)
        if line.endswith("# fmt: skip") and at not in tables and not line.lstrip().startswith("):")
    ]


def _is_table(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call) and len(value.args) == 1 and not value.keywords:
        (value,) = value.args
    return isinstance(value, ast.Tuple | ast.List | ast.Dict | ast.Set)


def test_function_fits_into_60_lines() -> None:
    sizes = {
        f"{name_of(room)}:{function.lineno} {function.name}": function.end_lineno
        - function.lineno
        + 1
        for room in rooms()
        for function in functions(room)
        if function.end_lineno is not None
    }

    assert {name: size for name, size in sizes.items() if size > LINES_PER_FUNCTION} == {}


def test_room_says_its_subject_first() -> None:
    silent = [name_of(room) for room in rooms() if not ast.get_docstring(tree_of(room))]

    assert silent == []


def test_name_has_a_subject() -> None:
    rooms_without = [name_of(room) for room in rooms() if room.stem in NO_SUBJECT]
    classes_without = [
        f"{name_of(room)}: {node.name}"
        for room in rooms()
        for node in ast.walk(tree_of(room))
        if isinstance(node, ast.ClassDef) and node.name.lower().endswith(NO_SUBJECT)
    ]

    assert rooms_without + classes_without == []


def test_room_with_code_delays_its_annotations() -> None:
    """`from __future__ import annotations` everywhere: types cost nothing and may look ahead."""
    eager = [
        name_of(room)
        for room in rooms()
        if len(tree_of(room).body) > 1
        and not any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__"
            for node in tree_of(room).body
        )
    ]

    assert eager == []


WORKFLOWS = ("contacts", "feed", "invoices", "plans", "recovery", "sweeps", "webhooks")
# What an object is told to do once, when it is made, is no part of a round.
MADE_WITH = "__init__"


def test_round_hands_no_function_into_a_transaction() -> None:
    """Rounds read from top to bottom: what is stored with other things is a list of statements."""
    handed = [
        f"{name_of(room)}:{function.lineno} {function.name}"
        for room in rooms()
        if room.parts[-3:-1] in [("engine", folder) for folder in WORKFLOWS]
        for function in functions(room)
        if _takes_a_function(function) or _awaits_around_a_function(function)
    ]

    assert handed == []


def _takes_a_function(function: Function) -> bool:
    given = (*function.args.args, *function.args.kwonlyargs)
    named = (ast.unparse(one.annotation) for one in given if one.annotation is not None)
    return function.name != MADE_WITH and any("Callable" in words for words in named)


def _awaits_around_a_function(function: Function) -> bool:
    inner = [node for node in ast.walk(function) if node is not function]
    return isinstance(function, ast.AsyncFunctionDef) and any(
        isinstance(node, Function) for node in inner
    )
