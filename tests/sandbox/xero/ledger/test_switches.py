"""Every uncertain fact is a switch with a source."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields

import pytest

from syncd.sandbox.xero.ledger import switches
from syncd.sandbox.xero.ledger.switches import Switches


def test_every_switch_names_its_source() -> None:
    tree = ast.parse(inspect.getsource(switches))
    (body,) = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    texts = {}
    for own, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(own, ast.AnnAssign) and isinstance(own.target, ast.Name):
            is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            texts[own.target.id] = str(after.value.value) if is_text else ""

    silent = [each.name for each in fields(Switches) if "(" not in texts[each.name]]
    assert silent == []


def test_switches_are_turned_by_name() -> None:
    own = Switches()

    own.turn({"strict_refresh": True, "read_lag_s": 3})

    assert (own.strict_refresh, own.read_lag_s) == (True, 3)
    assert own.as_json()["strict_refresh"] is True


def test_whole_number_does_not_narrow_a_fractional_switch() -> None:
    own = Switches()

    own.turn({"read_lag_s": 3})
    own.turn({"read_lag_s": 0.5})

    assert own.read_lag_s == 0.5


@pytest.mark.parametrize(
    "wrong", [{"colour": 1}, {"limits": 1}, {"day_limit": "many"}, {"consent": "maybe"}]
)
def test_unknown_or_ill_fitting_switch_is_refused_and_turns_nothing(
    wrong: dict[str, object],
) -> None:
    own = Switches()

    with pytest.raises(ValueError, match="switch"):
        own.turn({"strict_refresh": True, **wrong})
    assert own.strict_refresh is False
