"""Yesterday's backup is put back: nothing is created twice, overwritten, or told wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.domain.errors import Garbled, Refused, RemoteError
from syncd.domain.facts import RoundDeferred, SweepFinished
from syncd.domain.ids import TenantId
from syncd.domain.model.brake import BrakeKind, Halt
from syncd.domain.model.settings import Mode
from syncd.domain.rules.decide.resolve import Take
from syncd.engine.core import tenant_mode
from syncd.engine.feed import intake
from syncd.engine.loops import worker
from syncd.engine.operator.resolve import HasMoved, Order, Resolved, resolve
from syncd.engine.sweeps import after_restore
from syncd.store import added_tenants, brakes, journal, links, restores, tenants
from syncd.store.added_tenants import AddedTenant
from syncd.store.sql import Query
from syncd.store.unit_of_work import tell
from tests.engine.support.restored import at_work, backed_up, looked, played, put_back
from tests.engine.support.rounds import Rounds
from tests.engine.support.set_clock import Wall
from tests.engine.support.sweeping import is_open, swept
from tests.xero.support import worlds
from tests.xero.support.worlds import TENANT

LATE_S = 420.0
LIST = {"method": "GET", "path": "/Invoices"}
PUT = {"method": "PUT", "path": "/Invoices"}
POST = {"method": "POST", "path": "/Invoices"}
FORGET = Query(name="forget", text="DELETE FROM links WHERE key = ?1")


def alive(rounds: Rounds) -> list[dict[str, Any]]:
    return [one for one in rounds.books() if one["Status"] not in ("VOIDED", "DELETED")]


def book(rounds: Rounds, number: str) -> dict[str, Any]:
    (found,) = [one for one in rounds.books() if one["InvoiceNumber"] == number]
    return found


def writes(rounds: Rounds) -> int:
    return sum(rounds.calls(call) for call in ("PUT Invoices", "POST Invoices", "PUT Contacts"))


def payments(rounds: Rounds, invoice: str) -> list[dict[str, Any]]:
    found = rounds.pipeline.dump()["tenants"][TENANT]["payments"].get(invoice, {})
    return list(found.values())


def told(rounds: Rounds, invoice: str) -> tuple[str, str, str]:
    """State, status and money as Pipeline has them."""
    result = rounds.result(invoice)
    return result["state"], result["xeroStatus"], str(result["amountDue"])


# --- Invoices of the lost hours ---------------------------------------------------------------


def test_an_invoice_of_the_lost_hours_is_adopted_by_its_mark() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.invoice(customer, "PL-1")
        await rounds.turn()
        backup = await backed_up(rounds)
        late = rounds.invoice(customer, "PL-2")
        await rounds.turn()
        before = writes(rounds)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert writes(rounds) == before
        assert len(alive(rounds)) == 2
        assert rounds.result(late)["state"] == "synced"

    played(story)


async def _renumbered_in_pipeline_and_synced(rounds: Rounds, invoice: str) -> None:
    rounds.user(do="edit_invoice", id=invoice, set={"number": "PL-2b"})
    await rounds.turn()


async def _renumbered_in_pipeline_only(rounds: Rounds, invoice: str) -> None:
    rounds.user(do="edit_invoice", id=invoice, set={"number": "PL-2b"})


async def _renumbered_in_xero_only(rounds: Rounds, invoice: str) -> None:
    rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"InvoiceNumber": "X-2"})


async def _renumbered_on_both_sides(rounds: Rounds, invoice: str) -> None:
    await _renumbered_in_xero_only(rounds, invoice)
    await _renumbered_in_pipeline_only(rounds, invoice)


@pytest.mark.parametrize(
    ("renumbered", "state"),
    [
        (_renumbered_in_pipeline_and_synced, "synced"),
        (_renumbered_in_pipeline_only, "out_of_sync"),
        (_renumbered_in_xero_only, "out_of_sync"),
        (_renumbered_on_both_sides, "out_of_sync"),
    ],
)
def test_an_invoice_of_the_lost_hours_that_was_renumbered_is_never_created_twice(
    renumbered: Callable[[Rounds, str], Awaitable[None]], state: str
) -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.invoice(customer, "PL-1")
        await rounds.turn()
        backup = await backed_up(rounds)
        late = rounds.invoice(customer, "PL-2")
        await rounds.turn()
        await renumbered(rounds, late)
        before, books = writes(rounds), alive(rounds)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert writes(rounds) == before
        assert [one["InvoiceNumber"] for one in alive(rounds)] == [
            one["InvoiceNumber"] for one in books
        ]
        assert rounds.result(late)["state"] == state

    played(story)


@pytest.mark.parametrize("asleep_s", [0, 600])
def test_an_invoice_voided_and_made_again_under_a_new_number_is_the_living_one(
    asleep_s: float,
) -> None:
    """Two documents carry the mark of one invoice: the voided one, and its successor."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()
        old = rounds.xero_id(invoice)
        backup = await backed_up(rounds)
        rounds.xero.do(do="void", invoice=old)
        made = book(rounds, "PL-1")
        rounds.user(do="edit_invoice", id=invoice, set={"number": "PL-1b"})
        # As an operator's order to create it once more would have left it.
        await rounds.context.store.run(tell(FORGET, [(invoice,)]))
        await rounds.turn()
        before = writes(rounds)
        assert len(rounds.books()) == 2

        await put_back(rounds, backup)
        await worlds.passes(asleep_s)
        await at_work(rounds)

        assert writes(rounds) == before
        assert rounds.result(invoice)["state"] == "synced"
        assert rounds.xero_id(invoice) != made["InvoiceID"]

    played(story)


