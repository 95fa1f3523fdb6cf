"""A plan shows every object of both sides once, costs a call per thousand, and writes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import anyio
import pytest

from syncd.domain.errors import ServerTrouble, Throttled
from syncd.domain.model.job import JobKind, JobRequest, JobState, Reason
from syncd.domain.model.planned import Plan, PlanAction, PlanItem, PlanKind, PlanScope
from syncd.domain.model.settings import CodeMapping, Mode
from syncd.engine.plans import build
from syncd.store import jobs, journal, links
from syncd.store.jobs import JobSettlement
from syncd.store.unit_of_work import Transaction
from tests.engine.support import existing_books
from tests.engine.support.contact_stories import contacts
from tests.engine.support.rounds import COST_CODES, LINE, Rounds, play
from tests.xero.support.worlds import TENANT


class _OneAMinute:
    """A ledger of whose lists one page can be read a minute."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger
        self._free_at_s = 0.0
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._ledger, name)
        return partial(self._asked, real) if name in ("all_contacts", "invoices_dated") else real

    async def _asked(self, real: Any, *args: Any, **how: Any) -> Any:
        left_s = self._free_at_s - anyio.current_time()
        if left_s > 0:
            self.refused += 1
            raise Throttled("spent", retry_after_s=left_s, limit="minute", system="xero")
        self._free_at_s = anyio.current_time() + 60
        return await real(*args, **how)


def test_a_plan_whose_lists_take_more_than_a_minutes_calls_is_made_all_the_same() -> None:
    async def story(rounds: Rounds) -> None:
        existing_books.build(rounds, customers=5, invoices=10)
        await at_rest(rounds)
        expected = await planned(rounds)
        slow = _OneAMinute(rounds.context.ledger)
        rounds.context = replace(rounds.context, ledger=slow)  # type: ignore[arg-type]  # a double

        assert (await planned(rounds)).items == expected.items
        assert slow.refused == 1

    play(story)


async def planned(rounds: Rounds, **scope: bool) -> Plan:
    return await build.make(rounds.context, TENANT, PlanScope(**scope))


def counted(plan: Plan, kind: PlanKind) -> dict[str, int]:
    return dict(Counter(str(item.action) for item in plan.items if item.kind is kind))


def named(plan: Plan, name: str) -> PlanItem:
    """The invoice's or customer's own item."""
    (item,) = [item for item in plan.items if item.name == name and item.key]
    return item


async def at_rest(rounds: Rounds) -> None:
    await rounds.after(20, step_s=20)


def _everything(rounds: Rounds) -> dict[str, Any]:
    """Xero's books with every document's history."""
    organisations = rounds.xero.world.dump()["organisations"]
    return {"organisations": organisations}


def test_existing_books_are_adopted_linked_created_and_left_on_paper_only() -> None:
    async def story(rounds: Rounds) -> None:
        books = existing_books.build(rounds, customers=20, invoices=100)
        await at_rest(rounds)
        before = _everything(rounds)
        entries = await rounds.context.store.fetch(journal.since(0, limit=1000))
        calls = rounds.calls("GET Invoices"), rounds.calls("GET Contacts")

        plan = await planned(rounds)

        assert counted(plan, PlanKind.CUSTOMER) == {
            "link": 15, "create": 4, "ambiguous": 1, "leave": 1,
        }  # fmt: skip
        assert counted(plan, PlanKind.INVOICE) == {
            "adopt": 44, "adopt_differing": 6, "create": 37, "ambiguous": 7, "hold": 2, "leave": 8,
        }  # fmt: skip
        assert _everything(rounds) == before
        assert await rounds.context.store.fetch(journal.since(0, limit=1000)) == entries
        assert await rounds.context.store.fetch(links.invoices_after(TENANT, "", limit=9)) == ()
        assert (
            await rounds.context.store.fetch(links.customers(TENANT, books.customers.values()))
            == ()
        )
        after = rounds.calls("GET Invoices"), rounds.calls("GET Contacts")
        assert [now - was for now, was in zip(after, calls, strict=True)] == [1, 1]
        _each_once(rounds, plan, len(books.customers), len(books.invoices))
        assert await planned(rounds) == plan

    play(story)


def _each_once(rounds: Rounds, plan: Plan, customers: int, invoices: int) -> None:
    for kind, ours, theirs in (
        (PlanKind.CUSTOMER, customers, [each["ContactID"] for each in contacts(rounds)]),
        (PlanKind.INVOICE, invoices, [each["InvoiceID"] for each in rounds.books()]),
    ):
        items = [item for item in plan.items if item.kind is kind]
        keys = [item.key for item in items if item.key]
        assert len(keys) == len(set(keys)) == ours
        own = [item.xero_id for item in items if item.xero_id]
        assert len(own) == len(set(own))
        shown = {each for item in items for each in (item.xero_id, *item.candidates)} - {""}
        assert shown == set(theirs)


def test_a_differing_document_shows_field_by_field_what_differs() -> None:
    async def story(rounds: Rounds) -> None:
        existing_books.build(rounds, customers=20, invoices=100)
        await at_rest(rounds)

        item = named(await planned(rounds), "PL-0005")

        assert item.action is PlanAction.ADOPT_DIFFERING
        assert (item.before, item.after, item.currency) == ("966", "966", "NZD")
        total = next(each for each in item.fields if each.field == "total")
        assert (total.before, total.after) == ("966", "828")

    play(story)


