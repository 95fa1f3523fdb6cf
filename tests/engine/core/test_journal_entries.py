"""The journal tells every turn of an invoice or customer once, in the round that settles it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from syncd.domain.model.state_change import StateChange, StateChangeKind
from syncd.engine.core import journal_entries
from syncd.store import journal
from tests.engine.support.connecting import ACME, AT, a_world
from tests.engine.support.rounds import LINE, Rounds, play

PUT = {"method": "PUT", "path": "/Invoices"}


async def said(rounds: Rounds, invoice: str) -> list[str]:
    """An invoice's trail, oldest first."""
    found = await rounds.context.store.fetch(journal.of_object(rounds.tenant, "Invoice", invoice))
    return [one.entry.description for one in reversed(found)]


async def turns(rounds: Rounds, invoice: str) -> list[StateChange]:
    found = await rounds.context.store.fetch(journal.of_object(rounds.tenant, "Invoice", invoice))
    details = [one.entry.detail for one in reversed(found) if one.entry.detail]
    return [msgspec.json.decode(detail, type=StateChange) for detail in details]


def test_invoice_without_incident_has_one_entry_without_detail() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.after(60)

        assert len(await said(rounds, invoice)) == 1
        assert await turns(rounds, invoice) == []

    play(story)


def test_hold_is_told_once_however_often_it_is_looked_at() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), lines=[{**LINE, "costCode": "NEW"}])
        await rounds.turn()
        await rounds.after(2 * 86_400, step_s=1800.0)

        (found,) = await turns(rounds, invoice)
        assert (found.what, found.reason) == (StateChangeKind.HELD, "account_unmapped")

    play(story)


def test_edit_on_both_sides_is_told_with_its_fields_and_its_end() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"DueDate": "2026-12-24"})
        rounds.user(do="edit_invoice", id=invoice, set={"dueDate": "2026-12-27"}, by="Dana")
        await rounds.turn()
        rounds.user(do="edit_invoice", id=invoice, set={"dueDate": "2026-12-24"}, by="Dana")
        await rounds.turn()

        apart, again = await turns(rounds, invoice)
        assert apart.what is StateChangeKind.OUT_OF_SYNC
        assert [(one.field, one.moved_by) for one in apart.differences] == [("dueDate", "both")]
        assert apart.pipeline_by == "Dana"
        assert again.what is StateChangeKind.RESUMED
        assert "No longer waiting" in (await said(rounds, invoice))[-1]

    play(story)


def test_write_whose_answer_was_lost_is_told_as_uncertain_and_as_found() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        rounds.fault(match=PUT, do="drop_after_commit", times=1)
        await rounds.after(120)

        doubt, found = await turns(rounds, invoice)
        assert (doubt.what, found.what) == (StateChangeKind.UNCERTAIN, StateChangeKind.FOUND)
        assert "a look found it there" in (await said(rounds, invoice))[-1]

    play(story)


async def test_entry_of_a_connection_names_the_daemon_when_no_person_acted(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        entry = journal_entries.of_connection(ACME, "renewed", at=AT)
        await world.store.run(entry)

        (written,) = await world.store.fetch(journal.of_object(ACME, "Xero connection", ACME))
        assert (written.entry.who, written.entry.description) == ("syncd", "renewed")