def test_an_invoice_of_the_lost_hours_that_cannot_be_read_is_never_created_twice() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        backup = await backed_up(rounds)
        late = rounds.invoice(customer, "PL-2")
        await rounds.turn()
        await _renumbered_in_xero_only(rounds, late)

        await put_back(rounds, backup)
        _unreadable(rounds, "X-2")
        await at_work(rounds)
        rounds.xero.world.faults.clear()
        await at_work(rounds, 3600)

        assert [one["InvoiceNumber"] for one in rounds.books()] == ["X-2"]
        assert rounds.result(late)["state"] == "out_of_sync"

    played(story)


def _unreadable(rounds: Rounds, number: str) -> None:
    """From here on lists show no status of this document that anybody could read."""
    find = f'"InvoiceNumber":"{number}"'
    rounds.fault(do="rewritten", find=find, put=f'"Status":7,{find}', match=LIST, times=None)


def test_an_invoice_of_the_lost_hours_deleted_meanwhile_is_left_to_a_person() -> None:
    """Nothing here tells whether the document was edited in Xero: voiding might destroy that."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        backup = await backed_up(rounds)
        late = rounds.invoice(customer, "PL-2")
        await rounds.turn()
        rounds.user(do="delete", id=late)
        before = writes(rounds)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert writes(rounds) == before
        assert rounds.result(late)["state"] == "out_of_sync"
        assert len(alive(rounds)) == 1

    played(story)


def test_customers_of_the_lost_hours_are_found_by_their_mark() -> None:
    async def story(rounds: Rounds) -> None:
        backup = await backed_up(rounds)
        late = rounds.invoice(rounds.customer(), "PL-2")
        await rounds.turn()
        before = writes(rounds)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert writes(rounds) == before
        assert rounds.result(late)["state"] == "synced"

    played(story)


# --- What was stopped since -------------------------------------------------------------------


async def _paused(rounds: Rounds) -> None:
    await tenant_mode.set_paused(rounds.context, rounds.tenant, "Ada", is_paused=True)


async def _observed(rounds: Rounds) -> None:
    await rounds.context.store.run(tenants.set_mode(rounds.tenant, Mode.OBSERVE))


async def _halted(rounds: Rounds) -> None:
    halt = Halt(kind=BrakeKind.VOIDS, text="Too many voids.")
    await rounds.context.store.run(brakes.halt(rounds.tenant, halt, rounds.context.now()))


@pytest.mark.parametrize(
    ("stopped", "words"),
    [
        (_paused, "stays paused, as Ada left it"),
        (_observed, "observes, as it did in the store that was replaced"),
        (_halted, "is paused, for a brake had halted it since the backup: Too many voids."),
    ],
)
def test_what_was_stopped_since_the_backup_stays_stopped(
    stopped: Callable[[Rounds], Awaitable[None]], words: str
) -> None:
    async def story(rounds: Rounds) -> None:
        await rounds.context.store.run(tenants.set_mode(rounds.tenant, Mode.LIVE))
        rounds.choose(is_mode_stored=True)
        invoice = rounds.invoice(rounds.customer(), "PL-1", reference="PO 1")
        await rounds.turn()
        backup = await backed_up(rounds)
        await stopped(rounds)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})

        done = await put_back(rounds, backup)
        await at_work(rounds)

        assert [one.text for one in done.kept_still] == [words]
        assert book(rounds, "PL-1")["Reference"] == "PO 1"
        entries = await rounds.context.store.fetch(
            journal.of_object(rounds.tenant, "Tenant", rounds.tenant)
        )
        assert f"It {words}" in [one.entry.description for one in entries]

    played(story)


def test_who_was_removed_since_the_backup_stays_removed_and_who_was_added_is_named() -> None:
    async def story(rounds: Rounds) -> None:
        store, before, since = rounds.context.store, TenantId("before"), TenantId("since")
        await store.run(tenants.ensure([before, since]))
        await store.run(added_tenants.put(_added(before)))
        backup = await backed_up(rounds)
        await store.run(added_tenants.forget(before))
        await store.run(added_tenants.put(_added(since)))

        done = await put_back(rounds, backup)

        assert await rounds.context.store.fetch(added_tenants.everyone()) == ()
        assert [(one.tenant, one.text) for one in done.kept_still] == [
            (before, "stays removed; its history is kept"),
            (since, "was added since the backup, and is not served: add it again"),
        ]

    played(story)


def _added(tenant: TenantId) -> AddedTenant:
    return AddedTenant(tenant=tenant, choices="{}", sealed_secrets=b"sealed")


# --- What was agreed before, and moved since --------------------------------------------------


def test_edits_and_deletions_of_the_lost_hours_converge_without_a_write() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        edited = rounds.invoice(customer, "PL-1", reference="PO 1")
        deleted = rounds.invoice(customer, "PL-2")
        await rounds.turn()
        backup = await backed_up(rounds)
        rounds.user(do="edit_invoice", id=edited, set={"reference": "PO 2"})
        rounds.user(do="delete", id=deleted)
        await rounds.turn()
        before = writes(rounds)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert writes(rounds) == before
        assert rounds.result(edited)["state"] == "synced"
        assert rounds.result(edited)["syncedVersion"] == 2
        assert rounds.result(deleted)["state"] == "voided"

    played(story)


def test_an_edit_after_the_last_lost_write_waits_for_a_person() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1", reference="PO 1")
        await rounds.turn()
        backup = await backed_up(rounds)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 3"})
        before = writes(rounds)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert writes(rounds) == before
        assert rounds.result(invoice)["state"] == "out_of_sync"
        assert book(rounds, "PL-1")["Reference"] == "PO 2"

    played(story)


def test_a_bookkeepers_way_back_over_a_lost_write_is_not_overwritten() -> None:
    """By its base alone Xero never moved, and Pipeline's edit was never pushed."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1", reference="PO 1")
        await rounds.after(5)
        backup = await backed_up(rounds)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.after(5)
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "PO 1"})
        before = writes(rounds)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert writes(rounds) == before
        assert book(rounds, "PL-1")["Reference"] == "PO 1"
        assert rounds.result(invoice)["state"] == "out_of_sync"
        assert "restored" in rounds.result(invoice)["reason"]

    played(story)


