"""R26: a deleted customer takes its contact along when nobody would miss it; else one is told."""

from __future__ import annotations

import pytest

from syncd.domain.model.finding import FindingKind
from syncd.domain.model.settings import Mode
from tests.engine.support.contact_stories import announced, contact, contacts, entries, told
from tests.engine.support.restored import at_work, backed_up, played, put_back
from tests.engine.support.rounds import LINE, Rounds, play
from tests.engine.support.sweeping import found, swept_now

POST = {"method": "POST", "path": "/Contacts"}
OTHER = "11111111-1111-4111-8111-111111111111"


def test_a_contact_of_ours_with_nothing_open_is_archived() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()

        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()

        assert contact(rounds, customer)["ContactStatus"] == "ARCHIVED"
        assert told(rounds, customer)["state"] == "archived"
        assert (await entries(rounds, customer))[-1] == "Archived in Xero: Harbour Build"
        await announced(rounds, customer)
        assert rounds.calls("POST Contacts") == 1
        assert told(rounds, customer)["state"] == "archived"

    play(story)


def test_a_contact_that_xero_does_not_show_yet_is_archived_once_it_does() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.world.switches.turn({"read_lag_s": 30.0})
        customer = rounds.customer()
        await rounds.turn()

        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()
        assert told(rounds, customer)["state"] != "archived"
        await rounds.after(120)

        assert contact(rounds, customer)["ContactStatus"] == "ARCHIVED"
        assert told(rounds, customer)["state"] == "archived"

    play(story)


def test_an_archive_is_not_repeated_once_pipeline_has_brought_the_customer_back() -> None:
    """Only a person can undo it, in Xero."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.fault(match=POST, do="drop_before_commit", times=1)
        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()
        books = rounds.pipeline.tenants[rounds.tenant].books
        books.restore("customer", customer, by="Ada")
        invoice = rounds.invoice(customer)

        await rounds.after(1200, step_s=10)

        assert contact(rounds, customer)["ContactStatus"] == "ACTIVE"
        assert told(rounds, customer)["state"] == "synced"
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


@pytest.mark.parametrize("is_in_trouble", [False, True])
def test_one_answer_without_a_contact_that_stood_there_is_not_believed(is_in_trouble: bool) -> None:
    """Nobody asks again for the contact of a deleted customer: it would stay active for ever."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.after(900, step_s=100)
        own = contact(rounds, customer)["ContactID"]
        read = {"method": "GET", "path": "Contacts"}
        empty = {"match": read, "do": "rewritten", "find": own, "put": OTHER}
        down = {"match": read, "do": "error_before", "times": 4}
        rounds.xero.world.faults.set([*([down] if is_in_trouble else []), empty])

        rounds.user(do="delete_customer", id=customer)
        await rounds.after(300)

        (found,) = contacts(rounds)
        assert found["ContactStatus"] == "ARCHIVED"
        assert told(rounds, customer)["state"] == "archived"

    play(story)


def test_a_contact_that_no_answer_has_any_more_is_gone() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.after(900, step_s=100)
        find = '"ContactID":"'
        rounds.fault(do="rewritten", find=find, put=f"{find}a", times=None)

        rounds.user(do="delete_customer", id=customer)
        await rounds.after(60)

        assert told(rounds, customer)["state"] == "archived"

    play(story)


def test_an_archive_whose_answer_was_lost_is_found_by_a_look() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.fault(match=POST, do="drop_after_commit", times=1)

        rounds.user(do="delete_customer", id=customer)
        await rounds.after(60)

        assert rounds.calls("POST Contacts") == 1
        assert told(rounds, customer)["state"] == "archived"

    play(story)


def test_open_invoices_keep_the_contact_until_they_are_gone() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await rounds.turn()

        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()
        assert contact(rounds, customer)["ContactStatus"] == "ACTIVE"
        assert told(rounds, customer)["state"] == "waiting"
        assert "PL-1" in told(rounds, customer)["reason"]

        rounds.user(do="delete", id=invoice)
        await rounds.after(3600, step_s=600)
        assert contact(rounds, customer)["ContactStatus"] == "ARCHIVED"

    play(story)


