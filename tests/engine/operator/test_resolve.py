"""A person takes a side: it is carried out, told, remembered, and never of something unseen."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from syncd.domain.errors import RemoteError
from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind, JobState
from syncd.domain.model.settings import Mode
from syncd.domain.rules.decide.resolve import Take
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.operator.resolve import HasMoved, NotResolved, Order, Resolved, ResolveService
from syncd.engine.recovery import lease_reaper
from syncd.store import claims
from tests.engine.support.deciding import WHO, book, fields, order, shown, take
from tests.engine.support.operating import Column
from tests.engine.support.rounds import LINE, Rounds, play

POST = {"method": "POST", "path": "Invoices"}


async def _differing(rounds: Rounds, **more: Any) -> str:
    """An invoice whose reference was edited on both sides."""
    invoice = rounds.invoice(rounds.customer(), reference="PO", **more)
    await rounds.turn()
    rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "hers"})
    rounds.user(do="edit_invoice", id=invoice, set={"reference": "ours"})
    await rounds.turn()
    assert rounds.result(invoice)["state"] == "out_of_sync"
    return invoice


def test_taking_pipeline_writes_what_pipeline_shows() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)

        now = await take(rounds, invoice, "pipeline")

        assert (now.state, now.differences) == ("synced", ())
        assert book(rounds)["Reference"] == "ours"
        result = rounds.result(invoice)
        assert (result["state"], result["syncedVersion"]) == ("synced", 2)
        assert result.get("differences", []) == []

    play(story)


def test_a_document_that_cannot_be_read_is_decided_on_by_nobody_and_said_to_be_so() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        seen = (await shown(rounds, invoice)).seen
        find = '"InvoiceNumber":"PL-1"'
        rounds.fault(do="rewritten", find=find, put=f'"Status":7,{find}', times=None)

        answer = await order(rounds, invoice, "pipeline", seen=seen)

        assert isinstance(answer, NotResolved)
        assert (answer.is_unread, "cannot be read (Status" in answer.text) == (True, True)
        assert (await shown(rounds, invoice)).state == "out_of_sync"

        rounds.xero.world.faults.clear()
        assert isinstance(await order(rounds, invoice, "pipeline", seen=seen), Resolved)

    play(story)


def test_totals_adjusted_in_xero_stay_out_of_sync_for_no_app_can_undo_it() -> None:
    """Simulation, seed 821002 without webhooks: Pipeline's totals were blamed, which were right."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.xero.do(do="adjust_totals", invoice="PL-1", by="-0.10")
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO"})
        await rounds.turn()

        await take(rounds, invoice, "pipeline")
        await rounds.turn()
        again = await take(rounds, invoice, "pipeline")

        assert (again.state, fields(again.differences)) == ("out_of_sync", ["total"])
        told = rounds.result(invoice)
        assert (told["state"], told.get("reasonCode")) == ("out_of_sync", None)
        assert "Xero's were adjusted there" in told["reason"]

        rounds.xero.do(do="adjust_totals", invoice="PL-1", by="0")
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()
        assert rounds.result(invoice)["state"] == "synced"
        assert book(rounds)["Reference"] == "PO 2"

    play(story)


def test_taking_xero_writes_nothing_and_lists_what_is_kept() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        before = rounds.books()

        now = await take(rounds, invoice, "xero")

        assert (now.state, now.moved) == ("synced", {"reference": None})
        assert "No longer waiting: PL-1. What still differs was decided to stay so." in [
            text for text, _ in now.history
        ]
        assert rounds.books() == before
        result = rounds.result(invoice)
        assert (result["state"], result["syncedVersion"]) == ("synced", 2)
        assert [(each["field"], each.get("movedBy")) for each in result["differences"]] == [
            ("reference", None)
        ]

    play(story)