def test_a_way_back_in_a_document_the_look_could_not_read_is_not_overwritten() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1", reference="PO 1")
        await rounds.after(5)
        backup = await backed_up(rounds)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.after(5)
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "PO 1"})
        before = writes(rounds)

        await put_back(rounds, backup)
        _unreadable(rounds, "PL-1")
        await at_work(rounds)
        assert await rounds.context.store.fetch(restores.is_outstanding(TENANT)) == (False,)
        rounds.xero.world.faults.clear()
        await at_work(rounds, 3600)

        assert writes(rounds) == before
        assert book(rounds, "PL-1")["Reference"] == "PO 1"
        assert rounds.result(invoice)["state"] == "out_of_sync"

    played(story)


def test_nothing_is_agreed_with_pipelines_side_as_old_as_the_backup() -> None:
    """With the reference still empty in Pipeline, a bookkeeper's own would count as agreed."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.after(5)
        invoice = rounds.invoice(customer, "PL-1", reference="")
        await intake.poll_once(rounds.context, rounds.tenant)
        backup = await backed_up(rounds)
        await rounds.after(5)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.after(5)
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "B-70"})
        before = writes(rounds)

        await put_back(rounds, backup)
        await looked(rounds)
        await worker.drain_once(rounds.context, rounds.tenant, is_open=is_open)
        await at_work(rounds)

        assert writes(rounds) == before
        assert book(rounds, "PL-1")["Reference"] == "B-70"
        assert rounds.result(invoice)["state"] == "out_of_sync"

    played(story)


def test_a_lost_write_taken_back_in_pipeline_is_not_mirrored_blindly() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(xero_edits="mirror")
        invoice = rounds.invoice(rounds.customer(), "PL-1", reference="PO 1")
        await rounds.after(5)
        backup = await backed_up(rounds)
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "by hand"})
        before = writes(rounds)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert writes(rounds) == before
        assert book(rounds, "PL-1")["Reference"] == "by hand"
        assert rounds.result(invoice)["state"] == "out_of_sync"

    played(story)


def test_a_document_nobody_touched_since_is_updated_at_once() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1", reference="PO 1")
        await rounds.turn()
        backup = await backed_up(rounds)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})

        await put_back(rounds, backup)
        await rounds.turn()

        assert book(rounds, "PL-1")["Reference"] == "PO 2"
        assert rounds.result(invoice)["state"] == "synced"

    played(story)


def test_a_payment_long_after_the_look_casts_no_doubt() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1", reference="PO 1")
        await rounds.turn()
        await put_back(rounds, await backed_up(rounds))
        await at_work(rounds)
        rounds.xero.do(do="pay", invoice=rounds.xero_id(invoice), amount=10)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})

        await at_work(rounds, 60)

        assert book(rounds, "PL-1")["Reference"] == "PO 2"
        assert rounds.result(invoice)["state"] == "synced"

    played(story)


# --- Money and what Pipeline was told ---------------------------------------------------------


def test_payments_of_the_lost_hours_stand_in_pipeline_once() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        old = rounds.invoice(customer, "PL-1")
        await rounds.turn()
        backup = await backed_up(rounds)
        late = rounds.invoice(customer, "PL-2")
        await rounds.turn()
        for invoice in (old, late):
            rounds.xero.do(do="pay", invoice=rounds.xero_id(invoice), amount=100)
        await at_work(rounds, 30)
        rounds.xero.do(do="pay", invoice=rounds.xero_id(old), amount=50)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert told(rounds, old) == ("synced", "AUTHORISED", "264")
        assert told(rounds, late) == ("synced", "AUTHORISED", "314")
        assert sorted(str(one["amount"]) for one in payments(rounds, old)) == ["100", "50"]
        assert [str(one["amount"]) for one in payments(rounds, late)] == ["100"]

    played(story)


def test_what_is_true_again_is_told_again() -> None:
    """A payment came and was told, went and was not: the backup believes it never told another."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()
        before = told(rounds, invoice)
        backup = await backed_up(rounds)
        rounds.xero.do(do="pay", invoice=rounds.xero_id(invoice), amount=100)
        await swept(rounds)
        await at_work(rounds, 930)
        assert told(rounds, invoice) != before
        rounds.xero.do(do="delete_payment", invoice=rounds.xero_id(invoice))

        await put_back(rounds, backup)
        await at_work(rounds)

        assert told(rounds, invoice) == before

    played(story)


