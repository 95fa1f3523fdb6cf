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
Metric = Counter | Gauge | Histogram
TENANT = "tenant"
NOBODY = ("",)
"""The value of that label where what is shown is no tenant's."""


class Series:
    """The registry's maker; `tenants` are the values of the label `tenant`, more may come."""

    def __init__(self, registry: CollectorRegistry, tenants: Sequence[str]) -> None:
        self._registry = registry
        self._tenants = list(tenants)
        self._made: list[tuple[Metric, Labels, float | None]] = []
        """What has the label `tenant`: its labels, of which a tenant may be one more value."""

    @property
    def tenants(self) -> Labels:
        """The label of what is counted by tenant."""
        return {TENANT: tuple(self._tenants)}

    def has(self, tenant: str) -> bool:
        """Whether a tenant is served; what ends after it was removed begins no series anew."""
        return tenant in self._tenants

    def counter(self, name: str, says: str, labels: Labels | None = None) -> Counter:
        """A counter at zero everywhere."""
        known = labels or {}
        made = Counter(name, says, tuple(known), registry=self._registry)
        self._keep(made, known, 0.0)
        return made

    def gauge(
        self, name: str, says: str, labels: Labels | None = None, *, first: float | None = 0.0
    ) -> Gauge:
        """A gauge that stands at `first`; None where nothing to show is no series."""
        known = labels or {}
        made = Gauge(name, says, tuple(known), registry=self._registry)
        self._keep(made, known, first)
        return made

    def histogram(
        self, name: str, says: str, buckets: Sequence[float], labels: Labels | None = None
    ) -> Histogram:
        """A histogram, empty everywhere."""
        known = labels or {}
        made = Histogram(name, says, tuple(known), buckets=buckets, registry=self._registry)
        self._keep(made, known, 0.0)
        return made

    def add(self, tenant: str) -> None:
        """A tenant that is served from now on: its series begin, as those of others did."""
        self._tenants.append(tenant)
        for made, labels, first in self._made:
            if labels[TENANT] != NOBODY:
                _begin(made, labels | {TENANT: (tenant,)}, first)

    def remove(self, tenant: str) -> None:
        """A tenant that is served no more: its series end, where the last value would mislead."""
        self._tenants.remove(tenant)
        for made, _, _ in self._made:
            made.remove_by_labels({TENANT: tenant})

    def _keep(self, made: Metric, labels: Labels, first: float | None) -> None:
        if TENANT in labels:
            self._made.append((made, labels, first))
        _begin(made, labels, first)


def _begin(made: Metric, labels: Labels, first: float | None) -> None:
    """Every series of these labels; a gauge stands at `first`, and without one there is none."""
    if first is None:
        return
    for values in product(*labels.values()):
        one = made.labels(*values) if labels else made
        if isinstance(one, Gauge):
            one.set(first)


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
