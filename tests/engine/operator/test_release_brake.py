"""A release is bound to what the person saw, told in the trail, and lets exactly that pass."""

from __future__ import annotations

from syncd.domain.facts import BrakeMoved
from syncd.domain.model.job import PublicState, Reason
from syncd.engine.operator.pages import ListQuery
from syncd.engine.operator.release_brake import BrakeService
from syncd.store import brakes, journal
from syncd.store.brakes import BrakedState
from tests.engine.support.braked import halt, widen
from tests.engine.support.operating import QUEUED, desk
from tests.engine.support.rounds import Rounds, play
from tests.store.build import ACME, AT


async def test_the_list_says_why_and_what_would_have_been_done() -> None:
    async with desk() as at:
        await halt(at)
        (brake,) = await at.operations.brakes.halted()

        assert (brake.tenant, brake.waiting, len(brake.documents)) == (ACME, 3, 2)
        assert brake.would == "invoices: 2 to be voided (230.00 NZD)."


async def test_a_release_of_what_was_not_seen_is_refused_with_what_stands_there() -> None:
    async with desk() as at:
        await halt(at)
        (brake,) = await at.operations.brakes.halted()
        await widen(at)
        refused = await at.operations.brakes.release(ACME, brake.seen, "Ada")

        assert not refused.is_done
        assert "3 to be voided (345.00 NZD)" in refused.message
        assert len(await at.store.fetch(brakes.get(ACME))) == 1
        assert at.woken == []


async def test_a_release_frees_everything_that_waited_and_is_in_the_trail() -> None:
    async with desk() as at:
        await halt(at)
        (brake,) = await at.operations.brakes.halted()
        done = await at.operations.brakes.release(ACME, brake.seen, "Ada")

        assert (done.is_done, done.released) == (True, 2)
        assert await at.operations.brakes.halted() == ()
        states = {one.state for one in await at.store.fetch(brakes.of_keys(ACME, ["a", "b"], AT))}
        assert states == {BrakedState.RELEASED}
        (entry,) = await at.store.fetch(journal.of_object(ACME, "Tenant", ACME))
        assert entry.entry.who == "Ada"
        assert entry.entry.description == f"Brake released: {brake.would}"
        told = [fact for fact in at.told if isinstance(fact, BrakeMoved)]
        assert [(fact.is_halted, fact.documents) for fact in told] == [(False, 2)]
        assert at.woken == [ACME]


async def test_nothing_is_released_where_nothing_is_halted() -> None:
    async with desk() as at:
        refused = await at.operations.brakes.release(ACME, "", "Ada")

        assert "nothing to release" in refused.message


async def test_queued_work_of_a_halted_tenant_is_shown_as_waiting_for_it() -> None:
    async with desk() as at:
        await halt(at)
        await at.seed({"q": QUEUED})
        tenant = await at.operations.tenant(ACME)
        wanted = ListQuery(reason=Reason.BRAKE_HALTED, limit=10)
        page = await at.operations.invoices(ACME, wanted)

        assert tenant.halt == "Too many voids."
        assert tenant.invoices[PublicState.WAITING] == 4
        assert "q" in [one.row.key for one in page.items]
        assert tenant.clears_in_s is None


def test_a_released_mass_delete_is_carried_out_and_not_halted_again() -> None:
    count = 45

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoices = [rounds.invoice(customer, f"PL-{index:03}") for index in range(120)]
        await rounds.turn()
        for each in invoices[:count]:
            rounds.user(do="delete", id=each)
        await rounds.turn()
        assert rounds.calls("POST Invoices") == 0

        braking = BrakeService(rounds.context, wake=lambda _: None)
        (brake,) = await braking.halted()
        done = await braking.release(rounds.tenant, brake.seen, "Ada")
        assert done.released == count
        await rounds.turn()
        gone = [book for book in rounds.books() if book["Status"] == "VOIDED"]
        assert len(gone) == count

        # Its window begins anew: a few more are nobody's business, too many are.
        for each in invoices[count : count + 20]:
            rounds.user(do="delete", id=each)
        await rounds.turn()
        rounds.user(do="delete", id=invoices[count + 20])
        await rounds.turn()
        gone = [book for book in rounds.books() if book["Status"] == "VOIDED"]
        assert len(gone) == count + 20
        assert rounds.result(invoices[count + 20])["reasonCode"] == "brake_halted"

    play(story)
