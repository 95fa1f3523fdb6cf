"""Work is never stuck in a lease."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from syncd.domain.ids import IncarnationId
from syncd.domain.model.job import Job, JobKind
from syncd.domain.model.settings import CreateContacts, XeroEdits
from syncd.domain.rules.queue.outcome import Transient
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.feed import intake
from syncd.engine.invoices.kind import INVOICES
from syncd.engine.loops import worker
from syncd.engine.recovery import lease_reaper
from syncd.engine.writes import push
from syncd.store import jobs, results
from syncd.store.results import ResultKind
from tests.engine.support import sweeping
from tests.engine.support.rounds import COST_CODES, Rounds, play
from tests.xero.support import worlds


async def _claim(rounds: Rounds, *, lease_s: float, now: datetime | None = None) -> tuple[Job, ...]:
    """What is ready, claimed for so long by a clock that says `now`."""
    context = rounds.context
    now = now or context.now()
    claim = jobs.claim(
        rounds.tenant,
        JobKind.PUSH_INVOICE,
        incarnation=context.incarnation,
        now=now,
        lease_until=now + timedelta(seconds=lease_s),
        limit=50,
    )
    return await context.store.run(claim)


def test_a_new_incarnation_frees_what_the_one_before_had_claimed() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        context = rounds.context
        await intake.poll_once(context, rounds.tenant)
        assert len(await _claim(rounds, lease_s=86_400)) == 1

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
        await _claim(rounds, lease_s=1)
        await rounds.after(5)
        assert rounds.result(invoice) == {}

        await lease_reaper.rescue_once(context)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


PUT = {"method": "PUT", "path": "/Invoices"}


async def _claimed(rounds: Rounds) -> tuple[str, tuple[Job, ...]]:
    """A new invoice, and the claim of it."""
    customer = rounds.customer()
    await rounds.turn()
    invoice = rounds.invoice(customer)
    await intake.poll_once(rounds.context, rounds.tenant)
    return invoice, await _claim(rounds, lease_s=rounds.context.limits.lease_s)


async def _lost(rounds: Rounds) -> None:
    """Time passes until every lease of now has run out, and they are freed."""
    await worlds.passes(rounds.context.limits.lease_s + 1)
    await lease_reaper.rescue_once(rounds.context)


def test_a_round_that_lost_its_claim_says_nothing_of_what_another_has_settled() -> None:
    """Seed 913040, without rechecks."""

    async def story(rounds: Rounds) -> None:
        invoice, claimed = await _claimed(rounds)

        async def slow(context: Any, tenant: Any, some: Any) -> Any:
            await _lost(rounds)
            rounds.fault(do="drop_after_commit", match=PUT, times=1)
            await worker.drain_once(context, tenant, is_open=lambda _: True)
            loaded = await INVOICES.load(context, tenant, some)
            assert [one.open_intent is not None for one in loaded] == [True]
            await rounds.after(60)
            assert rounds.result(invoice)["state"] == "synced"
            return loaded

        await push.push(replace(INVOICES, load=slow), rounds.context, rounds.tenant, claimed)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"
        assert len(rounds.books()) == 1

    play(story)


def test_a_claim_may_be_lost_before_its_own_clock_says_so() -> None:
    """Another replica's clock is ahead."""

    async def story(rounds: Rounds) -> None:
        invoice, claimed = await _claimed(rounds)
        context, tenant = rounds.context, rounds.tenant
        loaded = await INVOICES.load(context, tenant, claimed)
        ahead = context.now() + timedelta(seconds=context.limits.lease_s + 1)
        await context.store.run(jobs.rescue_leases(ahead))
        assert len(await _claim(rounds, lease_s=context.limits.lease_s, now=ahead)) == 1
        before = await context.store.fetch(jobs.get(tenant, JobKind.PUSH_INVOICE, [invoice]))

        changeset = ChangeSet(context, tenant, JobKind.PUSH_INVOICE)
        for one in loaded:
            INVOICES.settle(changeset, one, Transient(why="Xero fails."))
        await changeset.commit()

        after = await context.store.fetch(jobs.get(tenant, JobKind.PUSH_INVOICE, [invoice]))
        assert after == before
        assert (
            await context.store.fetch(results.contents(tenant, ResultKind.INVOICE, [invoice])) == ()
        )

    play(story)


def test_a_round_that_lost_its_claim_sends_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        invoice, claimed = await _claimed(rounds)

        async def decided(changeset: Any, some: Any) -> Any:
            chosen = await INVOICES.decide(changeset, some)
            assert len(chosen) == 1
            await _lost(rounds)
            await rounds.turn()
            assert rounds.result(invoice)["state"] == "synced"
            return chosen

        await push.push(replace(INVOICES, decide=decided), rounds.context, rounds.tenant, claimed)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"
        assert len(rounds.books()) == 1
        assert rounds.calls("PUT Invoices") == 1

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
