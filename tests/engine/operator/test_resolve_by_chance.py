"""Any sequence of edits, looks and decisions ends where the table, told in ten lines, says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncd.engine.operator.resolve import HasMoved, NotResolved, Resolved
from tests.engine.support.deciding import order, shown
from tests.engine.support.fields import Stage, agreed
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.set_clock import Wall
from tests.searching import examples

NAMES = {"reference": "Reference", "dueDate": "DueDate"}
VALUES = {
    "reference": ("one", "two", "three"),
    "dueDate": ("2027-01-01", "2027-02-02", "2027-03-03"),
}
Deed = tuple[str, ...]
edits = st.builds(
    lambda side, name, at: (side, name, VALUES[name][at]),
    st.sampled_from(("pipeline", "xero")),
    st.sampled_from(tuple(NAMES)),
    st.integers(0, 2),
)
deeds = st.one_of(
    edits,
    edits,
    st.just(("look",)),
    st.sampled_from((("take", "pipeline"), ("take", "xero"))),
)


@dataclass
class Table:
    """Rows 11 to 15 for fields that are worded alike on both sides."""

    pipeline: dict[str, str]
    xero: dict[str, str]
    was_pipeline: dict[str, str] = field(default_factory=dict)
    was_xero: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    is_apart: bool = False

    def agree(self) -> None:
        self.was_pipeline, self.was_xero = dict(self.pipeline), dict(self.xero)
        self.kept = {name for name in NAMES if self.pipeline[name] != self.xero[name]}
        self.is_apart = False

    def look(self) -> None:
        here = {name for name in NAMES if self.pipeline[name] != self.was_pipeline[name]}
        there = {name for name in NAMES if self.xero[name] != self.was_xero[name]}
        differ = {name for name in here | there if self.pipeline[name] != self.xero[name]}
        self.is_apart = False
        if not differ:
            if here | there:
                self.agree()
        elif not (there & differ) and not (here & self.kept & differ):
            for name in differ:
                self.xero[name] = self.pipeline[name]
            self.agree()
        else:
            self.is_apart = True

    def take(self, side: str) -> bool:
        """Whether there was anything to decide."""
        if not self.is_apart and not (self.kept and side == "pipeline"):
            return False
        if side == "pipeline":
            self.xero = dict(self.pipeline)
        self.agree()
        return True

    @property
    def worlds(self) -> tuple[dict[str, str], dict[str, str]]:
        return dict(self.pipeline), dict(self.xero)


async def _take(stage: Stage, table: Table, side: str, *, has_moved: bool) -> None:
    """A person acts on what the last look showed; refused, they look again."""
    answer = await order(stage.rounds, stage.invoice, side)
    if has_moved:
        assert isinstance(answer, HasMoved), answer
        table.look()
    else:
        assert isinstance(answer, Resolved if table.take(side) else NotResolved), answer
    await stage.rounds.turn()


async def _compare(stage: Stage, table: Table) -> None:
    document = stage.document()
    assert {name: document[theirs] for name, theirs in NAMES.items()} == table.xero
    now = await shown(stage.rounds, stage.invoice)
    assert now.state == ("out_of_sync" if table.is_apart else "synced")
    if not table.is_apart:
        assert now.moved == dict.fromkeys(sorted(table.kept, reverse=True))


_OURS_THEN_THEIRS: list[Deed] = [
    ("pipeline", "dueDate", "2027-01-01"),
    ("look",),
    ("xero", "reference", "one"),
    ("look",),
]


_THEIRS_AS_OURS: list[Deed] = [
    ("pipeline", "reference", "one"),
    ("pipeline", "dueDate", "2027-01-01"),
    ("xero", "reference", "one"),
    ("look",),
]
"""Only fields that are apart can conflict: the due date goes."""


@given(st.lists(deeds, min_size=4, max_size=14))
@example(_THEIRS_AS_OURS)
@example([*_OURS_THEN_THEIRS, ("take", "pipeline")])
@example([*_OURS_THEN_THEIRS, ("take", "xero"), ("look",)])
@example([*_OURS_THEN_THEIRS, ("take", "xero"), ("take", "pipeline")])
@examples(12)
def test_any_story_ends_as_the_table_says_and_no_edit_in_xero_is_lost(story: list[Deed]) -> None:
    async def told(rounds: Rounds) -> None:
        stage = await agreed(rounds)
        start = {"reference": "PO", "dueDate": "2026-12-10"}
        table = Table(pipeline=dict(start), xero=dict(start))
        table.agree()
        seen = table.worlds
        for deed, *more in story:
            if deed == "pipeline":
                name, value = more
                table.pipeline[name] = value
                rounds.user(do="edit_invoice", id=stage.invoice, set={name: value})
                continue
            if deed == "xero":
                name, value = more
                table.xero[name] = value
                on = rounds.xero_id(stage.invoice)
                rounds.xero.do(do="edit", invoice=on, set={NAMES[name]: value})
                continue
            if deed == "take":
                await _take(stage, table, more[0], has_moved=table.worlds != seen)
            else:
                table.look()
                await stage.noticed()
            await _compare(stage, table)
            seen = table.worlds

        # Pipeline made as Xero is ends whatever was left, without anybody deciding.
        rounds.user(do="edit_invoice", id=stage.invoice, set=table.xero)
        await stage.noticed()
        now = await shown(rounds, stage.invoice)
        assert (now.state, now.differences) == ("synced", ())

    play(told)


@pytest.mark.parametrize("side", ["pipeline", "xero"])
def test_a_decision_holds_though_the_clock_was_set_back_since_our_last_write(side: str) -> None:
    async def told(rounds: Rounds) -> None:
        stage = await agreed(rounds)
        rounds.user(do="edit_invoice", id=stage.invoice, set={"dueDate": "2027-01-01"})
        await rounds.turn()
        wall = Wall(rounds.context.clock, set_by=timedelta(hours=-1))
        rounds.context = replace(rounds.context, clock=wall)
        rounds.xero.client._clock = rounds.xero.ledger._clock = wall
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "hers"})
        await stage.noticed()
        assert (await shown(rounds, stage.invoice)).state == "out_of_sync"

        assert isinstance(await order(rounds, stage.invoice, side), Resolved)
        await stage.noticed()

        assert (await shown(rounds, stage.invoice)).state == "synced"
        assert stage.document()["Reference"] == ("PO" if side == "pipeline" else "hers")

    play(told)
