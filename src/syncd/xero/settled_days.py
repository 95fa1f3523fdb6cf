"""Which credits settled on which day, kept so that an unchanged credit is not read again.

Called by `ledger_part`. A day is kept for one credit on one invoice, by the amount it applies there
and the invoice's UpdatedDateUTC: whoever puts a credit on, takes it off or changes it moves one of
the two (facts §5.2). As it is not certain that every such change moves the instant, a day is
believed for some hours only.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import LiveInvoice
from syncd.ports.clock import Clock
from syncd.xero.wire_credits import CREDITS, Settled

MOST_KEPT = 20_000
"""Some megabytes; an organisation has credits on a few invoices in a hundred."""
BELIEVED_FOR = timedelta(hours=6)
"""A sweep of everything follows later than this, and so reads each credit again."""


class _Use(NamedTuple):
    """One credit on one invoice, as an answer showed it."""

    tenant: TenantId
    settled: Settled
    amount: Decimal
    updated_at: datetime


class SettledDays:
    """The days of all tenants; the longest unused ones go first."""

    def __init__(self, *, clock: Clock, most: int = MOST_KEPT) -> None:
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[_Use, tuple[datetime, date]] = OrderedDict()

    def known(self, tenant: TenantId, invoices: Iterable[LiveInvoice]) -> dict[Settled, date]:
        """The days of those credits on these invoices that need not be read."""
        oldest, found = self._clock.now() - BELIEVED_FOR, {}
        for use in _uses(tenant, invoices):
            read_at, day = self._kept.get(use, (oldest, date.min))
            if read_at > oldest:
                self._kept.move_to_end(use)
                found[use.settled] = day
        return found

    def keep(
        self, tenant: TenantId, invoices: Iterable[LiveInvoice], found: Mapping[Settled, date]
    ) -> None:
        """Keep what was read of the credits on these invoices."""
        now = self._clock.now()
        for use in _uses(tenant, invoices):
            if use.settled in found:
                self._kept[use] = (now, found[use.settled])
                self._kept.move_to_end(use)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def _uses(tenant: TenantId, invoices: Iterable[LiveInvoice]) -> Iterator[_Use]:
    for invoice in invoices:
        for one in invoice.money:
            if one.kind in CREDITS:
                yield _Use(tenant, (one.id, invoice.id), one.amount, invoice.updated_at)
