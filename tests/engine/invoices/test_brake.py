"""What would change too much at once is held, listed and explained; a person lets it pass."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from syncd.domain.facts import BrakeMoved
from syncd.domain.ids import IncarnationId
from syncd.domain.model.brake import BrakeKind
from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.model.settings import CodeMapping
from syncd.engine.recovery import lease_reaper
from syncd.ports.rows import Rows
from syncd.store import brakes, jobs
from tests.engine.support import deciding
from tests.engine.support.rounds import LINE, Rounds, play


async def _stand(rounds: Rounds, count: int) -> list[str]:
    """So many invoices, synced."""
    customer = rounds.customer()
    found = [rounds.invoice(customer, f"PL-{index:03}") for index in range(count)]
    await rounds.turn()
    assert len(_living(rounds)) == count
    return found


def _living(rounds: Rounds) -> list[dict[str, Any]]:
    return [book for book in rounds.books() if book["Status"] not in ("VOIDED", "DELETED")]


def _delete(rounds: Rounds, invoices: list[str]) -> None:
    for each in invoices:
        rounds.user(do="delete", id=each)


async def _halt(rounds: Rounds) -> brakes.BrakeRow | None:
    found = await rounds.context.store.fetch(brakes.get(rounds.tenant))
    return found[0] if found else None


async def _halted(rounds: Rounds) -> int:
    return len(await rounds.context.store.fetch(brakes.halted(rounds.tenant)))


def _reasons(rounds: Rounds, invoices: list[str]) -> set[tuple[str, str | None]]:
    results = [rounds.result(each) for each in invoices]
    return {(one["state"], one.get("reasonCode")) for one in results}


def test_a_mass_delete_halts_before_a_single_void() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _stand(rounds, 100)
        _delete(rounds, invoices[:45])
        await rounds.turn()

        assert len(_living(rounds)) == 100
        halt = await _halt(rounds)
        assert halt is not None
        assert halt.halt.kind is BrakeKind.VOIDS
        assert (halt.waiting, await _halted(rounds)) == (45, 45)
        assert _reasons(rounds, invoices[:45]) == {("waiting", "brake_halted")}
        told = [fact for fact in rounds.told if isinstance(fact, BrakeMoved)]
        assert [(fact.is_halted, fact.documents) for fact in told] == [(True, 45)]

    play(story)


def test_a_few_deletes_are_nobodys_business() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _stand(rounds, 60)
        _delete(rounds, invoices[:20])
        await rounds.turn()

        assert len(_living(rounds)) == 40
        assert await _halt(rounds) is None

    play(story)


def test_an_invoice_below_nought_is_withdrawn_like_any_other() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.world.switches.turn({"total_below_zero_refused": False})
        customer = rounds.customer()
        invoice = rounds.invoice(
            customer, "PL-MINUS", lines=[{**LINE, "unitAmount": Decimal("-10.00")}]
        )
        await rounds.turn()
        assert len(_living(rounds)) == 1
        _delete(rounds, [invoice])
        await rounds.turn()

        assert _living(rounds) == []

    play(story)


def test_the_window_is_counted_across_batches_and_restarts() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _stand(rounds, 60)
        _delete(rounds, invoices[:15])
        await rounds.turn()
        rounds.context = replace(rounds.context, incarnation=IncarnationId("boot-2"))
        await lease_reaper.start_up(rounds.context)
        _delete(rounds, invoices[15:21])
        await rounds.turn()
        assert len(_living(rounds)) == 45
        assert await _halted(rounds) == 6

        await rounds.after(10, step_s=10)
        assert len(_living(rounds)) == 45

    play(story)


def test_the_window_slides() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _stand(rounds, 60)
        _delete(rounds, invoices[:15])
        await rounds.turn()
        await rounds.after(600, step_s=300)
        _delete(rounds, invoices[15:30])
        await rounds.turn()

        assert len(_living(rounds)) == 30
        assert await _halt(rounds) is None

    play(story, brake_window_s=500.0)


def test_what_was_restored_in_pipeline_is_not_voided_and_lifts_the_brake() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _stand(rounds, 100)
        _delete(rounds, invoices[:45])
        await rounds.turn()
        waiting = rounds.invoice(_customer(rounds), "PL-NEW")
        await rounds.turn()
        assert _reasons(rounds, [waiting]) == {("waiting", "brake_halted")}

        for each in invoices[:45]:
            rounds.user(do="restore", id=each)
        await rounds.turn()

        assert await _halt(rounds) is None
        assert len(_living(rounds)) == 101
        assert rounds.calls("POST Invoices") == 0
        assert _reasons(rounds, [*invoices, waiting]) == {("synced", None)}
        told = [fact.is_halted for fact in rounds.told if isinstance(fact, BrakeMoved)]
        assert told == [True, False]

    play(story)


def _customer(rounds: Rounds) -> str:
    return next(iter(rounds.pipeline.dump()["tenants"][rounds.tenant]["customers"]))


def test_what_a_person_left_as_it_is_leaves_the_list_and_the_last_of_it_lifts_the_brake() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _stand(rounds, 12)
        rounds.user(do="edit_invoice", id=invoices[11], set={"reference": "PO 9"})
        _delete(rounds, invoices[:7])
        await rounds.turn()
        assert await _halted(rounds) == 8

        for count, each in enumerate(invoices[:7], start=1):
            assert await _halt(rounds) is not None
            await deciding.take(rounds, each, "xero")
            assert await _halted(rounds) == (8 - count if count < 7 else 0)
        await rounds.turn()

        assert await _halt(rounds) is None
        assert rounds.result(invoices[11])["state"] == "synced"
        assert len(_living(rounds)) == 12
        told = [fact.is_halted for fact in rounds.told if isinstance(fact, BrakeMoved)]
        assert told == [True, False]

    play(story)


def test_a_halted_tenant_is_read_and_told_and_writes_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _stand(rounds, 30)
        _delete(rounds, invoices[:21])
        await rounds.turn()
        puts, posts = rounds.calls("PUT Contacts"), rounds.calls("POST Invoices")
        other = rounds.user(do="create_customer", ref="C2", name="Second")["id"]
        rounds.invoice(other, "PL-OTHER")
        rounds.user(do="edit_invoice", id=invoices[25], set={"reference": "PO 7"})
        await rounds.after(60)

        assert (rounds.calls("PUT Contacts"), rounds.calls("POST Invoices")) == (puts, posts)
        assert rounds.result(invoices[25])["reasonCode"] == "brake_halted"

    play(story)


def test_more_money_than_set_halts_and_counts_both_ways() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _stand(rounds, 4)
        rounds.choose(brake_money=Decimal(1000))
        rounds.user(do="edit_invoice", id=invoices[0], set={"lines": [LINE | {"quantity": 9}]})
        await rounds.turn()
        assert await _halt(rounds) is None  # by 828 of 1000

        rounds.user(do="edit_invoice", id=invoices[1], set={"lines": [LINE | {"quantity": 1}]})
        await rounds.turn()  # and by 276 downward

        halt = await _halt(rounds)
        assert halt is not None
        assert halt.halt.kind is BrakeKind.MONEY
        assert "276.00 NZD after 828.00" in halt.halt.text
        assert _reasons(rounds, invoices[:1]) == {("synced", None)}
        assert _reasons(rounds, invoices[1:2]) == {("waiting", "brake_halted")}

    play(story)


def test_a_small_tenant_emptied_in_pipeline_halts_below_the_number_of_voids() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _stand(rounds, 12)
        _delete(rounds, invoices[:7])
        await rounds.turn()

        halt = await _halt(rounds)
        assert halt is not None
        assert halt.halt.kind is BrakeKind.PIPELINE_EMPTIED
        assert len(_living(rounds)) == 12

    play(story)


def test_an_emptied_organisation_is_doubted_and_believed_again_when_it_is_back() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _stand(rounds, 15)
        await rounds.after(450, step_s=450)  # what is younger need not be shown yet
        rounds.context = replace(rounds.context, ledger=_Emptied(rounds.xero.ledger))
        for each in invoices:
            rounds.user(do="edit_invoice", id=each, set={"reference": "PO 8"})
        await rounds.turn()

        halt = await _halt(rounds)
        assert halt is not None
        assert halt.halt.kind is BrakeKind.XERO_EMPTIED
        assert _reasons(rounds, invoices) == {("waiting", "brake_halted")}

        rounds.context = replace(rounds.context, ledger=rounds.xero.ledger)
        await rounds.after(3700, step_s=600)

        assert await _halt(rounds) is None
        assert _reasons(rounds, invoices) == {("synced", None)}
        assert {book["Reference"] for book in rounds.books()} == {"PO 8"}

    play(story)


def test_what_xero_does_not_show_yet_is_not_taken_for_emptied() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.world.switches.turn({"read_lag_s": 47.0})
        invoices = await _stand(rounds, 15)
        for each in invoices:
            rounds.user(do="edit_invoice", id=each, set={"reference": "PO 8"})
        await rounds.after(120)

        assert [fact for fact in rounds.told if isinstance(fact, BrakeMoved)] == []
        assert {book["Reference"] for book in rounds.books()} == {"PO 8"}

    play(story)


class _Emptied:
    """Xero, where every look by id finds nothing."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def invoices_by_id(self, *_: Any, **__: Any) -> Rows[Any]:
        return Rows()