@pytest.mark.parametrize("is_on", [True, False], ids=["on it", "off it"])
def test_a_credit_that_is_again_where_the_backup_has_it_is_told_again(*, is_on: bool) -> None:
    """It moved and was told, moved back and was not: by its own id, for the same amount."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()
        document = rounds.xero_id(invoice)
        credit = rounds.xero.do(do="credit", invoice=document, amount=100)["ID"]

        def moves(*, onto: bool) -> None:
            if onto:
                rounds.xero.do(do="allocate", invoice=document, credit=credit, amount=100)
            else:
                rounds.xero.do(do="deallocate", invoice=document)

        await at_work(rounds, 930)
        if not is_on:
            moves(onto=False)
            await at_work(rounds, 930)
        backup = await backed_up(rounds)
        (before,) = payments(rounds, invoice)
        moves(onto=not is_on)
        await at_work(rounds, 930)
        (between,) = payments(rounds, invoice)
        moves(onto=is_on)

        await put_back(rounds, backup)
        await at_work(rounds)

        (after,) = payments(rounds, invoice)
        assert (before["status"], between["status"]) in (
            ("Authorised", "Deleted"),
            ("Deleted", "Authorised"),
        )
        assert (after["status"], after["amount"]) == (before["status"], before["amount"])

    played(story)


def test_a_higher_revision_of_the_lost_hours_is_outbid() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()
        backup = await backed_up(rounds)
        standing = rounds.pipeline.tenants[TENANT].results.standing[f"invoice/{invoice}/"]
        standing.item |= {"revision": 9_000_000_000_000, "state": "failed"}

        await put_back(rounds, backup)
        await at_work(rounds)

        assert rounds.result(invoice)["state"] == "synced"
        assert rounds.result(invoice)["revision"] == 9_000_000_000_001

    played(story)


def test_nothing_old_is_told_before_it_was_looked_at() -> None:
    """What was still to be told when the backup was taken has been overtaken."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoice = rounds.invoice(customer, "PL-1")
        await rounds._poll()
        for _ in range(4):
            await rounds._work()
        backup = await backed_up(rounds)
        await rounds.turn()
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()

        await put_back(rounds, backup)
        await rounds._tell()

        assert rounds.result(invoice)["syncedVersion"] == 2
        await at_work(rounds)
        assert rounds.result(invoice)["syncedVersion"] == 2

    played(story)


