"""Every commit of the loops that keep the store in order, and of what people order, may be last.

Stories as in `test_every_commit`; together they leave no loop of the schedule out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from syncd.domain.ids import IncarnationId, PipelineCustomerId, XeroContactId
from syncd.domain.model.job import JobKind, Reason
from syncd.engine.connection.gate import catch_up_wanted
from syncd.engine.contacts import request_link
from syncd.engine.contacts.link_requests import LinkRequest
from syncd.engine.core import tenant_mode, wall_clock
from syncd.engine.core.wall_clock import CarriedClock
from syncd.engine.loops import retention, sampler, schedule, waiting_results
from syncd.engine.operator.release_brake import BrakeService
from syncd.engine.recovery import lease_reaper
from syncd.engine.sweeps import catch_up
from syncd.engine.webhooks import inbox
from syncd.sandbox.seed import COST_CODES
from syncd.store import jobs
from tests.engine import test_every_commit, test_every_commit_connection
from tests.engine.loops.test_schedule import PLENTY, loops
from tests.engine.operator.test_fresh_reads import desk_of
from tests.engine.support.coming_back import Coming
from tests.engine.support.contact_stories import contacts
from tests.engine.support.dying import BOOT, Story, every_commit, go_by
from tests.engine.support.operating import Column
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.set_clock import Wall
from tests.engine.test_every_commit import (
    edited,
    known_to_pipeline,
    paid,
    paid_in_silence,
    synced,
    uncertain,
)
from tests.xero.support import worlds
from tests.xero.support.worlds import TENANT

LONG_AGO_S = 1000.0


def _ids(coming: Coming, kind: str) -> list[str]:
    return list(coming.rounds.pipeline.tenants[TENANT].books.ids(kind))


# --- loops


async def _left_leased(coming: Coming) -> None:
    """A worker took three invoices in hand, and was lost."""
    await known_to_pipeline(coming)
    await coming.rounds._poll()
    context = coming.context
    await context.store.run(
        jobs.claim(
            TENANT,
            JobKind.PUSH_INVOICE,
            incarnation=IncarnationId("lost"),
            now=context.now(),
            lease_until=context.after(120),
            limit=10,
        )
    )
    await worlds.passes(130)


async def _rescued(coming: Coming) -> None:
    await lease_reaper.rescue_once(coming.context)
    await coming.rounds.turn()


async def _old(coming: Coming) -> None:
    """Writes and events that ended long ago, and one write whose outcome nobody knows."""
    await uncertain(coming)
    await coming.after(2)
    await worlds.passes(LONG_AGO_S)
    limits = replace(
        coming.context.limits, keep_writes_s=LONG_AGO_S / 2, keep_events_s=LONG_AGO_S / 2
    )
    coming.rounds.context = replace(coming.context, limits=limits)


async def _forgotten(coming: Coming) -> None:
    await retention.forget_once(coming.context)


async def _set_clock(coming: Coming, by: timedelta) -> None:
    """Uncertain writes wait for their looks, and somebody sets the machine's clock."""
    wall = Wall(coming.context.clock)
    go_by(coming, CarriedClock(wall, BOOT))
    await uncertain(coming)
    wall.set_by = by


async def _set_back(coming: Coming) -> None:
    await _set_clock(coming, timedelta(hours=-1))


async def _set_forward(coming: Coming) -> None:
    await _set_clock(coming, timedelta(hours=1))


async def _followed(coming: Coming) -> None:
    await wall_clock.follow_once(coming.context, cast("CarriedClock", coming.context.clock))
    await coming.rounds.turn()


async def _slow(coming: Coming) -> None:
    """Queued for longer than people are left without a word."""
    await edited(coming)
    await coming.rounds._poll()
    await worlds.passes(waiting_results.SLOW_S + 1)


async def _told_of_waits(coming: Coming) -> None:
    await waiting_results.tell_once(coming.context, TENANT, closed_by=lambda _: None)
    await coming.rounds._tell()


async def _away(coming: Coming) -> None:
    """Money and edits in Xero, and an edit in Pipeline, while the tenant was not connected."""
    await paid_in_silence(coming)
    first, *_ = _ids(coming, "invoice")
    coming.rounds.user(do="edit_invoice", id=first, set={"reference": "PO 9"})
    await coming.context.store.run(catch_up_wanted(TENANT, coming.context.now()))


async def _caught_up(coming: Coming) -> None:
    while await catch_up.catch_up_once(coming.context, TENANT) is not None:
        await coming.rounds._tell()
    await coming.rounds.turn()


async def _sampled(coming: Coming) -> None:
    await sampler.sample_once(coming.context, gates=Column(), allowance=lambda _: PLENTY)


# --- people


