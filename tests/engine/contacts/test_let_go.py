"""Who waits for what another customer has of Xero goes on once that one has let it go."""

from __future__ import annotations

from typing import Any

from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.settings import CreateContacts
from syncd.engine.contacts import request_link
from syncd.engine.contacts.link_requests import LinkRequest
from tests.engine.support.contact_stories import announced, contact, edit_in_pipeline, told
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found
from tests.xero.support.worlds import TENANT


async def link(rounds: Rounds, customer: str, made: dict[str, Any]) -> None:
    """A person links this customer to that contact."""
    link_request = LinkRequest(link_to=XeroContactId(made["ContactID"]))
    who = PipelineCustomerId(customer)
    placed = await request_link.place(rounds.context, TENANT, who, link_request, "Ada")
    assert placed is not None
    assert placed.refusal == ""
    await rounds.turn()


def another(rounds: Rounds, **fields: Any) -> str:
    made = rounds.user(do="create_customer", **{"ref": "C2", "name": "Harbour Group", **fields})
    return str(made["id"])


def test_a_contact_that_another_customer_leaves_is_known_at_once() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(create_contacts=CreateContacts.NEVER)
        made = rounds.xero.do(do="create_contact", set={"Name": "X", "AccountNumber": "C2"})
        other = rounds.xero.do(do="create_contact", set={"Name": "Y"})
        wrong = rounds.customer()
        await rounds.turn()
        await link(rounds, wrong, made)
        right = another(rounds)
        await rounds.turn()
        assert "another customer's" in told(rounds, right)["reason"]

        await link(rounds, wrong, other)

        assert told(rounds, right)["xeroContactId"] == made["ContactID"]

    play(story)


def test_a_shared_contact_is_its_last_customers_as_soon_as_the_other_leaves_it() -> None:
    async def story(rounds: Rounds) -> None:
        lost, kept = rounds.customer(), another(rounds)
        await rounds.turn()
        shared = told(rounds, kept)["xeroContactId"]
        rounds.xero.do(do="merge", contact=told(rounds, lost)["xeroContactId"], into=shared)
        await announced(rounds, lost)
        edit_in_pipeline(rounds, lost, phone="06 2")
        await rounds.turn()
        assert list(await found(rounds)) == ["contacts_merged"]

        await link(rounds, kept, rounds.xero.do(do="create_contact", set={"Name": "Its own"}))

        assert "reason" not in told(rounds, lost)
        assert await found(rounds) == {}
        assert contact(rounds, lost)["ContactID"] == shared
        assert contact(rounds, lost)["Phones"]["DEFAULT"]["PhoneNumber"] == "06 2"

    play(story)


def test_a_name_that_pipeline_takes_from_a_contact_is_free_for_the_next_at_once() -> None:
    async def story(rounds: Rounds) -> None:
        first = rounds.customer()
        await rounds.turn()
        second = another(rounds, name="Harbour Build")
        await rounds.turn()
        assert told(rounds, second)["state"] == "waiting"

        edit_in_pipeline(rounds, first, name="Old Harbour")
        await rounds.turn()

        assert told(rounds, second)["state"] == "synced"
        assert contact(rounds, second)["Name"] == "Harbour Build"

    play(story)


def test_a_name_is_free_at_once_where_its_deleted_customers_contact_is_archived() -> None:
    async def story(rounds: Rounds) -> None:
        first = rounds.customer()
        await rounds.turn()
        second = another(rounds, name="Harbour Build")
        await rounds.turn()

        rounds.user(do="delete_customer", id=first)
        await rounds.turn()

        assert contact(rounds, first)["ContactStatus"] == "ARCHIVED"
        assert told(rounds, second)["state"] == "synced"

    play(story)
