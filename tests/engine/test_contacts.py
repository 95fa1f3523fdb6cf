"""Customers become contacts: linked where they stand, made where they do not, never twice."""

from __future__ import annotations

from syncd.domain.model.settings import CreateContacts
from tests.engine.rounds import Rounds, play


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
