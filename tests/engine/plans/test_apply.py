"""An applied plan does what it says to what is as it was; twice is once, nothing is doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

import pytest

from syncd.domain.errors import Refused
from syncd.domain.facts import BrakeMoved
from syncd.domain.ids import IncarnationId
from syncd.domain.model.planned import Plan, PlanAction, PlanKind
from syncd.domain.model.settings import CodeMapping, Mode
from syncd.engine.core import tenant_mode
from syncd.engine.plans.outcomes import ItemOutcome, PlanOutcome
from syncd.engine.plans.service import ApplyAnswer, NotPlanned, PlanService
from syncd.engine.recovery import lease_reaper
from syncd.ports.driver import BoundStatement, Row
from syncd.store import journal, links
from syncd.store.unit_of_work import Store
from tests.engine.plans.test_build import at_rest, planned, refused
from tests.engine.support.contact_stories import contacts, told
from tests.engine.support.existing_books import Existing, build
from tests.engine.support.mortal import Killed, Mortal
from tests.engine.support.rounds import COST_CODES, LINE, TAX_TYPES, Rounds, play
from tests.xero.support.worlds import TENANT

WHO = "Ada"
VOIDED = "Its number is held in Xero by a document that is VOIDED"


@dataclass
class Gates:
    def closed_by(self, _: str) -> None:
        return None


def desk(rounds: Rounds) -> PlanService:
    return PlanService(rounds.context, gates=cast("Any", Gates()), wake=lambda _: None)


async def applied(rounds: Rounds, plan: Plan) -> ApplyAnswer:
    found = await desk(rounds).apply(TENANT, plan, "", WHO)
    assert found.is_complete
    return found


def outcomes(found: ApplyAnswer) -> dict[str, int]:
    return dict(Counter(str(item.outcome) for item in found.items))


def of_name(found: ApplyAnswer, name: str) -> ItemOutcome:
    (item,) = [item for item in found.items if item.name == name]
    return item


def histories(rounds: Rounds) -> dict[str, list[Any]]:
    """Who did what to each document that stands in Xero."""
    return {row["InvoiceID"]: row["History"] for row in rounds.books()}


def _states(rounds: Rounds, books: Existing) -> dict[str, int]:
    told = rounds.pipeline.dump()["tenants"][TENANT]["results"]["invoice"]
    return dict(Counter(told.get(key, {}).get("state") for key in books.invoices.values()))


def _proves_the_books(rounds: Rounds, books: Existing, before: dict[str, list[Any]]) -> None:
    """Adopted and left documents were never touched, and every number stands once."""
    after = histories(rounds)
    assert {key: after[key] for key in before} == before
    numbers = Counter(row["InvoiceNumber"] for row in rounds.books())
    assert set(numbers.values()) == {1}
    assert set(numbers) - {"XERO-1"} <= set(books.invoices)


@pytest.mark.parametrize(("customers", "invoices"), [(20, 100), (100, 500)])
def test_existing_books_become_synced_and_nothing_is_doubled(customers: int, invoices: int) -> None:
    async def story(rounds: Rounds) -> None:
        books = build(rounds, customers=customers, invoices=invoices)
        await at_rest(rounds)
        before = histories(rounds)
        plan = await planned(rounds)
        wanted = Counter(str(item.action) for item in plan.items if item.kind is PlanKind.INVOICE)

        found = await applied(rounds, plan)
        assert outcomes(found) == {"applied": sum(item.acts for item in plan.items)}
        await at_rest(rounds)

        _proves_the_books(rounds, books, before)
        assert _states(rounds, books) == {
            "synced": wanted["adopt"] + wanted["create"],
            "out_of_sync": wanted["adopt_differing"],
            "waiting": wanted["ambiguous"] + wanted["hold"],
            None: invoices // 25,
        }
        again = await planned(rounds)
        assert not any(item.acts for item in again.items)

    play(story)


def test_what_moved_since_the_plan_is_refused_by_name_and_the_rest_applied() -> None:
    async def story(rounds: Rounds) -> None:
        books = build(rounds, customers=20, invoices=100)
        await at_rest(rounds)
        plan = await planned(rounds)
        rounds.xero.do(do="edit", invoice="PL-0000", set={"Reference": "by hand"})
        rounds.xero.do(do="edit", invoice="PL-0002", set={"DueDate": "2027-01-01"})
        rounds.xero.do(do="void", invoice="PL-0004")
        rounds.xero.do(do="pay", invoice="PL-0006")
        rounds.user(do="edit_invoice", id=books.invoices["PL-0090"], set={"reference": "PO 4"})
        rounds.user(do="delete", id=books.invoices["PL-0091"])
        rounds.xero.do(
            do="edit_contact",
            contact=books.contacts["Harbour Build 3"],
            set={"EmailAddress": "new@harbour.test"},
        )
        await at_rest(rounds)

        found = await applied(rounds, plan)

        refused = {
            item.name: item.why.split(" since")[0].split(". ")[0]
            for item in found.items
            if item.outcome is PlanOutcome.REFUSED
        }
        assert refused == {
            "PL-0000": "Xero moved (reference)",
            "PL-0002": "Xero moved (dueDate)",
            "PL-0004": f"It would now be hold: {VOIDED}",
            "PL-0090": "Pipeline moved (reference)",
            "PL-0091": "Pipeline moved (it is gone)",
            "Harbour Build 3": "Xero moved (email)",
        }
        assert of_name(found, "PL-0006").outcome is PlanOutcome.APPLIED
        await at_rest(rounds)
        assert rounds.result(books.invoices["PL-0000"])["reasonCode"] == "observing"
        assert rounds.result(books.invoices["PL-0006"])["state"] == "synced"

    play(story)


LEFT_OUT = ("PL-R", "PL-N", "PL-E")
"""Refused since Pipeline moved; new since the plan; in sync then, and edited since."""


async def _left_out(rounds: Rounds) -> dict[str, str]:
    """A tenant set live by a plan that left three changes out, and carried one out."""
    customer = rounds.customer()
    edited = rounds.invoice(customer, "PL-E")
    await at_rest(rounds)
    rounds.choose(mode=Mode.OBSERVE)
    invoices = {name: rounds.invoice(customer, name) for name in ("PL-A", "PL-R")}
    unmapped = rounds.invoice(customer, "PL-H", lines=[{**LINE, "costCode": "LATER"}])
    await at_rest(rounds)
    plan = await planned(rounds)
    rounds.user(do="edit_line", id=invoices["PL-R"], line=0, set={"quantity": 9})
    rounds.user(do="edit_invoice", id=edited, set={"reference": "PO 9"})
    invoices |= {"PL-N": rounds.invoice(customer, "PL-N"), "PL-E": edited, "PL-H": unmapped}

    found = await applied(rounds, plan)

    assert (found.progress.applied, found.progress.refused, found.withheld) == (1, 1, 3)
    assert rounds.context.policies[rounds.tenant].mode is Mode.LIVE
    await at_rest(rounds)
    return invoices


def _written(rounds: Rounds) -> dict[str, str]:
    return {book["InvoiceNumber"]: book["Reference"] or "" for book in rounds.books()}


def test_a_plan_that_sets_the_tenant_live_writes_what_it_showed_and_nothing_it_left_out() -> None:
    """Also not by a later edit, nor by the clock; what waits for a mapping goes by itself."""

    async def story(rounds: Rounds) -> None:
        invoices = await _left_out(rounds)

        rounds.user(do="edit_line", id=invoices["PL-R"], line=0, set={"quantity": 10})
        rounds.user(do="edit_line", id=invoices["PL-A"], line=0, set={"quantity": 4})
        rounds.choose(cost_codes={**COST_CODES, "LATER": CodeMapping(account="200")})
        await rounds.after(4000, step_s=500)

        assert _written(rounds) == {"PL-A": "", "PL-E": "", "PL-H": ""}
        for name in LEFT_OUT:
            told = rounds.result(invoices[name])
            assert (told["state"], told["reasonCode"]) == ("waiting", "observing")
            assert "Left out by plan" in told["reason"]
        totals = {book["InvoiceNumber"]: book["Total"] for book in rounds.books()}
        assert totals["PL-A"] == "552.00", "a change of what was carried out travels as ever"

    play(story)


def test_a_change_that_no_plan_has_shown_is_left_out_also_where_it_waits_otherwise() -> None:
    """Out of sync when the tenant goes live: Xero's edit is undone, and it is still unseen."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoice = rounds.invoice(customer, "PL-E", reference="PO 1")
        await at_rest(rounds)
        rounds.choose(mode=Mode.OBSERVE)
        rounds.invoice(customer, "PL-A")
        await at_rest(rounds)
        plan = await planned(rounds)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        rounds.xero.do(do="edit", invoice="PL-E", set={"Reference": "PO 3"})
        await at_rest(rounds)
        assert rounds.result(invoice)["state"] == "out_of_sync"

        assert (await applied(rounds, plan)).withheld == 1
        rounds.xero.do(do="edit", invoice="PL-E", set={"Reference": "PO 1"})
        await rounds.after(4000, step_s=500)

        assert _written(rounds)["PL-E"] == "PO 1"
        assert "Left out by plan" in rounds.result(invoice)["reason"]

    play(story)


