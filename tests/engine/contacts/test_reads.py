"""Contacts are read to where their merges end, each once, and a shared one has one owner."""

from __future__ import annotations

from syncd.domain.ids import XeroContactId
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.settings import CreateContacts
from syncd.engine.contacts import loaded_customer, reads
from syncd.ports.rows import Rows
from syncd.store import intents, links
from syncd.store.links import Link
from tests.domain import builders
from tests.engine.support.contact_stories import announced, told
from tests.engine.support.rounds import Rounds, play
from tests.xero.support.worlds import TENANT


def test_merges_are_read_to_their_end_in_a_call_per_step() -> None:
    async def story(rounds: Rounds) -> None:
        made = [
            XeroContactId(rounds.xero.do(do="create_contact", set={"Name": name})["ContactID"])
            for name in ("One", "Two", "Three")
        ]
        rounds.xero.do(do="merge", contact=made[0], into=made[1])
        rounds.xero.do(do="merge", contact=made[1], into=made[2])

        found = await reads.to_the_end(rounds.context.ledger, TENANT, [made[0], made[0]])

        assert [one.name for one in found] == ["One", "Two", "Three"]
        assert rounds.calls("GET Contacts") == 3
        assert await reads.to_the_end(rounds.context.ledger, TENANT, []) == Rows()

    play(story)


def test_a_contact_two_customers_share_is_its_own_customers() -> None:
    async def story(rounds: Rounds) -> None:
        lost = rounds.customer()
        kept = str(rounds.user(do="create_customer", ref="C2", name="Kept")["id"])
        await rounds.turn()
        survivor = XeroContactId(told(rounds, kept)["xeroContactId"])
        rounds.xero.do(do="merge", contact=told(rounds, lost)["xeroContactId"], into=survivor)
        await announced(rounds, lost)

        assert await loaded_customer.owners(rounds.context, TENANT, [survivor]) == {survivor: kept}
        assert await loaded_customer.owners(rounds.context, TENANT, []) == {}

    play(story)


def test_a_contact_whose_create_is_uncertain_is_no_other_customers() -> None:
    """Another customer has the reference it was made under, and meets it before the first does."""

    async def story(rounds: Rounds) -> None:
        match = {"method": "PUT", "path": "/Contacts"}
        rounds.fault(match=match, do="drop_after_commit", times=1)
        first = str(rounds.user(do="create_customer", ref="C2", name="First")["id"])
        await rounds.turn()
        second = str(rounds.user(do="create_customer", ref="C2", name="Second")["id"])

        await rounds.after(60)

        assert told(rounds, first)["state"] == "synced"
        assert told(rounds, second)["state"] == "waiting"
        assert told(rounds, second).get("xeroContactId") is None

    play(story)


LOST_UPDATE = {"match": {"method": "POST", "path": "/Contacts"}, "do": "drop_before_commit"}


async def uncertain_of_a_persons_contact(rounds: Rounds) -> tuple[str, str]:
    """A customer that is being linked to a contact with its reference: nobody knows the outcome."""
    wanted = {"Name": "Made by hand", "AccountNumber": "C2"}
    contact = rounds.xero.do(do="create_contact", set=wanted)["ContactID"]
    rounds.fault(**LOST_UPDATE, times=1)
    first = str(rounds.user(do="create_customer", ref="C2", name="First")["id"])
    await rounds.turn()
    return first, contact


def test_a_contact_whose_update_is_uncertain_is_no_other_customers() -> None:
    async def story(rounds: Rounds) -> None:
        first, contact = await uncertain_of_a_persons_contact(rounds)
        second = str(rounds.user(do="create_customer", ref="C2", name="Second")["id"])

        await rounds.after(900, step_s=20)

        assert (told(rounds, first)["state"], told(rounds, second)["state"]) == (
            "synced",
            "waiting",
        )
        assert told(rounds, first)["xeroContactId"] == contact

    play(story)


def test_a_contact_that_became_anothers_while_a_write_was_uncertain_ends_it() -> None:
    """The customer waits for a person then, and no other work of the tenant waits with it."""

    async def story(rounds: Rounds) -> None:
        first, contact = await uncertain_of_a_persons_contact(rounds)
        another = Link[ContactBase](
            key="another",
            xero_id=contact,
            is_ours=False,
            xero_status="ACTIVE",
            xero_number="Made by hand",
            seen_at=rounds.context.now(),
        )
        await rounds.context.store.run(links.put_customers(TENANT, [another]))

        await rounds.after(900, step_s=20)

        assert told(rounds, first)["state"] == "waiting"
        assert await rounds.context.store.fetch(intents.open_of_tenant(TENANT)) == ()

    play(story)


def test_a_mark_is_of_a_known_customer_that_stands_for_no_contact() -> None:
    async def story(rounds: Rounds) -> None:
        linked = rounds.customer()
        await rounds.turn()
        rounds.choose(create_contacts=CreateContacts.NEVER)
        lonely = str(rounds.user(do="create_customer", ref="C2", name="Lonely")["id"])
        await rounds.turn()
        contacts = [
            builders.live_contact(id=f"contact-{index}", number=number)
            for index, number in enumerate([linked, lonely, "no customer", ""])
        ]

        assert await reads.marked(rounds.context, TENANT, contacts) == {"contact-1": lonely}

    play(story)
