"""Edits on both sides: nothing is overwritten, the difference is shown, agreement resumes."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.model.settings import XeroEdits
from syncd.engine.recovery import lease_reaper
from syncd.store import jobs
from tests.engine.support.contact_stories import told
from tests.engine.support.deciding import shown as look_up
from tests.engine.support.deciding import take
from tests.engine.support.restored import at_work, backed_up, played, put_back
from tests.engine.support.rounds import LINE, Rounds, play

MOVES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("reference", {"reference": "P"}, {"Reference": "X"}),
    ("dueDate", {"dueDate": "2027-01-10"}, {"DueDate": "2027-02-10"}),
    ("invoiceDate", {"invoiceDate": "2026-11-21"}, {"Date": "2026-11-19"}),
    ("number", {"number": "PL-P"}, {"InvoiceNumber": "PL-X"}),
]


@pytest.mark.parametrize(("field", "ours", "theirs"), MOVES)
def test_a_field_edited_on_both_sides_is_held_shown_and_resumes_when_aligned(
    field: str, ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO", dueDate="2026-12-10")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice="PL-1", set=theirs)
        before = rounds.books()

        rounds.user(do="edit_invoice", id=invoice, set=ours)
        await rounds.turn()

        result = rounds.result(invoice)
        assert result["state"] == "out_of_sync"
        shown = {each["field"]: each["movedBy"] for each in result["differences"]}
        assert shown[field] == "both"
        assert rounds.books() == before

        (name,), (value,) = ours.keys(), theirs.values()
        rounds.user(do="edit_invoice", id=invoice, set={name: value})
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"
        assert rounds.calls("POST Invoices") == 0

    play(story)


def test_the_same_edit_on_both_sides_is_no_alarm() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "PO 2"})

        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"
        assert rounds.calls("POST Invoices") == 0

    play(story)


def test_an_approval_in_xero_is_no_edit_and_pipelines_own_follows_in_peace() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), status="Draft")
        await rounds.after(20)
        rounds.xero.do(do="approve", invoice="PL-1")

        rounds.user(do="approve", id=invoice)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"
        assert rounds.calls("POST Invoices") == 0

    play(story)


def test_going_back_on_an_approved_document_is_a_regression_not_a_write() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()

        rounds.user(do="reopen", id=invoice)
        await rounds.after(30)

        result = rounds.result(invoice)
        assert result["state"] in ("waiting", "out_of_sync")
        assert result["reasonCode"] == "status_regression"
        assert [book["Status"] for book in rounds.books()] == ["AUTHORISED"]

    play(story)


def test_what_was_voided_in_xero_is_gone_and_never_made_again() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.xero.do(do="void", invoice="PL-1")

        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()

        result = rounds.result(invoice)
        assert (result["state"], result["reasonCode"]) == ("waiting", "gone_in_xero")
        assert len(rounds.books()) == 1

    play(story)


@pytest.mark.parametrize("is_deleted", [False, True])
def test_one_answer_without_a_document_that_stood_there_is_not_believed(is_deleted: bool) -> None:
    """Of one that is deleted in Pipeline nobody would ask again: it stood in Xero for ever."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.after(900, step_s=100)
        own, other = rounds.xero_id(invoice), "11111111-1111-4111-8111-111111111111"
        read = {"method": "GET", "path": "Invoices"}
        rounds.fault(match=read, do="rewritten", find=own, put=other)
        if is_deleted:
            rounds.user(do="delete", id=invoice)
        else:
            rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})

        await rounds.after(60)

        (book,) = rounds.books()
        assert book["Status"] == ("VOIDED" if is_deleted else "AUTHORISED")
        assert rounds.result(invoice)["state"] == ("voided" if is_deleted else "synced")

    play(story)


