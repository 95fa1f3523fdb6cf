"""A number that becomes free wakes whoever waits for it, whoever gave it up and how."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.rules.queue.job import LOOKS_TOGETHER
from syncd.ports.rows import Rows
from tests.engine.support import coming_back
from tests.engine.support.coming_back import Coming
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import swept_now

WITHIN_S = 5.0


async def stands(rounds: Rounds, *numbers: str) -> list[str]:
    """Synced invoices with these numbers."""
    customer = rounds.customer()
    made = [rounds.invoice(customer, number) for number in numbers]
    await rounds.turn()
    assert [rounds.result(each)["state"] for each in made] == ["synced"] * len(made)
    return made


def renumber(rounds: Rounds, invoice: str, number: str) -> None:
    rounds.user(do="edit_invoice", id=invoice, set={"number": number})


def numbers(rounds: Rounds) -> list[str]:
    """Of every sales invoice in Xero, whatever its status."""
    return sorted(one["InvoiceNumber"] for one in rounds.books())


def waits(rounds: Rounds, invoice: str) -> str:
    """What Pipeline was told of an invoice that waits for its number."""
    told = rounds.result(invoice)
    assert (told["state"], told["reasonCode"]) == ("waiting", "number_taken")
    return str(told["reason"])


def another(rounds: Rounds) -> str:
    return str(rounds.user(do="create_customer", ref="C2", name="Two")["id"])


def stranger(rounds: Rounds, number: str) -> str:
    fields = {"InvoiceNumber": number}
    return str(rounds.xero.do(do="create_invoice", set=fields)["InvoiceID"])


def test_numbers_handed_on_in_one_breath_all_go() -> None:
    async def story(rounds: Rounds) -> None:
        one, two, three = await stands(rounds, "INV-1", "INV-2", "INV-3")

        for invoice, number in ((three, "INV-4"), (two, "INV-3"), (one, "INV-2")):
            renumber(rounds, invoice, number)
        await rounds.after(30)

        assert [rounds.result(each)["xeroInvoiceNumber"] for each in (one, two, three)] == [
            "INV-2", "INV-3", "INV-4",
        ]  # fmt: skip
        assert numbers(rounds) == ["INV-2", "INV-3", "INV-4"]

    play(story)


def test_a_number_given_up_is_a_new_invoices_in_the_same_breath() -> None:
    async def story(rounds: Rounds) -> None:
        (one,) = await stands(rounds, "INV-1")

        renumber(rounds, one, "INV-9")
        other = rounds.invoice(another(rounds), "INV-1")
        await rounds.after(30)

        assert [rounds.result(each)["state"] for each in (one, other)] == ["synced", "synced"]
        assert numbers(rounds) == ["INV-1", "INV-9"]

    play(story)


def test_two_that_swap_their_numbers_are_told_the_way_out_and_it_works() -> None:
    async def story(rounds: Rounds) -> None:
        one, two = await stands(rounds, "INV-1", "INV-2")
        renumber(rounds, one, "INV-0")
        renumber(rounds, two, "INV-1")
        renumber(rounds, one, "INV-2")
        await rounds.after(30)
        assert "It and Pipeline's invoice INV-1 swap their numbers" in waits(rounds, one)
        assert "It and Pipeline's invoice INV-2 swap their numbers" in waits(rounds, two)

        renumber(rounds, one, "INV-0")
        await rounds.after(30)
        assert rounds.result(two)["state"] == "synced"
        renumber(rounds, one, "INV-2")
        await rounds.after(30)

        assert [rounds.result(each)["xeroInvoiceNumber"] for each in (one, two)] == [
            "INV-2", "INV-1",
        ]  # fmt: skip
        assert numbers(rounds) == ["INV-1", "INV-2"]

    play(story)


@pytest.mark.parametrize("count", [3, 5])
def test_a_circle_of_numbers_names_them_all_and_one_other_number_ends_it(count: int) -> None:
    async def story(rounds: Rounds) -> None:
        names = [f"INV-{place}" for place in range(count)]
        made = await stands(rounds, *names)
        for invoice, name in zip(made, names, strict=True):
            renumber(rounds, invoice, f"{name}-aside")
        for place, invoice in enumerate(made):
            renumber(rounds, invoice, names[(place + 1) % count])
        await rounds.after(30)
        for place, invoice in enumerate(made):
            others = [names[(place + step) % count] for step in range(2, count + 1)]
            said = waits(rounds, invoice)
            assert f"Pipeline's invoices {', '.join(others)} hand on their numbers" in said

        renumber(rounds, made[0], "INV-9")
        await rounds.after(60)
        assert [rounds.result(each)["state"] for each in made] == ["synced"] * count
        renumber(rounds, made[0], names[1])
        await rounds.after(30)

        shown = [rounds.result(each)["xeroInvoiceNumber"] for each in made]
        assert shown == [*names[1:], names[0]]
        assert numbers(rounds) == names

    play(story)


async def kept_by_two(rounds: Rounds) -> tuple[str, str, str]:
    """One invoice waits for INV-2, which another, out of sync, still has in Xero."""
    one, two = await stands(rounds, "INV-1", "INV-2")
    own = rounds.xero_id(two)
    rounds.xero.do(do="edit", invoice=own, set={"Reference": "by hand"})
    rounds.user(do="edit_invoice", id=two, set={"number": "INV-9", "reference": "PO 9"})
    renumber(rounds, one, "INV-2")
    await rounds.after(30)
    assert f"still held in Xero by Pipeline's invoice INV-9 ({own})" in waits(rounds, one)
    return one, two, own


def test_a_number_a_stranger_gives_up_in_xero_goes_within_seconds() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        one, _two = await stands(rounds, "INV-1", "INV-2")
        held = {number: stranger(rounds, number) for number in ("INV-7", "INV-8")}
        renumber(rounds, one, "INV-7")
        new = rounds.invoice(another(rounds), "INV-8")
        await coming.after(30)
        assert f"({held['INV-7']})" in waits(rounds, one)
        assert f"({held['INV-8']})" in waits(rounds, new)

        for number, own in held.items():
            coming.do("edit", invoice=own, set={"InvoiceNumber": f"{number}-old"})
        await coming.after(WITHIN_S)

        assert [rounds.result(each)["state"] for each in (one, new)] == ["synced", "synced"]

    coming_back.play(story)


def test_a_number_given_up_in_xero_without_a_webhook_goes_by_the_next_sweep() -> None:
    async def story(rounds: Rounds) -> None:
        one, two = await stands(rounds, "INV-1", "INV-2")
        own = stranger(rounds, "INV-7")
        renumber(rounds, one, "INV-7")
        renumber(rounds, two, "INV-1")
        await rounds.after(30)
        waits(rounds, one)

        rounds.xero.do(do="edit", invoice=own, set={"InvoiceNumber": "SHOP-7"})
        await swept_now(rounds)

        assert rounds.result(one)["state"] == "synced"
        await rounds.turn()
        assert rounds.result(two)["state"] == "synced"

    play(story)


@pytest.mark.parametrize(
    "deed",
    [{"do": "edit", "set": {"InvoiceNumber": "INV-2-old"}}, {"do": "void"}],
    ids=["renumbered", "voided"],
)
@pytest.mark.parametrize("by_event", [True, False])
def test_a_number_our_other_invoice_loses_in_xero_goes_at_once(
    deed: dict[str, Any], *, by_event: bool
) -> None:
    async def story(coming: Coming) -> None:
        coming.rounds.xero.world.switches.turn({"dead_numbers_stay_taken": False})
        one, _two, own = await kept_by_two(coming.rounds)
        await coming.after(WITHIN_S)

        coming.do(deed["do"], invoice=own, **({"set": deed["set"]} if "set" in deed else {}))
        if by_event:
            await coming.after(WITHIN_S)
        else:
            await swept_now(coming.rounds)
            await coming.rounds.turn()

        assert coming.rounds.result(one)["state"] == "synced"

    coming_back.play(story)


def test_a_number_let_go_between_the_refusal_and_the_look_is_tried_again_soon() -> None:
    async def story(rounds: Rounds) -> None:
        own = stranger(rounds, "INV-1")
        invoice = rounds.invoice(rounds.customer(), "INV-1")

        async def freed() -> Any:
            rounds.xero.do(do="edit", invoice=own, set={"InvoiceNumber": "SHOP-1"})

        rounds.interrupt("send_invoices", freed)
        await rounds.after(60)

        assert rounds.result(invoice)["state"] == "synced"
        assert numbers(rounds) == ["INV-1", "SHOP-1"]

    play(story)


def test_a_deleted_invoice_is_never_told_as_the_strangers_document_with_its_number() -> None:
    async def story(rounds: Rounds) -> None:
        stranger(rounds, "INV-1")
        rounds.xero.do(do="pay", invoice="INV-1", amount="1.00")
        invoice = rounds.invoice(rounds.customer(), "INV-1")
        await rounds.after(30)
        waits(rounds, invoice)

        rounds.user(do="delete", id=invoice)
        await rounds.after(30)

        told = rounds.result(invoice)
        assert told["state"] == "voided"
        assert told.get("xeroInvoiceId") is None
        assert told.get("xeroUrl") is None
        assert told.get("amountPaid") is None

    play(story)


def test_a_number_held_in_other_letters_is_told_at_once_by_its_holder() -> None:
    async def story(rounds: Rounds) -> None:
        await stands(rounds, "pl-7")
        invoice = rounds.invoice(another(rounds), "PL-7")
        await rounds.after(60)

        assert "held in Xero by" in waits(rounds, invoice)

    play(story)


def test_what_was_given_up_once_makes_no_later_refusal_uncertain() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match={"method": "PUT", "path": "/Invoices"}, do="error_before", times=20)
        invoice = rounds.invoice(rounds.customer(), "INV-1")
        await rounds.after(900, step_s=20)
        rounds.xero.world.faults.clear()
        stranger(rounds, "inv-1")
        await rounds.after(3600, step_s=60)
        seen = set()
        for _ in range(120):
            await rounds.after(30, step_s=30)
            seen.add(rounds.result(invoice)["state"])

        assert seen == {"waiting"}
        assert "held in Xero by" in waits(rounds, invoice)

    play(story, recheck_s=600.0)


def test_a_number_let_go_as_an_update_was_refused_is_tried_again_soon() -> None:
    async def story(rounds: Rounds) -> None:
        (one,) = await stands(rounds, "INV-1")
        own = stranger(rounds, "INV-7")
        renumber(rounds, one, "INV-7")

        async def freed() -> Any:
            rounds.xero.do(do="edit", invoice=own, set={"InvoiceNumber": "SHOP-7"})

        rounds.interrupt("send_invoices", freed)
        await rounds.after(60)

        assert rounds.result(one)["state"] == "synced"
        assert numbers(rounds) == ["INV-7", "SHOP-7"]

    play(story)


@pytest.mark.parametrize("has_a_document", [False, True])
def test_while_a_number_is_taken_it_is_looked_for_and_never_written(
    has_a_document: bool,
) -> None:
    async def story(rounds: Rounds) -> None:
        own = "Inv-7"
        stranger(rounds, "INV-7")
        if has_a_document:
            (invoice,) = await stands(rounds, "INV-1")
            renumber(rounds, invoice, own)
        else:
            invoice = rounds.invoice(rounds.customer(), own)
        await rounds.after(60)
        assert "held in Xero by" in waits(rounds, invoice)
        written = rounds.calls("PUT Invoices"), rounds.calls("POST Invoices")
        looked = rounds.calls("GET Invoices")

        await rounds.after(4 * 3600, step_s=300)

        assert (rounds.calls("PUT Invoices"), rounds.calls("POST Invoices")) == written
        assert rounds.calls("GET Invoices") > looked
        assert "held in Xero by" in waits(rounds, invoice)

        (held,) = (one for one in rounds.books() if one["InvoiceNumber"] == "INV-7")
        rounds.xero.do(do="edit", invoice=held["InvoiceID"], set={"InvoiceNumber": "OLD-7"})
        await rounds.after(3600, step_s=300)
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_the_clocks_looks_at_many_holds_are_few_calls() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        for number in range(20):
            stranger(rounds, f"INV-{number}")
            rounds.invoice(customer, f"INV-{number}")
            await rounds.after(60)
        asked = ("GET Invoices", "PUT Invoices", "POST Invoices")
        before = sum(map(rounds.calls, asked))

        await rounds.after(3600, step_s=60)

        assert sum(map(rounds.calls, asked)) - before <= 2 * LOOKS_TOGETHER

    play(story)


class _HidesHolders:
    """A ledger of a Xero that says a number is taken, and shows nobody who has it."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.looks = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def invoices_by_number(self, *_: Any, **__: Any) -> Rows[LiveInvoice]:
        self.looks += 1
        return Rows()


