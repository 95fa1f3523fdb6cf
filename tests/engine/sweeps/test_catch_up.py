"""After a reconnection everything that moved is read, and told, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.errors import RemoteError
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.engine.connection.gate import catch_up_wanted
from syncd.engine.feed import write_back
from syncd.engine.sweeps import catch_up
from syncd.engine.sweeps.catch_up import catch_up_once
from syncd.store import catch_ups
from tests.engine.support import sweeping
from tests.engine.support.rounds import LINE, Rounds, play

MOST_TURNS = 50


async def standing(rounds: Rounds) -> tuple[str, ...]:
    found = await rounds.context.store.fetch(catch_ups.get(rounds.tenant))
    return tuple(one.step for one in found)


async def caught_up(rounds: Rounds) -> None:
    """Turns to the end, Pipeline told whenever it is asked for."""
    for _ in range(MOST_TURNS):
        delay_s = await catch_up_once(rounds.context, rounds.tenant)
        if delay_s is None:
            return
        if delay_s > 0:
            await write_back.write_once(rounds.context, rounds.tenant)
    raise AssertionError("the reading never ends")


async def away_and_back(rounds: Rounds, numbers: Sequence[str] = ("PL-1", "PL-2")) -> list[str]:
    """Two synced invoices, swept; the first is paid in Xero and the second edited in Pipeline."""
    customer = rounds.customer()
    await rounds.turn()
    made = [rounds.invoice(customer, number) for number in numbers]
    await rounds.turn()
    await sweeping.swept(rounds)
    paid, edited = made
    rounds.xero.do(do="pay", invoice=rounds.xero_id(paid), amount="100.00")
    rounds.user(do="edit_invoice", id=edited, set={"lines": [LINE | {"quantity": 9}]})
    now = rounds.context.now()
    await rounds.context.store.run(catch_up_wanted(rounds.tenant, now))
    return made


def payments(rounds: Rounds, invoice: str) -> list[str]:
    told = rounds.pipeline.dump()["tenants"][rounds.tenant]["payments"].get(invoice, {})
    return [one["status"] for one in told.values()]


def test_payment_made_while_away_is_in_pipeline_before_the_first_write() -> None:
    async def story(rounds: Rounds) -> None:
        paid, edited = await away_and_back(rounds)
        written = rounds.calls("POST Invoices")

        await caught_up(rounds)

        assert payments(rounds, paid) == ["Authorised"]
        assert rounds.calls("POST Invoices") == written
        assert await standing(rounds) == ()
        await rounds.turn()
        assert rounds.result(edited)["syncedVersion"] == 2

    play(story)


def test_reading_goes_on_after_a_death_where_it_stood() -> None:
    async def story(rounds: Rounds) -> None:
        paid, _ = await away_and_back(rounds)
        await catch_up_once(rounds.context, rounds.tenant)
        assert await standing(rounds) == (str(Task.INVOICES),)
        before = rounds.calls("GET Accounts")

        await caught_up(rounds)

        assert rounds.calls("GET Accounts") == before
        assert payments(rounds, paid) == ["Authorised"]

    play(story)


def test_reading_that_fails_is_no_reading() -> None:
    async def story(rounds: Rounds) -> None:
        paid, _ = await away_and_back(rounds)
        await catch_up_once(rounds.context, rounds.tenant)
        rounds.fault(match={"method": "GET", "path": "/Invoices"}, do="throttle", times=1)

        failed = False
        try:
            await catch_up_once(rounds.context, rounds.tenant)
        except RemoteError:
            failed = True

        assert failed
        assert await standing(rounds) == (str(Task.INVOICES),)
        assert payments(rounds, paid) == []

    play(story)


def test_reconnected_again_while_it_reads_it_begins_anew() -> None:
    async def story(rounds: Rounds) -> None:
        await away_and_back(rounds)
        await catch_up_once(rounds.context, rounds.tenant)

        async def reconnected() -> None:
            await rounds.context.store.run(catch_up_wanted(rounds.tenant, rounds.context.now()))

        rounds.interrupt("invoice_changes", reconnected)
        await catch_up_once(rounds.context, rounds.tenant)

        assert await standing(rounds) == ("wanted",)

    play(story)


def test_pipeline_that_is_down_keeps_nobody_from_writing() -> None:
    async def story(rounds: Rounds) -> None:
        await away_and_back(rounds)
        delay_s: float | None = 0.0
        while delay_s == 0.0:
            delay_s = await catch_up_once(rounds.context, rounds.tenant)
        assert delay_s == catch_up.TELLING_DELAY_S
        away = {"match": {"path": "/sync-results"}, "do": "unavailable", "times": 9}
        rounds.pipeline.faults.set([away])

        told = False
        try:
            await write_back.write_once(rounds.context, rounds.tenant)
            told = True
        except RemoteError:
            delay_s = await catch_up_once(rounds.context, rounds.tenant)

        assert not told
        assert delay_s is None

    play(story)