def test_a_backfill_is_never_braked() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(brake_money=Decimal(1))
        await _stand(rounds, 60)

        assert await _halt(rounds) is None

    play(story)


def test_a_changed_mapping_moves_nothing_by_itself() -> None:
    async def story(rounds: Rounds) -> None:
        invoices = await _stand(rounds, 12)
        rounds.choose(cost_codes={"LAB": CodeMapping(account="260")})
        await lease_reaper.apply_choices(rounds.context)
        posts = rounds.calls("POST Invoices")
        for each in invoices[:3]:
            await _look_again(rounds, each)
        await rounds.after(4000, step_s=1000)

        assert rounds.calls("POST Invoices") == posts
        codes = {line["AccountCode"] for book in rounds.books() for line in book["LineItems"]}
        assert codes == {"200"}

    play(story)


async def _look_again(rounds: Rounds, invoice: str) -> None:
    now = rounds.context.now()
    wish = JobRequest(tenant=rounds.tenant, kind=JobKind.PUSH_INVOICE, key=invoice, ready_at=now)
    await rounds.context.store.run(jobs.enqueue([wish], now))


def test_what_passed_and_was_not_done_counts_once() -> None:
    put_off = {"do": "throttle", "match": {"method": "POST", "path": "/Invoices"}}

    async def story(rounds: Rounds) -> None:
        invoices = await _stand(rounds, 60)
        rounds.choose(brake_money=Decimal(500))
        rounds.fault(**put_off)
        rounds.user(do="edit_invoice", id=invoices[0], set={"lines": [LINE | {"quantity": 5}]})
        await rounds.after(120)
        rounds.choose(brake_money=None)
        rounds.fault(**put_off)
        _delete(rounds, invoices[1:16])
        await rounds.after(120)

        assert await _halt(rounds) is None
        assert len(_living(rounds)) == 45

    play(story)
