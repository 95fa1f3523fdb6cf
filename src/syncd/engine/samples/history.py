"""Reads the samples of a day or a week as a series, the running five minutes among them."""

from __future__ import annotations

from syncd.domain.ids import TenantId
from syncd.domain.model.sample import PERIODS_AN_HOUR, SampleSeries
from syncd.domain.rules.samples import series
from syncd.engine.samples.fold import SampleFold
from syncd.store import samples
from syncd.store.unit_of_work import Store, Transaction

A_DAY, A_WEEK = 24, 168
"""In hours."""


class SampleHistory:
    """A tenant's past figures; asks the store alone."""

    def __init__(self, store: Store, fold: SampleFold) -> None:
        self._store = store
        self._fold = fold

    async def of(self, tenant: TenantId, *, hours: int = A_DAY) -> SampleSeries:
        """The last hours, up to a week: up to a day in five minutes, more than that in hours.

        Raises StoreError.
        """
        running = self._fold.running(tenant)
        unkept = [one for whose, one in self._fold.ended() if whose == tenant]
        steps = PERIODS_AN_HOUR if hours > A_DAY else 1
        last, periods = running.period, hours * PERIODS_AN_HOUR
        read = Transaction()
        parts = [read.add(one) for one in samples.span(tenant, first=last - periods + 1, last=last)]
        await self._store.read(read)
        stored = [row for part in parts for row in part.rows]
        found = {one.period: one for one in (*stored, *unkept, running)}
        return series.spread(found, last_period=last, periods=periods, periods_a_step=steps)
