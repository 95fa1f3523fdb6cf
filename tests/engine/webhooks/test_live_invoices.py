"""A read is put on paper whole, whoever tells Pipeline something meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest

from syncd.domain.errors import Conflict
from syncd.domain.ids import XeroInvoiceId
from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.model.result import InvoiceResult
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.core.context import SyncContext
from syncd.engine.webhooks import live_invoices
from syncd.engine.webhooks.live_invoices import LinkedRead, Taken
from syncd.store import jobs, links, results
from syncd.store.results import ResultKind
from syncd.store.unit_of_work import Store, Transaction
from tests.engine.support.coming_back import Coming, play, synced
from tests.engine.support.rounds import TENANT
from tests.store.build import AT


class Meddled(Store):
    """Somebody tells Pipeline something of the invoice just before each of the first commits."""

    def __init__(self, store: Store, invoice: str, *, times: int) -> None:
        super().__init__(store._driver)
        self.invoice = invoice
        self.times = times

    async def commit(self, transaction: Transaction) -> None:
        if self.times:
            self.times -= 1
            (stands,) = await self.fetch(
                results.contents(TENANT, ResultKind.INVOICE, [self.invoice])
            )
            said = msgspec.json.decode(stands.content, type=InvoiceResult)
            news = replace(said, reason=f"told meanwhile, {self.times} to come")
            content = msgspec.json.encode(news)
            await self.run(results.put(TENANT, [(stands.at, content)], AT))
        await super().commit(transaction)


async def stored(context: SyncContext, seen: Sequence[LinkedRead]) -> Taken:
    reads = await live_invoices.with_jobs(context, TENANT, seen)
    return await live_invoices.take(context, TENANT, reads, context.now())


async def seen_now(coming: Coming, invoice: str) -> tuple[LinkedRead, ...]:
    (link,) = await coming.context.store.fetch(links.invoices(TENANT, [invoice]))
    own = XeroInvoiceId(link.xero_id)
    found = await coming.context.ledger.invoices_by_id(TENANT, [own], lane=Lane.WEBHOOK)
    return (LinkedRead(link=link, live=found.get(own)),)


def test_result_told_meanwhile_keeps_its_words_and_gets_the_money() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="40")
        seen = await seen_now(coming, invoice)
        context = replace(coming.context, store=Meddled(coming.context.store, invoice, times=2))

        await stored(context, seen)

        await coming.rounds.turn()
        assert coming.rounds.result(invoice)["reason"] == "told meanwhile, 0 to come"
        coming.assert_money_agrees(invoice)

    play(story)


def test_endless_meddling_is_an_error_and_changes_nothing() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        coming.do("pay", invoice=coming.rounds.xero_id(invoice), amount="40")
        seen = await seen_now(coming, invoice)
        context = replace(coming.context, store=Meddled(coming.context.store, invoice, times=99))

        with pytest.raises(Conflict):
            await stored(context, seen)

        assert coming.payments(invoice) == []

    play(story)


def test_invoice_in_the_workers_hand_is_read_again() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        context, tenant = coming.context, TENANT
        seen = await seen_now(coming, invoice)
        wish = JobRequest(
            tenant=tenant, kind=JobKind.PUSH_INVOICE, key=invoice, ready_at=context.now()
        )
        await context.store.run(jobs.enqueue([wish], context.now()))
        await context.store.run(
            jobs.claim(
                tenant, JobKind.PUSH_INVOICE, incarnation=context.incarnation, now=context.now(),
                lease_until=context.after(60), limit=1,
            )
        )  # fmt: skip

        reads = await live_invoices.with_jobs(context, tenant, seen)

        assert reads.claimed == {invoice}

    play(story)


def test_agreed_content_asks_nobody_to_look() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        seen = await seen_now(coming, invoice)
        context = coming.context

        taken = await stored(context, seen)
        reads = await live_invoices.with_jobs(context, TENANT, seen)

        assert (taken.enqueued, taken.payments, reads.claimed) == (0, 0, set())

    play(story)


def test_document_that_is_gone_is_for_the_worker_to_judge() -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        (one,) = await seen_now(coming, invoice)
        context, gone = coming.context, replace(one, live=None)

        taken = await stored(context, [gone])

        assert (taken.enqueued, taken.payments) == (1, 0)

    play(story)


@pytest.mark.parametrize("deed", ["pay", "delete_payment"])
def test_money_alone_asks_nobody_to_look(deed: str) -> None:
    async def story(coming: Coming) -> None:
        invoice = await synced(coming)
        own = coming.rounds.xero_id(invoice)
        if deed == "delete_payment":
            coming.do("pay", invoice=own)
            await coming.after(5)
        (before,) = await coming.context.store.fetch(
            jobs.get(TENANT, JobKind.PUSH_INVOICE, [invoice])
        )
        sent = len(coming.rounds.xero.transport.sent)

        coming.do(deed, invoice=own)
        await coming.after(5)

        coming.assert_money_agrees(invoice)
        (after,) = await coming.context.store.fetch(
            jobs.get(TENANT, JobKind.PUSH_INVOICE, [invoice])
        )
        assert after == before
        assert len(coming.rounds.xero.transport.sent) - sent == 1

    play(story)


def test_approval_in_xero_is_for_the_worker_to_note() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        invoice = rounds.invoice(rounds.customer(), status="Draft")
        await coming.after(20)
        (seen,) = await seen_now(coming, invoice)
        coming.do("approve", invoice=rounds.xero_id(invoice))
        (approved,) = await seen_now(coming, invoice)
        context = coming.context

        wanted = [(await stored(context, [one])) for one in (seen, approved)]

        assert [one.enqueued for one in wanted] == [0, 1]

    play(story)
