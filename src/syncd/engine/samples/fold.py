"""Counts what five minutes of each tenant were, out of the facts everybody tells.

An observer, made in `bootstrap`; `engine.samples.keep` takes what has ended to the store. The five
minutes that run are in memory alone: a crash costs no more than them.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncd.domain import facts
from syncd.domain.facts import Fact
from syncd.domain.ids import TenantId
from syncd.domain.model.inbox import NoticeOutcome, Source
from syncd.domain.model.job import PublicState
from syncd.domain.model.sample import NO_DELAYS, Sample, begins_at, period_of
from syncd.domain.rules.samples import delays
from syncd.ports.clock import Clock

MOST_UNKEPT = 12
"""While the store takes nothing, so many samples of each tenant wait for it: an hour."""
_KEPT = ("kept", str(NoticeOutcome.UNKNOWN_CATEGORY), str(NoticeOutcome.UNKNOWN_ORGANISATION))
"""What a sender was answered for, whether or not it means something to us."""
_ON_THEIR_WAY = (str(PublicState.PENDING), str(PublicState.UNCERTAIN))


@dataclass(slots=True)
class _Running:
    """What was seen of one tenant since the five minutes began."""

    counts: Counter[str] = field(default_factory=Counter)
    standing: dict[str, Any] = field(default_factory=dict)
    most_queued: int | None = None
    push_delays: tuple[int, ...] = NO_DELAYS
    webhook_delays: tuple[int, ...] = NO_DELAYS

    def ended(self, period: int, seen_s: int) -> Sample:
        return Sample(
            period=period,
            seen_s=seen_s,
            most_queued=self.most_queued,
            push_delays=self.push_delays,
            webhook_delays=self.webhook_delays,
            **self.standing,
            **self.counts,
        )


class SampleFold:
    """The running five minutes of every tenant, and those that have ended and are not kept yet."""

    def __init__(self, tenants: Iterable[TenantId], *, clock: Clock) -> None:
        self._clock = clock
        self._tenants = sorted(tenants)
        self._ended: deque[tuple[TenantId, Sample]] = deque()
        self._findings: dict[TenantId, int] = {}
        self._begin(clock.now())

    def observe(self, fact: Fact) -> None:
        """Count a fact."""
        match fact:
            case facts.TenantSampled():
                self._standing(fact)
            case facts.JobsSettled():
                running = self._of(fact.tenant)
                counts = delays.counted(fact.push_delays_s)
                running.push_delays = delays.added(running.push_delays, counts)
            case facts.TenantServed():
                self._serve(fact.tenant, is_served=fact.is_served)
            case facts.CallMade():
                counter = self._of(fact.tenant).counts
                counter[_purpose(fact.operation)] += 1
                counter["bytes_read"] += fact.bytes_read
            case facts.WebhooksReceived():
                self._roll()
                for running in self._running.values():
                    running.counts.update(_at_the_door(fact))
            case facts.WebhooksDigested():
                running = self._of(fact.tenant)
                running.counts["events"] += sum(fact.verdicts.values())
                counts = delays.counted(fact.delays_s)
                running.webhook_delays = delays.added(running.webhook_delays, counts)
            case facts.FindingsReviewed():
                self._findings[fact.tenant] = sum(fact.open.values())
                self._of(fact.tenant).counts["missed"] += fact.missed
            case _:
                pass  # no figure of ours

    def running(self, tenant: TenantId) -> Sample:
        """What was seen so far of the five minutes that run."""
        running, seen_for = self._of(tenant), self._clock.now() - self._began_at
        return running.ended(self._period, max(0, int(seen_for.total_seconds())))

    def ended(self) -> tuple[tuple[TenantId, Sample], ...]:
        """What has ended and is not kept yet, oldest first."""
        self._roll()
        return tuple(self._ended)

    def let_go(self, kept: Iterable[tuple[TenantId, Sample]]) -> None:
        """These are in the store."""
        for one in kept:
            if one in self._ended:
                self._ended.remove(one)

    def _serve(self, tenant: TenantId, *, is_served: bool) -> None:
        """One tenant more from here on, or one less: what was not kept of it is not."""
        self._roll()
        if is_served:
            self._tenants = sorted({*self._tenants, tenant})
            self._running[tenant] = _Running()
        else:
            self._tenants.remove(tenant)
            del self._running[tenant]
            self._ended = deque(one for one in self._ended if one[0] != tenant)

    def _of(self, tenant: TenantId) -> _Running:
        self._roll()
        return self._running.setdefault(tenant, _Running())

    def _roll(self) -> None:
        """End the five minutes where the clock is in others; it may have been set."""
        now = self._clock.now()
        period = period_of(now)
        if period == self._period:
            return
        ends_at = begins_at(self._period + 1)
        seen_s = max(0, int((ends_at - self._began_at).total_seconds()))
        for tenant in self._tenants:
            self._ended.append((tenant, self._running[tenant].ended(self._period, seen_s)))
        while len(self._ended) > MOST_UNKEPT * len(self._tenants):
            self._ended.popleft()
        self._begin(ends_at if period == self._period + 1 else now)

    def _begin(self, at: datetime) -> None:
        self._period, self._began_at = period_of(at), at
        self._running = {tenant: _Running() for tenant in self._tenants}

    def _standing(self, fact: facts.TenantSampled) -> None:
        running, invoices = self._of(fact.tenant), fact.invoices
        queued = sum(invoices.get(state, 0) for state in _ON_THEIR_WAY)
        running.most_queued = max(queued, running.most_queued or 0)
        running.standing = {
            "queued": queued,
            "waiting": invoices.get(str(PublicState.WAITING), 0),
            "out_of_sync": invoices.get(str(PublicState.OUT_OF_SYNC), 0),
            "failed": invoices.get(str(PublicState.FAILED), 0),
            "findings": self._findings.get(fact.tenant),
            "day_left": fact.day_left,
        }


def _purpose(operation: str) -> str:
    verb = operation.partition("_")[0]
    return {"sweep": "sweep_calls", "read": "read_calls"}.get(verb, "write_calls")


def _at_the_door(fact: facts.WebhooksReceived) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    source = Source(fact.source)
    for outcome, count in fact.outcomes.items():
        became = "kept" if outcome in _KEPT else outcome if outcome == "repeated" else "refused"
        counts[f"{source}_{became}"] += count
    return counts
