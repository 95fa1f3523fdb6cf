"""Samples: what five minutes of one tenant were, kept for a week in a ring.

Counted by `engine.samples.fold`, kept by `store.samples`, added up by `domain.rules.samples`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from syncd.domain.model.value import Value

PERIOD_S = 300
PERIODS_AN_HOUR = 3600 // PERIOD_S
RING = 2_016
"""So many samples are kept of a tenant: a week."""
DELAY_BOUNDS_S = (1, 2, 5, 15, 60, 300, 3_600, 86_400)
"""What the delays of each bucket are within, in seconds; what took longer counts in the last."""
NO_DELAYS = (0,) * len(DELAY_BOUNDS_S)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PERIOD = timedelta(seconds=PERIOD_S)


class Sample(Value, frozen=True, kw_only=True):
    """Five minutes of one tenant, or several of them added up.

    What stands (`STANDING`) is as it was seen last, None where it was not; everything else is
    counted. Delays are counts by bucket (`DELAY_BOUNDS_S`).
    """

    period: int
    """Which five minutes, counted from 1970; of several, the last."""
    seen_s: int
    """For how many seconds the daemon was there to count."""
    queued: int | None = None
    """Invoices on their way."""
    most_queued: int | None = None
    waiting: int | None = None
    out_of_sync: int | None = None
    failed: int | None = None
    findings: int | None = None
    """Open findings."""
    day_left: int | None = None
    """Calls to Xero left today."""
    write_calls: int = 0
    read_calls: int = 0
    sweep_calls: int = 0
    bytes_read: int = 0
    """Out of Xero, as received."""
    events: int = 0
    """Of Xero's webhook, worked through."""
    missed: int = 0
    """Changes that a sweep found and no webhook told of in time."""
    xero_kept: int = 0
    """Notices at the door, of all tenants: they are told apart only later."""
    xero_repeated: int = 0
    xero_refused: int = 0
    pipeline_kept: int = 0
    pipeline_repeated: int = 0
    pipeline_refused: int = 0
    push_delays: tuple[int, ...] = NO_DELAYS
    """From an edit in Pipeline to its confirmation in Xero, one per confirmed write."""
    webhook_delays: tuple[int, ...] = NO_DELAYS
    """From a change in Xero to its stored effect, one per event that was read."""


class SampleSeries(Value, frozen=True, kw_only=True):
    """Samples at equal steps, oldest first; None where nobody was there to count."""

    begins_at: datetime
    step_s: int
    points: tuple[Sample | None, ...]

    @property
    def ends_at(self) -> datetime:
        """Where the last step ends."""
        return self.begins_at + timedelta(seconds=self.step_s * len(self.points))

    def at(self, place: int) -> datetime:
        """Where a step begins."""
        return self.begins_at + timedelta(seconds=self.step_s * place)


STANDING = ("queued", "waiting", "out_of_sync", "failed", "findings", "day_left")
COUNTED = (
    *("write_calls", "read_calls", "sweep_calls", "bytes_read", "events", "missed"),
    *("xero_kept", "xero_repeated", "xero_refused"),
    *("pipeline_kept", "pipeline_repeated", "pipeline_refused"),
)


def period_of(at: datetime) -> int:
    """Which five minutes an instant is in."""
    return (at - _EPOCH) // _PERIOD


def begins_at(period: int) -> datetime:
    """When these five minutes begin."""
    return _EPOCH + period * _PERIOD
