"""The contact of a customer that is deleted in Pipeline is the next customer's that it is."""

from __future__ import annotations

from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.engine.contacts import request_link
from syncd.engine.contacts.link_requests import LinkRequest
from tests.engine.support.contact_stories import (
    announced,
    contact,
    contacts,
    edit_in_pipeline,
    shown,
    told,
)
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found
from tests.xero.support.worlds import TENANT


async def merged(rounds: Rounds) -> tuple[str, str]:
    """Two customers whose contacts became one: the second's own."""
    lost = rounds.customer()
    kept = str(rounds.user(do="create_customer", ref="C2", name="Harbour Group")["id"])
    await rounds.turn()
    into = told(rounds, kept)["xeroContactId"]
    rounds.xero.do(do="merge", contact=told(rounds, lost)["xeroContactId"], into=into)
    await announced(rounds, lost)
    return lost, kept


def deleted(rounds: Rounds, customer: str) -> None:
    rounds.user(do="delete_customer", id=customer)


def test_a_contact_that_stands_for_two_is_not_archived_when_one_is_deleted() -> None:
    async def story(rounds: Rounds) -> None:
        lost, kept = await merged(rounds)
        edit_in_pipeline(rounds, lost, phone="06 2")
        await rounds.turn()

        deleted(rounds, kept)
        await rounds.turn()
        invoice = rounds.invoice(lost)
        await rounds.turn()

        assert contact(rounds, kept)["ContactStatus"] == "ACTIVE"
        assert contact(rounds, lost) == contact(rounds, kept)
        assert rounds.result(invoice)["state"] == "synced"
        assert contact(rounds, lost)["Phones"]["DEFAULT"]["PhoneNumber"] == "06 2"
        assert await found(rounds) == {}
        deleted(rounds, lost)
        await rounds.turn()
        assert contact(rounds, lost)["ContactStatus"] == "ACTIVE"
        assert list(await found(rounds)) == ["contact_kept"]

    play(story)


def test_a_merged_customer_goes_and_the_other_keeps_the_contact() -> None:
    async def story(rounds: Rounds) -> None:
        lost, kept = await merged(rounds)

        deleted(rounds, lost)
        await rounds.turn()
        edit_in_pipeline(rounds, kept, phone="06 2")
        await rounds.turn()

        assert contact(rounds, kept)["Phones"]["DEFAULT"]["PhoneNumber"] == "06 2"
        assert await found(rounds) == {}

    play(story)


def test_a_customer_deleted_and_made_again_has_its_contact_back() -> None:
    async def story(rounds: Rounds) -> None:
        first = rounds.customer()
        earlier = rounds.invoice(first, "PL-0")
        await rounds.turn()

        deleted(rounds, first)
        await rounds.turn()
        assert "PL-0" in told(rounds, first)["reason"]
        second = rounds.customer()
        invoice = rounds.invoice(second)
        await rounds.turn()

        assert len(contacts(rounds)) == 1
        assert told(rounds, second)["xeroContactId"] == told(rounds, first)["xeroContactId"]
        assert rounds.result(invoice)["state"] == "synced"
        assert await found(rounds) == {}  # nothing of the first is kept but what the second has
        rounds.user(do="edit_line", id=earlier, set={"quantity": 4})
        await rounds.turn()
        assert rounds.result(earlier)["state"] == "synced"

    play(story)


def test_a_contact_goes_over_in_the_round_that_would_have_archived_it() -> None:
    async def story(rounds: Rounds) -> None:
        first = rounds.customer()
        await rounds.turn()

        deleted(rounds, first)
        second = rounds.customer()
        await rounds.turn()

        (only,) = contacts(rounds)
        assert only["ContactStatus"] == "ACTIVE"
        assert told(rounds, second)["xeroContactId"] == only["ContactID"]

    play(story)


def test_an_archived_contact_is_the_next_customers_once_it_is_restored() -> None:
    async def story(rounds: Rounds) -> None:
        first = rounds.customer()
        await rounds.turn()
        deleted(rounds, first)
        await rounds.turn()
        second = rounds.customer()
        invoice = rounds.invoice(second)
        await rounds.turn()
        assert "Restore it there" in rounds.result(invoice)["reason"]

        own = told(rounds, first)["xeroContactId"]
        rounds.xero.do(do="edit_contact", contact=own, set={"ContactStatus": "ACTIVE"})
        await announced(rounds, first, second)

        assert rounds.result(invoice)["state"] == "synced"
        assert told(rounds, second)["xeroContactId"] == own

    play(story)


def test_a_deleted_customers_contact_may_be_chosen_for_another() -> None:
    async def story(rounds: Rounds) -> None:
        first = rounds.customer()
        rounds.invoice(first)
        await rounds.turn()
        deleted(rounds, first)
        await rounds.turn()
        own = XeroContactId(told(rounds, first)["xeroContactId"])
        second = str(rounds.user(do="create_customer", ref="C2", name="Harbour Build")["id"])
        await rounds.turn()
        assert "If it is this customer, link it" in told(rounds, second)["reason"]

        placed = await request_link.place(
            rounds.context, TENANT, PipelineCustomerId(second), LinkRequest(link_to=own), "Ada"
        )
        await rounds.turn()

        assert placed is not None
        assert placed.refusal == ""
        assert told(rounds, second)["xeroContactId"] == own

    play(story)


def test_a_customer_that_comes_back_finds_whose_its_contact_is_now() -> None:
    async def story(rounds: Rounds) -> None:
        first = rounds.customer()
        await rounds.turn()
        deleted(rounds, first)
        second = rounds.customer()
        await rounds.turn()

        rounds.pipeline.tenants[TENANT].books.restore("customer", first, by="Ada")
        await rounds.turn()
        edit_in_pipeline(rounds, second, phone="06 2")
        edit_in_pipeline(rounds, first, phone="06 3")
        invoice = rounds.invoice(first)
        await rounds.turn()

        assert told(rounds, first)["reason"].startswith(
            "Its contact in Xero, Harbour Build, is another customer's too."
        )
        assert rounds.result(invoice)["state"] == "synced"
        assert contact(rounds, second)["Phones"]["DEFAULT"]["PhoneNumber"] == "06 2"
        deleted(rounds, second)
        await rounds.turn()
        assert "reason" not in told(rounds, first)
        assert contact(rounds, first)["ContactStatus"] == "ACTIVE"
        edit_in_pipeline(rounds, first, phone="06 4")
        await rounds.turn()
        assert contact(rounds, first)["Phones"]["DEFAULT"]["PhoneNumber"] == "06 4"
        assert shown(rounds, first)["phone"] == "06 4"

    play(story)
