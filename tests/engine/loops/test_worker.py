"""The queue drains; one poisoned job never holds up its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from syncd.domain.errors import NotSent
from syncd.domain.facts import ServiceFailed
from syncd.domain.model.invoice import InvoiceWrite
from syncd.domain.model.job import JobKind, JobState
from syncd.engine.feed import intake
from syncd.engine.loops import worker
from syncd.engine.recovery import prober
from syncd.ports.ledger import PreparedCall
from syncd.store import jobs
from tests.engine.support.rounds import Rounds, play
from tests.xero.support import worlds

NEVER_S = 1e7
"""No hold is looked at again by the clock."""


class _Poisoned:
    """A ledger that cannot write down one number, as a bug of ours would have it."""

    def __init__(self, inner: object, number: str) -> None:
        self._inner = inner
        self._number = number

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def prepare_invoices(self, writes: Sequence[InvoiceWrite]) -> tuple[PreparedCall, ...]:
        if any(write.number == self._number for write in writes):
            raise IndexError("list index out of range")
        return self._inner.prepare_invoices(writes)  # type: ignore[attr-defined,no-any-return]  # a double


def test_one_poisoned_invoice_never_holds_up_the_others() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        for index in range(5):
            rounds.invoice(customer, f"PL-{index}")
        poisoned = _Poisoned(rounds.context.ledger, "PL-3")
        rounds.context = replace(rounds.context, ledger=poisoned)  # type: ignore[arg-type]  # a double

        await rounds.turn()

        numbers = sorted(book["InvoiceNumber"] for book in rounds.books())
        assert numbers == ["PL-0", "PL-1", "PL-2", "PL-4"]
        (failed,) = [fact for fact in rounds.told if isinstance(fact, ServiceFailed)]
        assert "list index out of range" in failed.error

    play(story)


def test_invoice_the_program_fails_at_is_given_to_a_person_after_three_tries() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        invoice = rounds.invoice(customer, "PL-3")
        whole = rounds.context
        poisoned = _Poisoned(whole.ledger, "PL-3")
        rounds.context = replace(whole, ledger=poisoned)  # type: ignore[arg-type]  # a double

        await rounds.after(600)

        told = rounds.result(invoice)
        assert (told["state"], told["reasonCode"]) == ("failed", "invalid_document")
        assert told["reason"].startswith("syncd cannot work with something in this document")
        assert "IndexError" not in told["reason"]
        assert sum(isinstance(fact, ServiceFailed) for fact in rounds.told) == 3

        rounds.user(do="edit_invoice", id=invoice, set={"number": "PL-4"})
        await rounds.turn()
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


@dataclass
class _Refusing:
    """A ledger whose writes never leave: the connection is refused, each time."""

    inner: Any
    tried: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def send_invoices(self, *_: Any, **__: Any) -> Any:
        self.tried += 1
        raise NotSent("the connection was refused", system="xero")


def test_attempts_are_calls_tried_whatever_claims_and_settles_them() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        invoice = rounds.invoice(customer)
        refusing = _Refusing(rounds.context.ledger)
        rounds.context = replace(rounds.context, ledger=refusing)  # type: ignore[arg-type]  # a double

        for _ in range(5):
            await rounds.after(120)
            wanted = jobs.get(rounds.tenant, JobKind.PUSH_INVOICE, [invoice])
            (row,) = await rounds.context.store.fetch(wanted)
            assert row.attempt == refusing.tried

        assert refusing.tried >= 5

    play(story)


def test_uncertain_write_keeps_the_count_of_its_failures() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        invoice = rounds.invoice(customer)
        whole = rounds.context
        rounds.context = replace(whole, ledger=_Refusing(whole.ledger))  # type: ignore[arg-type]  # a double
        await rounds.after(60)
        wanted = jobs.get(rounds.tenant, JobKind.PUSH_INVOICE, [invoice])
        (failed,) = await whole.store.fetch(wanted)

        rounds.context = whole
        rounds.fault(match={"method": "PUT", "path": "/Invoices"}, do="error_before", times=1)
        while (row := (await whole.store.fetch(wanted))[0]).state is JobState.READY:
            await worlds.passes(1)
            await worker.drain_once(whole, rounds.tenant, is_open=lambda _: True)

        assert (row.state, row.attempt) == (JobState.UNCERTAIN, failed.attempt)

    play(story)


def test_a_closed_gate_holds_everything_and_spends_no_call() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer())
        await intake.poll_once(rounds.context, rounds.tenant)
        rounds.xero.transport.sent.clear()

        rest = await worker.drain_once(rounds.context, rounds.tenant, is_open=lambda _: False)

        assert rest is None
        assert rounds.xero.transport.sent == []

    play(story)


def test_what_failed_together_is_tried_together() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.fault(match={"method": "PUT", "path": "/Invoices"}, do="throttle", times=1)
        for index in range(40):
            rounds.invoice(customer, f"PL-{index}")

        await rounds.after(180)

        assert len(rounds.books()) == 40
        assert rounds.calls("PUT Invoices") <= 3

    play(story)


def test_contact_that_is_settled_while_an_invoice_is_decided_wakes_the_invoice() -> None:
    async def story(rounds: Rounds) -> None:
        match = {"method": "PUT", "path": "/Contacts"}
        rounds.fault(match=match, do="drop_after_commit", times=1)
        invoice = rounds.invoice(rounds.customer())
        await intake.poll_once(rounds.context, rounds.tenant)

        async def prober_has_its_turn() -> None:
            await worlds.passes(60)
            await prober.probe_once(rounds.context, rounds.tenant, is_open=lambda _: True)

        rounds.interrupt("settings", prober_has_its_turn)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story, recheck_s=NEVER_S)