def test_a_change_since_the_plan_that_asks_nothing_of_xero_leaves_nothing_out() -> None:
    """What is edited later is a change like any other of a tenant that is live."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoice = rounds.invoice(customer, "PL-E", status="Sent")
        await at_rest(rounds)
        rounds.choose(mode=Mode.OBSERVE)
        rounds.invoice(customer, "PL-A")
        await at_rest(rounds)
        plan = await planned(rounds)
        rounds.user(do="approve", id=invoice)
        await at_rest(rounds)

        assert (await applied(rounds, plan)).withheld == 0
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await at_rest(rounds)

        assert _written(rounds)["PL-E"] == "PO 2"

    play(story)


def test_the_next_plan_carries_out_what_one_left_out() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _left_out(rounds)
        again = await planned(rounds)
        acting = {item.name: item.action for item in again.items if item.acts}
        assert acting == {
            "PL-E": PlanAction.UPDATE, "PL-N": PlanAction.CREATE, "PL-R": PlanAction.CREATE,
        }  # fmt: skip

        await applied(rounds, again)
        await at_rest(rounds)

        assert _written(rounds) == {"PL-A": "", "PL-E": "PO 9", "PL-N": "", "PL-R": ""}
        assert {rounds.result(invoices[name])["state"] for name in LEFT_OUT} == {"synced"}

    play(story)


def test_to_set_the_tenant_live_by_hand_lets_go_what_a_plan_left_out() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _left_out(rounds)

        done = await tenant_mode.set_mode(rounds.context, rounds.tenant, Mode.LIVE, "Ada")
        await at_rest(rounds)

        assert done.message.endswith("what a plan had left out goes on (3).")
        assert {rounds.result(invoices[name])["state"] for name in LEFT_OUT} == {"synced"}

    play(story)


def test_money_on_an_adopted_document_reaches_pipeline() -> None:
    async def story(rounds: Rounds) -> None:
        books = build(rounds, customers=5, invoices=10)
        rounds.xero.do(do="pay", invoice="PL-0000", amount="38.00")
        await at_rest(rounds)

        await applied(rounds, await planned(rounds))
        await at_rest(rounds)

        told = rounds.result(books.invoices["PL-0000"])
        assert (told["state"], str(told["amountPaid"])) == ("synced", "38")
        tenant = rounds.pipeline.dump()["tenants"][TENANT]
        (payment,) = tenant["payments"][books.invoices["PL-0000"]].values()
        assert str(payment["amount"]) == "38"

    play(story)


def test_applied_twice_is_applied_once() -> None:
    async def story(rounds: Rounds) -> None:
        build(rounds, customers=10, invoices=50)
        await at_rest(rounds)
        plan = await planned(rounds)

        first = await applied(rounds, plan)
        at_once = await applied(rounds, plan)
        await at_rest(rounds)
        standing = rounds.books(), contacts(rounds)
        later = await applied(rounds, plan)
        await at_rest(rounds)

        count = len(first.items)
        assert outcomes(at_once) == outcomes(later) == {"already_applied": count}
        assert (rounds.books(), contacts(rounds)) == standing

    play(story)


class _RefusesNumber:
    """A ledger of a Xero that refuses to be asked for one number, and for all with it."""

    def __init__(self, inner: Any, number: str) -> None:
        self._inner = inner
        self._number = number

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def invoices_by_number(self, tenant: str, numbers: Sequence[str], **how: Any) -> Any:
        if self._number in numbers:
            raise Refused("400", system="xero", status=400)
        return await self._inner.invoices_by_number(tenant, numbers, **how)


def test_a_number_xero_refuses_to_be_asked_for_keeps_no_plan_from_being_applied() -> None:
    async def story(rounds: Rounds) -> None:
        books = build(rounds, customers=5, invoices=20)
        await at_rest(rounds)
        plan = await planned(rounds)
        made = [item for item in plan.items if item.action is PlanAction.CREATE]
        wanted = [item.name for item in made if item.kind is PlanKind.INVOICE]
        refusing = _RefusesNumber(rounds.context.ledger, wanted[0])
        rounds.context = replace(rounds.context, ledger=refusing)  # type: ignore[arg-type]  # a double

        found = await applied(rounds, plan)
        await at_rest(rounds)

        assert outcomes(found) == {"applied": sum(item.acts for item in plan.items)}
        assert {rounds.result(books.invoices[name])["state"] for name in wanted} == {"synced"}

    play(story)


def test_a_linked_contact_gets_our_mark_and_nothing_else() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        books = Existing(rounds)
        books.customer(1, known=True)
        rounds.user(do="edit_customer", id=books.customers["C001"], set={"phone": "555-1"})
        await at_rest(rounds)
        (before,) = contacts(rounds)

        await applied(rounds, await planned(rounds))
        await at_rest(rounds)

        (after,) = contacts(rounds)
        assert told(rounds, books.customers["C001"])["xeroContactId"] == before["ContactID"]
        changed = {name for name in after if after[name] != before[name]}
        assert changed == {"ContactNumber", "UpdatedMs", "History"}
        assert after["ContactNumber"] == books.customers["C001"]

    play(story)


def test_the_trail_names_the_plan_who_applied_it_and_what_was_adopted() -> None:
    async def story(rounds: Rounds) -> None:
        books = build(rounds, customers=10, invoices=50)
        await at_rest(rounds)
        plan = await planned(rounds)
        await applied(rounds, plan)

        entries = await rounds.context.store.fetch(journal.of_object(TENANT, "Tenant", TENANT))
        words = [one.entry.description for one in entries if one.entry.who == WHO]
        own = await rounds.context.store.fetch(
            journal.of_object(TENANT, "Invoice", books.invoices["PL-0000"])
        )

        assert words[0] == f"Set live: plan {plan.hash[:12]} applied"
        assert words[1].startswith(f"Plan {plan.hash[:12]} applied: ")
        assert [one.entry.who for one in own if "Adopted" in one.entry.description] == [WHO]

    play(story)


class _DiesNoted(Mortal):
    """A process that is dead as soon as a plan is noted as applied."""

    async def write(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        answers = await super().write(statements)
        if any(one.name == "applied_plans.note" for one in statements):
            self.is_dead = True
            raise Killed
        return answers


def test_a_plan_cut_short_before_its_tenant_was_live_sets_it_live_when_applied_again() -> None:
    async def story(rounds: Rounds) -> None:
        books = build(rounds, customers=5, invoices=20)
        await at_rest(rounds)
        plan = await planned(rounds)
        whole = rounds.context
        rounds.context = replace(whole, store=Store(_DiesNoted(whole.store._driver)))
        with pytest.raises(Killed):
            await applied(rounds, plan)
        rounds.context = replace(whole, incarnation=IncarnationId("boot-2"))
        await lease_reaper.start_up(rounds.context)

        await applied(rounds, plan)
        await at_rest(rounds)

        assert rounds.context.policies[TENANT].mode is Mode.LIVE
        acting = [item for item in plan.items if item.acts and item.kind is PlanKind.INVOICE]
        shown = {rounds.result(books.invoices[item.name])["state"] for item in acting}
        assert shown <= {"synced", "out_of_sync"}

    play(story)


def test_a_plan_of_another_tenant_or_changed_by_hand_is_not_applied() -> None:
    async def story(rounds: Rounds) -> None:
        build(rounds, customers=5, invoices=10)
        await at_rest(rounds)
        plan = await planned(rounds)

        for other in (
            replace(plan, items=plan.items[1:]),
            replace(plan, tenant="other", hash=replace(plan, tenant="other").digest()),
        ):
            with pytest.raises(NotPlanned):
                await applied(rounds, other)
        assert rounds.context.policies[TENANT].mode is Mode.OBSERVE
        assert await rounds.context.store.fetch(links.invoices_after(TENANT, "", limit=1)) == ()

    play(story)


def test_a_plan_is_applied_on_with_its_ticket() -> None:
    async def story(rounds: Rounds) -> None:
        books = build(rounds, customers=10, invoices=50)
        await at_rest(rounds)
        plan = await planned(rounds)
        ticket, items, slices = "", 0, 0
        found: ApplyAnswer | None = None

        while found is None or not found.is_complete:
            found = await desk(rounds).apply(TENANT, plan, ticket, WHO)
            ticket = found.progress.ticket
            items += len(found.items)
            slices += 1

        assert slices > 1
        assert items == found.progress.applied == sum(item.acts for item in plan.items)
        await at_rest(rounds)
        assert rounds.result(books.invoices["PL-0000"])["state"] == "synced"

    play(story, answer_within_s=0.0)


def test_a_changed_mapping_is_pushed_for_exactly_the_lines_of_the_plan() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        line = {"description": "Install", "quantity": 1, "unitAmount": 10, "taxRate": "0.15"}
        lines = [{**line, "costCode": "LAB"}, {**line, "costCode": "MAT"}]
        codes = {**COST_CODES, "MAT": CodeMapping(account="220")}
        rounds.choose(cost_codes=codes)
        moved = {name: rounds.invoice(customer, name, lines=lines) for name in ("A", "B", "C", "D")}
        await at_rest(rounds)
        rounds.xero.do(do="edit", invoice="B", lines=[{"place": 0, "set": {"AccountCode": "260"}}])
        rounds.choose(cost_codes={**codes, "LAB": CodeMapping(account="210")})
        rounds.user(do="edit_invoice", id=moved["D"], set={"reference": "PO 7"})
        await at_rest(rounds)
        assert _accounts(rounds) == {
            "A": ["200", "220"], "B": ["260", "220"], "C": ["200", "220"], "D": ["200", "220"],
        }  # fmt: skip

        plan = await planned(rounds, remap=True)
        found = {item.name: (item.action, item.reason) for item in plan.items}
        assert found == {
            "A": (PlanAction.UPDATE, ""),
            "B": (PlanAction.HOLD, "out_of_sync"),
            "C": (PlanAction.UPDATE, ""),
            "D": (PlanAction.UPDATE, ""),
        }
        rounds.xero.do(do="edit", invoice="C", set={"DueDate": "2027-01-01"})
        ended = await applied(rounds, plan)
        await at_rest(rounds)

        assert of_name(ended, "C").outcome is PlanOutcome.REFUSED
        assert _accounts(rounds) == {
            "A": ["210", "220"], "B": ["260", "220"], "C": ["200", "220"], "D": ["210", "220"],
        }  # fmt: skip
        assert rounds.result(moved["A"])["state"] == "synced"
        assert outcomes(await applied(rounds, plan)) == {"already_applied": 2, "refused": 1}

    play(story)


def _accounts(rounds: Rounds) -> dict[str, list[str]]:
    return {
        row["InvoiceNumber"]: [line["AccountCode"] for line in row["LineItems"]]
        for row in rounds.books()
    }


def test_what_xero_refused_is_tried_again_by_a_plan_that_says_so() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        invoice = rounds.invoice(rounds.customer())
        await at_rest(rounds)
        await refused(rounds, invoice)

        assert outcomes(await applied(rounds, await planned(rounds))) == {"applied": 1}
        await at_rest(rounds)
        await applied(rounds, await planned(rounds, retry_failed=True))
        await at_rest(rounds)

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_an_edit_that_no_feed_has_brought_yet_is_seen_all_the_same() -> None:
    async def story(rounds: Rounds) -> None:
        books = build(rounds, customers=5, invoices=10)
        plan = await planned(rounds)
        rounds.user(do="edit_invoice", id=books.invoices["PL-0000"], set={"reference": "PO 4"})

        found = await applied(rounds, plan)

        assert outcomes(found)["refused"] == 1
        assert of_name(found, "PL-0000").why.startswith("Pipeline moved (reference)")

    play(story)


def test_a_tax_type_is_not_pushed_onto_a_paid_document() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        moved = {name: rounds.invoice(customer, name) for name in ("A", "B")}
        await at_rest(rounds)
        rounds.xero.do(do="pay", invoice="B")
        rounds.choose(tax_types={**TAX_TYPES, Decimal("0.15"): "OUTPUT3"})
        rates = rounds.xero.world.books[next(iter(rounds.xero.world.books))].settings.tax_rates
        rates["OUTPUT3"] = replace(rates["OUTPUT2"], type="OUTPUT3", name="15% too")
        await rounds.after(400, step_s=400)

        plan = await planned(rounds, remap=True)
        await applied(rounds, plan)
        await at_rest(rounds)

        found = {item.name: (item.action, item.reason) for item in plan.items}
        assert found == {"A": (PlanAction.UPDATE, ""), "B": (PlanAction.HOLD, "has_payments")}
        shown = {row["InvoiceNumber"]: row["LineItems"][0]["TaxType"] for row in rounds.books()}
        assert shown == {"A": "OUTPUT3", "B": "OUTPUT2"}
        assert {rounds.result(key)["state"] for key in moved.values()} == {"synced"}

    play(story)


def test_a_mapping_is_not_pushed_where_a_lock_date_forbids_it() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer(), "A")
        await at_rest(rounds)
        rounds.xero.do(do="lock", period="2026-12-31")
        rounds.choose(cost_codes={"LAB": CodeMapping(account="210")})
        await rounds.after(400, step_s=400)

        (item,) = (await planned(rounds, remap=True)).items

        assert (item.action, item.reason) == (PlanAction.HOLD, "locked_period")
        assert [each.field for each in item.fields] == ["lines[0].accountCode"]

    play(story)


def test_no_brake_stops_what_a_plan_has_ordered_and_nothing_else_passes_with_it() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        made = [rounds.invoice(customer, f"PL-{at}") for at in range(24)]
        await at_rest(rounds)
        for each in made[:12]:
            rounds.user(do="delete", id=each)
        await at_rest(rounds)
        assert _states_of(rounds, made) == {"synced": 12, "waiting": 12}
        plan = await planned(rounds)
        assert {item.action for item in plan.items if item.key in made[:12]} == {PlanAction.VOID}
        rounds.user(do="delete", id=made[12])

        await applied(rounds, plan)
        await at_rest(rounds)

        told = [fact.is_halted for fact in rounds.told if isinstance(fact, BrakeMoved)]
        assert told == [True, False]
        assert _states_of(rounds, made) == {"synced": 11, "voided": 13}
        for each in made[13:16]:
            rounds.user(do="delete", id=each)
        await at_rest(rounds)
        assert _states_of(rounds, made) == {"synced": 8, "voided": 13, "waiting": 3}

    play(story, brake_voids=2)


def _states_of(rounds: Rounds, invoices: list[str]) -> dict[str, int]:
    told = rounds.pipeline.dump()["tenants"][TENANT]["results"]["invoice"]
    return dict(Counter(told[key]["state"] for key in invoices))


async def _applied_once(rounds: Rounds) -> tuple[dict[str, str], Plan]:
    """A plan of two invoices, PL-A and PL-R, which its tenant observed until then."""
    rounds.choose(mode=Mode.OBSERVE)
    customer = rounds.customer()
    invoices = {name: rounds.invoice(customer, name) for name in ("PL-A", "PL-R")}
    await at_rest(rounds)
    plan = await planned(rounds)
    await applied(rounds, plan)
    return invoices, plan


def test_a_change_since_the_plan_was_first_applied_is_left_out_when_it_is_applied_again() -> None:
    """Observing once more: what the plan did is done, and of the edit it says nothing."""

    async def story(rounds: Rounds) -> None:
        invoices, plan = await _applied_once(rounds)
        await at_rest(rounds)
        rounds.choose(mode=Mode.OBSERVE)
        rounds.user(do="edit_invoice", id=invoices["PL-R"], set={"reference": "PO 9"})
        await at_rest(rounds)

        found = await applied(rounds, plan)
        await at_rest(rounds)

        assert found.withheld == 1
        for _ in range(2):
            assert _written(rounds) == {"PL-A": "", "PL-R": ""}
            assert "Left out by plan" in rounds.result(invoices["PL-R"])["reason"]
            await applied(rounds, plan)
            await at_rest(rounds)

    play(story)


def test_what_a_plan_refuses_is_left_out_though_it_was_carried_out_before() -> None:
    """Applied, and observing again before it was written: then it moved."""

    async def story(rounds: Rounds) -> None:
        invoices, plan = await _applied_once(rounds)
        rounds.choose(mode=Mode.OBSERVE)
        rounds.user(do="edit_line", id=invoices["PL-R"], line=0, set={"quantity": 9})
        await at_rest(rounds)

        found = await applied(rounds, plan)
        await at_rest(rounds)

        assert of_name(found, "PL-R").outcome is PlanOutcome.REFUSED
        assert found.withheld == 1
        assert _written(rounds) == {"PL-A": ""}
        assert "Left out by plan" in rounds.result(invoices["PL-R"])["reason"]

    play(story)
