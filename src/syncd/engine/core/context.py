"""The context every workflow is handed: ports, store, the tenants' choices and the durations.

Built once, in `bootstrap`. Workflows are functions that take it first; they keep no state of
their own between rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.domain.errors import NotServed, SyncdError
from syncd.domain.facts import ServiceFailed
from syncd.domain.ids import IncarnationId, InstallationId, TenantId
from syncd.domain.model.job import JobKind
from syncd.domain.model.limits import Limits
from syncd.domain.model.settings import TenantPolicy
from syncd.domain.rules.tenant.pipeline_reach import Reach
from syncd.ports.billing import Billing
from syncd.ports.clock import Clock
from syncd.ports.entropy import Entropy
from syncd.ports.ledger import Ledger
from syncd.ports.observer import Observer
from syncd.store.unit_of_work import Store

Gate = Callable[[TenantId], bool]
"""Whether a tenant's work may pass: its connection, its switches and its brake allow it."""


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
    failing: dict[str, int] = field(default_factory=dict)
    """How many rounds in a row have failed, by the loop's name; kept by `engine.loops.loop`."""
    lacking: dict[tuple[TenantId, JobKind, str], int] = field(default_factory=dict)
    """How many answers in a row lacked what stood in Xero; kept by `engine.writes.absence`."""

    def now(self) -> datetime:
        """The current instant."""
        return self.clock.now()

    def after(self, seconds: float) -> datetime:
        """The instant `seconds` from now."""
        return self.clock.now() + timedelta(seconds=seconds)

    @contextmanager
    def alone(self, tenant: TenantId, *, service: str) -> Iterator[None]:
        """One tenant's part of a round over all: what the program fails at there ends with it.

        It is told under `service`. A tenant that was removed since ends its part without a word;
        every other SyncdError is raised.
        """
        try:
            yield
        except NotServed:
            return
        except SyncdError:
            raise
        except Exception as error:  # noqa: BLE001  (the last resort per tenant: tell, go on)
            text = f"{type(error).__name__}: {error}"
            name = f"{service}:{tenant}"
            self.observe(ServiceFailed(service=name, error=text, retry_after_s=0.0))
