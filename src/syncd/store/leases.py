"""The lease of the replica that works for the site, and the replicas that have said they are there.

Called by `engine.replicas`. Who holds the lease is decided by comparing what was seen with what
stands there, never by a clock.
"""

from __future__ import annotations

from syncd.domain.model.replica import Replica
from syncd.domain.rules.site_lease import LeaseRow
from syncd.ports.driver import Row
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("leases")
_MS = 1000


def look() -> Statement[LeaseRow]:
    """The lease as it stands; one row."""
    return ask(_QUERIES["look"], decode=_lease)


def take(holder: str, seen: LeaseRow, *, lease_s: float) -> Statement[None]:
    """The lease is this replica's under the next fence; Conflict unless it stands as it was seen.

    The new fence is `seen.fence + 1`.
    """
    row = (holder, round(lease_s * _MS), seen.fence, seen.renewals)
    return tell(_QUERIES["take"], [row], must_change=1)


def renew(fence: int) -> Statement[None]:
    """The holder under this fence lives; Conflict when the lease is no longer its own."""
    return tell(_QUERIES["renew"], [(fence,)], must_change=1)


def give_up(fence: int) -> Statement[None]:
    """Nobody holds the lease, where it was held under this fence; else nothing."""
    return tell(_QUERIES["give_up"], [(fence,)])


def announce(replica: Replica) -> Statement[None]:
    """The replica is there, and where it answers."""
    row = (
        replica.name,
        replica.url,
        replica.public_url,
        replica.version,
        rows.to_ms(replica.seen_at),
    )
    return tell(_QUERIES["announce"], [row])


def withdraw(*names: str) -> Statement[None]:
    """These replicas have ended."""
    return tell(_QUERIES["withdraw"], [(name,) for name in names])


def replicas() -> Statement[Replica]:
    """Every replica that has said it is there and not that it ended, by name."""
    return ask(_QUERIES["replicas"], decode=rows.decoder(Replica))


def _lease(row: Row) -> LeaseRow:
    holder, fence, renewals, lease_ms = row
    return LeaseRow(
        holder=rows.text_or_none(holder),
        fence=rows.whole_of(fence),
        renewals=rows.whole_of(renewals),
        lease_s=rows.whole_of(lease_ms) / _MS,
    )
