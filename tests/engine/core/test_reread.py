"""What Pipeline's feed brought garbled is read again, and goes without a new version."""

from __future__ import annotations

import pytest

from syncd.engine.core.reread import MOST
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found

FEED = {"path": "changes"}


def garble(rounds: Rounds, put: str, *, everywhere: bool) -> None:
    rule = {"do": "rewritten", "find": '"website":null', "put": put, "times": 1000}
    other = {"do": "rewritten", "find": '"reference":"ODD"', "put": '"reference":1', "times": 1000}
    where = {} if everywhere else {"match": FEED}
    rounds.pipeline.faults.set([{**(other if "reference" in put else rule), **where}])


def test_an_entry_garbled_in_the_feed_alone_goes_at_once() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-odd", reference="ODD")
        garble(rounds, "reference", everywhere=False)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"
        assert await found(rounds) == {}

    play(story)


@pytest.mark.parametrize("kind", ["invoice", "customer"])
def test_what_pipeline_mends_without_a_new_version_goes_at_the_next_look(kind: str) -> None:
    async def story(rounds: Rounds) -> None:
        put = "reference" if kind == "invoice" else '"website":7'
        garble(rounds, put, everywhere=True)
        invoice = rounds.invoice(rounds.customer(), "PL-odd", reference="ODD")
        await rounds.turn()
        assert rounds.result(invoice)["state"] == "waiting"

        rounds.pipeline.faults.set([])
        await rounds.after(400, step_s=100)

        assert rounds.result(invoice)["state"] == "synced"
        assert await found(rounds) == {}

    play(story, recheck_s=86_400.0)


def test_one_mended_behind_many_that_are_not_has_its_turn_too() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        odd = [rounds.invoice(customer, f"PL-{n}", reference="ODD") for n in range(MOST + 10)]
        mended = odd[:2] + odd[-2:]
        garble(rounds, "reference", everywhere=True)
        await rounds.turn()
        assert {rounds.result(one)["state"] for one in odd} == {"waiting"}

        still = {"do": "rewritten", "find": '"reference":"ODD"', "put": '"reference":1'}
        paths = [{"path": f"invoices/{one}"} for one in odd if one not in mended]
        rounds.pipeline.faults.set([{**still, "match": path, "times": None} for path in paths])
        await rounds.after(1500, step_s=100)

        assert {rounds.result(one)["state"] for one in mended} == {"synced"}

    play(story, recheck_s=86_400.0)
