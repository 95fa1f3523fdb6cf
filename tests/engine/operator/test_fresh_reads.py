"""A person's retry, reconcile round or replay looks at Xero anew before it decides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast

import pytest

from syncd.domain.model.job import Reason
from syncd.domain.model.settings import CreateContacts
from syncd.engine.operator import fresh_reads
from syncd.engine.operator.operations import Operations
from syncd.engine.samples.fold import SampleFold
from syncd.store.unit_of_work import Transaction
from tests.engine.support import coming_back
from tests.engine.support.coming_back import Coming
from tests.engine.support.operating import Keeping
from tests.engine.support.rounds import LINE, Rounds, play
from tests.engine.support.sweeping import found, swept
from tests.xero.support import worlds


class Gates:
    """Every gate is open."""

    def closed_by(self, _: str) -> None:
        return None


Order = Callable[[Operations, Rounds, str], Awaitable[Any]]


async def _retry(desk: Operations, rounds: Rounds, invoice: str) -> None:
    await desk.retry(rounds.tenant, invoice, "Ada")


async def _by_reason(desk: Operations, rounds: Rounds, invoice: str) -> None:
    reason = Reason(rounds.result(invoice)["reasonCode"])
    await desk.retry_by_reason(rounds.tenant, reason, "Ada")


async def _reconcile(desk: Operations, rounds: Rounds, _: str) -> None:
    await desk.reconciliation.order(rounds.tenant, "Ada", is_full=False)


ORDERS = pytest.mark.parametrize("order", [_retry, _by_reason, _reconcile])


def desk_of(rounds: Rounds) -> Operations:
    anything = cast("Any", Gates())
    return Operations(
        rounds.context,
        gates=anything,
        consent=anything,
        commands=anything,
        allowance=lambda _: cast("Any", None),
        wake=lambda _: None,
        planned=lambda: (),
        keeping=Keeping(rounds.context.policies),
        samples=SampleFold(rounds.context.policies, clock=rounds.context.clock),
    )


def lock(rounds: Rounds, period: str | None) -> None:
    rounds.xero.do(do="lock", period=period)


async def locked(rounds: Rounds) -> str:
    """An invoice that waits for a lock date, on settings that were read a moment ago."""
    lock(rounds, "2026-11-30")
    invoice = rounds.invoice(rounds.customer())
    await rounds.turn()
    assert rounds.result(invoice)["reasonCode"] == "locked_period"
    return invoice


@ORDERS
def test_a_lock_date_moved_in_xero_is_read_before_a_persons_order_decides(order: Order) -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await locked(rounds)
        await worlds.passes(5)
        lock(rounds, None)

        await order(desk_of(rounds), rounds, invoice)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


@ORDERS
def test_a_contact_made_in_xero_is_found_by_a_persons_order(order: Order) -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(create_contacts=CreateContacts.NEVER)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        fields = {"Name": "Harbour", "AccountNumber": "C1"}
        rounds.xero.do(do="create_contact", set=fields)

        await order(desk_of(rounds), rounds, invoice)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_a_replay_of_webhooks_reads_settings_and_contacts_anew() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        rounds.xero.do(do="create_contact", set={"Name": "A supplier"})
        await coming.after(5)
        invoice = await locked(rounds)
        rounds.choose(create_contacts=CreateContacts.NEVER)
        waiting = rounds.invoice(
            str(rounds.user(do="create_customer", ref="C2", name="Two")["id"]), "PL-2",
            invoiceDate="2026-12-02",
        )  # fmt: skip
        await rounds.turn()
        await worlds.passes(5)
        coming.rounds.xero.world.switches.turn({"webhook_losses": 1.0})
        lock(rounds, None)
        rounds.xero.do(do="create_contact", set={"Name": "Two", "AccountNumber": "C2"})

        since = rounds.context.now() - timedelta(days=1)
        assert await desk_of(rounds).replay_webhooks(since, "Ada") > 0
        await coming.after(5)

        assert [rounds.result(each)["state"] for each in (invoice, waiting)] == ["synced"] * 2

    coming_back.play(story)


def test_an_order_that_rests_on_no_settings_reads_none() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(create_contacts=CreateContacts.NEVER)
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        reads = rounds.calls("GET Organisation")

        await worlds.passes(5)
        await _retry(desk_of(rounds), rounds, invoice)
        await _by_reason(desk_of(rounds), rounds, invoice)
        await rounds.turn()

        assert rounds.calls("GET Organisation") == reads

    play(story)


def test_everything_that_may_be_mended_in_xero_is_covered() -> None:
    assert Reason.LOCKED_PERIOD in fresh_reads.OF_SETTINGS
    assert Reason.REFUSED in fresh_reads.OF_SETTINGS
    assert Reason.CONTACT_UNMAPPED not in fresh_reads.OF_SETTINGS
    assert set(fresh_reads.OF_CONTACTS) < set(fresh_reads.OF_CUSTOMERS)


def test_settings_mended_in_xero_are_noticed_by_themselves_soon_and_then_more_seldom() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await locked(rounds)
        reads = rounds.calls("GET Organisation")
        for _ in range(24 * 60):
            await worlds.passes(60)
            await swept(rounds)
        spent = rounds.calls("GET Organisation") - reads
        assert rounds.result(invoice)["reasonCode"] == "locked_period"
        assert spent <= 60

    play(story, recheck_s=1e9)


def test_a_lock_date_moved_minutes_after_the_hold_is_noticed_within_minutes() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = await locked(rounds)
        await worlds.passes(120)
        await swept(rounds)
        lock(rounds, None)

        for _ in range(8):
            await worlds.passes(60)
            await swept(rounds)

        assert rounds.result(invoice)["state"] == "synced"

    play(story, recheck_s=1e9)


def test_a_finding_says_when_it_was_looked_at() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(create_contacts=CreateContacts.NEVER)
        rounds.invoice(rounds.customer())
        await rounds.turn()
        looked_at = rounds.context.now()

        await worlds.passes(600)
        (one,) = (await found(rounds))["unlinked_contact"]
        assert (one.looked_at, one.seen_at > looked_at) == (looked_at, True)

        tx = Transaction()
        fresh_reads.everything(rounds.context, rounds.tenant, tx)
        await rounds.context.store.commit(tx)
        await rounds.turn()
        (again,) = (await found(rounds))["unlinked_contact"]
        assert again.looked_at > looked_at

    play(story)


def test_tracking_xero_does_not_have_waits_without_a_call_until_settings_show_it() -> None:
    async def story(rounds: Rounds) -> None:
        (books,) = rounds.xero.world.books.values()
        (category, *_) = books.settings.tracking
        tracking = [{"name": category.name, "option": "Moon"}]
        invoice = rounds.invoice(rounds.customer(), lines=[{**LINE, "tracking": tracking}])
        await rounds.turn()

        held = rounds.result(invoice)
        assert (held["state"], held["reasonCode"]) == ("waiting", "refused")
        assert f"the option Moon of the tracking category {category.name}" in held["reason"]
        assert rounds.calls("PUT Invoices") == 0

        category.options.append(("moon", "Moon"))
        await rounds.after(3600, step_s=60)
        assert rounds.result(invoice)["state"] == "synced"

    play(story)
