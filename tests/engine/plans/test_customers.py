"""Customers on paper: what their round would do once live, and nobody's contact given twice."""

from __future__ import annotations

from dataclasses import replace

from syncd.domain.model.planned import PlanAction
from syncd.domain.model.settings import CreateContacts, Mode
from tests.engine.plans.test_build import at_rest, named, planned
from tests.engine.support.existing_books import Existing
from tests.engine.support.rounds import Rounds, play


def _observed(rounds: Rounds) -> Existing:
    rounds.choose(mode=Mode.OBSERVE)
    return Existing(rounds)


def test_two_customers_of_one_reference_are_not_given_the_same_contact() -> None:
    async def story(rounds: Rounds) -> None:
        _observed(rounds)
        rounds.user(do="create_customer", ref="R1", name="One")
        rounds.user(do="create_customer", ref="R1", name="Two")
        made = rounds.xero.do(do="create_contact", set={"Name": "Any", "AccountNumber": "R1"})
        await at_rest(rounds)

        plan = await planned(rounds)

        found = {named(plan, name).action: named(plan, name) for name in ("One", "Two")}
        assert set(found) == {PlanAction.LINK, PlanAction.AMBIGUOUS}
        assert found[PlanAction.LINK].xero_id == made["ContactID"]
        assert found[PlanAction.AMBIGUOUS].candidates == (made["ContactID"],)

    play(story)


def test_a_namesake_is_shown_and_not_taken() -> None:
    async def story(rounds: Rounds) -> None:
        _observed(rounds)
        rounds.user(do="create_customer", ref="R1", name="Harbour Build")
        made = rounds.xero.do(do="create_contact", set={"Name": "harbour build"})
        await at_rest(rounds)

        item = named(await planned(rounds), "Harbour Build")

        assert (item.action, item.reason) == (PlanAction.AMBIGUOUS, "contact_name_taken")
        assert item.candidates == (made["ContactID"],)

    play(story)


def test_a_contact_that_may_not_be_made_holds_its_customer_and_its_invoices() -> None:
    async def story(rounds: Rounds) -> None:
        _observed(rounds)
        rounds.choose(create_contacts=CreateContacts.NEVER)
        rounds.invoice(rounds.customer())
        await at_rest(rounds)

        plan = await planned(rounds)

        for name in ("Harbour Build", "PL-1"):
            item = named(plan, name)
            assert (item.action, item.reason) == (PlanAction.HOLD, "contact_unmapped")

    play(story)


def test_a_deleted_customer_is_archived_where_its_contact_is_ours() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await at_rest(rounds)
        rounds.choose(mode=Mode.OBSERVE)
        rounds.user(do="delete_customer", id=customer)
        await at_rest(rounds)

        item = named(await planned(rounds), "Harbour Build")

        assert item.action is PlanAction.VOID

    play(story)


def test_a_plan_needs_nothing_of_the_tenants_own_mode() -> None:
    async def story(rounds: Rounds) -> None:
        _observed(rounds)
        rounds.customer()
        await at_rest(rounds)

        observed = await planned(rounds)
        rounds.choose(mode=Mode.LIVE)
        live = await planned(rounds)

        assert replace(observed, mode="live", hash="") == replace(live, hash="")

    play(story)
