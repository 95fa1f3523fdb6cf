"""Settings are read when missing or in doubt, and a read releases what waited for it."""

from __future__ import annotations

from syncd.engine.core import organisation_settings
from tests.engine.support.rounds import LINE, Rounds, play


def test_settings_are_read_once_and_remembered() -> None:
    async def story(rounds: Rounds) -> None:
        first = await organisation_settings.current(rounds.context, rounds.tenant)
        again = await organisation_settings.current(rounds.context, rounds.tenant)

        assert first == again
        assert rounds.calls("GET Accounts") == 1

    play(story)


def test_a_no_by_old_settings_is_confirmed_by_a_read_before_anyone_is_told() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.invoice(customer, "PL-0")
        await rounds.turn()
        rounds.xero.do(do="account", code="200", status="ARCHIVED")
        rounds.xero.do(do="account", code="200", status="ACTIVE")
        await rounds.after(400, step_s=100)
        reads = rounds.calls("GET Accounts")

        invoice = rounds.invoice(customer, "PL-1", lines=[{**LINE, "accountCode": "999"}])
        await rounds.turn()

        assert rounds.calls("GET Accounts") == reads + 1
        assert rounds.result(invoice)["reasonCode"] == "account_unmapped"

    play(story)


def test_a_read_of_settings_releases_what_waited_for_newer_ones() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.xero.do(do="account", code="200", status="ARCHIVED")
        invoice = rounds.invoice(customer)
        await rounds.turn()
        assert rounds.result(invoice)["reasonCode"] == "account_unmapped"

        rounds.xero.do(do="account", code="200", status="ACTIVE")
        await organisation_settings.read(rounds.context, rounds.tenant)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story)
