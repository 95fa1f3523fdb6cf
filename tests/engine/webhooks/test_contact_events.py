"""An announced contact is looked at once, and nobody's contact or our own echo never."""

from __future__ import annotations

from datetime import datetime, timedelta

from syncd.domain.ids import XeroContactId
from syncd.domain.model.inbox import Category, InboxState, NoticeOutcome
from syncd.domain.model.settings import Mode
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.webhooks import contact_events
from syncd.store.inbox import Notice
from tests.engine.support.contact_stories import announced, edit_in_pipeline, edit_in_xero, told
from tests.engine.support.rounds import Rounds, play
from tests.xero.support.worlds import TENANT


def notice(contact: str, at: datetime, number: int = 1) -> Notice:
    return Notice(
        id=number,
        category=Category.CONTACT,
        resource_id=contact,
        resource_type="",
        happened_at=at,
        received_at=at,
    )


async def newest(rounds: Rounds, customer: str) -> Notice:
    """The event of the newest change of the customer's contact in Xero."""
    identifier = XeroContactId(told(rounds, customer)["xeroContactId"])
    (contact,) = await rounds.context.ledger.contacts_by_id(TENANT, [identifier], lane=Lane.WEBHOOK)
    return notice(identifier, contact.updated_at)


async def keys(rounds: Rounds, customer: str) -> list[str]:
    """Whom that event concerns."""
    one = await newest(rounds, customer)
    found = await contact_events.concerned(rounds.context, TENANT, [one])
    verdict = NoticeOutcome.CONTACT if found.keys else NoticeOutcome.COVERED
    assert found.ended == ((one, InboxState.DONE, verdict),)
    return [*found.keys]


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


def test_newest_of_several_events_says_whether_a_contact_was_seen() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.after(5)
        seen = await newest(rounds, customer)
        later = notice(seen.resource_id, seen.happened_at + timedelta(seconds=1), 2)

        for heap in ([seen, later], [later, seen]):
            found = await contact_events.concerned(rounds.context, TENANT, heap)
            assert found.keys == (customer,)
            assert {one[2] for one in found.ended} == {NoticeOutcome.CONTACT}

    play(story)


def test_nobodys_contact_is_left_alone() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        made = rounds.xero.do(do="create_contact", set={"Name": "A supplier"})
        one = notice(made["ContactID"], rounds.context.now())

        found = await contact_events.concerned(rounds.context, TENANT, [one])
        assert found.keys == ()
        assert found.ended == ((one, InboxState.IGNORED, NoticeOutcome.NOT_OURS),)
        nothing = await contact_events.concerned(rounds.context, TENANT, [])
        assert (nothing.keys, nothing.ended) == ((), ())

    play(story)