def test_what_is_kept_stays_listed_and_unwritten_while_other_fields_travel() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        await take(rounds, invoice, "xero")

        rounds.user(do="edit_invoice", id=invoice, set={"dueDate": "2027-01-31"})
        await rounds.turn()

        now = await shown(rounds, invoice)
        assert (now.state, now.moved) == ("synced", {"reference": None})
        assert (book(rounds)["Reference"], book(rounds)["DueDate"]) == ("hers", "2027-01-31")

    play(story)


def test_what_is_kept_of_a_line_stays_kept_when_pipeline_saves_its_lines_anew() -> None:
    """Other ids for the same lines decide nothing: what she wrote was overwritten afterwards."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        hers = [{"place": 0, "set": {"Description": "hers"}}]
        rounds.xero.do(do="edit", invoice="PL-1", lines=hers)
        rounds.user(do="edit_line", id=invoice, line=0, set={"description": "ours"})
        await rounds.turn()
        await take(rounds, invoice, "xero")
        anew = {"lines": [{**LINE, "description": "ours"}], "reference": "PO 2"}
        rounds.user(do="edit_invoice", id=invoice, set=anew)
        await rounds.turn()
        assert (await shown(rounds, invoice)).moved == {"lines[0].description": None}

        rounds.user(do="edit_line", id=invoice, line=0, set={"description": "ours again"})
        await rounds.turn()

        assert (book(rounds)["Reference"], book(rounds)["LineItems"][0]["Description"]) == (
            "PO 2",
            "hers",
        )
        assert rounds.result(invoice)["state"] == "out_of_sync"

    play(story)


def test_lines_that_were_left_apart_are_never_taken_for_one_line_again() -> None:
    """The only line was made anew in Pipeline and reworded in Xero, and both were to stay so."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        hers = [{"place": 0, "set": {"Description": "hers"}}]
        rounds.xero.do(do="edit", invoice="PL-1", lines=hers)
        anew = {"lines": [{**LINE, "description": "ours"}]}
        rounds.user(do="edit_invoice", id=invoice, set=anew)
        await rounds.turn()
        now = await take(rounds, invoice, "xero")
        assert now.moved == {"lines[0]": None, "lines[1]": None}

        rounds.user(do="edit_line", id=invoice, line=0, set={"description": "ours again"})
        await rounds.turn()

        assert [line["Description"] for line in book(rounds)["LineItems"]] == ["hers"]
        assert rounds.result(invoice)["state"] == "out_of_sync"

    play(story)


def test_a_kept_field_edited_in_pipeline_is_out_of_sync_again_and_never_pushed() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        await take(rounds, invoice, "xero")
        writes = rounds.calls("POST Invoices")

        rounds.user(do="edit_invoice", id=invoice, set={"reference": "ours again"})
        await rounds.turn()

        now = await shown(rounds, invoice)
        assert (now.state, now.moved) == ("out_of_sync", {"reference": "pipeline"})
        assert book(rounds)["Reference"] == "hers"
        assert rounds.calls("POST Invoices") == writes

        now = await take(rounds, invoice, "pipeline")
        assert (now.state, now.differences) == ("synced", ())
        assert book(rounds)["Reference"] == "ours again"

    play(story)


def test_a_kept_field_edited_in_xero_is_out_of_sync_again() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        await take(rounds, invoice, "xero")

        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "hers again"})
        await rounds.after(3700, step_s=900)
        rounds.user(do="edit_invoice", id=invoice, set={"dueDate": "2027-01-31"})
        await rounds.turn()

        now = await shown(rounds, invoice)
        assert (now.state, now.moved["reference"]) == ("out_of_sync", "xero")
        assert book(rounds)["Reference"] == "hers again"

    play(story)


def test_a_decision_taken_back_writes_what_was_kept() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        await take(rounds, invoice, "xero")

        now = await take(rounds, invoice, "pipeline")

        assert (now.state, now.differences) == ("synced", ())
        assert book(rounds)["Reference"] == "ours"

    play(story)