def test_a_document_missing_in_the_first_answer_after_trouble_is_not_taken_for_gone() -> None:
    """Tries that Xero failed at have shown nothing: what it leaves out then is one answer."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.after(900, step_s=100)
        own, other = rounds.xero_id(invoice), "11111111-1111-4111-8111-111111111111"
        read = {"method": "GET", "path": "Invoices"}
        down = {"match": read, "do": "error_before", "times": 4}
        empty = {"match": read, "do": "rewritten", "find": own, "put": other}
        rounds.xero.world.faults.set([down, empty])

        rounds.user(do="delete", id=invoice)
        await rounds.after(300)

        assert [book["Status"] for book in rounds.books()] == ["VOIDED"]
        assert rounds.result(invoice)["state"] == "voided"

    play(story)


def test_a_document_that_no_answer_has_any_more_is_gone() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        kept, deleted = rounds.invoice(customer), rounds.invoice(customer, "PL-2")
        await rounds.after(900, step_s=100)
        find = '"InvoiceID":"'
        rounds.fault(do="rewritten", find=find, put=f"{find}a", times=None)
        rounds.user(do="edit_invoice", id=kept, set={"reference": "PO 2"})
        rounds.user(do="delete", id=deleted)

        await rounds.after(60)

        assert rounds.result(kept)["reasonCode"] == "gone_in_xero"
        assert rounds.result(deleted)["state"] == "voided"

    play(story)


def test_a_withdrawal_that_xero_says_it_took_and_shows_otherwise_is_looked_at_again() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        post = {"method": "POST", "path": "Invoices"}
        rounds.fault(match=post, do="rewritten", find="VOIDED", put="AUTHORISED")
        rounds.user(do="delete", id=invoice)
        await rounds.turn()
        assert rounds.result(invoice)["state"] != "voided"

        await rounds.after(60)

        told = rounds.result(invoice)
        assert (told["state"], told["xeroStatus"]) == ("voided", "VOIDED")

    play(story)


def test_document_that_xero_does_not_show_yet_is_not_taken_for_gone() -> None:
    """A withdrawal within the lag of Xero's reads: the document is voided once it is shown."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.xero.world.switches.turn({"read_lag_s": 30.0})
        invoice = rounds.invoice(customer)
        await rounds.turn()

        rounds.user(do="delete", id=invoice)
        await rounds.after(5)
        assert rounds.result(invoice)["state"] != "voided"
        await rounds.after(40)
        await rounds.after(60)

        assert rounds.result(invoice)["state"] == "voided"
        assert [book["Status"] for book in rounds.books()] == ["VOIDED"]

    play(story)


def test_voiding_never_destroys_an_edit() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "checked"})

        rounds.user(do="delete", id=invoice)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "out_of_sync"
        assert [book["Status"] for book in rounds.books()] == ["AUTHORISED"]

    play(story)


def test_an_unmapped_cost_code_waits_and_names_the_key_to_set() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), lines=[{**LINE, "costCode": "GHOST"}])

        await rounds.turn()

        result = rounds.result(invoice)
        assert (result["state"], result["reasonCode"]) == ("waiting", "account_unmapped")
        assert "tenants.acme.cost_codes.GHOST.account" in result["reason"]

    play(story)


def shown(rounds: Rounds, invoice: str) -> dict[str, Any]:
    """What Pipeline is shown of an invoice: each differing field, with who moved it."""
    result = rounds.result(invoice)
    return {each["field"]: each.get("movedBy") for each in result.get("differences", ())}


async def asked(rounds: Rounds, invoice: str) -> None:
    """An event of Xero's, or a person, asks for a look."""
    request = JobRequest(
        tenant=rounds.tenant, kind=JobKind.PUSH_INVOICE, key=invoice, ready_at=rounds.context.now()
    )
    await rounds.context.store.run(jobs.enqueue((request,), rounds.context.now()))
    await rounds.turn()


UNTAXED = {**LINE, "taxRate": None, "costCode": None, "accountCode": "230"}
"""Its tax type comes from its account, which is that of exports."""


@pytest.mark.parametrize(
    ("edit", "field", "texts"),
    [
        ({"set": {"DueDate": "2027-01-31"}}, "dueDate", ("2026-12-10", "2027-01-31")),
        (
            {"lines": [{"place": 0, "set": {"TaxType": "NONE"}}]},
            "lines[0].taxType",
            ("ZERORATED", "NONE"),
        ),
    ],
)
def test_a_derived_value_changed_in_xero_is_out_of_sync_and_moved_by_xero(
    edit: dict[str, Any], field: str, texts: tuple[str, str]
) -> None:
    """Pipeline's form has no due date, so this is how its users meet it."""

    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), lines=[UNTAXED])
        await rounds.turn()

        rounds.xero.do(do="edit", invoice="PL-1", **edit)
        await asked(rounds, invoice)

        result = rounds.result(invoice)
        assert result["state"] == "out_of_sync"
        (found,) = (each for each in result["differences"] if each["field"] == field)
        assert (found["pipeline"], found["xero"], found["movedBy"]) == (*texts, "xero")

        await take(rounds, invoice, "pipeline")
        assert rounds.result(invoice)["state"] == "synced"
        (book,) = rounds.books()
        (line,) = book["LineItems"]
        assert (book["DueDate"], line["TaxType"]) == ("2026-12-10", "ZERORATED")

    play(story)


