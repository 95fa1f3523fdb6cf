"""What cannot be read in Xero stops nobody, is taken for nothing, and is told."""

from __future__ import annotations

import pytest

from syncd.domain.model.planned import PlanAction, PlanKind
from syncd.domain.rules.limits.sweep_pace import Task
from tests.engine.plans.test_build import planned
from tests.engine.support import reporting
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found, last, swept, swept_now


def odd(rounds: Rounds, find: str) -> None:
    """From here on Xero shows no text, but a number, before these words of its answers."""
    rule = {"do": "rewritten", "match": {"method": "GET"}, "times": None}
    field = '"Status":7,' if "Invoice" in find else '"ContactStatus":7,'
    rounds.xero.world.faults.set([{**rule, "find": find, "put": field + find}])


def mended(rounds: Rounds) -> None:
    rounds.xero.world.faults.clear()


async def _two(rounds: Rounds) -> tuple[str, str]:
    customer = rounds.customer()
    ids = rounds.invoice(customer, "PL-odd"), rounds.invoice(customer, "PL-good")
    await rounds.turn()
    await swept(rounds)
    return ids


def book(rounds: Rounds, number: str) -> dict[str, object]:
    (one,) = [each for each in rounds.books() if each["InvoiceNumber"] == number]
    return one


def test_sweeps_go_on_beside_an_odd_document_and_name_it_until_it_is_mended() -> None:
    async def story(rounds: Rounds) -> None:
        first, second = await _two(rounds)
        await rounds.after(150, step_s=150)
        for invoice in (first, second):
            rounds.xero.do(do="pay", invoice=rounds.xero_id(invoice), amount="10.00")
        odd(rounds, '"InvoiceNumber":"PL-odd"')

        await swept_now(rounds)

        assert str(rounds.result(second)["amountPaid"]) == "10"
        assert str(rounds.result(first)["amountPaid"]) == "0"
        (told,) = (await found(rounds))["unreadable_in_xero"]
        assert (told.label, told.key) == ("PL-odd", rounds.xero_id(first))
        assert "PL-odd in Xero (document) cannot be read: Status" in told.text
        assert last(rounds, Task.INVOICES)["unread"] == 1

        mended(rounds)
        rounds.xero.do(do="pay", invoice=rounds.xero_id(first), amount="5.00")
        await swept_now(rounds)

        assert str(rounds.result(first)["amountPaid"]) == "15"
        assert "unreadable_in_xero" not in await found(rounds)

    play(story)


def test_full_sweep_takes_an_odd_document_neither_for_gone_nor_for_changed() -> None:
    async def story(rounds: Rounds) -> None:
        first, second = await _two(rounds)
        await rounds.after(150, step_s=150)
        odd(rounds, '"InvoiceNumber":"PL-odd"')

        await swept_now(rounds, full=True)

        assert [rounds.result(each)["state"] for each in (first, second)] == ["synced", "synced"]
        assert [one.label for one in (await found(rounds))["unreadable_in_xero"]] == ["PL-odd"]

    play(story)


def test_batch_goes_on_beside_an_odd_document_which_waits_until_it_is_mended() -> None:
    async def story(rounds: Rounds) -> None:
        first, second = await _two(rounds)
        odd(rounds, '"InvoiceNumber":"PL-odd"')
        for invoice in (first, second):
            rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 9"})

        await rounds.turn()

        assert book(rounds, "PL-good")["Reference"] == "PO 9"
        assert book(rounds, "PL-odd")["Reference"] != "PO 9"
        (told,) = (await found(rounds))["unreadable_in_xero"]
        assert told.label == "PL-odd"

        mended(rounds)
        await rounds.after(1800, step_s=60)

        assert book(rounds, "PL-odd")["Reference"] == "PO 9"
        assert rounds.result(first)["state"] == "synced"

    play(story)


