"""Customers become contacts: linked where they stand, made where they do not, never twice."""

from __future__ import annotations

from typing import Any

from syncd.domain.model.settings import CreateContacts, Mode
from tests.engine.support.contact_stories import announced, told
from tests.engine.support.restored import at_work, backed_up, played, put_back
from tests.engine.support.rounds import Rounds, play
from tests.xero.support.worlds import TENANT


def _contacts(rounds: Rounds) -> list[dict[str, str]]:
    organisations = rounds.xero.world.dump()["organisations"]
    (one,) = organisations.values() if isinstance(organisations, dict) else organisations
    return [each for each in one["contacts"] if each["ContactStatus"] == "ACTIVE"]


def test_a_contact_with_the_customers_reference_is_linked_and_only_marked() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.do(
            do="create_contact",
            set={"Name": "Harbour Build Ltd", "AccountNumber": "C1", "EmailAddress": "a@b.test"},
        )
        customer = rounds.customer(email="other@b.test")
        invoice = rounds.invoice(customer)

        await rounds.turn()

        (contact,) = [each for each in _contacts(rounds) if each["AccountNumber"] == "C1"]
        assert contact["ContactNumber"] == customer
        assert contact["Name"] == "Harbour Build Ltd"
        assert contact["EmailAddress"] == "a@b.test"
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_a_contact_with_the_customers_reference_in_other_letters_is_no_second_time_made() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.do(
            do="create_contact", set={"Name": "Harbour Builders Ltd", "AccountNumber": "c1"}
        )
        customer = rounds.customer()
        invoice = rounds.invoice(customer)

        await rounds.turn()

        (contact,) = [each for each in _contacts(rounds) if each["Name"].startswith("Harbour")]
        assert (contact["AccountNumber"], contact["ContactNumber"]) == ("c1", customer)
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_linking_changes_one_empty_field_of_an_accountants_contact() -> None:
    """By Xero's own history of the contact: whoever linked it, and however."""

    async def story(rounds: Rounds) -> None:
        full = {
            "EmailAddress": "books@b.test",
            "FirstName": "Ann",
            "LastName": "Ash",
            "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "06 1"}],
            "Addresses": [{"AddressType": "POBOX", "AddressLine1": "Quay 1", "City": "Delft"}],
        }
        by_reference = rounds.xero.do(
            do="create_contact", set={"Name": "Harbour Build Ltd", "AccountNumber": "C1", **full}
        )
        by_hand = rounds.xero.do(
            do="create_contact", set={"Name": "Quay Works", "ContactNumber": "Q-77", **full}
        )
        rounds.customer(email="other@b.test", phone="06 2", website="b.test")
        chosen = rounds.user(
            do="create_customer", ref="C2", name="Quay", email="quay@b.test",
            xeroContactId=by_hand["ContactID"],
        )  # fmt: skip
        for customer in list(rounds.pipeline.dump()["tenants"][TENANT]["customers"]):
            rounds.invoice(customer, f"PL-{customer}")

        await rounds.turn()

        assert {rounds.result(one)["state"] for one in _invoices(rounds)} == {"synced"}
        assert _told(rounds, str(chosen["id"]))["xeroContactId"] == by_hand["ContactID"]
        assert _edits(rounds, by_reference["ContactID"]) == {"ContactNumber"}
        assert _edits(rounds, by_hand["ContactID"]) == set()

    play(story)


def _invoices(rounds: Rounds) -> list[str]:
    return list(rounds.pipeline.dump()["tenants"][TENANT]["results"]["invoice"])


def _told(rounds: Rounds, customer: str) -> dict[str, str]:
    results = rounds.pipeline.dump()["tenants"][TENANT]["results"]["customer"]
    return dict(results[customer])


def _edits(rounds: Rounds, contact: str) -> set[str]:
    """The fields that our app has ever changed on it."""
    (found,) = [one for one in _contacts(rounds) if one["ContactID"] == contact]
    history: Any = found["History"]
    assert history[0]["what"] == "created"
    return {field for each in history[1:] for field, _, _ in each["fields"]}


def test_two_candidates_are_shown_and_none_is_made() -> None:
    async def story(rounds: Rounds) -> None:
        for name in ("One", "Two"):
            rounds.xero.do(do="create_contact", set={"Name": name, "AccountNumber": "C1"})
        invoice = rounds.invoice(rounds.customer())

        await rounds.turn()

        assert rounds.calls("PUT Contacts") == 0
        result = rounds.result(invoice)
        assert (result["state"], result["reasonCode"]) == ("waiting", "contact_unmapped")

    play(story)


def test_a_policy_that_makes_none_waits_until_a_person_links_by_hand() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(create_contacts=CreateContacts.NEVER)
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await rounds.turn()
        assert rounds.result(invoice)["reasonCode"] == "contact_unmapped"

        made = rounds.xero.do(do="create_contact", set={"Name": "Harbour Build"})
        rounds.user(do="edit_customer", id=customer, set={"xeroContactId": made["ContactID"]})
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_a_customer_is_made_when_first_invoiced_where_the_policy_says_so() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(create_contacts=CreateContacts.WHEN_INVOICED)
        customer = rounds.customer()
        await rounds.turn()
        assert rounds.calls("PUT Contacts") == 0

        invoice = rounds.invoice(customer)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_a_namesake_is_never_taken_for_the_customer() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.do(do="create_contact", set={"Name": "harbour build", "AccountNumber": "Z9"})
        rounds.invoice(rounds.customer())

        await rounds.turn()

        assert rounds.calls("PUT Contacts") == 0
        assert rounds.books() == []

    play(story)


