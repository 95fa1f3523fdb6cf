"""The full sweep sees what no change of time tells, at a page per thousand, and survives."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from syncd.domain.rules.limits.sweep_pace import Task
from syncd.engine.sweeps import sweeper
from syncd.ports.ledger_sweeps import ListedInvoice
from syncd.store import money, results, sweeps
from syncd.store.results import ResultKind
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found, is_open, last, reads, swept, swept_now, told
from tests.xero.support import worlds


async def _some(rounds: Rounds, count: int, **fields: Any) -> list[str]:
    customer = rounds.customer()
    made = [rounds.invoice(customer, f"PL-{index}", **fields) for index in range(count)]
    await rounds.turn()
    return made


def test_unchanged_invoices_cost_a_page_of_summaries_and_no_read() -> None:
    async def story(rounds: Rounds) -> None:
        await _some(rounds, 130)
        await swept(rounds)
        await rounds.after(150, step_s=150)
        await swept_now(rounds)
        before = reads(rounds)

        await swept_now(rounds, full=True)

        assert reads(rounds) - before == 3  # the newest invoice, the newest contact, one page
        assert last(rounds, Task.FULL) == {
            "rows": 130, "ours": 130, "news": 0, "enqueued": 0, "payments": 0, "strangers": 0,
            "unread": 0,
        }  # fmt: skip

    play(story)


def test_what_comes_again_as_it_was_is_not_taken_apart() -> None:
    async def story(rounds: Rounds) -> None:
        one, *_ = await _some(rounds, 3)
        await swept(rounds)
        await rounds.after(150, step_s=150)
        await swept_now(rounds)
        apart = _taken_apart(rounds)

        await swept_now(rounds, full=True)
        assert apart == []
        rounds.xero.do(
            do="touchless_edit", invoice=rounds.xero_id(one), set={"DueDate": "2027-01-31"}
        )
        await swept_now(rounds, full=True)
        assert apart == [rounds.xero_id(one)]
        await rounds.turn()
        assert rounds.result(one)["state"] == "out_of_sync"
        # What a read in full has shown since, its next summary is compared with field by field.
        await swept_now(rounds, full=True)
        assert apart == [rounds.xero_id(one)] * 2

    play(story)


def test_an_edit_that_moves_no_time_of_change_is_found_by_its_summary() -> None:
    async def story(rounds: Rounds) -> None:
        (invoice,) = await _some(rounds, 1, dueDate="2026-12-24")
        rounds.xero.do(do="pay", invoice=rounds.xero_id(invoice), amount="100.00")
        await swept(rounds)
        await rounds.after(150, step_s=150)
        await swept_now(rounds)
        rounds.xero.do(
            do="touchless_edit", invoice=rounds.xero_id(invoice), set={"DueDate": "2027-01-31"}
        )
        await swept_now(rounds)
        assert rounds.result(invoice)["state"] == "synced"

        await swept_now(rounds, full=True)

        assert rounds.result(invoice)["state"] == "out_of_sync"

    play(story)


@pytest.mark.parametrize("has_our_event_come", [False, True])
def test_an_edit_that_no_summary_shows_is_found_where_the_full_sweep_is_the_first_to_look(
    has_our_event_come: bool,
) -> None:
    """A death between the two sweeps, say: what comes first must not hide it from the other."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.invoice(customer, "PL-8")
        await rounds.turn()
        await swept(rounds)
        invoice = rounds.invoice(customer, "PL-9")
        await rounds.after(30)
        if has_our_event_come:
            (record,) = await rounds.context.store.fetch(money.records(rounds.tenant, [invoice]))
            assert record.own_updated_at is not None
            arrived = [(invoice, record.own_updated_at)]
            await rounds.context.store.run(money.events_arrived(rounds.tenant, arrived))
        line = {"place": 0, "set": {"Description": "as the bookkeeper says"}}
        rounds.xero.do(do="edit", invoice=rounds.xero_id(invoice), lines=[line])

        await rounds.context.store.run(sweeps.order(rounds.tenant, Task.FULL))
        await swept(rounds)
        await swept_now(rounds)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "out_of_sync"

    play(story)


def test_what_no_page_shows_is_looked_for_by_id_before_it_is_called_missing() -> None:
    async def story(rounds: Rounds) -> None:
        kept, moved = await _some(rounds, 2)
        await swept(rounds)
        books = next(iter(rounds.xero.world.books.values()))
        # A date before all ranges, and nothing that tells: the list will not show it.
        shelf = books.invoices
        document = shelf.by_id[rounds.xero_id(moved)]
        document.dated_on = document.dated_on.replace(year=2020)

        await swept_now(rounds, full=True)

        assert rounds.result(kept)["state"] == "synced"
        assert rounds.result(moved)["state"] == "out_of_sync"
        assert "missing" not in await found(rounds)

    play(story)


