"""A list of contacts answers as Xero would; what came after it was read is read."""

from __future__ import annotations

from typing import Any

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import ContactStatus
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.plans.contact_index import ContactIndex
from syncd.ports.ledger import ContactText
from tests.domain import builders
from tests.engine.support.rounds import Rounds, play
from tests.xero.support.worlds import TENANT


def test_a_list_answers_as_xero_would() -> None:
    async def story(rounds: Rounds) -> None:
        for fields in (
            {"Name": "One", "AccountNumber": "R1", "ContactNumber": "mark-1"},
            {"Name": "Two", "AccountNumber": "R1"},
            {"Name": "Three"},
        ):
            rounds.xero.do(do="create_contact", set=fields)
        ledger = rounds.context.ledger
        listed = (await ledger.all_contacts(TENANT, page=1, lane=Lane.SWEEP)).rows
        index = ContactIndex(ledger, listed)

        for each, texts in (
            (ContactText.NUMBER, ["mark-1", "mark-2"]),
            (ContactText.ACCOUNT_NUMBER, ["R1", "r1"]),
            (ContactText.NAME, ["ONE", "three", "four"]),
        ):
            here = await index.contacts_by(TENANT, each, texts, lane=Lane.WRITE)
            there = await ledger.contacts_by(TENANT, each, texts, lane=Lane.WRITE)
            assert {one.id for one in here} == {one.id for one in there}
        assert rounds.calls("GET Contacts") > 0

    play(story)


def test_what_came_since_the_list_is_read() -> None:
    async def story(rounds: Rounds) -> None:
        index = ContactIndex(rounds.context.ledger, ())
        made = rounds.xero.do(do="create_contact", set={"Name": "Late"})
        wanted = [
            XeroContactId(made["ContactID"]),
            XeroContactId("00000000-0000-4000-8000-000000000000"),
        ]

        found = await index.contacts_by_id(TENANT, wanted, lane=Lane.WRITE)

        assert [one.name for one in found] == ["Late"]

    play(story)


def test_a_person_chooses_between_active_ones() -> None:
    customer = builders.customer(ref="R1", name="Harbour")
    same = builders.live_contact(id=XeroContactId("a"), account_number="R1", name="x", number="")
    namesake = builders.live_contact(
        id=XeroContactId("b"), name="HARBOUR", number="", account_number=""
    )
    old = builders.live_contact(
        id=XeroContactId("c"), account_number="R1", name="y", status=ContactStatus.ARCHIVED
    )
    ledger: Any = None

    assert ContactIndex(ledger, (old, namesake, same)).candidates(customer) == ("a", "b")
