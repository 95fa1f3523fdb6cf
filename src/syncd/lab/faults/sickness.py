"""One tenant of several is sick for a part of the storm: what ails it, and how it becomes well.

Nothing of it may be felt by the others. It stays sick until they are at rest, so that their rest
owes nothing to its recovery; then it becomes well and has to come to rest as everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from random import Random
from typing import Any

from syncd.lab.watch.tenancy import Tenant
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.xero.server.app import XeroWorld

Rule = Mapping[str, Any]
_SHARE = 0.6
_LONGER_THAN_ANY_CALL_S = 90


class Ailment(StrEnum):
    """What a tenant may suffer from."""

    PIPELINE_FAILS = "its Pipeline answers 500"
    PIPELINE_REFUSES = "its Pipeline refuses the key"
    PIPELINE_STALLS = "its Pipeline stands still"
    XERO_OFFLINE = "its organisation is offline"
    XERO_STALLS = "its organisation stands still"
    XERO_THROTTLES = "its organisation throttles every call"
    DISCONNECTED = "its organisation was disconnected in Xero"
    READ_ONLY = "whoever consented may only read"
    WITHDRAWN = "its tokens are refused"


_IN_PIPELINE: Mapping[Ailment, Rule] = {
    Ailment.PIPELINE_FAILS: {"do": "error_before", "status": 500},
    Ailment.PIPELINE_REFUSES: {"do": "error_before", "status": 401},
    Ailment.PIPELINE_STALLS: {"do": "slow", "seconds": _LONGER_THAN_ANY_CALL_S},
}
_IN_XERO: Mapping[Ailment, Rule] = {
    Ailment.XERO_OFFLINE: {"do": "unavailable"},
    Ailment.XERO_STALLS: {"do": "slow", "seconds": _LONGER_THAN_ANY_CALL_S},
    Ailment.XERO_THROTTLES: {"do": "throttle", "problem": "minute", "retry_after": 60},
}
_BY_HAND: Mapping[Ailment, Rule] = {
    Ailment.DISCONNECTED: {"do": "disconnect"},
    Ailment.READ_ONLY: {"do": "role", "role": "read_only"},
    Ailment.WITHDRAWN: {"do": "withdraw"},
}


class Sickness:
    """One tenant's ailment: `begin`, and `end`. `needs_consent`: only a person makes it well."""

    def __init__(
        self, tenant: Tenant, ailment: Ailment, xero: XeroWorld, pipeline: PipelineWorld
    ) -> None:
        self.tenant = tenant
        self.ailment = ailment
        self.has_begun = False
        self._xero = xero
        self._pipeline = pipeline

    @property
    def needs_consent(self) -> bool:
        """Whether it ends with somebody who consents anew."""
        return self.ailment in (Ailment.DISCONNECTED, Ailment.WITHDRAWN)

    def begin(self, *, xero: Sequence[Rule] = (), pipeline: Sequence[Rule] = ()) -> None:
        """From here on it is sick, whatever else (`xero`, `pipeline`) goes wrong for everybody."""
        self.has_begun = True
        self.go_on(xero=xero, pipeline=pipeline)
        if self.ailment in _BY_HAND:
            self._by_hand(_BY_HAND[self.ailment])

    def go_on(self, *, xero: Sequence[Rule] = (), pipeline: Sequence[Rule] = ()) -> None:
        """Stay as it is, while so much goes wrong for everybody."""
        own = self._own if self.has_begun else {}
        self._xero.faults.set([*own.get("xero", ()), *xero])
        self._pipeline.faults.set([*own.get("pipeline", ()), *pipeline])

    def end(self) -> None:
        """It becomes well, but for the consent that it may need."""
        self._xero.faults.clear()
        self._pipeline.faults.set([])
        if self.ailment is Ailment.READ_ONLY:
            self._by_hand({"do": "role", "role": "standard"})

    @property
    def _own(self) -> Mapping[str, Sequence[Rule]]:
        in_pipeline, in_xero = _IN_PIPELINE.get(self.ailment), _IN_XERO.get(self.ailment)
        return {
            "pipeline": _always(in_pipeline, self.tenant.name),
            "xero": _always(in_xero, self.tenant.organisation),
        }

    def _by_hand(self, command: Rule) -> None:
        if self.ailment is Ailment.WITHDRAWN:
            self._xero.set_switches({"revoked_access_lives": False})
        self._xero.bookkeeper({**command, "tenant": self.tenant.organisation})


def _always(rule: Rule | None, tenant: str) -> Sequence[Rule]:
    return () if rule is None else ({**rule, "match": {"tenant": tenant}, "probability": 1},)


def drawn(
    dice: Random, tenants: Sequence[Tenant], xero: XeroWorld, pipeline: PipelineWorld
) -> Sickness | None:
    """Who falls sick on one seed's day, and of what; nobody where there is only one."""
    is_one_sick = len(tenants) > 1 and dice.random() < _SHARE
    if not is_one_sick:
        return None
    return Sickness(dice.choice(tenants), dice.choice(list(Ailment)), xero, pipeline)
