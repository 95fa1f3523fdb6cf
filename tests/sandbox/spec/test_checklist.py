"""Each sentence of the facts' two lists has its tests, or a reason why it has none (§8, §9)."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from syncd.sandbox.xero.ledger.switches import Switches

ROOT = Path(__file__).parents[3]
CHECKLIST = Path(__file__).with_name("support") / "checklist.txt"
LINES = {8: 20, 9: 23}
"""How many lines each list has."""
REASON = "left out: "

# What the facts offer to be toggled: the switch, and what it says by default.
TOGGLES: dict[str, Any] = {
    "save_good_on_400": True,
    "post_by_number_edits": True,
    "dead_numbers_stay_taken": True,
    "archived_contacts_hold_number": True,
    "new_lines_first": True,
    "reverses_new_lines": False,
    "answers_by_date": False,
    "negative_quantity_refused": True,
    "discounts_round": "half up",
    "ties": "away",
    "unknown_tax_is_not_valid": False,
    "texts_max": 0,
    "drops_unknown_tracking": False,
    "drops_emoji": False,
    "credit_dates_are_the_invoices": False,
    "where_on_null": "500",
    "since_is_inclusive": True,
    "nothing_is_304": False,
    "ids_bring_lines": True,
    "shortest_numbers": False,
    "webhook_line_breaks": True,
    "rows_ahead_s": 0.0,
    "strict_refresh": False,
}


@dataclass
class Item:
    """One sentence: its number, what it says, what holds it."""

    number: str
    text: str
    tests: list[str] = field(default_factory=list)
    reason: str = ""

    @property
    def line(self) -> tuple[int, int]:
        """The list it stands in, and its line there."""
        chapter, line = re.findall(r"\d+", self.number)
        return int(chapter), int(line)


@cache
def items() -> list[Item]:
    found: list[Item] = []
    for text in CHECKLIST.read_text("utf-8").splitlines():
        if not text or text.startswith("#"):
            continue
        if not text.startswith(" "):
            number, _, said = text.partition(" ")
            found.append(Item(number, said))
        elif text.strip().startswith(REASON):
            found[-1].reason = text.strip().removeprefix(REASON)
        else:
            found[-1].tests.append(text.strip())
    return found


@cache
def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {each.name for each in ast.walk(tree) if isinstance(each, kinds)}


@pytest.mark.parametrize("chapter", LINES)
def test_every_line_of_the_list_is_there_and_counted_without_a_gap(chapter: int) -> None:
    own = [each for each in items() if each.line[0] == chapter]
    lines = {line: [each.number for each in some] for line, some in groupby(own, lambda i: i.line)}

    assert [line for _, line in lines] == [*range(1, LINES[chapter] + 1)]
    for (_, line), numbers in lines.items():
        letters = [each.removeprefix(f"{chapter}.{line}") for each in numbers]
        assert letters in ([""], [chr(ord("a") + at) for at in range(len(letters))])


def test_every_sentence_has_tests_or_a_reason_and_never_both() -> None:
    assert [each.number for each in items() if bool(each.tests) is bool(each.reason)] == []
    assert [each.number for each in items() if each.reason and len(each.reason.split()) < 5] == []


def test_every_test_named_is_there() -> None:
    missing = []
    for each in items():
        for named in each.tests:
            path, _, function = named.partition("::")
            there = (ROOT / path).is_file()
            if not there or (function and function not in functions(path)):
                missing.append(f"{each.number}: {named}")

    assert missing == []


def test_every_toggle_of_the_facts_is_a_switch_with_their_default() -> None:
    standing = Switches().as_json()

    assert {name: standing.get(name) for name in TOGGLES} == TOGGLES
