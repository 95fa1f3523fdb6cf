from __future__ import annotations

import pytest

from syncd.sandbox.http import Request
from syncd.sandbox.killer import UNTOUCHED, Killer

GET = Request(method="GET", path="/Invoices")


def test_nobody_dies_unless_ordered() -> None:
    killed: list[int] = []
    killer = Killer(killed.append)
    assert killer.fate_of(GET) == UNTOUCHED
    assert not killer.strike(UNTOUCHED, "read")
    assert killed == []


def test_each_order_kills_once_at_its_moment() -> None:
    killed: list[int] = []
    killer = Killer(killed.append)
    killer.order_deaths([{"pid": 7, "at": "read"}, {"pid": 8, "at": "answered"}])
    first, second = killer.fate_of(GET), killer.fate_of(GET)
    assert [killer.strike(first, at) for at in ("read", "committed")] == [True, False]
    assert [killer.strike(second, at) for at in ("read", "answered")] == [False, True]
    assert killed == [7, 8]


def test_orders_are_replaced_and_cleared() -> None:
    killer = Killer(lambda _pid: None)
    killer.order_deaths({"pid": 7, "at": "read"})
    killer.order_deaths(None)
    assert killer.fate_of(GET).pid == 0
    killer.order_holds({"delay_s": 1})
    assert (killer.fate_of(GET).waits_at, killer.fate_of(GET).waits_at) == ("committed", "")
    killer.order_holds({"delay_s": 1})
    killer.clear()
    assert killer.fate_of(GET) == UNTOUCHED


@pytest.mark.parametrize("pid", [None, "7", 1, 0, -5])
def test_only_one_process_of_its_own_id_can_be_killed(pid: object) -> None:
    with pytest.raises(ValueError, match="pid"):
        Killer(lambda _pid: None).order_deaths({"pid": pid, "at": "read"})