# --- Writes under way -------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["drop_after_commit", "drop_before_commit"])
def test_a_create_open_in_the_backup_and_settled_long_ago_is_one_document(fault: str) -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        invoice = rounds.invoice(customer, "PL-1")
        rounds.fault(match=PUT, do=fault, times=1)
        await rounds.turn()
        backup = await backed_up(rounds)
        await rounds.after(600, step_s=20)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2", "number": "PL-9"})
        await rounds.turn()

        await put_back(rounds, backup)
        await at_work(rounds)

        assert len(rounds.books()) == 1
        assert book(rounds, "PL-9")["Reference"] == "PO 2"
        assert rounds.result(invoice)["state"] == "synced"

    played(story)


@pytest.mark.parametrize("step", ["create", "update"])
def test_a_way_back_to_a_write_open_in_the_backup_is_not_overwritten(step: str) -> None:
    """It landed, was followed by another, and a bookkeeper took that one back: all forgotten."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        if step == "update":
            invoice = rounds.invoice(customer, "PL-1", reference="PO 0")
            await rounds.after(5)
            rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 1"})
        else:
            invoice = rounds.invoice(customer, "PL-1", reference="PO 1")
        rounds.fault(match=POST if step == "update" else PUT, do="drop_after_commit", times=1)
        await rounds.turn()
        backup = await backed_up(rounds)
        await rounds.after(60)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.after(5)
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "PO 1"})
        before = writes(rounds)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert writes(rounds) == before
        assert book(rounds, "PL-1")["Reference"] == "PO 1"
        assert rounds.result(invoice)["state"] == "out_of_sync"

    played(story)


def test_a_person_may_resolve_what_a_restore_left_in_doubt() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1", reference="PO 1")
        await rounds.after(5)
        backup = await backed_up(rounds)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.after(5)
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "PO 1"})
        await put_back(rounds, backup)
        await at_work(rounds)

        blind = await resolve(rounds.context, TENANT, invoice, order(""))
        assert isinstance(blind, HasMoved)
        done = await resolve(rounds.context, TENANT, invoice, order(blind.seen))
        await rounds.after(5)

        assert isinstance(done, Resolved)
        assert book(rounds, "PL-1")["Reference"] == "PO 2"
        assert rounds.result(invoice)["state"] == "synced"

    played(story)


def order(seen: str) -> Order:
    return Order(take=Take.PIPELINE, seen=seen, who="boss")


def test_an_update_open_in_the_backup_is_not_sent_again_over_a_later_one() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1", reference="PO 1")
        await rounds.turn()
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        rounds.fault(match=POST, do="drop_after_commit", times=1)
        await rounds.turn()
        backup = await backed_up(rounds)
        await rounds.after(60)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 3"})
        await rounds.turn()
        before = writes(rounds)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert writes(rounds) == before
        assert book(rounds, "PL-1")["Reference"] == "PO 3"
        assert rounds.result(invoice)["state"] == "synced"

    played(story)


def test_a_create_that_lands_after_the_restore_is_awaited() -> None:
    """It left in the lost hours, Xero takes it minutes later, its invoice has another number."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        backup = await backed_up(rounds)
        late = rounds.invoice(customer, "PL-2")
        rounds.fault(match=PUT, do="late_commit", seconds=240, times=1)
        await rounds.turn()
        rounds.user(do="edit_invoice", id=late, set={"number": "PL-3"})

        await put_back(rounds, backup)
        await at_work(rounds)

        assert [one["InvoiceNumber"] for one in rounds.books()] == ["PL-2"]
        assert rounds.result(late)["state"] == "out_of_sync"

    played(story)


