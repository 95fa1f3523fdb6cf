"""A halt and its documents on paper: counted by window, released as they were seen."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.domain.errors import Conflict
from syncd.domain.model.brake import Braked, BrakeKind, BrakeStep, Halt
from syncd.domain.model.job import JobKind
from syncd.domain.model.settings import Mode
from syncd.store import brakes, tenants
from syncd.store.brakes import BrakedState, BrakeTotal
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, BETA, later

HALT = Halt(kind=BrakeKind.VOIDS, text="too many")


def document(key: str, *, step: BrakeStep = BrakeStep.VOID, amount: str = "12.34") -> Braked:
    return Braked(
        key=key,
        version=2,
        step=step,
        label=key.upper(),
        xero_id=f"x-{key}",
        currency="NZD",
        amount=Decimal(amount),
    )


async def test_a_tenant_is_halted_once_and_keeps_its_first_reason(store: Store) -> None:
    await store.run(brakes.halt(ACME, HALT, AT))
    await store.run(brakes.halt(ACME, Halt(kind=BrakeKind.MONEY, text="later"), later(5)))

    (row,) = await store.fetch(brakes.get())
    assert (row.tenant, row.halt, row.halted_at, row.waiting) == (ACME, HALT, AT, 0)
    assert await store.fetch(brakes.current_halt(BETA)) == ()


async def test_a_halted_tenant_may_not_write_and_a_lift_happens_once(store: Store) -> None:
    for tenant in (ACME, BETA):
        await store.run(tenants.set_mode(tenant, Mode.LIVE))
    await store.run(brakes.halt(ACME, HALT, AT))
    with pytest.raises(Conflict):
        await store.run(tenants.may_write(ACME, JobKind.PUSH_INVOICE, ["a"]))
    await store.run(tenants.may_write(BETA, JobKind.PUSH_INVOICE, ["a"]))

    await store.run(brakes.lift(ACME))
    await store.run(tenants.may_write(ACME, JobKind.PUSH_INVOICE, ["a"]))
    with pytest.raises(Conflict):
        await store.run(brakes.lift(ACME))


async def test_totals_are_exact_and_of_one_state_and_window(store: Store) -> None:
    await store.run(brakes.put(ACME, [document("a")], BrakedState.PASSED, AT))
    await store.run(brakes.put(ACME, [document("b", amount="0.01")], BrakedState.PASSED, later(9)))
    await store.run(brakes.put(ACME, [document("c")], BrakedState.HALTED, later(9)))

    found = await store.fetch(brakes.totals(ACME, BrakedState.PASSED, later(9)))
    everything = await store.fetch(brakes.totals(ACME, BrakedState.PASSED))

    assert found == (
        BrakeTotal(
            step=BrakeStep.VOID, currency="NZD", has_money=True, count=1, amount=Decimal("0.01")
        ),
    )
    assert everything[0].amount == Decimal("12.35")


async def test_the_very_same_change_is_counted_once(store: Store) -> None:
    for at in (AT, later(1)):
        await store.run(brakes.put(ACME, [document("a")], BrakedState.PASSED, at))

    (total,) = await store.fetch(brakes.totals(ACME, BrakedState.PASSED))
    assert total.count == 1
    assert len(await store.fetch(brakes.of_keys(ACME, ["a"], later(1)))) == 1
    assert await store.fetch(brakes.of_keys(ACME, ["a"], later(2))) == ()


async def test_what_is_halted_is_listed_released_and_forgotten(store: Store) -> None:
    both = [document("b"), document("a", step=BrakeStep.UPDATE)]
    await store.run(brakes.put(ACME, both, BrakedState.HALTED, AT))
    assert [one.document for one in await store.fetch(brakes.halted(ACME))] == both[::-1]

    await store.run(brakes.put(ACME, both[:1], BrakedState.RELEASED, later(1)))
    await store.run(brakes.forget_halted(ACME))
    (left,) = await store.fetch(brakes.of_keys(ACME, ["a", "b"], AT))
    assert (left.document.key, left.state) == ("b", BrakedState.RELEASED)

    await store.run(brakes.forget_older(ACME, BrakedState.RELEASED, later(1)))
    assert len(await store.fetch(brakes.of_keys(ACME, ["b"], AT))) == 1
    await store.run(brakes.forget_older(ACME, BrakedState.RELEASED, later(2)))
    assert await store.fetch(brakes.of_keys(ACME, ["b"], AT)) == ()


async def test_only_named_documents_leave_the_list(store: Store) -> None:
    both = [document("a"), document("b")]
    await store.run(brakes.put(ACME, both, BrakedState.HALTED, AT))
    await store.run(brakes.forget_halted(ACME, ["a"]))

    assert [one.document.key for one in await store.fetch(brakes.halted(ACME))] == ["b"]


async def test_standing_invoices_are_counted_no_further_than_asked(store: Store) -> None:
    assert await store.fetch(brakes.documents_in_xero(ACME, most=5)) == (0,)
    assert await store.fetch(brakes.documents_in_xero(ACME, most=0)) == (0,)