def test_a_kept_field_made_the_same_is_kept_no_longer() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        await take(rounds, invoice, "xero")

        rounds.user(do="edit_invoice", id=invoice, set={"reference": "hers"})
        await rounds.turn()
        assert (await shown(rounds, invoice)).differences == ()
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "ours once more"})
        await rounds.turn()

        assert (await shown(rounds, invoice)).state == "synced"
        assert book(rounds)["Reference"] == "ours once more"

    play(story)


@pytest.mark.parametrize("side", ["pipeline", "xero"])
def test_an_edit_in_xero_since_the_page_was_opened_is_shown_instead(side: str) -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        page = await shown(rounds, invoice)
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "hers, later"})
        before = rounds.books()

        answer = await order(rounds, invoice, side, seen=page.seen)

        assert isinstance(answer, HasMoved)
        assert [each.xero for each in answer.differences] == ["hers, later"]
        await rounds.turn()
        assert rounds.books() == before
        now = await shown(rounds, invoice)
        assert (now.state, now.seen) == ("out_of_sync", answer.seen)
        assert isinstance(await order(rounds, invoice, side, seen=answer.seen), Resolved)

    play(story)


@pytest.mark.parametrize("side", ["pipeline", "xero"])
def test_an_edit_in_pipeline_not_heard_of_yet_is_shown_instead(side: str) -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        page = await shown(rounds, invoice)
        rounds.user(do="edit_invoice", id=invoice, set={"dueDate": "2027-03-01"})
        before = rounds.books()

        answer = await order(rounds, invoice, side, seen=page.seen)

        assert isinstance(answer, HasMoved)
        assert fields(answer.differences) == ["reference", "dueDate"]
        await rounds.turn()
        assert rounds.books() == before
        assert isinstance(await order(rounds, invoice, side, seen=answer.seen), Resolved)

    play(story)


def test_a_page_left_open_is_as_good_as_new_while_nothing_moves() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        page = await shown(rounds, invoice)
        await rounds.after(3 * 3700, step_s=3700)
        await lease_reaper.start_up(rounds.context)

        assert (await shown(rounds, invoice)).seen == page.seen
        assert isinstance(await order(rounds, invoice, "pipeline", seen=page.seen), Resolved)

    play(story)


def test_a_payment_since_then_is_no_edit() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        page = await shown(rounds, invoice)
        rounds.xero.do(do="pay", invoice="PL-1")

        answer = await order(rounds, invoice, "xero", seen=page.seen)

        assert isinstance(answer, Resolved)

    play(story)


def test_a_read_that_fails_changes_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        before = await shown(rounds, invoice)
        rounds.fault(do="unavailable", match={"method": "GET", "path": "Invoices"})

        with pytest.raises(RemoteError):
            await order(rounds, invoice, "pipeline", seen=before.seen)

        assert await shown(rounds, invoice) == before
        rounds.xero.world.faults.set([])
        assert isinstance(await order(rounds, invoice, "pipeline", seen=before.seen), Resolved)

    play(story)


def test_a_decision_is_in_the_history_with_its_author_and_its_fields() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)

        now = await take(rounds, invoice, "xero")

        assert now.history[0] == (
            "Resolved, taking Xero: PL-1, both stay as they are (reference)",
            WHO,
        )

    play(story)


def test_an_edit_in_xero_between_decision_and_write_is_not_overwritten() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        assert isinstance(await order(rounds, invoice, "pipeline"), Resolved)
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "hers, at once"})

        await rounds.turn()

        now = await shown(rounds, invoice)
        assert (now.state, now.moved) == ("out_of_sync", {"reference": "both"})
        assert book(rounds)["Reference"] == "hers, at once"

    play(story)