# --- The look itself --------------------------------------------------------------------------


def test_nothing_is_created_before_the_look_has_come_to_its_end() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        old = rounds.invoice(customer, "PL-1", reference="PO 1")
        await rounds.turn()
        await put_back(rounds, await backed_up(rounds))
        fresh = rounds.invoice(customer, "PL-2")
        rounds.user(do="edit_invoice", id=old, set={"reference": "PO 2"})

        await looked(rounds)
        await rounds.after(120)
        during = [one["InvoiceNumber"] for one in rounds.books()]
        await at_work(rounds, 600)

        assert during == ["PL-1"]
        assert book(rounds, "PL-1")["Reference"] == "PO 2"
        assert rounds.result(fresh)["state"] == "synced"

    played(story)


def test_the_look_goes_on_where_it_stood_and_ends_once() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        backup = await backed_up(rounds)
        for at in range(520):
            rounds.invoice(customer, f"PL-{at}", status="Draft")
        await rounds.after(30)
        assert len(rounds.books()) == 520
        await put_back(rounds, backup)

        await after_restore.look_once(rounds.context, TENANT, is_open=is_open)
        (under_way,) = await rounds.context.store.fetch(restores.outstanding(TENANT))
        linked = len(await rounds.context.store.fetch(links.invoices_after(TENANT, "", limit=999)))
        delay_s = await looked(rounds)
        assert delay_s is not None
        await worlds.passes(delay_s)
        last = await looked(rounds)

        assert under_way.memory is not None
        assert 0 < linked < 520
        assert (
            len(await rounds.context.store.fetch(links.invoices_after(TENANT, "", limit=999)))
            == 520
        )
        assert delay_s == pytest.approx(LATE_S, abs=60)
        assert last is None
        assert await rounds.context.store.fetch(restores.is_outstanding(TENANT)) == (False,)
        ends = [
            one for one in rounds.told if isinstance(one, SweepFinished) and one.task == "restore"
        ]
        assert [one.is_complete for one in ends].count(True) == 1

    played(story)


