"""R27: what an operator orders for a customer is done by its next round, or said why not."""

from __future__ import annotations

from typing import Any

from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.settings import CreateContacts
from syncd.engine.contacts import link_requests, request_link
from syncd.engine.contacts.link_requests import LinkRequest, Particulars
from syncd.engine.contacts.request_link import LinkRequestAnswer
from tests.engine.support.contact_stories import (
    contact,
    contacts,
    edit_in_pipeline,
    entries,
    shown,
    told,
)
from tests.engine.support.rounds import Rounds, play
from tests.xero.support.worlds import TENANT


async def placed(rounds: Rounds, customer: str, link_request: LinkRequest) -> LinkRequestAnswer:
    """It was ordered, and no round has come since."""
    found = await request_link.place(
        rounds.context, TENANT, PipelineCustomerId(customer), link_request, "Ada"
    )
    assert found is not None
    return found


async def order(rounds: Rounds, customer: str, link_request: LinkRequest) -> LinkRequestAnswer:
    found = await placed(rounds, customer, link_request)
    await rounds.turn()
    return found


async def is_carried_out(rounds: Rounds, customer: str) -> bool:
    """Nothing is ordered of the customer any more."""
    stored = link_requests.of(TENANT, PipelineCustomerId(customer))
    return await rounds.context.store.fetch(stored) == ()


def to(made: dict[str, Any]) -> LinkRequest:
    return LinkRequest(link_to=XeroContactId(made["ContactID"]))


def test_a_link_by_hand_overwrites_nothing_and_releases_the_invoices() -> None:
    async def story(rounds: Rounds) -> None:
        for name in ("One", "Two"):
            made = rounds.xero.do(
                do="create_contact",
                set={"Name": name, "AccountNumber": "C1", "EmailAddress": "x@b.test"},
            )
        customer = rounds.customer(email="a@b.test")
        invoice = rounds.invoice(customer)
        await rounds.turn()
        assert rounds.result(invoice)["reasonCode"] == "contact_unmapped"

        await order(rounds, customer, to(made))

        found = contact(rounds, customer)
        assert (found["Name"], found["EmailAddress"]) == ("Two", "x@b.test")
        assert found["ContactNumber"] == customer
        assert rounds.result(invoice)["state"] == "synced"
        said = await entries(rounds, customer)
        assert said[0].startswith("Waiting (contact_unmapped): Harbour Build.")
        assert said[1] == f"Link to the contact {made['ContactID']} asked for"
        assert said[-1].startswith("Linked to a contact in Xero: Two")

    play(story)


def test_a_link_by_hand_replaces_an_earlier_one_for_what_is_written_from_then_on() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await rounds.turn()
        made = rounds.xero.do(do="create_contact", set={"Name": "The right one"})

        await order(rounds, customer, to(made))
        rounds.user(do="edit_line", id=invoice, set={"quantity": 4})
        await rounds.turn()

        assert told(rounds, customer)["xeroContactId"] == made["ContactID"]
        assert rounds.result(invoice)["state"] == "synced"
        rounds.invoice(customer, "PL-2")
        await rounds.turn()
        by_number = {book["InvoiceNumber"]: book["ContactID"] for book in rounds.books()}
        assert by_number["PL-2"] == made["ContactID"] != by_number["PL-1"]
        assert rounds.calls("POST Contacts") == 0

    play(story)


def test_a_contact_is_one_customers_only() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        other = str(rounds.user(do="create_customer", ref="C2", name="Other")["id"])
        await rounds.turn()
        link_request = LinkRequest(link_to=XeroContactId(told(rounds, customer)["xeroContactId"]))

        found = await order(rounds, other, link_request)

        assert f"The contact Harbour Build ({link_request.link_to}) is another" in found.refusal
        assert f"already: Harbour Build ({customer})." in found.refusal
        assert told(rounds, other)["xeroContactId"] != told(rounds, customer)["xeroContactId"]

    play(story)


def test_a_link_that_cannot_be_made_leaves_the_one_that_works() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        before = told(rounds, customer)["xeroContactId"]
        made = rounds.xero.do(do="create_contact", set={"Name": "Closed"})
        rounds.xero.do(do="archive", contact=made["ContactID"])

        await order(rounds, customer, to(made))

        assert told(rounds, customer)["xeroContactId"] == before
        assert "ARCHIVED" in (await entries(rounds, customer))[-1]

    play(story)


def test_an_unlinked_customer_waits_for_the_contact_that_was_chosen() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(create_contacts=CreateContacts.NEVER)
        customer = rounds.customer()
        made = rounds.xero.do(do="create_contact", set={"Name": "Closed"})
        rounds.xero.do(do="archive", contact=made["ContactID"])
        await rounds.turn()

        await order(rounds, customer, to(made))
        assert told(rounds, customer)["state"] == "waiting"
        assert "archived" in told(rounds, customer)["reason"]

        rounds.xero.do(
            do="edit_contact", contact=made["ContactID"], set={"ContactStatus": "ACTIVE"}
        )
        await rounds.after(3600, step_s=600)
        assert told(rounds, customer)["xeroContactId"] == made["ContactID"]

    play(story)


