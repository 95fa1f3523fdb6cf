"""What a plan left out when it set a tenant live, as the operator's witness notes it."""

from __future__ import annotations

from syncd.lab.people.operator_decisions import left_out

NOBODY = frozenset[str]()
PLAN = {"items": [{"key": "held", "action": "hold"}, {"key": "listed", "action": "update"}]}
OLD, NEW = {"reference": "PO 1"}, {"reference": "PO 2"}


def test_what_came_or_changed_since_the_plan_was_left_out() -> None:
    shown = {"listed": OLD, "changed": OLD}
    now = {"listed": OLD, "changed": NEW, "new": OLD}

    assert left_out(PLAN, shown, now, even=NOBODY) == {"changed", "new"}


def test_what_the_plan_says_of_why_it_waits_was_not_left_out() -> None:
    assert left_out(PLAN, {"held": OLD}, {"held": NEW}, even=NOBODY) == NOBODY


def test_a_change_that_xero_shows_already_leaves_nothing_out() -> None:
    assert left_out(PLAN, {"a": OLD, "b": OLD}, {"a": NEW, "b": NEW}, even={"a"}) == {"b"}


def test_a_text_that_reads_the_same_is_no_change() -> None:
    shown = {"a": {"number": "D-1", "reference": None, "lines": [{"description": "one\ntwo"}]}}
    now = {"a": {"number": " D-1 ", "reference": "", "lines": [{"description": "one\r\ntwo "}]}}

    assert left_out(PLAN, shown, now, even=NOBODY) == NOBODY


def test_a_text_further_in_that_reads_otherwise_is_a_change() -> None:
    shown = {"a": {"lines": [{"description": "one"}]}, "b": {"lines": [{"id": "1"}]}}
    now = {"a": {"lines": [{"description": "two"}]}, "b": {"lines": [{"id": "1"}, {"id": "2"}]}}

    assert left_out(PLAN, shown, now, even=NOBODY) == {"a", "b"}
