"""Calls that escape ruff's list of banned names, because it cannot know what `loop` is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.support.source import SRC, called_name, name_of, rooms, tree_of

TASKS = {
    "create_task": "no task without an owner: use an anyio task group",
    "ensure_future": "no task without an owner: use an anyio task group",
    "run_in_executor": "threads live in runtime, behind the driver port",
    "run_coroutine_threadsafe": "threads live in runtime, behind the driver port",
    "shield": "use a shielded anyio.CancelScope with a deadline inside",
}
ENVIRONMENT = {"environ", "getenv", "environb"}
# Whose order decides what the daemon does next.
DECIDING = ("domain", "engine", "store", "xero", "pipeline", "sandbox")


def rooms_outside(*folders: str) -> tuple[Path, ...]:
    away = tuple(SRC / folder for folder in folders)
    return tuple(room for room in rooms() if not any(room.is_relative_to(at) for at in away))


def escapes(tree: ast.Module) -> list[str]:
    """Calls that start a task or a thread nobody owns."""
    return [
        f"{call.lineno}: {called_name(call)}: {TASKS[called_name(call)]}"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and called_name(call) in TASKS
    ]


def unordered_loops(tree: ast.Module) -> list[str]:
    """Loops whose order is that of a set, and so another in every process."""
    loops = (ast.For, ast.AsyncFor, ast.comprehension)
    return [
        f"{node.iter.lineno}: {ast.unparse(node.iter)}"
        for node in ast.walk(tree)
        if isinstance(node, loops) and is_a_set(node.iter)
    ]


def is_a_set(node: ast.expr) -> bool:
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr() | ast.Sub() | ast.BitXor()):
            return is_a_set(node.left) or is_a_set(node.right)
    return False


def test_task_has_an_owner() -> None:
    found = {
        name_of(room): escapes(tree_of(room)) for room in rooms_outside("runtime", "lab", "cli")
    }

    assert {name: lines for name, lines in found.items() if lines} == {}


def test_environment_is_read_in_one_place() -> None:
    """`config/` reads it; `runtime/` reads what systemd hands over (NOTIFY_SOCKET)."""
    found = [
        f"{name_of(room)}:{node.lineno}"
        for room in rooms_outside("runtime", "config")
        for node in ast.walk(tree_of(room))
        if isinstance(node, ast.Attribute)
        and node.attr in ENVIRONMENT
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]

    assert found == []


def test_decision_never_loops_over_a_set() -> None:
    found = {
        name_of(room): unordered_loops(tree_of(room))
        for room in rooms()
        if room.relative_to(SRC).parts[0] in DECIDING
    }

    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        "loop.create_task(work())",
        "asyncio.get_running_loop().create_task(work())",
        "await loop.run_in_executor(None, work)",
        "await asyncio.shield(work())",
    ],
)
def test_watch_sees_a_planted_task(line: str) -> None:
    tree = ast.parse(f"async def room(loop):\n    {line}\n")

    assert len(escapes(tree)) == 1


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("for key in {1, 2}: act(key)", 1),
        ("acts = [act(key) for key in set(keys)]", 1),
        ("acts = [act(key) for key in set(keys) - done]", 1),
        ("acts = [act(key) for key in sorted(set(keys))]", 0),
        ("many = frozenset(key for key in keys)", 0),
    ],
)
def test_watch_sees_a_planted_set(line: str, seen: int) -> None:
    assert len(unordered_loops(ast.parse(line))) == seen