def test_a_restore_by_a_clock_that_was_ahead_keeps_nobody_from_creating_for_hours() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        backup = await backed_up(rounds)
        right = rounds.context.clock
        rounds.context = replace(rounds.context, clock=Wall(right, timedelta(hours=5)))
        await put_back(rounds, backup)
        rounds.context = replace(rounds.context, clock=right)
        late = rounds.invoice(customer, "PL-2")

        await at_work(rounds, LATE_S + 120)

        assert rounds.result(late)["state"] == "synced"

    played(story)


def test_the_look_waits_for_the_gate_and_for_xero() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()
        await put_back(rounds, await backed_up(rounds))

        shut = await after_restore.look_once(rounds.context, TENANT, is_open=lambda _: False)
        rounds.fault(match=LIST, do="unavailable", times=1)
        failed = await looked(rounds)

        assert shut is None
        assert failed == 1.0
        assert await rounds.context.store.fetch(restores.is_outstanding(TENANT)) == (True,)

    played(story)


@pytest.mark.parametrize("error", [Refused, Garbled])
def test_a_look_that_xero_refuses_is_asked_for_no_more_often_than_a_sweep(
    error: type[RemoteError],
) -> None:
    class Refusing:
        def __getattr__(self, _: str) -> Any:
            raise error("400", system="xero", status=400)

    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()
        await put_back(rounds, await backed_up(rounds))
        whole = rounds.context
        rounds.context = replace(whole, ledger=Refusing())  # type: ignore[arg-type]  # a double

        delay_s = await looked(rounds)
        rounds.context = whole
        assert delay_s == after_restore.REFUSED_DELAY_S
        (told,) = [fact for fact in rounds.told if isinstance(fact, RoundDeferred)]
        assert (told.task, told.retry_after_s) == ("restore", delay_s)

        await worlds.passes(delay_s)
        assert await looked(rounds) is None

    played(story)


def test_a_store_that_was_never_restored_looks_for_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        await rounds.turn()

        assert await looked(rounds) is None
        assert await rounds.context.store.fetch(restores.is_outstanding(TENANT)) == (False,)

    played(story)


@pytest.mark.parametrize("stamped", [True, False])
def test_the_look_begins_a_day_before_the_backup(stamped: bool) -> None:
    """A copy without a stamp is no older than the newest instant in it."""

    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()
        taken_at = rounds.context.now()
        backup = await backed_up(rounds, stamped=stamped)
        await worlds.passes(3 * 86_400)

        since = (await put_back(rounds, backup)).look_since

        assert abs((taken_at - timedelta(days=1)) - since) <= timedelta(minutes=1)

    played(story)


def test_a_backup_taken_by_a_clock_days_ahead_hides_nothing_from_the_look() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.invoice(customer, "PL-1")
        await rounds.turn()
        right = rounds.context.clock
        rounds.context = replace(rounds.context, clock=Wall(right, timedelta(days=4)))
        backup = await backed_up(rounds)
        rounds.context = replace(rounds.context, clock=right)
        late = rounds.invoice(customer, "PL-2")
        await rounds.turn()
        await _renumbered_in_xero_only(rounds, late)
        await worlds.passes(3 * 86_400)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert sorted(one["InvoiceNumber"] for one in rounds.books()) == ["PL-1", "X-2"]
        assert rounds.result(late)["state"] == "out_of_sync"

    played(story)


def test_a_look_left_open_is_made_good_by_the_next_restore() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()
        first = (await put_back(rounds, await backed_up(rounds))).look_since
        await worlds.passes(3 * 86_400)
        rounds.xero.do(do="pay", invoice="PL-1", amount="10.00")
        await swept(rounds)
        second = (await put_back(rounds, await backed_up(rounds))).look_since
        (look,) = await rounds.context.store.fetch(restores.outstanding(TENANT))

        assert second > first
        assert look.since == first

    played(story)


def test_a_feed_that_forgot_the_old_cursor_begins_anew() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.invoice(customer, "PL-1")
        await rounds.turn()
        backup = await backed_up(rounds)
        late = rounds.invoice(customer, "PL-2")
        await rounds.turn()
        rounds.user(do="expire_cursors")
        before = writes(rounds)

        await put_back(rounds, backup)
        await at_work(rounds)

        assert writes(rounds) == before
        assert rounds.result(late)["state"] == "synced"

    played(story)
