"""Brakes: whether what is about to change is so much that a person should see it first.

Called by the engine after everything is decided and before anything is sent. Creates are never
braked: a first connection brings thousands of them, and none destroys anybody's work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from syncd.domain.model.brake import (
    REMOVES,
    Braked,
    BrakeKind,
    BrakeLimits,
    BrakeStep,
    Halt,
    PassedAlready,
)

EMPTY_LEAST = 10
"""Of fewer documents nobody can say that a side was emptied."""
_HOUR_S, _MINUTE_S = 3600, 60


def check(
    limits: BrakeLimits,
    passed: PassedAlready,
    changes: Sequence[Braked],
    *,
    documents: int,
    reads: int,
) -> Halt | None:
    """Why the tenant is halted; None lets the changes pass.

    `documents` is how many linked invoices stand in Xero now, those of `changes` included; `reads`
    how many of ours this round asked Xero for.
    """
    return (
        _xero_emptied(changes, reads)
        or _pipeline_emptied(passed, changes, documents)
        or _voids(limits, passed, changes)
        or _money(limits, passed, changes)
    )


def concerns(kind: BrakeKind, one: Braked) -> bool:
    """Whether a document is part of why a brake of this kind halted, not only held behind it."""
    match kind:
        case BrakeKind.XERO_EMPTIED:
            return one.step is BrakeStep.ABSENT
        case BrakeKind.MONEY:
            return one.amount > 0
        case _:
            return one.step in REMOVES


def money_of(changes: Iterable[Braked]) -> dict[str, Decimal]:
    """By how much totals change, by currency; what is believed absent moves none."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in changes:
        if one.step is not BrakeStep.ABSENT:
            found[one.currency] += one.amount
    return dict(found)


def _removed(changes: Sequence[Braked]) -> int:
    return sum(one.step in REMOVES for one in changes)


def _xero_emptied(changes: Sequence[Braked], reads: int) -> Halt | None:
    absent = sum(one.step is BrakeStep.ABSENT for one in changes)
    if absent < EMPTY_LEAST or 2 * absent <= reads:
        return None
    return Halt(
        kind=BrakeKind.XERO_EMPTIED,
        text=(
            f"Xero does not show {absent} of {reads} invoices that stood there. Is it still the "
            "right organisation, and was it restored or emptied? Nothing is believed gone yet."
        ),
    )


def _pipeline_emptied(
    passed: PassedAlready, changes: Sequence[Braked], documents: int
) -> Halt | None:
    now = _removed(changes)
    before = documents + passed.voids
    if now == 0 or before < EMPTY_LEAST or 2 * (now + passed.voids) <= before:
        return None
    return Halt(
        kind=BrakeKind.PIPELINE_EMPTIED,
        text=(
            f"Pipeline withdraws {now + passed.voids} of the {before} invoices that stood in Xero: "
            "more than half. Was it emptied, or restored from an old copy?"
        ),
    )


def _voids(limits: BrakeLimits, passed: PassedAlready, changes: Sequence[Braked]) -> Halt | None:
    now = _removed(changes)
    if now == 0 or passed.voids + now <= limits.voids:
        return None
    already = f", after {passed.voids} already" if passed.voids else ""
    return Halt(
        kind=BrakeKind.VOIDS,
        text=(
            f"{now} invoices would be voided or deleted in Xero{already}; within "
            f"{_lasting(limits.window_s)} at most {limits.voids} are without a person's word "
            "(sync.brake_voids)."
        ),
    )


def _money(limits: BrakeLimits, passed: PassedAlready, changes: Sequence[Braked]) -> Halt | None:
    if limits.money is None:
        return None
    for currency, now in sorted(money_of(changes).items()):
        already = passed.money.get(currency, Decimal(0))
        if now > 0 and already + now > limits.money:
            return Halt(
                kind=BrakeKind.MONEY,
                text=(
                    f"Totals in Xero would change by {now} {currency} after {already} already; "
                    f"within {_lasting(limits.window_s)} at most {limits.money} do without a "
                    "person's word (brake_money)."
                ),
            )
    return None


def _lasting(seconds: float) -> str:
    if seconds == _HOUR_S:
        return "an hour"
    return f"{seconds:g} s" if seconds < _MINUTE_S else f"{seconds / _MINUTE_S:g} min"
