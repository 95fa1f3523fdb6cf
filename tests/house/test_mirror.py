"""Each room has its tests where a reader looks for them, or says who proves it instead.

`src/syncd/engine/contacts/decide.py` is proved by `tests/engine/contacts/test_decide.py`; one in a
folder of a floor, `sandbox/xero/invoices.py`, by `tests/sandbox/xero/test_invoices.py` or
`tests/sandbox/test_xero_invoices.py`. A test room may say more after the name
(`test_contacts_merged.py`). A room that only declares - values, Protocols - has nothing to prove.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house.support.elsewhere import ELSEWHERE
from tests.house.support.source import ROOT, SRC, functions, rooms

TESTS = ROOT / "tests"


def proofs(room: Path) -> Iterator[Path]:
    """Every test room that carries this room's name in its place."""
    inside = room.relative_to(SRC)
    floor, *folders = inside.parent.parts or ("",)
    names = ["_".join([*folders, room.stem])]
    places = [TESTS / floor]
    if folders:
        places.append(TESTS / inside.parent)
    for place in places:
        for name in dict.fromkeys([*names, room.stem]):
            yield from place.glob(f"test_{name}.py")
            yield from place.glob(f"test_{name}_*.py")


def has_behaviour(room: Path) -> bool:
    """Say whether a function of the room does anything: more than a docstring or an ellipsis."""
    return any(
        not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for function in functions(room)
        for line in function.body
    )


@cache
def named_rooms() -> dict[str, Path]:
    return {room.relative_to(SRC).as_posix(): room for room in rooms() if has_behaviour(room)}


def test_room_has_its_tests_or_says_where() -> None:
    unproved = [
        name
        for name, room in named_rooms().items()
        if name not in ELSEWHERE and not any(proofs(room))
    ]

    assert unproved == []


@pytest.mark.parametrize("name", ELSEWHERE)
def test_exception_is_still_one(name: str) -> None:
    """The list may only shrink: a room that went, or got its tests, leaves it."""
    room = named_rooms().get(name)

    assert room is not None, "the room is gone"
    assert not any(proofs(room)), "the room has tests of its own now"


@pytest.mark.parametrize(("name", "reason"), ELSEWHERE.items())
def test_exception_names_a_proof_or_a_reason(name: str, reason: str) -> None:
    proof = reason.removeprefix("proved by ").split(",")[0]

    assert len(reason) > len(name) // 2
    assert not reason.startswith("proved by ") or (ROOT / proof).exists(), proof
