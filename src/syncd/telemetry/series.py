"""Makes metrics in one registry, each with every value of its labels from the start.

A series that appears with its first event hides that event from `increase()`. So a counter cannot
be made here without saying what its labels can be. Used by `metrics`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

Labels = dict[str, Sequence[str]]
"""A label's name, and its values."""


class Series:
    """The registry's maker; `tenants` are the values of the label `tenant`."""

    def __init__(self, registry: CollectorRegistry, tenants: Sequence[str]) -> None:
        self._registry = registry
        self.tenants: Labels = {"tenant": tuple(tenants)}

    def counter(self, name: str, says: str, labels: Labels | None = None) -> Counter:
        """A counter at zero everywhere."""
        known = labels or {}
        made = Counter(name, says, tuple(known), registry=self._registry)
        for values in product(*known.values()) if known else ():
            made.labels(*values)
        return made

    def gauge(
        self, name: str, says: str, labels: Labels | None = None, *, first: float | None = 0.0
    ) -> Gauge:
        """A gauge that stands at `first`; None where nothing to show is no series."""
        known = labels or {}
        made = Gauge(name, says, tuple(known), registry=self._registry)
        if first is None:
            return made
        for values in product(*known.values()):
            (made.labels(*values) if known else made).set(first)
        return made

    def histogram(
        self, name: str, says: str, buckets: Sequence[float], labels: Labels | None = None
    ) -> Histogram:
        """A histogram, empty everywhere."""
        known = labels or {}
        made = Histogram(name, says, tuple(known), buckets=buckets, registry=self._registry)
        for values in product(*known.values()) if known else ():
            made.labels(*values)
        return made


def one_of(gauge: Gauge, tenant: str, values: Sequence[str], now: Sequence[str]) -> None:
    """1 for the values that hold of a tenant, 0 for the others."""
    for value in values:
        gauge.labels(tenant, value).set(int(value in now))


def instant(gauge: Gauge, tenant: str, seconds: float | None) -> None:
    """An instant of a tenant; none, and the series goes."""
    if seconds is not None:
        gauge.labels(tenant).set(seconds)
    elif (tenant,) in gauge._metrics:  # noqa: SLF001  (the library has no other question)
        gauge.remove(tenant)
