"""What stands in the queue is told to Pipeline as people see it, once per change."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind, JobRequest, Reason
from syncd.domain.model.settings import Mode
from syncd.engine.core import tenant_mode
from syncd.engine.feed import intake, write_back
from syncd.engine.loops import waiting_results, worker
from syncd.store import brakes, jobs, results
from syncd.store.results import ResultKind
from tests.engine.support import contact_stories
from tests.engine.support.braked import HALT
from tests.engine.support.rounds import Rounds, play
from tests.xero.support.worlds import passes


@dataclass
class Gate:
    """The tenant's connection, turned by hand."""

    reason: Reason | None = None
    note: str | None = None

    def closed_by(self, _: TenantId) -> Reason | None:
        return self.reason


async def behind(rounds: Rounds, gate: Gate) -> int:
    """What goes on behind a gate: Pipeline is read and told. How many results were put."""
    await intake.poll_once(rounds.context, rounds.tenant)
    await worker.drain_once(rounds.context, rounds.tenant, is_open=lambda _: gate.reason is None)
    told = await waiting_results.tell_once(
        rounds.context, rounds.tenant, closed_by=gate.closed_by, note=gate.note
    )
    while await write_back.write_once(rounds.context, rounds.tenant) == 0.0:
        pass
    return told


def puts(rounds: Rounds) -> int:
    found = rounds.pipeline.dump()["tenants"][rounds.tenant]["calls"]["putSyncResults"]
    return int(found)


async def pause(rounds: Rounds, *, is_paused: bool = True) -> None:
    await tenant_mode.set_paused(rounds.context, rounds.tenant, "Ada", is_paused=is_paused)


@pytest.mark.parametrize("reason", [Reason.NOT_CONNECTED, Reason.TOKEN_EXPIRED])
def test_edit_behind_a_closed_gate_is_told_as_waiting_with_the_gates_reason(
    reason: Reason,
) -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        before = rounds.result(invoice)

        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await behind(rounds, Gate(reason))

        told = rounds.result(invoice)
        assert (told["state"], told["reasonCode"]) == ("waiting", reason)
        assert "Press Connect to Xero" in told["reason"]
        kept = ("xeroInvoiceId", "xeroStatus", "xeroUrl", "amountDue", "syncedVersion")
        assert {name: told[name] for name in kept} == {name: before[name] for name in kept}

    play(story)


def test_new_invoice_and_customer_of_a_paused_tenant_are_told_as_waiting() -> None:
    async def story(rounds: Rounds) -> None:
        await pause(rounds)
        customer = rounds.customer()
        invoice = rounds.invoice(customer)

        await behind(rounds, Gate())

        told = rounds.result(invoice)
        assert (told["state"], told["reasonCode"]) == ("waiting", "paused")
        assert told["asOf"]
        assert contact_stories.told(rounds, customer)["state"] == "waiting"
        assert contact_stories.told(rounds, customer)["reason"] == told["reason"]

    play(story)


def test_each_change_is_told_once_however_long_the_gate_stays_closed() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoices = [rounds.invoice(customer, number=f"PL-{each}") for each in range(20)]
        await rounds.turn()
        await pause(rounds)
        rounds.user(do="edit_invoice", id=invoices[3], set={"reference": "PO 2"})
        before = puts(rounds)

        told = [await behind(rounds, Gate()) for _ in range(30)]

        assert told == [1] + 29 * [0]
        assert puts(rounds) == before + 1
        assert {rounds.result(each)["state"] for each in invoices} == {"synced", "waiting"}

    play(story)


def test_what_was_told_is_undone_when_the_gate_opens_and_the_work_is_done() -> None:
    async def story(rounds: Rounds) -> None:
        await pause(rounds)
        invoice = rounds.invoice(rounds.customer())
        await behind(rounds, Gate())

        await pause(rounds, is_paused=False)
        await rounds.turn()

        told = rounds.result(invoice)
        assert (told["state"], told["syncedVersion"]) == ("synced", 1)
        assert told.get("reasonCode") is None

    play(story)


def test_gate_that_closes_for_another_reason_is_told_anew() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await pause(rounds)
        await behind(rounds, Gate())

        await behind(rounds, Gate(Reason.TOKEN_EXPIRED))

        assert rounds.result(invoice)["reasonCode"] == "token_expired"

    play(story)


