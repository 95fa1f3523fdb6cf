"""What Xero drops or alters of a contact as it takes it is never agreed in silence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.support.contact_stories import (
    announced,
    contact,
    edit_in_pipeline,
    edit_in_xero,
    entries,
    shown,
    told,
)
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found

ALTERATIONS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"drops_phones": True}, {"phone": "06 1"}, "phone"),
    ({"cuts_names": 7}, {"lastName": "Build"}, "name"),
    ({"drops_emoji": True}, {"firstName": "Ann 🚧"}, "first name"),
]


def alters(rounds: Rounds, **switches: Any) -> None:
    rounds.xero.world.switches.turn(switches)


@pytest.mark.parametrize(("switches", "fields", "field"), ALTERATIONS)
@pytest.mark.parametrize("is_lost", [False, True])
def test_what_xero_altered_of_a_new_contact_is_out_of_sync_and_nobodys_edit(
    switches: dict[str, Any], fields: dict[str, Any], field: str, is_lost: bool
) -> None:
    async def story(rounds: Rounds) -> None:
        alters(rounds, **switches)
        if is_lost:
            match = {"method": "PUT", "path": "/Contacts"}
            rounds.fault(match=match, do="drop_after_commit", times=1)
        customer = rounds.customer(**fields)
        before = shown(rounds, customer)
        invoice = rounds.invoice(customer)

        await rounds.after(60)

        assert told(rounds, customer)["state"] == "waiting"
        assert told(rounds, customer)["reason"].startswith(
            f"Xero took what was sent, but shows something else in its place: {field}."
        )
        assert shown(rounds, customer) == before
        assert rounds.result(invoice)["state"] == "synced"
        assert [one for one in await entries(rounds, customer) if f"({field})" in one]
        (one,) = (await found(rounds))["contact_altered"]
        assert one.key == customer
        assert rounds.calls("PUT Contacts") == 1
        assert rounds.calls("POST Contacts") == 0

    play(story)


def test_an_update_that_xero_alters_is_out_of_sync_in_that_field_alone() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(phone="06 1", email="a@b.test")
        await rounds.turn()
        alters(rounds, drops_phones=True)

        edit_in_pipeline(rounds, customer, phone="06 2", email="new@b.test")
        await rounds.after(7200, step_s=600)

        assert "in its place: phone." in told(rounds, customer)["reason"]
        assert contact(rounds, customer)["EmailAddress"] == "new@b.test"
        assert shown(rounds, customer)["phone"] == "06 2"
        assert rounds.calls("POST Contacts") == 1

    play(story)


@pytest.mark.parametrize("by", ["pipeline", "xero", "next word"])
def test_what_xero_altered_is_settled_by_whoever_moves_it(by: str) -> None:
    async def story(rounds: Rounds) -> None:
        alters(rounds, drops_emoji=True)
        customer = rounds.customer(firstName="Ann 🚧", lastName="Lee")
        await rounds.turn()
        assert told(rounds, customer)["state"] == "waiting"

        if by == "pipeline":
            edit_in_pipeline(rounds, customer, firstName="Ann")
        elif by == "xero":
            edit_in_xero(rounds, customer, FirstName="Anna")
            await announced(rounds, customer)
        else:
            alters(rounds, drops_emoji=False)
            edit_in_pipeline(rounds, customer, firstName="Ann 🛠")
        await rounds.after(60)

        assert told(rounds, customer)["state"] == "synced"
        assert contact(rounds, customer)["FirstName"] == shown(rounds, customer)["firstName"]
        assert "contact_altered" not in await found(rounds)

    play(story)


def test_normal_forms_of_a_contact_are_agreed() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.user(
            do="create_customer", ref="C1", name="Harbour  <Build> ", firstName=" Ann ", phone=" "
        )["id"]

        await rounds.turn()

        assert told(rounds, customer)["state"] == "synced"
        assert "contact_altered" not in await found(rounds)

    play(story)
