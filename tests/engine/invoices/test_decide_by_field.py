"""Field by field: what both sides move rests and is shown, what one side moves is as chosen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncd.domain.model.settings import XeroEdits
from syncd.domain.model.statuses import XeroStatus
from syncd.engine.operator.resolve import NotResolved
from tests.engine.support import sweeping
from tests.engine.support.deciding import order, shown, take
from tests.engine.support.fields import FIELDS, Field, Stage, agreed, standing
from tests.engine.support.rounds import Rounds, play

HOUR_S = 3700.0
each_field = pytest.mark.parametrize("field", FIELDS, ids=str)


async def _apart(rounds: Rounds, field: Field) -> Stage:
    """Pipeline says A, Xero says B, and it has been seen."""
    stage = await agreed(rounds)
    field.xero(stage, "B")
    field.pipeline(stage, "A")
    await rounds.turn()
    return stage


def _state(stage: Stage) -> tuple[str, dict[str, str | None]]:
    """What Pipeline was told: the state, and who moved which field."""
    told = stage.rounds.result(stage.invoice)
    differences = told.get("differences", [])
    return told["state"], {each["field"]: each.get("movedBy") for each in differences}


@each_field
def test_moved_on_both_sides_it_rests_and_aligned_in_xero_it_is_synced(field: Field) -> None:
    async def story(rounds: Rounds) -> None:
        stage = await _apart(rounds, field)
        before, writes = stage.document(), stage.writes
        await rounds.after(2 * HOUR_S, step_s=HOUR_S)

        state, moved = _state(stage)
        assert state == "out_of_sync"
        assert {moved[each] for each in (field.name, *field.follows)} == {"both"}
        now = await shown(rounds, stage.invoice)
        assert (now.state, now.moved) == (state, moved)
        assert (stage.document(), stage.writes) == (before, writes)

        field.xero(stage, "A")
        await rounds.after(HOUR_S, step_s=HOUR_S)

        assert _state(stage) == ("synced", {})
        assert field.shows(stage, "A")
        assert stage.writes == writes

    play(story)


@each_field
def test_aligned_in_pipeline_it_is_synced_and_xeros_next_edit_can_be_mirrored_back(
    field: Field,
) -> None:
    async def story(rounds: Rounds) -> None:
        stage = await _apart(rounds, field)
        before, writes = stage.document(), stage.writes

        field.pipeline(stage, "B")
        await rounds.turn()

        assert _state(stage) == ("synced", {})
        assert (stage.document(), stage.writes) == (before, writes)

        rounds.choose(xero_edits=XeroEdits.MIRROR)
        field.xero(stage, "A")
        await stage.noticed()

        assert _state(stage) == ("synced", {})
        assert _content(stage) == _content(stage, before)

    play(story)


@each_field
def test_the_same_edit_on_both_sides_is_no_alarm_and_one_in_xero_alone_is_held(
    field: Field,
) -> None:
    async def story(rounds: Rounds) -> None:
        stage = await agreed(rounds)
        writes = stage.writes
        field.xero(stage, "A")
        field.pipeline(stage, "A")
        await rounds.turn()
        assert _state(stage) == ("synced", {})
        assert stage.writes == writes

        field.xero(stage, "B")
        before = stage.document()
        await stage.noticed()

        state, moved = _state(stage)
        assert (state, {*moved.values()}) == ("out_of_sync", {"xero"})
        assert {field.name, field.name.partition(".")[0]} & {*moved}
        now = await take(rounds, stage.invoice, "xero")
        assert (now.state, {*now.moved.values()}) == ("synced", {None})
        assert (stage.document(), stage.writes) == (before, writes)

    play(story)


@each_field
def test_an_edit_in_pipeline_alone_travels_and_one_in_xero_alone_can_be_accepted(
    field: Field,
) -> None:
    async def story(rounds: Rounds) -> None:
        stage = await agreed(rounds)
        field.pipeline(stage, "A")
        await rounds.turn()
        assert _state(stage) == ("synced", {})
        assert field.shows(stage, "A")
        assert stage.writes == 2

        rounds.choose(xero_edits=XeroEdits.ACCEPT)
        field.xero(stage, "B")
        before = stage.document()
        await stage.noticed()

        state, moved = _state(stage)
        assert (state, {*moved.values()}) == ("synced", {None})
        assert (stage.document(), stage.writes) == (before, 2)

    play(story)


@each_field
def test_moved_on_both_sides_pipeline_can_be_taken(field: Field) -> None:
    async def story(rounds: Rounds) -> None:
        stage = await _apart(rounds, field)

        now = await take(rounds, stage.invoice, "pipeline")

        assert (now.state, now.moved) == ("synced", {})
        assert field.shows(stage, "A")

    play(story)


def test_while_it_rests_no_other_field_is_written() -> None:
    async def story(rounds: Rounds) -> None:
        stage = await _apart(rounds, FIELDS[0])
        before, writes = stage.document(), stage.writes

        rounds.user(do="edit_line", id=stage.invoice, line=1, set={"description": "and more"})
        await rounds.after(HOUR_S, step_s=HOUR_S)

        moved = (await shown(rounds, stage.invoice)).moved
        assert moved == {"reference": "both", "lines[1].description": "pipeline"}
        assert (stage.document(), stage.writes) == (before, writes)

    play(story)


FREE_WITH_MONEY = (
    "reference", "dueDate", "number", "customerId", "lines[0].description",
    "lines[0].accountCode", "lines[0].tracking",
)  # fmt: skip


@each_field
def test_with_money_on_it_what_xero_allows_travels_and_the_rest_waits_and_says_so(
    field: Field,
) -> None:
    async def story(rounds: Rounds) -> None:
        stage = await agreed(rounds)
        rounds.xero.do(do="pay", invoice="PL-1", amount="10")

        field.pipeline(stage, "A")
        await rounds.turn()

        now = await shown(rounds, stage.invoice)
        if field.name in FREE_WITH_MONEY:
            assert (now.state, field.shows(stage, "A")) == ("synced", True)
            return
        assert (now.state, now.reason) == ("waiting", "has_payments")
        assert {*now.moved.values()} == {"pipeline"}
        assert (await take(rounds, stage.invoice, "xero")).state == "synced"

    play(story)


def test_lines_removed_on_both_sides_are_told_line_by_line() -> None:
    async def story(rounds: Rounds) -> None:
        stage = await agreed(rounds)
        before = stage.writes
        first, second = standing(stage)
        rounds.xero.do(do="edit", invoice="PL-1", lines=[{"place": 0, "remove": True}])
        rounds.user(do="edit_invoice", id=stage.invoice, set={"lines": [first]})
        await rounds.turn()

        moved = (await shown(rounds, stage.invoice)).moved
        assert (moved["lines[0]"], moved["lines[1]"]) == ("xero", "pipeline")
        assert "lines" not in moved  # one on each side: the number is the same
        assert stage.writes == before

        rounds.user(do="edit_invoice", id=stage.invoice, set={"lines": [second]})
        await rounds.turn()
        assert rounds.result(stage.invoice)["state"] == "synced"
        assert stage.writes == before

    play(story)


@pytest.mark.parametrize("side", ["pipeline", "xero"])
def test_a_line_removed_in_xero_comes_back_or_stays_away_as_decided(side: str) -> None:
    async def story(rounds: Rounds) -> None:
        stage = await agreed(rounds)
        rounds.xero.do(do="edit", invoice="PL-1", lines=[{"place": 1, "remove": True}])
        await stage.noticed()
        now = await shown(rounds, stage.invoice)
        assert {**now.moved}.keys() >= {"lines", "lines[1]", "nett", "tax", "total"}

        now = await take(rounds, stage.invoice, side)

        assert now.state == "synced"
        assert len(stage.document()["LineItems"]) == (2 if side == "pipeline" else 1)
        rounds.user(do="edit_invoice", id=stage.invoice, set={"reference": "later"})
        await rounds.turn()
        assert len(stage.document()["LineItems"]) == (2 if side == "pipeline" else 1)
        assert stage.document()["Reference"] == "later"

    play(story)


def test_totals_adjusted_in_xero_alone_are_an_edit_of_the_total() -> None:
    async def story(rounds: Rounds) -> None:
        stage = await agreed(rounds)
        rounds.xero.do(do="adjust_totals", invoice="PL-1", by="0.05")

        await stage.noticed()

        assert (await shown(rounds, stage.invoice)).moved == {"total": "xero"}
        now = await take(rounds, stage.invoice, "xero")
        assert (now.state, now.moved) == ("synced", {"total": None})

    play(story)


def test_totals_within_the_tolerance_are_no_edit() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(totals_tolerance=Decimal("0.05"))
        stage = await agreed(rounds)
        rounds.xero.do(do="adjust_totals", invoice="PL-1", by="0.05")

        await stage.noticed()

        assert rounds.result(stage.invoice)["state"] == "synced"

    play(story)


def test_a_merged_contact_is_no_edit() -> None:
    async def story(rounds: Rounds) -> None:
        stage = await agreed(rounds)
        rounds.xero.do(do="merge", contact="Harbour Build", into=stage.contacts["A"])

        await sweeping.swept_now(rounds)
        await stage.noticed()

        assert rounds.result(stage.invoice)["state"] == "synced"

    play(story)


@pytest.mark.parametrize(
    ("choice", "ends"), [("hold", "out_of_sync"), ("accept", "synced"), ("mirror", "synced")]
)
def test_a_status_set_back_in_xero_is_held_accepted_or_raised_again(choice: str, ends: str) -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(approved_as=XeroStatus.SUBMITTED)
        stage = await agreed(rounds)
        rounds.choose(xero_edits=XeroEdits(choice))
        rounds.xero.do(do="edit", invoice="PL-1", set={"Status": "DRAFT"})

        await stage.noticed()

        now = await shown(rounds, stage.invoice)
        assert now.state == ends
        assert stage.document()["Status"] == ("SUBMITTED" if choice == "mirror" else "DRAFT")
        if choice == "hold":
            assert (now.reason, now.moved) == ("status_regression", {"status": "xero"})

    play(story)


@pytest.mark.parametrize(("side", "status"), [("pipeline", "SUBMITTED"), ("xero", "DRAFT")])
def test_a_status_set_back_in_xero_ends_where_a_person_takes_it(side: str, status: str) -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(approved_as=XeroStatus.SUBMITTED)
        stage = await agreed(rounds)
        rounds.xero.do(do="edit", invoice="PL-1", set={"Status": "DRAFT"})
        await stage.noticed()

        now = await take(rounds, stage.invoice, side)

        assert now.state == "synced"
        assert stage.document()["Status"] == status
        assert now.moved == ({} if side == "pipeline" else {"status": None})

    play(story)


def test_a_draft_again_in_pipeline_is_refused_one_way_and_kept_the_other() -> None:
    async def story(rounds: Rounds) -> None:
        stage = await agreed(rounds)
        rounds.user(do="reopen", id=stage.invoice)
        rounds.user(do="edit_line", id=stage.invoice, line=0, set={"quantity": 7})
        await rounds.after(30)
        assert (await shown(rounds, stage.invoice)).reason == "status_regression"

        refused = await order(rounds, stage.invoice, "pipeline")

        assert isinstance(refused, NotResolved)
        assert "back to draft" in refused.text
        now = await shown(rounds, stage.invoice)
        assert (now.state, now.reason) == ("out_of_sync", "status_regression")

        # Approved again, there is nothing left to refuse: the edit travels by itself.
        rounds.user(do="approve", id=stage.invoice)
        await rounds.turn()
        assert rounds.result(stage.invoice)["state"] == "synced"
        assert stage.document()["LineItems"][0]["Quantity"] == "7.0000"

        rounds.user(do="reopen", id=stage.invoice)
        await rounds.after(30)
        now = await take(rounds, stage.invoice, "xero")
        assert (now.state, stage.document()["Status"]) == ("synced", "AUTHORISED")

    play(story)


def _content(stage: Stage, of: dict[str, Any] | None = None) -> dict[str, object]:
    """The document, as it stands or as it was, without what every write changes."""
    document = stage.document() if of is None else of
    lines = [
        {name: value for name, value in each.items() if name != "LineItemID"}
        for each in document["LineItems"]
    ]
    lines.sort(key=str)  # Xero shows new lines first
    names = (
        "Reference", "Date", "DueDate", "InvoiceNumber", "CurrencyCode", "LineAmountTypes",
        "Total", "TotalTax", "ContactID", "Status",
    )  # fmt: skip
    return {"LineItems": lines, **{name: document[name] for name in names}}
