"""When the server of a pretend world kills its client, and when it keeps an answer to itself.

Called by `sandbox.serve` at three moments of every request: `read` (whole request here, nothing
stored), `committed` (stored, no byte of the answer sent), `answered` (last byte flushed). Crash
tests order deaths by `POST /_sandbox/faults`; orders are JSON, see `sandbox.matching`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.sandbox.http import Request
from syncd.sandbox.matching import Trigger

MOMENTS = ("read", "committed", "answered")
Order = Mapping[str, Any]
Orders = Order | Sequence[Order] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What has been ordered for one request; `pid` 0 means that nobody dies."""

    pid: int = 0
    dies_at: str = ""
    waits_at: str = ""
    wait_s: float = 0.0


UNTOUCHED = Fate()


class Killer:
    """Orders in force. `kill` ends a process by its id (SIGKILL on a real machine)."""

    def __init__(self, kill: Callable[[int], None] | None = None) -> None:
        self._kill = kill
        self._deaths: list[tuple[Trigger, Order]] = []
        self._holds: list[tuple[Trigger, Order]] = []

    def order_deaths(self, orders: Orders) -> None:
        """Take `{"pid", "at": "read"|"committed"|"answered", "match", "after", "times": 1}`.

        Replaces earlier ones. Raises ValueError for an order that is not understood, and when this
        world cannot kill.
        """
        listed = _listed(orders)
        for order in listed:
            if self._kill is None:
                raise ValueError("kill: this world was not given a way to end a process")
            if not isinstance(order.get("pid"), int) or order["pid"] <= 1:
                raise ValueError(f"pid: expected that of one process, got {order.get('pid')!r}")
            _check_moment(order)
        self._deaths = [(Trigger({"times": 1, **order}), order) for order in listed]

    def order_holds(self, orders: Orders) -> None:
        """Take `{"delay_s", "at": "committed", "match", "after", "times": 1}`.

        At `read` the wait comes before the request is carried out: a late commit. Replaces earlier
        orders. Raises ValueError for one that is not understood.
        """
        listed = _listed(orders)
        for order in listed:
            if not isinstance(order.get("delay_s"), int | float):
                raise ValueError(f"delay_s: expected seconds, got {order.get('delay_s')!r}")  # noqa: TRY004 - one error kind for bad input
            _check_moment({"at": "committed", **order})
        self._holds = [(Trigger({"times": 1, **order}), order) for order in listed]

    def clear(self) -> None:
        """Forget every order."""
        self._deaths, self._holds = [], []

    def fate_of(self, request: Request) -> Fate:
        """What is ordered for this request; asked once per request, for it is counted."""
        if not self._deaths and not self._holds:
            return UNTOUCHED
        death = next((order for trigger, order in self._deaths if trigger.fires(request)), {})
        hold = next((order for trigger, order in self._holds if trigger.fires(request)), {})
        return Fate(
            pid=death.get("pid", 0),
            dies_at=death.get("at", "committed") if death else "",
            waits_at=hold.get("at", "committed") if hold else "",
            wait_s=float(hold.get("delay_s", 0)),
        )

    def strike(self, fate: Fate, moment: str) -> bool:
        """Kill when this is the moment; whether it was."""
        if self._kill is None or fate.dies_at != moment:
            return False
        self._kill(fate.pid)
        return True


def _listed(orders: Orders) -> list[Order]:
    if orders is None:
        return []
    return [orders] if isinstance(orders, Mapping) else list(orders)


def _check_moment(order: Order) -> None:
    moment = order.get("at", "committed")
    if moment not in MOMENTS:
        raise ValueError(f"at: expected one of {MOMENTS}, got {moment!r}")