def test_a_contact_chosen_by_hand_is_linked_also_where_another_carries_the_mark() -> None:
    async def story(rounds: Rounds) -> None:
        chosen = rounds.xero.do(do="create_contact", set={"Name": "The right one"})
        customer = rounds.customer(xeroContactId=chosen["ContactID"])
        rounds.xero.do(do="create_contact", set={"Name": "Old", "ContactNumber": customer})
        invoice = rounds.invoice(customer)

        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"
        (book,) = rounds.books()
        assert book["ContactID"] == chosen["ContactID"]

    play(story)


def test_a_contact_chosen_by_hand_is_known_in_other_letters() -> None:
    async def story(rounds: Rounds) -> None:
        made = rounds.xero.do(do="create_contact", set={"Name": "The right one"})

        customer = rounds.customer(xeroContactId=made["ContactID"].upper())
        await rounds.turn()

        assert told(rounds, customer)["xeroContactId"] == made["ContactID"]

    play(story)


def test_a_contact_with_another_customers_mark_is_linked_by_a_person_alone() -> None:
    """The store has forgotten the link; the customer it was made for is deleted meanwhile."""

    async def story(rounds: Rounds) -> None:
        backup = await backed_up(rounds)
        first = rounds.customer()
        await rounds.turn()
        made = told(rounds, first)["xeroContactId"]
        rounds.user(do="delete_customer", id=first)
        second = rounds.customer()
        invoice = rounds.invoice(second)

        await put_back(rounds, backup)
        await at_work(rounds)
        assert told(rounds, second)["state"] == "waiting"
        assert "another customer's" in told(rounds, second)["reason"]
        assert rounds.result(invoice)["reasonCode"] == "contact_unmapped"

        rounds.user(do="edit_customer", id=second, set={"xeroContactId": made})
        await at_work(rounds)
        assert told(rounds, second)["state"] == "synced"
        assert rounds.result(invoice)["state"] == "synced"

    played(story)


def test_a_merge_into_a_contact_with_another_customers_mark_is_shared_after_a_restore() -> None:
    """The store has forgotten whose the survivor is; its mark says so, and both go on with it."""

    async def story(rounds: Rounds) -> None:
        first = rounds.customer()
        await rounds.turn()
        backup = await backed_up(rounds)
        second = str(rounds.user(do="create_customer", ref="C2", name="Another Ltd")["id"])
        await rounds.turn()
        gone, survivor = (told(rounds, each)["xeroContactId"] for each in (first, second))
        rounds.xero.do(do="merge", contact=gone, into=survivor)
        rounds.user(do="edit_customer", id=first, set={"phone": "06 1"})

        await put_back(rounds, backup)
        await at_work(rounds)

        for each in (first, second):
            assert told(rounds, each)["state"] == "synced"
            assert told(rounds, each)["xeroContactId"] == survivor

    played(story)


def test_an_archived_contact_with_the_customers_mark_is_its_own_after_a_restore() -> None:
    """What stands with it is agreed as it was, without a write; only what is new waits for it."""

    async def story(rounds: Rounds) -> None:
        backup = await backed_up(rounds)
        customer = rounds.customer()
        old = rounds.invoice(customer)
        await rounds.turn()
        made = told(rounds, customer)["xeroContactId"]
        rounds.xero.do(do="archive", contact=made)
        before = rounds.books()

        await put_back(rounds, backup)
        await at_work(rounds)
        assert rounds.result(old)["state"] == "synced"
        assert told(rounds, customer)["xeroContactId"] == made
        assert told(rounds, customer)["state"] == "archived"

        new = rounds.invoice(customer, "PL-2")
        await at_work(rounds)
        assert rounds.result(new)["reasonCode"] == "contact_archived"
        assert rounds.books() == before

        rounds.xero.do(do="edit_contact", contact=made, set={"ContactStatus": "ACTIVE"})
        await announced(rounds, customer)
        assert rounds.result(new)["state"] == "synced"

    played(story)


def test_an_archived_contact_is_linked_by_nobody_while_the_tenant_observes() -> None:
    async def story(rounds: Rounds) -> None:
        backup = await backed_up(rounds)
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await rounds.turn()
        rounds.xero.do(do="archive", contact=told(rounds, customer)["xeroContactId"])

        rounds.choose(mode=Mode.OBSERVE)
        await put_back(rounds, backup)
        await at_work(rounds)
        assert "Observing: it would be linked" in told(rounds, customer)["reason"]
        assert rounds.result(invoice)["state"] == "waiting"

        rounds.choose(mode=Mode.LIVE)
        await announced(rounds, customer)
        await at_work(rounds)
        assert told(rounds, customer)["state"] == "archived"
        assert rounds.result(invoice)["state"] == "synced"

    played(story)
