"""Whatever commit fails, and wherever the process dies after one, the books come to agree.

One story for each round of the daemon. Nothing here is drawn: every commit of every story is tried.
"""

from __future__ import annotations

from typing import Any, cast

import pytest

from syncd.domain.model.planned import PlanScope
from syncd.domain.model.settings import Mode
from syncd.engine.core import tenant_mode
from syncd.engine.loops import schedule
from syncd.engine.plans import build
from syncd.engine.plans.service import PlanService
from syncd.engine.sweeps import sweeper
from syncd.sandbox.seed import COST_CODES
from tests.engine.plans.test_apply import Gates
from tests.engine.support import existing_books
from tests.engine.support.coming_back import Coming
from tests.engine.support.deciding import order
from tests.engine.support.dying import Story, every_commit
from tests.engine.support.restored import backed_up, looked, put_back
from tests.engine.support.rounds import LINE
from tests.engine.support.sweeping import swept
from tests.xero.support import worlds
from tests.xero.support.worlds import TENANT

PUT = {"method": "PUT", "path": "/Invoices"}
POST = {"method": "POST", "path": "/Invoices"}
CONTACTS = {"method": "PUT", "path": "/Contacts"}


async def three(coming: Coming) -> list[str]:
    customer = coming.rounds.customer()
    return [coming.rounds.invoice(customer, f"PL-{place}") for place in range(3)]


async def _nothing(_: Coming) -> None:
    pass


async def known_to_pipeline(coming: Coming) -> None:
    await three(coming)


async def synced(coming: Coming) -> None:
    await three(coming)
    await coming.after(5)


async def turned(coming: Coming) -> None:
    await coming.rounds.turn()


async def edited(coming: Coming) -> None:
    """One moved, one to be voided, one renamed; their contact has another telephone number."""
    await synced(coming)
    rounds = coming.rounds
    first, second, third = rounds.pipeline.tenants[TENANT].books.ids("invoice")
    rounds.user(do="edit_invoice", id=first, set={"lines": [LINE, {**LINE, "quantity": 7}]})
    rounds.user(do="delete", id=second)
    rounds.user(do="edit_invoice", id=third, set={"number": "PL-9"})
    (customer,) = rounds.pipeline.tenants[TENANT].books.ids("customer")
    rounds.user(do="edit_customer", id=customer, set={"phone": "555-1234"})


async def uncertain(coming: Coming) -> None:
    """A create and a contact whose answers were lost, and an update that never arrived."""
    await synced(coming)
    rounds = coming.rounds
    first, *_ = rounds.pipeline.tenants[TENANT].books.ids("invoice")
    rounds.xero.world.faults.set(
        [
            {"match": PUT, "do": "drop_after_commit", "times": 1},
            {"match": POST, "do": "drop_before_commit", "times": 1},
            {"match": CONTACTS, "do": "drop_after_commit", "times": 1},
        ]
    )
    rounds.user(do="edit_invoice", id=first, set={"reference": "PO 7"})
    other = rounds.user(do="create_customer", ref="C2", name="Redgum Joinery")
    rounds.invoice(str(other["id"]), "PL-7")
    (customer, *_) = rounds.pipeline.tenants[TENANT].books.ids("customer")
    rounds.invoice(customer, "PL-8")
    await rounds.turn()
    await worlds.passes(25)


async def _never_taken(coming: Coming) -> None:
    """A create that Xero never took, waited for until it may be made anew."""
    await synced(coming)
    rounds = coming.rounds
    rounds.xero.world.faults.set([{"match": PUT, "do": "drop_before_commit", "times": 50}])
    (customer, *_) = rounds.pipeline.tenants[TENANT].books.ids("customer")
    rounds.invoice(customer, "PL-8")
    await rounds.after(400, step_s=20)
    rounds.xero.world.faults.set([])


async def _given_up(coming: Coming) -> None:
    await coming.rounds.after(60, step_s=20)


