"""Tests state laws of values and ports; those of the inner floors neither wait nor patch."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.support.source import ROOT, called_name, name_of, tree_of
from tests.simulation.planted import NAMED

INNER = ("domain", "store", "engine")
PATCHES = {"monkeypatch", "mocker"}


def files_of(*floors: str) -> list[Path]:
    """The test rooms of some floors, of all without an argument."""
    folders = [ROOT / "tests" / floor for floor in floors] or [ROOT / "tests"]
    return sorted(room for folder in folders for room in folder.rglob("*.py"))


def naps(tree: ast.Module) -> list[int]:
    """Lines that sleep for a time; a bare yield to the loop, `sleep(0)`, is no nap."""
    return [
        call.lineno
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and called_name(call) == "sleep"
        and not (call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0)
    ]


def patches(tree: ast.Module) -> list[int]:
    """Lines that ask for a patch: a fixture of that name, or the mock library."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name) if name in PATCHES:
                found.append(node.lineno)
            case ast.ImportFrom(module="unittest.mock" | "mock"):
                found.append(node.lineno)
            case ast.Import(names=names) if any("mock" in name.name for name in names):
                found.append(node.lineno)
    return found


def test_inner_test_never_sleeps() -> None:
    found = {name_of(room): naps(tree_of(room)) for room in files_of(*INNER)}

    assert {name: lines for name, lines in found.items() if lines} == {}


def test_inner_test_never_patches() -> None:
    """What needs a patch needs a port."""
    found = {name_of(room): patches(tree_of(room)) for room in files_of(*INNER)}

    assert {name: lines for name, lines in found.items() if lines} == {}


def test_watch_sees_a_planted_nap_and_patch() -> None:
    tree = ast.parse("def test_x(monkeypatch):\n    anyio.sleep(0)\n    anyio.sleep(0.1)\n")

    assert naps(tree) == [3]
    assert patches(tree) == [1]


def test_every_test_named_for_a_planted_bug_stands() -> None:
    gone = [
        name
        for tests in NAMED.values()
        for name in tests
        for room, _, test in [name.partition("::")]
        if not (ROOT / room).is_file() or f"def {test}(" not in (ROOT / room).read_text("utf-8")
    ]

    assert gone == []
