"""The context every workflow is handed: ports, store, the tenants' choices and the durations.

Built once, in `bootstrap`. Workflows are functions that take it first; they keep no state of
their own between rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.domain.ids import IncarnationId, InstallationId, TenantId
from syncd.domain.model.settings import TenantPolicy
from syncd.domain.model.value import Value
from syncd.domain.rules.tenant.pipeline_reach import Reach
from syncd.ports.billing import Billing
from syncd.ports.clock import Clock
from syncd.ports.entropy import Entropy
from syncd.ports.ledger import Ledger
from syncd.ports.observer import Observer
from syncd.store.unit_of_work import Store

Gate = Callable[[TenantId], bool]
"""Whether a tenant's work may pass: its connection, its switches and its brake allow it."""


class Limits(Value, frozen=True, kw_only=True):
    """Every duration and size a workflow keeps, as configured (`[sync]`)."""

    batch_size: int = 50
    lease_s: float = 120.0
    probe_after_s: float = 20.0
    replay_within_s: float = 300.0
    late_commit_s: float = 420.0
    live_max_age_s: float = 10.0
    draft_quiet_s: float = 10.0
    recheck_s: float = 3600.0
    settings_max_age_s: float = 300.0
    poll_every_s: float = 15.0
    poll_gap_s: float = 1.5
    reconcile_every_s: float = 900.0
    full_sweep_every_s: float = 86_400.0
    sample_every_s: float = 5.0
    backoff_base_s: float = 2.0
    backoff_most_s: float = 900.0
    webhook_quiet_s: float = 1.0
    webhook_most_s: float = 3.0
    brake_voids: int = 20
    brake_window_s: float = 3600.0
    answer_within_s: float = 15.0
    retention_every_s: float = 3600.0
    keep_writes_s: float = 2_592_000.0
    keep_events_s: float = 2_764_800.0
    keep_findings_s: float = 2_592_000.0
    keep_consents_s: float = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncContext:
    """The ports and choices a workflow works with."""

    store: Store
    clock: Clock
    entropy: Entropy
    observe: Observer
    ledger: Ledger
    billing: Billing
    policies: dict[TenantId, TenantPolicy]
    """The one thing that may change while it runs: a reload replaces a tenant's choices."""
    limits: Limits
    installation: InstallationId
    incarnation: IncarnationId
    reached: dict[TenantId, Reach] = field(default_factory=dict)
    """Whether each tenant's Pipeline is reached; kept in memory by `engine.core.pipeline_reach`."""

    def now(self) -> datetime:
        """The current instant."""
        return self.clock.now()

    def after(self, seconds: float) -> datetime:
        """The instant `seconds` from now."""
        return self.clock.now() + timedelta(seconds=seconds)