def test_create_and_link_works_where_the_policy_makes_none() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(create_contacts=CreateContacts.NEVER)
        customer = rounds.customer(email="a@b.test")
        invoice = rounds.invoice(customer)
        await rounds.turn()

        link_request = LinkRequest(
            create=Particulars(company_name="Harbour Build Ltd", city="Napier")
        )
        await order(rounds, customer, link_request)

        found = contact(rounds, customer)
        assert (found["Name"], found["EmailAddress"]) == ("Harbour Build Ltd", "a@b.test")
        assert found["Addresses"]["POBOX"]["City"] == "Napier"
        assert rounds.result(invoice)["state"] == "synced"
        assert shown(rounds, customer)["name"] == "Harbour Build"
        edit_in_pipeline(rounds, customer, phone="06 2")
        await rounds.turn()
        assert contact(rounds, customer)["Name"] == "Harbour Build Ltd"

    play(story)


def test_create_and_link_chooses_a_new_one_beside_candidates() -> None:
    """The candidates carry its reference, which Xero takes on one contact alone."""

    async def story(rounds: Rounds) -> None:
        for name in ("One", "Two"):
            rounds.xero.do(do="create_contact", set={"Name": name, "AccountNumber": "C1"})
        customer = rounds.customer()
        await rounds.turn()

        await order(rounds, customer, LinkRequest(create=Particulars()))

        made = contact(rounds, customer)
        assert (made["Name"], made["AccountNumber"]) == ("Harbour Build", None)
        assert len(contacts(rounds)) == 3

    play(story)


def test_create_and_link_of_a_taken_name_says_whose_it_is() -> None:
    async def story(rounds: Rounds) -> None:
        made = rounds.xero.do(do="create_contact", set={"Name": "Harbour Build"})
        customer = rounds.customer()
        await rounds.turn()

        await order(rounds, customer, LinkRequest(create=Particulars()))
        assert made["ContactID"] in told(rounds, customer)["reason"]

        await order(
            rounds, customer, LinkRequest(create=Particulars(company_name="Harbour Build 2"))
        )
        assert contact(rounds, customer)["Name"] == "Harbour Build 2"

    play(story)


def test_a_create_whose_answer_was_lost_is_linked_under_the_name_it_was_sent_with() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(create_contacts=CreateContacts.NEVER)
        customer = rounds.customer()
        await rounds.turn()
        rounds.fault(match={"method": "PUT", "path": "/Contacts"}, do="drop_after_commit", times=1)

        await order(rounds, customer, LinkRequest(create=Particulars(company_name="Typed Name")))
        await rounds.after(60)

        assert contact(rounds, customer)["Name"] == "Typed Name"
        assert rounds.calls("PUT Contacts") == 1

    play(story)


def test_an_order_that_came_while_another_was_carried_out_is_the_one_that_stands() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(create_contacts=CreateContacts.NEVER)
        customer = rounds.customer()
        first, second = (
            rounds.xero.do(do="create_contact", set={"Name": name}) for name in ("One", "Two")
        )
        await rounds.turn()
        rounds.interrupt("contacts_by_id", lambda: placed(rounds, customer, to(second)))

        await order(rounds, customer, to(first))
        await rounds.after(60)

        assert contact(rounds, customer)["Name"] == "Two"
        assert await is_carried_out(rounds, customer)

    play(story)


def test_an_order_that_came_while_a_create_was_looked_for_is_carried_out_after_it() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.fault(match={"method": "PUT", "path": "/Contacts"}, do="drop_after_commit", times=1)
        customer = rounds.customer()
        await rounds.turn()
        chosen = rounds.xero.do(do="create_contact", set={"Name": "Two"})

        await order(rounds, customer, to(chosen))
        await rounds.after(60)

        assert told(rounds, customer)["xeroContactId"] == chosen["ContactID"]
        assert await is_carried_out(rounds, customer)

    play(story)


def test_a_linked_customer_gets_no_second_contact() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()

        found = await order(
            rounds, customer, LinkRequest(create=Particulars(company_name="Second"))
        )

        assert "linked already, to the contact Harbour Build (" in found.refusal
        assert len(contacts(rounds)) == 1

    play(story)


def test_a_customer_deleted_or_unknown_takes_no_order() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        rounds.user(do="delete_customer", id=customer)
        await rounds.turn()

        found = await order(rounds, customer, LinkRequest(create=Particulars()))
        nobody = await request_link.place(
            rounds.context, TENANT, PipelineCustomerId("nobody"), LinkRequest(), "Ada"
        )

        assert "deleted" in found.refusal
        assert nobody is None

    play(story)