def _another(rounds: Rounds) -> str:
    made = rounds.user(do="create_customer", ref="C2", name="Another Ltd")
    return str(made["id"])


@pytest.mark.parametrize("ends", ["paid", "deleted", "voided in Xero", "moved", "never sent"])
def test_the_last_open_invoice_lets_the_contact_go_when_it_ends(ends: str) -> None:
    async def story(rounds: Rounds) -> None:
        customer, other = rounds.customer(), _another(rounds)
        code = "GHOST" if ends == "never sent" else "LAB"
        invoice = rounds.invoice(customer, lines=[{**LINE, "costCode": code}])
        await rounds.turn()
        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()
        assert contact(rounds, customer)["ContactStatus"] == "ACTIVE"

        match ends:
            case "paid" | "voided in Xero":
                rounds.xero.do(do="pay" if ends == "paid" else "void", invoice="PL-1")
                await swept_now(rounds)
            case "moved":
                rounds.user(do="edit_invoice", id=invoice, set={"customerId": other})
            case _:
                rounds.user(do="delete", id=invoice)
        await rounds.after(120, step_s=30)

        assert contact(rounds, customer)["ContactStatus"] == "ARCHIVED"

    play(story, recheck_s=1e6)


def test_one_whose_contact_was_merged_into_anothers_names_its_own_as_archived() -> None:
    """Simulation, seed 903070 without rechecks: the other's active contact was called archived."""

    async def story(rounds: Rounds) -> None:
        lost = rounds.customer()
        kept = str(rounds.user(do="create_customer", ref="C2", name="Harbour Group")["id"])
        await rounds.turn()
        own, shared = (told(rounds, each)["xeroContactId"] for each in (lost, kept))
        rounds.xero.do(do="merge", contact=own, into=shared)
        await announced(rounds, lost)
        assert told(rounds, lost)["xeroContactId"] == shared

        rounds.user(do="delete_customer", id=lost)
        await rounds.turn()

        assert (told(rounds, lost)["state"], told(rounds, lost)["xeroContactId"]) == (
            "archived",
            own,
        )
        assert contact(rounds, kept)["ContactStatus"] == "ACTIVE"

    play(story)


def test_a_supplier_stays_active() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        identifier = told(rounds, customer)["xeroContactId"]
        rounds.xero.do(do="create_invoice", contact=identifier, set={"Type": "ACCPAY"})

        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()

        assert contact(rounds, customer)["ContactStatus"] == "ACTIVE"
        assert told(rounds, customer)["state"] == "waiting"
        assert "supplier" in told(rounds, customer)["reason"]

    play(story)


def test_a_contact_somebody_else_made_stays_active_and_is_not_even_read() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.do(do="create_contact", set={"Name": "Harbour", "AccountNumber": "C1"})
        customer = rounds.customer()
        await rounds.turn()
        before = len(rounds.xero.transport.sent)

        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()

        assert len(rounds.xero.transport.sent) == before
        assert told(rounds, customer)["state"] == "waiting"
        assert "not known as made by syncd" in told(rounds, customer)["reason"]

    play(story)


@pytest.mark.parametrize("is_archived", [False, True])
def test_a_contact_made_and_left_in_hours_a_restore_lost_is_told(is_archived: bool) -> None:
    async def story(rounds: Rounds) -> None:
        backup = await backed_up(rounds)
        customer = rounds.customer()
        await rounds.turn()
        rounds.user(do="delete_customer", id=customer)
        if is_archived:
            await rounds.turn()

        await put_back(rounds, backup)
        await at_work(rounds)

        if is_archived:
            assert told(rounds, customer)["state"] == "archived"
            assert FindingKind.CONTACT_KEPT not in await found(rounds)
        else:
            assert contacts(rounds)[0]["ContactStatus"] == "ACTIVE"
            assert "not known as made by syncd" in told(rounds, customer)["reason"]
            assert len((await found(rounds))[FindingKind.CONTACT_KEPT]) == 1
        assert len(contacts(rounds)) == 1

    played(story)


