"""Work is never stuck in a lease."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.domain.ids import IncarnationId
from syncd.domain.model.job import JobKind
from syncd.domain.model.settings import CreateContacts, XeroEdits
from syncd.engine.feed import intake
from syncd.engine.recovery import lease_reaper
from syncd.store import jobs
from tests.engine.support import sweeping
from tests.engine.support.rounds import COST_CODES, Rounds, play


def test_a_new_incarnation_frees_what_the_one_before_had_claimed() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        context = rounds.context
        await intake.poll_once(context, rounds.tenant)
        now = context.now()
        claim = jobs.claim(
            rounds.tenant,
            JobKind.PUSH_INVOICE,
            incarnation=context.incarnation,
            now=now,
            lease_until=now + timedelta(days=1),
            limit=50,
        )
        assert len(await context.store.run(claim)) == 1

        rounds.context = replace(context, incarnation=IncarnationId("boot-2"))
        await lease_reaper.start_up(rounds.context)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_a_lease_that_ran_out_is_freed_on_the_beat() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        context = rounds.context
        await intake.poll_once(context, rounds.tenant)
        now = context.now()
        claim = jobs.claim(
            rounds.tenant,
            JobKind.PUSH_INVOICE,
            incarnation=context.incarnation,
            now=now,
            lease_until=now + timedelta(seconds=1),
            limit=50,
        )
        await context.store.run(claim)
        await rounds.after(5)
        assert rounds.result(invoice) == {}

        await lease_reaper.rescue_once(context)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"create_contacts": CreateContacts.NEVER}, {"create_contacts": CreateContacts.ALWAYS}),
        ({"cost_codes": {}}, {"cost_codes": COST_CODES}),
    ],
    ids=["contacts", "accounts"],
)
def test_what_waits_for_a_choice_goes_once_it_is_made(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(**before)
        await lease_reaper.apply_choices(rounds.context)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        assert rounds.result(invoice)["state"] == "waiting"

        rounds.choose(**after)
        await lease_reaper.apply_choices(rounds.context)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story, recheck_s=1e7)


def test_edits_in_xero_that_are_accepted_from_now_on_wait_no_longer() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.turn()
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), set={"Reference": "by hand"})
        await sweeping.swept(rounds)
        assert rounds.result(invoice)["state"] == "out_of_sync"

        rounds.choose(xero_edits=XeroEdits.ACCEPT)
        await lease_reaper.apply_choices(rounds.context)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story, recheck_s=1e7)
