"""The judge of the money Pipeline was told counts in Xero, and excuses what a restore forgot."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

from syncd.lab.judges import money_told
from syncd.lab.watch.scene import Scene

DOCUMENT = {
    "InvoiceID": "x-1",
    "Payments": [{"PaymentID": "p-1", "Status": "DELETED", "Amount": "10"}],
    "Allocations": [
        {"CreditID": "c-1", "Amount": "4", "IsDeleted": False},
        {"CreditID": "c-2", "Amount": "3", "IsDeleted": True},
    ],
    "AmountPaid": "0", "AmountCredited": "4", "AmountDue": "6",
}  # fmt: skip
TOLD = {"amountPaid": "0", "amountCredited": "4", "amountDue": "6"}


@dataclass(frozen=True)
class Hours:
    taken_s: float
    restored_s: float


def scene(payments: dict[str, Any], *forgotten: Hours) -> Scene:
    """One invoice, paid and credited at 10 s; at 20 s all but one credit was taken back."""
    history = [{"at_ms": 10_000}, {"at_ms": 20_000}]
    fields = {
        "pipeline": {"results": {"invoice": {"i-1": TOLD}}, "payments": {"i-1": payments}},
        "organisation": {
            "payments": [{"PaymentID": "p-1", "History": history}],
            "credits": [
                {"ID": "c-1", "History": history[:1]},
                {"ID": "c-2", "History": history},
            ],
        },
        "decided": SimpleNamespace(forgotten=forgotten),
        "arrivals": [SimpleNamespace(at_s=at_s, shows=lambda _: True) for at_s in (4, 17, 40)],
    }
    return cast("Scene", SimpleNamespace(**fields))


CREDIT = {"c-1": {"amount": "4", "status": "AUTHORISED"}}
TAKEN_BACK = {"c-2": {"amount": "3", "status": "AUTHORISED"}}
PAID = {"p-1": {"amount": "10", "status": "AUTHORISED"}}


@pytest.mark.parametrize(
    ("told", "forgotten", "found"),
    [
        (CREDIT, [], []),
        (CREDIT | PAID, [], ["p-1"]),
        (CREDIT | PAID, [Hours(taken_s=5, restored_s=30)], []),
        (CREDIT | PAID, [Hours(taken_s=5, restored_s=15)], ["p-1"]),
        (CREDIT | PAID, [Hours(taken_s=5, restored_s=18)], []),
        (CREDIT | TAKEN_BACK, [Hours(taken_s=5, restored_s=30)], []),
        (CREDIT | TAKEN_BACK, [Hours(taken_s=5, restored_s=15)], ["c-2"]),
        ({}, [Hours(taken_s=11, restored_s=30)], ["c-1"]),
        ({}, [Hours(taken_s=5, restored_s=30)], ["c-1"]),
    ],
)
def test_money_differs_unless_it_came_and_went_in_hours_the_store_lost(
    told: dict[str, Any], forgotten: list[Hours], found: list[str]
) -> None:
    texts = list(money_told.of_document(scene(told, *forgotten), "i-1", DOCUMENT))

    assert [key for text in texts for key in ("p-1", "c-1", "c-2") if key in text] == found
