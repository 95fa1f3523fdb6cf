"""The site's lease: which replica may work, and when another one may take its place.

Replicas share a store and no clock. A holder renews the lease and goes by its own time since it
asked for that; a standby takes it when it has not moved for a whole lease of the standby's own
time, and only as it was seen. Whoever sees a renewal sees it after it was asked for, so a holder
has stopped before another may take, however late answers come: all that is asked of two machines
is that their seconds are of one length. Pure; `engine.replicas` waits.
"""

from __future__ import annotations

from syncd.domain.model.value import Value

LEAST_LEASE_S = 1
RENEWED_IN = 3
"""A holder renews so many times within a lease: one that fails is tried again in time."""
LOOKED_IN = 5
"""A standby looks so many times within a lease."""
_MARGIN_PART = 0.2
"""Of a lease, at its end, in which a holder works no more: to stop takes time, and one machine's
seconds may be longer than another's."""


class LeaseRow(Value, frozen=True, kw_only=True):
    """The lease as it is stored. `fence` rises with each taking, `renewals` with each renewal.

    `lease_s` is the holder's; `holder` None: given up, or never taken.
    """

    holder: str | None
    fence: int
    renewals: int
    lease_s: float


class LeaseSeen(Value, frozen=True, kw_only=True):
    """What a standby knows of the lease: the row, and since when it has not moved.

    `since_s` is an instant of the standby's own monotonic clock, after the row was read.
    """

    row: LeaseRow
    since_s: float


def seen(before: LeaseSeen | None, row: LeaseRow, *, at_s: float) -> LeaseSeen:
    """What is known once `row` was read; `at_s` is when the answer had come."""
    if before is not None and before.row == row:
        return before
    return LeaseSeen(row=row, since_s=at_s)


def may_be_taken(known: LeaseSeen, *, at_s: float, lease_s: float) -> bool:
    """Whether a standby may try to take it, as seen: given up, or unmoved for a whole lease.

    By the longer lease of the two, where the replicas are configured differently.
    """
    if known.row.holder is None:
        return True
    return at_s - known.since_s >= max(lease_s, known.row.lease_s)


def valid_until_s(*, asked_at_s: float, lease_s: float) -> float:
    """Until when its holder may work that asked for it, or for its renewal, at `asked_at_s`."""
    return asked_at_s + lease_s * (1 - _MARGIN_PART)


def takeover_within_s(lease_s: float) -> float:
    """The most between a holder's death and its lease's taking, where the store answers at once."""
    return lease_s * (1 + 2 / LOOKED_IN)
