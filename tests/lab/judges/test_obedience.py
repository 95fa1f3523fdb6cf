"""The judge of obedience: what was ordered holds at once, and brakes let so many pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from syncd.lab.judges.obedience import BrakeJudge, ObedienceJudge
from syncd.lab.watch.operator_witness import OperatorWitness
from syncd.lab.watch.store_reader import StoreReader
from syncd.lab.watch.watched_wire import Departure
from syncd.lab.watch.watched_xero import WatchedXero
from syncd.ports.transport import HttpRequest
from syncd.sandbox.clock import SandboxClock

ORG = "org-1"
NOW_S = 1000.0


class Paper:
    """A store in which every call came on paper in peace, or under a halt."""

    def __init__(self, *, is_halted: bool = False) -> None:
        self.is_halted = is_halted

    def was_opened_while_halted(self, key: str) -> bool:
        return bool(key) and self.is_halted


def said(
    witness: OperatorWitness, method: str, *, is_halted: bool = False, times: int = 1
) -> list[str]:
    xero = WatchedXero(clock=SandboxClock(lambda: NOW_S), seed=1)
    stores = {ORG: cast("StoreReader", Paper(is_halted=is_halted))}
    judge = ObedienceJudge(xero, stores, {ORG: witness})
    request = HttpRequest(
        method=method,
        url="http://xero.test/api.xro/2.0/Invoices",
        headers={"Xero-Tenant-Id": ORG, "Idempotency-Key": "k1"},
    )
    for _ in range(times):
        judge.departing(Departure(request=request, under_way=()))
    return judge.violations


@pytest.mark.parametrize(
    ("what", "method", "is_wrong"),
    [
        ("paused", "POST", True),
        ("paused", "GET", False),
        ("observing", "PUT", True),
        ("disconnected", "PUT", True),
        ("disconnected", "GET", True),
    ],
)
def test_what_is_in_force_forbids_what_leaves(what: str, method: str, is_wrong: bool) -> None:
    witness = OperatorWitness()
    witness.begins(what, NOW_S - 1)

    assert bool(said(witness, method)) is is_wrong


def test_sends_that_were_on_paper_by_then_may_leave() -> None:
    on_paper, others = OperatorWitness(), OperatorWitness()
    on_paper.begins("paused", NOW_S - 1, {"k1": 1})
    others.begins("paused", NOW_S - 1, {"k2": 1})

    assert said(on_paper, "POST") == []
    assert len(said(on_paper, "POST", times=2)) == 1
    repeated = OperatorWitness()
    repeated.begins("paused", NOW_S - 1, {"k1": 2})
    assert said(repeated, "POST", times=2) == []
    assert len(said(repeated, "POST", times=3)) == 1
    assert len(said(others, "POST")) == 1


def test_what_was_lifted_forbids_nothing() -> None:
    witness = OperatorWitness()
    witness.begins("paused", NOW_S - 9)
    witness.ends("paused", NOW_S - 5)

    assert said(witness, "POST") == []


def test_write_that_came_on_paper_under_a_halt_is_named() -> None:
    assert len(said(OperatorWitness(), "POST", is_halted=True)) == 1
    assert said(OperatorWitness(), "GET", is_halted=False) == []


def books(*deaths_s: float) -> dict[str, Any]:
    def document(at: int, at_s: float) -> dict[str, Any]:
        fields = [["Status", "AUTHORISED", "VOIDED"]]
        entry = {"at_ms": int(at_s * 1000), "who": "app", "what": "edited", "fields": fields}
        return {"InvoiceID": f"d{at}", "InvoiceNumber": f"N{at}", "History": [entry]}

    return {"invoices": [document(at, at_s) for at, at_s in enumerate(deaths_s)]}


def braked(witness: OperatorWitness, deaths_s: Sequence[float]) -> list[str]:
    judge = BrakeJudge(arrivals=(), witness=witness, most=2, window_s=600.0)
    return list(judge.judge(books(*deaths_s)))


def test_more_than_may_be_within_a_window_is_named_once() -> None:
    assert len(braked(OperatorWitness(), [10.0, 20.0, 30.0])) == 1
    assert braked(OperatorWitness(), [10.0, 20.0, 700.0]) == []


def test_what_was_released_before_is_not_counted() -> None:
    assert braked(OperatorWitness(released={"d2": [25.0]}), [10.0, 20.0, 30.0]) == []
    assert len(braked(OperatorWitness(released={"d2": [35.0]}), [10.0, 20.0, 30.0])) == 1


def test_window_does_not_reach_over_a_restore_or_a_clock_set_forward() -> None:
    restored, stepped = OperatorWitness(), OperatorWitness(steps=[(15.0, 3600.0)])
    restored.restored(taken_s=5.0, at_s=15.0)

    assert braked(restored, [10.0, 20.0, 30.0]) == []
    assert braked(stepped, [10.0, 20.0, 30.0]) == []
    assert len(braked(OperatorWitness(steps=[(15.0, -3600.0)]), [10.0, 20.0, 30.0])) == 1
