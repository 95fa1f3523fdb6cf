"""What a simulated day amounted to, in figures. Filled by `day`, read by `simulation`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from syncd.domain.ids import TenantId
from syncd.lab.faults.fault_mix import FaultyDisk, FaultyNet


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a day amounted to."""

    edits: int = 0
    lived_s: float = 0.0
    settle_s: float = 0.0
    tenants: int = 1
    sick: str = ""
    waits_s: dict[str, int] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    tail: tuple[str, ...] = ()

    def waited(self, longest_s: Mapping[TenantId, int]) -> None:
        """By tenant, how long due work has waited at the most."""
        self.waits_s = {str(name): waited for name, waited in longest_s.items()}

    def failed(self, fired: Mapping[str, int], net: FaultyNet, disk: FaultyDisk) -> None:
        """What has struck: in Xero, on the way, on the disk."""
        self.faults = Counter(fired)
        self.faults.update(
            {
                "connection refused": net.refused,
                "connection cut": net.cuts,
                "connection stalled": net.stalls,
                "commit failed": disk.failures,
            }
        )
