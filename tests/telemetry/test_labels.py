"""The closed sets of labels are those of the rooms they name."""

from __future__ import annotations

import ast
from pathlib import Path

from syncd.engine.loops import schedule
from syncd.telemetry import labels

SRC = Path(__file__).parents[2] / "src" / "syncd"


def texts(*rooms: str) -> set[str]:
    """Every word in quotes in these rooms that looks like the name of a call."""
    found = set()
    for room in rooms:
        for node in ast.walk(ast.parse((SRC / room).read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    begin = ("create_", "update_", "read_", "sweep_")
    return {word for word in found if word.startswith(begin) and " " not in word}


def test_operations_are_the_calls_of_the_ledger() -> None:
    ledger = ("ledger_part", "ledger_reads", "ledger_sweeps", "ledger_writes", "wire_settings")

    assert texts(*(f"xero/{room}.py" for room in ledger)) == set(labels.OPERATIONS)


def test_loops_are_those_of_the_schedule() -> None:
    names = {
        value
        for name, value in vars(schedule).items()
        if name.isupper() and not name.startswith("_") and isinstance(value, str)
    }

    loops = {*labels.LOOPS, *labels.SHARED_LOOPS}

    assert names - {schedule.XERO} == loops
    assert names - {schedule.XERO} <= set(labels.SERVICES)
