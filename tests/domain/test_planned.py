"""A plan is its content: whoever changes a byte of it holds another plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.planned import (
    ACTS,
    Plan,
    PlanAction,
    PlanField,
    PlanItem,
    PlanKind,
    PlanScope,
    PlanTotal,
)

ITEM = PlanItem(
    kind=PlanKind.INVOICE,
    action=PlanAction.UPDATE,
    why="Changed in Pipeline.",
    key="p1",
    name="PL-1",
    reason="refused",
    xero_id="x1",
    candidates=("x2",),
    fields=(PlanField(field="total", before="1", after="2"),),
    currency="NZD",
    before="1",
    after="2",
    desired="d.1",
    live="l.1",
    remap=True,
)
PLAN = Plan(
    syncd_plan=1,
    tenant="acme",
    organisation_id="o1",
    organisation="Demo",
    mode="observe",
    made_at="2026-11-22T12:00:00+00:00",
    scope=PlanScope(remap=True, retry_failed=True),
    totals=(PlanTotal(kind=PlanKind.INVOICE, action=PlanAction.UPDATE, count=1, currency="NZD"),),
    items=(ITEM,),
)
_READ = msgspec.json.Decoder(Plan)


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for name, each in value.items() for leaf in _leaves(each, (*path, name))]
    if isinstance(value, list):
        return [leaf for place, each in enumerate(value) for leaf in _leaves(each, (*path, place))]
    return [path]


_PLAIN = msgspec.to_builtins(PLAN)
_SPELLED = msgspec.json.decode(msgspec.json.encode(_PLAIN))
del _SPELLED["hash"]  # all but the hash itself


@given(data=st.data())
def test_hash_changes_with_whatever_is_changed(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(_leaves(_SPELLED)))
    changed = msgspec.json.decode(msgspec.json.encode(_SPELLED))
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    old = holder[path[-1]]
    holder[path[-1]] = (not old) if isinstance(old, bool) else _other(old)
    try:
        plan = msgspec.convert(changed, Plan)
    except msgspec.ValidationError:
        return  # no plan at all

    assert plan.digest() != PLAN.digest()


def _other(old: Any) -> Any:
    return old + 1 if isinstance(old, int) else f"{old}!"


def test_hash_is_of_the_content_and_not_of_how_the_file_is_laid_out() -> None:
    sealed = replace(PLAN, hash=PLAN.digest())
    pretty = msgspec.json.format(msgspec.json.encode(sealed), indent=4)

    assert _READ.decode(pretty).digest() == sealed.hash


def test_what_a_plan_does_not_know_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        _READ.decode(msgspec.json.encode({**_SPELLED, "also": "this"}))


def test_an_item_acts_only_where_applying_does_something() -> None:
    shown = [action for action in PlanAction if not replace(ITEM, action=action).acts]

    assert shown == [PlanAction.AMBIGUOUS, PlanAction.HOLD, PlanAction.LEAVE]
    assert set(ACTS) | set(shown) == set(PlanAction)


def test_what_people_wrote_is_not_in_its_repr() -> None:
    assert "PL-1" not in repr(ITEM)
    assert "PL-1" not in repr(PLAN)