def test_a_derived_due_date_follows_the_invoice_date_unless_somebody_touched_it() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        alone, touched, decided = (
            rounds.invoice(customer, number) for number in ("PL-1", "PL-2", "PL-3")
        )
        await rounds.turn()
        rounds.xero.do(do="edit", invoice="PL-2", set={"DueDate": "2027-01-31"})
        rounds.xero.do(do="edit", invoice="PL-3", set={"DueDate": "2027-01-31"})
        await asked(rounds, decided)
        await take(rounds, decided, "xero")

        for invoice in (alone, touched, decided):
            rounds.user(do="edit_invoice", id=invoice, set={"invoiceDate": "2026-11-25"})
        await rounds.turn()

        dates = {book["InvoiceNumber"]: (book["Date"], book["DueDate"]) for book in rounds.books()}
        assert dates == {
            "PL-1": ("2026-11-25", "2026-12-15"),
            "PL-2": ("2026-11-20", "2027-01-31"),
            "PL-3": ("2026-11-25", "2027-01-31"),
        }
        assert [rounds.result(each)["state"] for each in (alone, touched, decided)] == [
            "synced", "out_of_sync", "synced",
        ]  # fmt: skip
        assert shown(rounds, touched) == {"invoiceDate": "pipeline", "dueDate": "both"}
        assert shown(rounds, decided) == {"dueDate": None}

    play(story)


def test_other_due_days_move_no_due_date_that_stands() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()

        rounds.choose(due_days=40)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()

        (book,) = rounds.books()
        assert (book["Reference"], book["DueDate"]) == ("PO 2", "2026-12-10")
        assert (rounds.result(invoice)["state"], shown(rounds, invoice)) == ("synced", {})

    play(story)


def test_an_edit_taken_over_by_the_policy_is_on_record_as_that_decision() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(xero_edits=XeroEdits.ACCEPT)
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()

        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "THEIRS"})
        await asked(rounds, invoice)
        await asked(rounds, invoice)

        found = await look_up(rounds, invoice)
        assert (found.state, found.moved) == ("synced", {"reference": None})
        said = "Changed in Xero, and accepted as xero_edits says: PL-1; reference."
        assert [text for text, _ in found.history].count(said) == 1

    play(story)


def test_a_document_of_ours_whose_contact_nobody_knows_waits_for_that() -> None:
    """Found with our mark and nothing agreed: a customer without a contact is no difference."""

    async def story(rounds: Rounds) -> None:
        backup = await backed_up(rounds)
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await rounds.turn()
        made = told(rounds, customer)["xeroContactId"]
        rounds.xero.do(
            do="edit_contact", contact=made, set={"ContactNumber": "", "AccountNumber": ""}
        )
        before = rounds.books()

        await put_back(rounds, backup)
        await at_work(rounds)
        held = rounds.result(invoice)
        assert (held["state"], held["reasonCode"]) == ("waiting", "contact_name_taken")
        assert not held.get("differences")

        rounds.user(do="edit_customer", id=customer, set={"xeroContactId": made})
        await at_work(rounds)
        assert rounds.result(invoice)["state"] == "synced"
        assert rounds.books() == before

    played(story)


def test_a_document_of_ours_with_anothers_contact_is_shown_once_its_own_is_known() -> None:
    async def story(rounds: Rounds) -> None:
        backup = await backed_up(rounds)
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await rounds.turn()
        made = told(rounds, customer)["xeroContactId"]
        rounds.xero.do(
            do="edit_contact", contact=made, set={"ContactNumber": "", "AccountNumber": ""}
        )
        other = rounds.xero.do(do="create_contact", set={"Name": "Another"})["ContactID"]

        await put_back(rounds, backup)
        await at_work(rounds)
        rounds.user(do="edit_customer", id=customer, set={"xeroContactId": other})
        await at_work(rounds)

        held = rounds.result(invoice)
        assert held["state"] == "out_of_sync"
        assert [each["field"] for each in held["differences"]] == ["customerId"]

    played(story)


def test_a_document_of_ours_whose_accounts_lead_nowhere_waits_for_them_alone() -> None:
    async def story(rounds: Rounds) -> None:
        codes = rounds.context.policies[rounds.tenant].cost_codes
        backup = await backed_up(rounds)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        before = rounds.books()

        rounds.choose(cost_codes={})
        await put_back(rounds, backup)
        await at_work(rounds)
        assert rounds.result(invoice)["reasonCode"] == "account_unmapped"

        rounds.choose(cost_codes=codes)
        await lease_reaper.start_up(rounds.context)
        await at_work(rounds)
        assert rounds.result(invoice)["state"] == "synced"
        assert rounds.books() == before

    played(story)
