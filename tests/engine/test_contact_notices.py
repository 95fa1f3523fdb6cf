"""An announced contact is looked at once, and nobody's contact or our own echo never."""

from __future__ import annotations

from syncd.domain.ids import XeroContactId
from syncd.domain.model.settings import Mode
from syncd.domain.rules.allowance import Lane
from syncd.engine import contact_notices
from tests.engine.contact_stories import announced, edit_in_pipeline, edit_in_xero, told
from tests.engine.rounds import Rounds, play
from tests.xero.worlds import TENANT


async def keys(rounds: Rounds, customer: str) -> list[str]:
    """Whom the newest change of the customer's contact in Xero concerns."""
    identifier = XeroContactId(told(rounds, customer)["xeroContactId"])
    (contact,) = (
        await rounds.hall.ledger.contacts_by_id(TENANT, [identifier], lane=Lane.WEBHOOK)
    ).values()
    found = await contact_notices.wanted(rounds.hall, TENANT, {identifier: contact.updated_at})
    return [one.key for one in found]


def test_our_own_writes_come_back_as_events_and_cost_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        assert await keys(rounds, customer) == []

        await rounds.after(5)
        edit_in_pipeline(rounds, customer, email="a@b.test")
        await rounds.turn()
        assert await keys(rounds, customer) == []

    play(story)


def test_a_change_in_xero_is_looked_at_until_a_round_has_seen_it() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.after(5)
        edit_in_xero(rounds, customer, FirstName="Ann")
        assert await keys(rounds, customer) == [customer]

        await announced(rounds, customer)
        assert await keys(rounds, customer) == []

    play(story)


def test_an_archived_contact_is_looked_at_again_when_it_is_restored() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.after(5)
        identifier = told(rounds, customer)["xeroContactId"]
        for status in ("ARCHIVED", "ACTIVE"):
            edit = {"ContactStatus": status}
            rounds.xero.do(do="edit_contact", contact=identifier, set=edit)
            assert await keys(rounds, customer) == [customer]
            await announced(rounds, customer)
            assert await keys(rounds, customer) == []
            await rounds.after(5)

    play(story)


def test_nobodys_contact_is_left_alone() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        made = rounds.xero.do(do="create_contact", set={"Name": "A supplier"})
        at = {XeroContactId(made["ContactID"]): rounds.hall.now()}

        assert await contact_notices.wanted(rounds.hall, TENANT, at) == ()
        assert await contact_notices.wanted(rounds.hall, TENANT, {}) == ()

    play(story)