def test_a_customer_that_never_had_a_contact_leaves_without_one() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        customer = rounds.customer()
        await rounds.turn()

        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()

        assert contacts(rounds) == []

    play(story)


def test_observing_archives_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.choose(mode=Mode.OBSERVE)

        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()

        assert rounds.calls("POST Contacts") == 0
        assert "would be archived" in told(rounds, customer)["reason"]

    play(story)


def test_a_kept_contact_is_a_finding_until_it_goes() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await rounds.turn()
        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()

        (kept,) = (await found(rounds))["contact_kept"]
        assert (kept.key, kept.label) == (customer, "Harbour Build")
        assert "PL-1" in kept.text

        rounds.user(do="delete", id=invoice)
        await rounds.after(3600, step_s=600)
        assert await found(rounds) == {}

    play(story)


def test_a_kept_contact_that_a_bookkeeper_archives_is_a_finding_no_more() -> None:
    async def story(rounds: Rounds) -> None:
        made = rounds.xero.do(do="create_contact", set={"Name": "Harbour", "AccountNumber": "C1"})
        customer = rounds.customer()
        await rounds.turn()
        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()
        assert list(await found(rounds)) == ["contact_kept"]

        rounds.xero.do(do="archive", contact=made["ContactID"])
        await swept_now(rounds)

        assert await found(rounds) == {}
        assert told(rounds, customer)["state"] == "archived"
        assert rounds.calls("POST Contacts") == 1  # our mark, at linking

    play(story)


def test_a_restored_contact_is_left_to_a_person_for_good() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()
        assert told(rounds, customer)["state"] == "archived"

        own = contact(rounds, customer)["ContactID"]
        rounds.xero.do(do="edit_contact", contact=own, set={"ContactStatus": "ACTIVE"})
        await swept_now(rounds)
        await rounds.after(7200, step_s=600)

        assert contact(rounds, customer)["ContactStatus"] == "ACTIVE"
        assert told(rounds, customer)["state"] == "waiting"
        assert "was restored in Xero" in told(rounds, customer)["reason"]
        assert list(await found(rounds)) == ["contact_kept"]

        rounds.xero.do(do="archive", contact=own)
        await swept_now(rounds)
        assert told(rounds, customer)["state"] == "archived"

    play(story)


def test_a_restored_contact_takes_the_open_invoices_of_its_deleted_customer() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        own = contact(rounds, customer)["ContactID"]
        rounds.xero.do(do="archive", contact=own)
        await swept_now(rounds)
        invoice = rounds.invoice(customer)
        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()
        assert rounds.result(invoice)["reasonCode"] == "contact_archived"

        rounds.xero.do(do="edit_contact", contact=own, set={"ContactStatus": "ACTIVE"})
        await swept_now(rounds)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"
        assert told(rounds, customer)["state"] == "waiting"

    play(story)


def test_a_deleted_customers_contact_archived_unseen_costs_one_refusal_and_is_told() -> None:
    """Nothing reads it while invoices are open: the refusal of one says that it is archived."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        own = contact(rounds, customer)["ContactID"]
        rounds.invoice(customer)
        await rounds.turn()
        invoice = rounds.invoice(customer, "PL-2")
        rounds.user(do="delete_customer", id=customer)
        rounds.xero.do(do="archive", contact=own)
        before = rounds.calls("PUT Invoices")

        await rounds.after(600)

        assert rounds.calls("PUT Invoices") == before + 1
        assert rounds.result(invoice)["reasonCode"] == "contact_archived"

        rounds.xero.do(do="edit_contact", contact=own, set={"ContactStatus": "ACTIVE"})
        await swept_now(rounds)
        await rounds.turn()
        assert rounds.result(invoice)["state"] == "synced"

    play(story)