def test_a_number_held_by_what_xero_does_not_show_costs_one_try_an_hour() -> None:
    async def story(rounds: Rounds) -> None:
        stranger(rounds, "INV-1")
        hiding = _HidesHolders(rounds.context.ledger)
        rounds.context = replace(rounds.context, ledger=hiding)  # type: ignore[arg-type]  # a double
        invoice = rounds.invoice(rounds.customer(), "INV-1")
        await rounds.after(600, step_s=10)
        assert "shows none that does" in waits(rounds, invoice)
        written, looked = rounds.calls("PUT Invoices"), hiding.looks

        await rounds.after(4 * 3600, step_s=60)

        assert rounds.calls("PUT Invoices") - written <= 6
        assert hiding.looks - looked <= 18
        assert "shows none that does" in waits(rounds, invoice)

    play(story)


def test_a_renumbering_that_a_bookkeeper_did_after_its_refusal_is_never_taken_back() -> None:
    """Told of the refusal, one gives the number in Xero and the other takes it back in Pipeline."""

    async def story(rounds: Rounds) -> None:
        (invoice,) = await stands(rounds, "PL-1")
        held = stranger(rounds, "PL-2")
        renumber(rounds, invoice, "PL-2")
        await rounds.turn()
        waits(rounds, invoice)
        rounds.xero.do(do="edit", invoice=held, set={"InvoiceNumber": "X-9"})
        rounds.xero.do(do="edit", invoice="PL-1", set={"InvoiceNumber": "PL-2"})
        renumber(rounds, invoice, "PL-1")

        await rounds.turn()

        assert numbers(rounds) == ["PL-2", "X-9"]
        assert rounds.result(invoice)["state"] == "out_of_sync"

    play(story)