async def _two_candidates(coming: Coming) -> None:
    """An invoice waits for its customer, whom two contacts in Xero could be."""
    for name in ("Harbour Build", "Harbour Builders"):
        coming.do("create_contact", set={"Name": name, "AccountNumber": "C1"})
    await known_to_pipeline(coming)
    await coming.after(5)
    assert _reasons(coming) == {Reason.CONTACT_UNMAPPED}


async def _linked_by_hand(coming: Coming) -> None:
    (customer,) = _ids(coming, "customer")
    first = next(each for each in contacts(coming.rounds) if each["Name"] == "Harbour Build")
    link_request = LinkRequest(link_to=XeroContactId(first["ContactID"]))
    await request_link.place(
        coming.context, TENANT, PipelineCustomerId(customer), link_request, "Ada"
    )
    await coming.rounds.turn()


async def _halted(coming: Coming) -> None:
    """Three invoices are deleted where two at once halt the tenant."""
    limits = replace(coming.context.limits, brake_voids=1)
    coming.rounds.context = replace(coming.context, limits=limits)
    await synced(coming)
    for each in _ids(coming, "invoice"):
        coming.rounds.user(do="delete", id=each)
    await coming.after(2)
    assert _reasons(coming) == {Reason.BRAKE_HALTED}


async def _let_pass(coming: Coming) -> None:
    braking = BrakeService(coming.context, wake=lambda _: None)
    for brake in await braking.halted():
        await braking.release(TENANT, brake.seen, "Ada")
    await coming.rounds.turn()


async def _unmapped(coming: Coming) -> None:
    """An account is archived in Xero, found so, and restored there."""
    (books,) = coming.rounds.xero.world.books.values()
    (was,) = (each for each in books.settings.accounts if each.code == COST_CODES["LAB"])
    books.settings.accounts.remove(was)
    await known_to_pipeline(coming)
    await coming.after(5)
    assert _reasons(coming) == {Reason.ACCOUNT_UNMAPPED}
    books.settings.accounts.append(was)


async def _tried_again(coming: Coming) -> None:
    await desk_of(coming.rounds).retry_by_reason(TENANT, Reason.ACCOUNT_UNMAPPED, "Ada")
    await coming.rounds.turn()


async def _paused(coming: Coming) -> None:
    await edited(coming)
    await tenant_mode.set_paused(coming.context, TENANT, "Ada", is_paused=True)
    await coming.after(2)


async def _resumed(coming: Coming) -> None:
    await tenant_mode.set_paused(coming.context, TENANT, "Ada", is_paused=False)
    await coming.rounds.turn()


async def _told_of_money(coming: Coming) -> None:
    await paid(coming)
    await coming.after(6)


async def _replayed(coming: Coming) -> None:
    await inbox.replay(coming.context, coming.context.after(-LONG_AGO_S), "Ada")
    await coming.after(4)


def _reasons(coming: Coming) -> set[str]:
    told = coming.rounds.pipeline.dump()["tenants"][TENANT]["results"]["invoice"]
    return {each.get("reasonCode") for each in told.values()}


STORIES = (
    Story(name="rescue", prepare=_left_leased, act=_rescued, tasks=(schedule.RESCUER,)),
    Story(name="retention", prepare=_old, act=_forgotten, tasks=(schedule.RETENTION,)),
    Story(name="clock set back", prepare=_set_back, act=_followed, tasks=(schedule.CLOCK,)),
    Story(name="clock set forward", prepare=_set_forward, act=_followed, tasks=(schedule.CLOCK,)),
    Story(name="waits", prepare=_slow, act=_told_of_waits, tasks=(schedule.WAITS,)),
    Story(name="catching up", prepare=_away, act=_caught_up, tasks=(schedule.WORKER,)),
    Story(name="samples", prepare=synced, act=_sampled, tasks=(schedule.SAMPLER,)),
    Story(name="linked by hand", prepare=_two_candidates, act=_linked_by_hand),
    Story(name="brake released", prepare=_halted, act=_let_pass),
    Story(name="retry", prepare=_unmapped, act=_tried_again),
    Story(name="resumed", prepare=_paused, act=_resumed),
    Story(name="replay", prepare=_told_of_money, act=_replayed),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_commit_of_upkeep_may_fail_or_be_the_last(story: Story) -> None:
    wrong = {
        f"commit {number} {how}": violations
        for number, how, violations in every_commit(story)
        if violations
    }

    assert wrong == {}


def test_every_loop_of_the_schedule_has_a_story() -> None:
    async def story(rounds: Rounds) -> None:
        _, by_name = loops(rounds)
        told = {task for each in (*STORIES, *test_every_commit.STORIES) for task in each.tasks}
        connection = {schedule.TOKENS} if test_every_commit_connection.STORIES else set()

        assert {*by_name} == told | connection

    play(story)
