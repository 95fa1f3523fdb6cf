"""Keeps what Xero's History told for a minute, so that a page drawn again asks nothing again.

Called by the page of one invoice. In memory and bounded.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from syncd.domain.ids import TenantId
from syncd.engine.operator.explain import Explained

KEPT = timedelta(minutes=1)
MOST = 50


class Stories:
    """The last stories told, by tenant and invoice."""

    def __init__(self) -> None:
        self._told: OrderedDict[tuple[TenantId, str], tuple[datetime, Explained]] = OrderedDict()

    def keep(self, key: tuple[TenantId, str], told: Explained, now: datetime) -> None:
        """Remember one; the oldest goes for it."""
        self._told.pop(key, None)
        self._told[key] = (now, told)
        while len(self._told) > MOST:
            self._told.popitem(last=False)

    def fresh(self, key: tuple[TenantId, str], now: datetime) -> Explained | None:
        """The story told within the last minute."""
        found = self._told.get(key)
        is_fresh = found is not None and timedelta(0) <= now - found[0] < KEPT
        return found[1] if found is not None and is_fresh else None