def test_a_full_sweep_goes_on_where_a_death_left_it() -> None:
    async def story(rounds: Rounds) -> None:
        await _some(rounds, 3)
        await swept(rounds)
        await sweeper.order(rounds.context, rounds.tenant, is_full=True)
        summaries: list[tuple[object, ...]] = []
        asked = rounds.context.ledger.invoice_summaries

        async def dying(*place: Any, **more: Any) -> Any:
            summaries.append(place)
            if len(summaries) == 1:
                raise RuntimeError("killed")
            return await asked(*place, **more)

        rounds.context.ledger.invoice_summaries = dying  # type: ignore[method-assign]  # a double
        died = False
        for _ in range(20):
            try:
                delay_s = await sweeper.sweep_once(rounds.context, rounds.tenant, is_open=is_open)
            except RuntimeError:
                died = True
                continue
            if delay_s:
                break

        assert died
        assert last(rounds, Task.FULL)["rows"] == 3
        assert told(rounds, Task.FULL)[-1].is_complete

    play(story)


def test_amounts_that_pipeline_was_told_otherwise_are_a_finding_until_they_are_told() -> None:
    async def story(rounds: Rounds) -> None:
        (invoice,) = await _some(rounds, 1)
        await swept(rounds)
        await _tell_otherwise(rounds, invoice)

        await sweeper.order(rounds.context, rounds.tenant, is_full=True)
        while True:
            delay_s = await sweeper.sweep_once(rounds.context, rounds.tenant, is_open=is_open)
            if delay_s:
                break
        assert [one.key for one in (await found(rounds))["paid_unpaid_mismatch"]] == [invoice]
        await rounds.turn()

        assert float(rounds.result(invoice)["amountPaid"]) == 0
        assert await found(rounds) == {}

    play(story)


def test_documents_are_read_in_full_once_in_thirty_days() -> None:
    async def story(rounds: Rounds) -> None:
        await _some(rounds, 50)
        await swept(rounds)
        await worlds.passes(7_200)
        await swept(rounds)
        await worlds.passes(31 * 86_400)

        await swept(rounds)
        await worlds.passes(2 * 86_400)
        await swept(rounds)

        assert sum(fact.counts["rows"] for fact in told(rounds, Task.ROTATION)) == 50

    play(story)


def test_a_range_that_xero_refuses_is_cut_and_read_in_parts() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        for index in range(12):
            rounds.invoice(customer, f"PL-{index}", invoiceDate=f"2026-{index + 1:02}-20")
        await rounds.turn()
        await swept(rounds)
        rounds.xero.world.switches.max_rows = 5
        await rounds.context.store.run(sweeps.order(rounds.tenant, Task.FULL))

        await swept(rounds)

        assert sum(fact.counts["rows"] for fact in told(rounds, Task.FULL)[1:]) == 12

    play(story)


def _taken_apart(rounds: Rounds) -> list[str]:
    """Ids of the summaries that are read in our words from here on."""
    apart: list[str] = []
    asked = rounds.context.ledger.invoice_summaries

    async def listed(*place: Any, **more: Any) -> Any:
        page = await asked(*place, **more)
        rows = [replace(row, summary=_noting(row, apart)) for row in page.rows]
        return replace(page, rows=tuple(rows))

    rounds.context.ledger.invoice_summaries = listed  # type: ignore[method-assign]  # a double
    return apart


def _noting(row: ListedInvoice, apart: list[str]) -> Any:
    def summary(as_of: datetime | None) -> Any:
        apart.append(row.id)
        return row.summary(as_of)

    return summary


async def _tell_otherwise(rounds: Rounds, invoice: str) -> None:
    """As if a result had been lost on its way: by our own paper Pipeline was told other amounts."""
    store, tenant = rounds.context.store, rounds.tenant
    (before,) = await store.fetch(results.contents(tenant, ResultKind.INVOICE, [invoice]))
    content = before.content.replace(b'"amount_paid":"0', b'"amount_paid":"50', 1)
    assert content != before.content
    await store.run(results.put(tenant, [(before.at, content)], rounds.context.now()))
    (after,) = await store.fetch(results.contents(tenant, ResultKind.INVOICE, [invoice]))
    await store.run(results.sent(tenant, [after]))
