"""A desk whose tenant acme is halted over two voids."""

from __future__ import annotations

from decimal import Decimal

from syncd.domain.model.brake import Braked, BrakeKind, BrakeStep, Halt
from syncd.domain.model.job import JobState, Reason
from syncd.store import brakes
from syncd.store.brakes import BrakedState
from syncd.store.unit_of_work import Transaction
from tests.engine.support.operating import Desk, End
from tests.store.build import ACME, AT

HALT = Halt(kind=BrakeKind.VOIDS, text="Too many voids.")
HELD = End(state=JobState.HELD, reason=Reason.BRAKE_HALTED, note="a brake halted everything")


def document(key: str) -> Braked:
    return Braked(
        key=key,
        version=1,
        step=BrakeStep.VOID,
        label=key.upper(),
        xero_id=f"x-{key}",
        currency="NZD",
        amount=Decimal("115.00"),
    )


async def halt(desk: Desk) -> None:
    """Invoices a and b would be voided, c would be created."""
    await desk.seed({"a": HELD, "b": HELD, "c": HELD})
    await halt_alone(desk)


async def halt_alone(desk: Desk) -> None:
    """The same without the invoices."""
    tx = Transaction()
    tx.add(brakes.halt(ACME, HALT, AT))
    tx.add(brakes.put(ACME, [document("a"), document("b")], BrakedState.HALTED, AT))
    await desk.store.commit(tx)


async def widen(desk: Desk) -> None:
    """One more comes to the list."""
    await desk.store.run(brakes.put(ACME, [document("d")], BrakedState.HALTED, AT))