@pytest.mark.parametrize("step", ["create", "update"])
def test_uncertain_write_that_an_odd_document_hides_is_looked_for_ever_more_rarely(
    step: str,
) -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        if step == "update":
            invoice = rounds.invoice(customer, "PL-odd")
            await rounds.turn()
            rounds.fault(do="drop_after_commit", match={"method": "POST", "path": "Invoices"})
            rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 9"})
        else:
            rounds.fault(do="drop_after_commit", match={"method": "PUT", "path": "Invoices"})
            invoice = rounds.invoice(customer, "PL-odd")
        await rounds.turn()
        odd(rounds, '"InvoiceNumber":"PL-odd"')
        await rounds.after(420, step_s=20)
        before = rounds.calls("GET Invoices")

        await rounds.after(3600, step_s=20)

        assert rounds.result(invoice)["state"] == "uncertain"
        assert rounds.calls("GET Invoices") - before < 60

        mended(rounds)
        await rounds.after(400, step_s=20)
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_uncertain_create_is_never_sent_again_while_a_document_of_its_number_is_odd() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(do="drop_after_commit", match={"method": "PUT", "path": "Invoices"})
        customer = rounds.customer()
        invoice = rounds.invoice(customer, "PL-odd")
        await rounds.turn()
        odd(rounds, '"InvoiceNumber":"PL-odd"')

        await rounds.after(900, step_s=20)

        assert rounds.result(invoice)["state"] == "uncertain"
        assert len(rounds.books()) == 1
        mended(rounds)
        await rounds.after(120, step_s=20)
        assert rounds.result(invoice)["state"] == "synced"
        assert len(rounds.books()) == 1
        assert rounds.calls("PUT Invoices") == 1

    play(story)


def test_customers_go_on_beside_an_odd_contact_and_its_own_makes_no_second_one() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.do(do="create_contact", set={"Name": "Odd Ltd", "AccountNumber": "C-odd"})
        odd(rounds, '"Name":"Odd Ltd"')
        rounds.user(do="create_customer", ref="C-odd", name="Odd Ltd")
        rounds.user(do="create_customer", ref="C-good", name="Good Ltd")

        await rounds.after(60)

        assert _contacts(rounds) == ["Good Ltd", "Odd Ltd"]
        (told,) = (await found(rounds))["unreadable_in_xero"]
        assert told.label == "Odd Ltd"

        mended(rounds)
        await rounds.after(1800, step_s=60)

        assert _contacts(rounds) == ["Good Ltd", "Odd Ltd"]
        organisations = rounds.xero.world.dump()["organisations"]
        (one,) = organisations.values() if isinstance(organisations, dict) else organisations
        marks = [each["ContactNumber"] for each in _all(one["contacts"])]
        assert all(marks)

    play(story)


def _all(found: object) -> list[dict[str, str]]:
    return list(found.values()) if isinstance(found, dict) else list(found)  # type: ignore[call-overload]  # a dump


def _contacts(rounds: Rounds) -> list[str]:
    organisations = rounds.xero.world.dump()["organisations"]
    (one,) = organisations.values() if isinstance(organisations, dict) else organisations
    return sorted(each["Name"] for each in _all(one["contacts"]))


def test_report_and_plan_list_what_cannot_be_read_and_go_on() -> None:
    async def story(rounds: Rounds) -> None:
        first, _ = await _two(rounds)
        rounds.xero.do(do="create_invoice", set={"InvoiceNumber": "STRANGE"})
        odd(rounds, '"InvoiceNumber":"PL-odd"')

        report = await reporting.read(rounds)
        plan = await planned(rounds)

        listed = {one["number"]: one for one in report["exceptions"]}
        assert listed["PL-odd"]["cause"] == "unreadable_in_xero"
        assert report["ties_out"] is True
        (item,) = [one for one in plan.items if one.name == "PL-odd"]
        assert (item.kind, item.action, item.key) == (PlanKind.INVOICE, PlanAction.HOLD, first)
        assert "cannot be read" in item.why

        odd(rounds, '"InvoiceNumber":"STRANGE"')
        report, plan = await reporting.read(rounds), await planned(rounds)

        listed = {one["number"]: one for one in report["exceptions"]}
        assert listed["STRANGE"]["cause"] == "unreadable_in_xero"
        (item,) = [one for one in plan.items if one.name == "STRANGE"]
        assert (item.action, item.key) == (PlanAction.LEAVE, "")

    play(story)