def test_what_the_connection_itself_says_is_told_of_its_closed_gate() -> None:
    """Whose role may not write has nothing to connect: the sentence names what to do instead."""
    note = "Ada's role in Xero may not write. Give it one that may, or connect as somebody else."

    async def story(rounds: Rounds) -> None:
        gate = Gate(reason=Reason.NOT_CONNECTED, note=note)
        invoice = rounds.invoice(rounds.customer())

        assert await behind(rounds, gate) == 2
        assert await behind(rounds, gate) == 0

        assert (rounds.result(invoice)["state"], rounds.result(invoice)["reason"]) == (
            "waiting",
            note,
        )

    play(story)


def test_work_that_takes_long_is_told_as_pending_and_work_under_way_is_not() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await intake.poll_once(rounds.context, rounds.tenant)

        assert (
            await waiting_results.tell_once(
                rounds.context, rounds.tenant, closed_by=Gate().closed_by
            )
            == 0
        )
        await passes(waiting_results.SLOW_S)
        assert (
            await waiting_results.tell_once(
                rounds.context, rounds.tenant, closed_by=Gate().closed_by
            )
            == 1
        )
        assert (
            await waiting_results.tell_once(
                rounds.context, rounds.tenant, closed_by=Gate().closed_by
            )
            == 0
        )
        await write_back.write_once(rounds.context, rounds.tenant)

        assert rounds.result(invoice)["state"] == "pending"
        assert rounds.result(invoice)["syncedVersion"] == 1

    play(story)


def test_settlement_that_came_meanwhile_is_not_told_away() -> None:
    """The look, then the worker's end, then the put."""

    async def story(rounds: Rounds) -> None:
        await pause(rounds)
        invoice = rounds.invoice(rounds.customer())
        await intake.poll_once(rounds.context, rounds.tenant)
        saying = results.QueuedState(state="waiting", why="paused", why_field="reason_code")
        now = rounds.context.now()
        seen = await rounds.context.store.fetch(
            results.queued(rounds.tenant, ResultKind.INVOICE, saying, now, limit=9)
        )
        assert [one.key for one in seen] == [invoice]
        await pause(rounds, is_paused=False)
        await rounds.turn()

        put = results.put_queued(rounds.tenant, ResultKind.INVOICE, [(seen[0], b"{}")], now)
        await rounds.context.store.run(put)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_contact_edit_that_pipeline_has_not_taken_yet_goes_with_the_wait() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(phone="1")
        await rounds.turn()
        contact_stories.edit_in_xero(rounds, customer, EmailAddress="ada@example.com")
        away = {"match": {"path": "/sync-results"}, "do": "unavailable", "times": 1}
        rounds.pipeline.faults.set([away])
        await contact_stories.announced(rounds, customer)
        assert contact_stories.shown(rounds, customer)["email"] is None
        await pause(rounds)
        wish = JobRequest(
            tenant=rounds.tenant,
            kind=JobKind.PUSH_CUSTOMER,
            key=customer,
            ready_at=rounds.context.now(),
        )
        await rounds.context.store.run(jobs.enqueue([wish], rounds.context.now()))
        assert (
            await waiting_results.tell_once(
                rounds.context, rounds.tenant, closed_by=Gate().closed_by
            )
            == 1
        )

        await passes(60)
        await write_back.write_once(rounds.context, rounds.tenant)

        assert contact_stories.told(rounds, customer)["state"] == "waiting"
        assert contact_stories.shown(rounds, customer)["email"] == "ada@example.com"

    play(story)


def test_halted_tenant_is_told_for_customers_and_left_to_the_worker_for_invoices() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await intake.poll_once(rounds.context, rounds.tenant)
        await rounds.context.store.run(brakes.halt(rounds.tenant, HALT, rounds.context.now()))

        await waiting_results.tell_once(rounds.context, rounds.tenant, closed_by=Gate().closed_by)
        await write_back.write_once(rounds.context, rounds.tenant)

        assert contact_stories.told(rounds, customer)["state"] == "waiting"
        assert rounds.result(invoice) == {}

    play(story)


def test_observing_tenant_tells_every_invoice_that_it_is_observed() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        invoice = rounds.invoice(rounds.customer())

        await rounds.turn()

        told = rounds.result(invoice)
        assert told["state"] == "waiting"
        assert told["asOf"]

    play(story)