def test_what_syncd_keeps_already_is_left_or_updated_or_voided() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        ours = {each: rounds.invoice(customer, each, reference="PO 1") for each in "ABCDE"}
        await at_rest(rounds)
        ids = {row["InvoiceNumber"]: row["InvoiceID"] for row in rounds.books()}
        rounds.choose(mode=Mode.OBSERVE)
        rounds.user(do="edit_invoice", id=ours["B"], set={"reference": "PO 9"})
        rounds.user(do="delete", id=ours["C"])
        rounds.xero.do(do="edit", invoice=ids["D"], set={"Reference": "by hand"})
        rounds.xero.do(do="void", invoice=ids["E"])
        rounds.user(do="edit_customer", id=customer, set={"phone": "555-1"})
        await at_rest(rounds)

        plan = await planned(rounds)

        found = {item.name: (str(item.action), item.reason) for item in plan.items if item.key}
        assert found == {
            "A": ("leave", ""),
            "B": ("update", ""),
            "C": ("void", ""),
            "D": ("hold", "out_of_sync"),
            "E": ("hold", "gone_in_xero"),
            "Harbour Build": ("update", ""),
        }
        assert (named(plan, "C").before, named(plan, "C").after) == ("414", "0")
        assert [each.field for each in named(plan, "B").fields] == ["reference"]

    play(story)


def test_a_list_that_could_not_be_read_makes_no_plan() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer())
        await at_rest(rounds)
        rounds.fault(match={"method": "GET", "path": "/Invoices"}, do="error_before")

        with pytest.raises(ServerTrouble):
            await planned(rounds)

    play(story)


def test_a_linked_document_that_no_page_shows_is_read_by_id_before_it_is_gone() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await at_rest(rounds)
        (link,) = await rounds.context.store.fetch(links.invoices(TENANT, [invoice]))
        unknown = replace(link, xero_id="00000000-0000-4000-8000-000000000000")
        await rounds.context.store.run(links.put_invoices(TENANT, [unknown]))
        calls = rounds.calls("GET Invoices")

        item = named(await planned(rounds), "PL-1")

        assert (item.action, item.reason) == (PlanAction.HOLD, "gone_in_xero")
        assert rounds.calls("GET Invoices") == calls + 2

    play(story)


def test_what_pipeline_shows_unreadably_is_planned_as_invalid() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.rewrite('"reference":"ODD"', '"reference":1')
        rounds.invoice(rounds.customer(), reference="ODD")
        await at_rest(rounds)

        item = named(await planned(rounds), "PL-1")

        assert (item.action, item.reason) == (PlanAction.HOLD, "invalid_document")

    play(story)


def test_what_xero_refused_waits_until_a_retry_is_planned() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        invoice = rounds.invoice(rounds.customer())
        await at_rest(rounds)
        await refused(rounds, invoice)

        as_it_is, retried = await planned(rounds), await planned(rounds, retry_failed=True)

        assert (named(as_it_is, "PL-1").action, named(as_it_is, "PL-1").reason) == (
            PlanAction.HOLD,
            "refused",
        )
        assert named(retried, "PL-1").action is PlanAction.CREATE

    play(story)


async def refused(rounds: Rounds, invoice: str) -> None:
    """As if Xero had said no to it, and nobody had touched it since."""
    context, now = rounds.context, rounds.context.now()
    wish = JobRequest(tenant=TENANT, kind=JobKind.PUSH_INVOICE, key=invoice, ready_at=now)
    await context.store.run(jobs.enqueue([wish], now))
    (job,) = await context.store.run(
        jobs.claim(
            TENANT,
            JobKind.PUSH_INVOICE,
            incarnation=context.incarnation,
            now=now,
            lease_until=now + timedelta(seconds=9),
            limit=1,
        )
    )
    end = JobSettlement(
        tenant=TENANT,
        kind=JobKind.PUSH_INVOICE,
        key=invoice,
        leased_until=job.leased_until,
        state=JobState.FAILED,
        reason=Reason.REFUSED,
        note="The contact is odd.",
    )
    tx = Transaction()
    tx.add_all(jobs.settle([end], incarnation=context.incarnation, at=now))
    await context.store.commit(tx)


def test_a_changed_mapping_is_planned_only_when_asked_for() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.invoice(customer, "A", lines=[LINE, {**LINE, "accountCode": "200"}])
        rounds.invoice(customer, "B", lines=[{**LINE, "accountCode": "200"}])
        await at_rest(rounds)
        rounds.choose(cost_codes={**COST_CODES, "LAB": CodeMapping(account="210")})

        ordinary, remap = await planned(rounds), await planned(rounds, remap=True)

        assert {str(item.action) for item in ordinary.items} == {"leave"}
        (item,) = remap.items
        assert (item.name, item.action, item.remap) == ("A", PlanAction.UPDATE, True)
        assert [(each.field, each.before, each.after) for each in item.fields] == [
            ("lines[0].accountCode", "200", "210")
        ]

    play(story)