def test_observing_a_decision_is_taken_and_its_write_waits() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        rounds.choose(mode=Mode.OBSERVE)
        before = rounds.books()

        now = await take(rounds, invoice, "pipeline")

        assert (now.state, now.reason) == ("waiting", "observing")
        assert now.moved == {"reference": "pipeline"}
        assert rounds.books() == before
        rounds.choose(mode=Mode.LIVE)
        await rounds.after(3700, step_s=1800)
        assert book(rounds)["Reference"] == "ours"

    play(story)


@pytest.mark.parametrize("is_let_go", [True, False])
def test_a_decision_waits_a_moment_for_what_is_worked_on(*, is_let_go: bool) -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        page = await shown(rounds, invoice)
        context = rounds.context
        taken = claims.take(
            rounds.tenant,
            JobKind.PUSH_INVOICE,
            invoice,
            incarnation=context.incarnation,
            lease_until=context.after(60),
        )
        (job,) = await context.store.run(taken)

        answers = []

        async def ordered() -> None:
            answers.append(await order(rounds, invoice, "xero", seen=page.seen))

        async with anyio.create_task_group() as group:
            group.start_soon(ordered)
            await anyio.wait_all_tasks_blocked()
            assert answers == []
            if is_let_go:
                now = context.now()
                back = claims.give_back(job, JobState.HELD, incarnation=context.incarnation, at=now)
                await context.store.run(back)

        (answer,) = answers
        if is_let_go:
            assert isinstance(answer, Resolved)
        else:
            assert isinstance(answer, NotResolved)
            assert "being worked on" in answer.text

    play(story)


def test_without_a_connection_nothing_is_decided_and_with_one_the_worker_is_woken() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        page = await shown(rounds, invoice)
        column, woken = Column(state=ConnectionState.NOT_CONNECTED), list[TenantId]()
        desk = ResolveService(rounds.context, gates=column, wake=woken.append)
        wanted = Order(take=Take.PIPELINE, seen=page.seen, who=WHO)

        closed = await desk.resolve(rounds.tenant, invoice, wanted)
        assert isinstance(closed, NotResolved)
        assert "Connect to Xero" in closed.text
        assert woken == []

        column.state = ConnectionState.CONNECTED
        rounds.fault(do="unavailable", match={"method": "GET", "path": "Invoices"})
        unread = await desk.resolve(rounds.tenant, invoice, wanted)
        assert isinstance(unread, NotResolved)
        assert unread.is_unread
        assert "Nothing changed" in unread.text

        rounds.xero.world.faults.set([])
        assert isinstance(await desk.resolve(rounds.tenant, invoice, wanted), Resolved)
        assert woken == [rounds.tenant]

    play(story)


@pytest.mark.parametrize("side", ["pipeline", "xero"])
def test_where_nothing_differs_there_is_nothing_to_resolve(side: str) -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        before = await shown(rounds, invoice)

        answer = await order(rounds, invoice, side)

        assert isinstance(answer, NotResolved)
        assert "nothing to resolve" in answer.text
        assert await shown(rounds, invoice) == before

    play(story)


def test_a_new_invoice_that_waits_has_nothing_to_resolve_and_waits_on() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), lines=[{**LINE, "costCode": "GHOST"}])
        await rounds.turn()
        before = await shown(rounds, invoice)

        answer = await order(rounds, invoice, "pipeline")

        assert isinstance(answer, NotResolved)
        after = await shown(rounds, invoice)
        assert (after.state, after.reason, after.why) == (
            "waiting",
            "account_unmapped",
            before.why,
        )

    play(story)


def test_an_uncertain_write_is_settled_before_anybody_decides() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await _differing(rounds)
        await order(rounds, invoice, "pipeline")
        rounds.fault(do="drop_after_commit", match=POST, times=1)
        await rounds.turn()
        assert (await shown(rounds, invoice)).state == "uncertain"

        answer = await order(rounds, invoice, "xero")

        assert isinstance(answer, NotResolved)
        assert "no certain outcome" in answer.text
        assert (await shown(rounds, invoice)).state == "uncertain"

    play(story)