async def paid(coming: Coming) -> None:
    """Money, an edit and a contact's mail address in Xero, and their events on the way."""
    await synced(coming)
    first, second, third = coming.rounds.pipeline.tenants[TENANT].books.ids("invoice")
    coming.do("pay", invoice=coming.rounds.xero_id(first), amount="100.00")
    coming.do("edit", invoice=coming.rounds.xero_id(second), set={"Reference": "checked"})
    coming.do("void", invoice=coming.rounds.xero_id(third))


async def _digested(coming: Coming) -> None:
    await coming.after(6)


async def paid_in_silence(coming: Coming) -> None:
    coming.rounds.xero.world.webhooks.aim("")
    await swept(coming.rounds)
    await paid(coming)


async def _swept(coming: Coming) -> None:
    await sweeper.order(coming.context, TENANT, is_full=True)
    await swept(coming.rounds)


async def _lost_hours(coming: Coming) -> None:
    """A backup is put back that knows nothing of one invoice and the money on another."""
    await synced(coming)
    backup = await backed_up(coming.rounds)
    (customer, *_) = coming.rounds.pipeline.tenants[TENANT].books.ids("customer")
    coming.rounds.invoice(customer, "PL-8")
    first, *_ = coming.rounds.pipeline.tenants[TENANT].books.ids("invoice")
    coming.do("pay", invoice=coming.rounds.xero_id(first), amount="100.00")
    await coming.after(5)
    await put_back(coming.rounds, backup)


async def _restored(coming: Coming) -> None:
    await looked(coming.rounds)
    await coming.rounds.turn()


async def _existing(coming: Coming) -> None:
    existing_books.build(coming.rounds, customers=5, invoices=12, account=COST_CODES["LAB"])
    coming.rounds.choose(start_on=None)
    await coming.rounds.after(20, step_s=20)


async def _applied(coming: Coming) -> None:
    plan = await build.make(coming.context, TENANT, PlanScope())
    desk = PlanService(coming.context, gates=cast("Any", Gates()), wake=lambda _: None)
    await desk.apply(TENANT, plan, "", "Ada")


async def _differing(coming: Coming) -> None:
    await synced(coming)
    first, *_ = coming.rounds.pipeline.tenants[TENANT].books.ids("invoice")
    coming.do("edit", invoice=coming.rounds.xero_id(first), set={"Reference": "hers"})
    coming.rounds.user(do="edit_invoice", id=first, set={"reference": "ours"})
    await coming.after(5)
    assert coming.rounds.result(first)["state"] == "out_of_sync"


async def _took_pipeline(coming: Coming) -> None:
    first, *_ = coming.rounds.pipeline.tenants[TENANT].books.ids("invoice")
    await order(coming.rounds, first, "pipeline")
    await coming.rounds.turn()


async def _observing(coming: Coming) -> None:
    coming.rounds.choose(mode=Mode.OBSERVE, is_mode_stored=True)
    await three(coming)
    await coming.after(5)


async def _live(coming: Coming) -> None:
    await tenant_mode.set_mode(coming.context, TENANT, Mode.LIVE, "Ada")
    await coming.rounds.turn()


STORIES = (
    Story(
        name="new invoices",
        prepare=known_to_pipeline,
        act=turned,
        tasks=(schedule.INTAKE, schedule.WORKER, schedule.WRITE_BACK),
    ),
    Story(name="edits", prepare=edited, act=turned, tasks=(schedule.WORKER,)),
    Story(name="looks", prepare=uncertain, act=_given_up, tasks=(schedule.PROBER,)),
    Story(name="made anew", prepare=_never_taken, act=_given_up, tasks=(schedule.PROBER,)),
    Story(name="webhooks", prepare=paid, act=_digested, tasks=(schedule.DIGEST,)),
    Story(name="sweeps", prepare=paid_in_silence, act=_swept, tasks=(schedule.SWEEPER,)),
    Story(name="restore", prepare=_lost_hours, act=_restored, tasks=(schedule.RESTORE,)),
    Story(name="applied plan", prepare=_existing, act=_applied),
    Story(name="decision", prepare=_differing, act=_took_pipeline),
    Story(name="live", prepare=_observing, act=_live),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_commit_may_fail_or_be_the_last(story: Story) -> None:
    wrong = {
        f"commit {number} {how}": violations
        for number, how, violations in every_commit(story)
        if violations
    }

    assert wrong == {}
