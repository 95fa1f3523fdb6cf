"""How a simulated day comes to rest once nothing fails any more, and stays so.

Called by `day` at the end of the storm. Where one tenant is sick, the healthy come to rest while it
is: their rest owes nothing to its recovery. Then it becomes well, and has to come to rest as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import anyio

from syncd.domain.ids import TenantId
from syncd.lab.daemon import supervision
from syncd.lab.daemon.process import SimulatedDaemon
from syncd.lab.days.operator import SimulatedOperator
from syncd.lab.days.rest import Rest
from syncd.lab.faults.sickness import Sickness
from syncd.lab.virtual.virtual_loop import VirtualLoop

STILL_S = 450.0
_LOOK_S = 15.0
_REST_AGAIN_S = 60
"""A hold that is looked at again, or a sweep that goes round, is over by then."""
_SHOWN = 5


class Peace:
    """Waits for every tenant's rest, each time `bound_s` at most; `violations` are sentences."""

    def __init__(
        self,
        loop: VirtualLoop,
        daemon: SimulatedDaemon,
        rests: Mapping[TenantId, Rest],
        *,
        bound_s: float,
        sick: Sickness | None,
        operator: SimulatedOperator,
    ) -> None:
        self._operator = operator
        self._loop = loop
        self._daemon = daemon
        self._rests = rests
        self._bound_s = bound_s
        self._sick = sick
        self.violations: list[str] = []

    async def settle(self) -> float:
        """How many seconds it took until everybody was at rest; 0 when it never came to that."""
        began_s = self._loop.time()
        sick = self._sick
        if sick is not None:
            healthy = [rest for name, rest in self._rests.items() if name != sick.tenant.name]
            if not await self._comes_to_rest(healthy, " of the healthy"):
                return 0.0
            await _recovers(sick)
        after = "" if sick is None else f" after {sick.ailment}"
        if not await self._comes_to_rest(self._rests.values(), after):
            return 0.0
        took_s = self._loop.time() - began_s
        await self._stays_at_rest()
        return took_s

    async def _comes_to_rest(self, rests: Iterable[Rest], whose: str) -> bool:
        began_s = self._loop.time()
        while unrest := self._unrest(rests):
            if self._loop.time() - began_s > self._bound_s:
                self._wrong(f"no rest{whose} in {self._bound_s:g} s", unrest)
                return False
            await anyio.sleep(_LOOK_S)
        return True

    async def _stays_at_rest(self) -> None:
        await anyio.sleep(STILL_S)
        for _ in range(_REST_AGAIN_S):
            if not (unrest := self._unrest(self._rests.values())):
                return
            await anyio.sleep(1.0)
        self._wrong("at rest, then", unrest)

    def _unrest(self, rests: Iterable[Rest]) -> list[str]:
        """Every tenant is looked at each time: a rest counts its sweeps from look to look."""
        looks = [rest.unrest(self._daemon) for rest in rests]
        return [text for found in looks for text in found] + self._operator.unrest

    def _wrong(self, what: str, unrest: list[str]) -> None:
        self.violations.append(f"liveness: {what}: {'; '.join(unrest[:_SHOWN])}")


async def _recovers(sick: Sickness) -> None:
    sick.end()
    if sick.needs_consent:
        await supervision.consent(sick.tenant)
