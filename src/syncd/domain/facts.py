"""Everything that happens, each as a frozen value, handed to an observer once, after commit.

The union is closed: `telemetry.logs` and `telemetry.metrics` match every case, so a new fact
without a line and a number does not type-check. One fact per unit of work, never per invoice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.concern import NotificationsCounted, NotificationTried
from syncd.domain.model.planned_run import PlannedRun
from syncd.domain.model.push import PushOutcome
from syncd.domain.model.replica import ReplicaFact
from syncd.domain.model.store_size import StoreSize
from syncd.domain.model.value import Value


class DaemonStarted(Value, frozen=True, kw_only=True):
    """Every service runs; `took_s` since the process began to start."""

    version: str
    incarnation: str
    tenants: int
    took_s: float
    listening: tuple[str, ...] = ()
    """HOST:PORT of each listener, operators' first."""


class StoreMigrated(Value, frozen=True, kw_only=True):
    """The store was brought to this program's schema."""

    applied: tuple[str, ...]


class DaemonDraining(Value, frozen=True, kw_only=True):
    """No new work is taken; what is in flight ends and is recorded."""

    cause: str


class DaemonStopped(Value, frozen=True, kw_only=True):
    """The last service has ended."""

    forced: bool


class ServiceFailed(Value, frozen=True, kw_only=True):
    """A round, or a request (told `correlation`), ended in an error nobody foresaw."""

    service: str
    error: str
    retry_after_s: float
    correlation: str = ""


class ServiceHung(Value, frozen=True, kw_only=True):
    """A service shows for a while that it does nothing, or again that it moves."""

    service: str  # as in `ServiceFailed`: the task, and behind a colon the tenant
    is_hung: bool
    for_s: float


class StoreWritten(Value, frozen=True, kw_only=True):
    """The store took a write; told with every sample."""

    at: datetime


class StoreStanding(Value, frozen=True, kw_only=True):
    """The store takes what is written, or no longer; told whenever that changes."""

    is_usable: bool
    has_reserve: bool
    """Space is kept back for what must still be written when the disk is full."""
    error: str = ""
    says: str = ""
    """What is wrong and what a person can do, in words for people."""


class RequestRefused(Value, frozen=True, kw_only=True):
    """A listener answered a request with a 4xx, whoever sent it; one fact per request."""

    service: str
    """`public` or `api`: whose listener."""
    status: int
    peer: str = ""
    """The address it came from."""


class LeasesFreed(Value, frozen=True, kw_only=True):
    """Work that another incarnation, or a lost round, had taken is free again."""

    ready: int
    uncertain: int


class ConfigReloaded(Value, frozen=True, kw_only=True):
    """SIGHUP: the file was read again; what is refused leaves everything as it was.

    Each key that differs from what is in force is in `applied` or in `needs_restart`.
    """

    accepted: bool
    at: datetime
    problems: tuple[str, ...] = ()
    applied: tuple[str, ...] = ()
    needs_restart: tuple[str, ...] = ()


class TenantServed(Value, frozen=True, kw_only=True):
    """A tenant was added to those served while the daemon runs, or taken from them."""

    tenant: TenantId
    is_served: bool
    at: datetime


class StartMoved(Value, frozen=True, kw_only=True):
    """Invoices count from another day on; those that this brings in are queued."""

    tenant: TenantId
    start_on: str
    """Empty: all of them."""
    invoices: int


class ChangesTaken(Value, frozen=True, kw_only=True):
    """A page of Pipeline's feed is stored, its jobs queued and the cursor moved."""

    tenant: TenantId
    invoices: int
    customers: int
    unreadable: int
    took_s: float


class RoundDeferred(Value, frozen=True, kw_only=True):
    """A round could not go on now (limit, outage, closed gate); it costs no attempt."""

    tenant: TenantId
    task: str
    error: str
    retry_after_s: float


class JobsSettled(Value, frozen=True, kw_only=True):
    """A round of the worker or the prober is committed."""

    tenant: TenantId
    task: str
    outcomes: Mapping[PushOutcome, int]
    held: Mapping[str, int]
    """By reason code."""
    push_delays_s: tuple[float, ...]
    """Pipeline edit → confirmed in Xero, one per confirmed write."""
    took_s: float


class BrakeMoved(Value, frozen=True, kw_only=True):
    """A brake halted a tenant, or it was released, or nothing was left of its cause."""

    tenant: TenantId
    is_halted: bool
    kind: str
    text: str
    documents: int = 0
    """How many it holds, when it halts; how many were let pass, when it is released."""


class ReadToWriteMeasured(Value, frozen=True, kw_only=True):
    """The window in which an edit in Xero could be overwritten unseen, for one call."""

    tenant: TenantId
    elapsed_s: float


class ForeignEditFound(Value, frozen=True, kw_only=True):
    """An answer shows fields we did not send changed since our read: a bookkeeper was there."""

    tenant: TenantId
    key: str
    fields: tuple[str, ...]


class CallMade(Value, frozen=True, kw_only=True):
    """One request to Xero was answered; status 0 means no answer came."""

    tenant: TenantId
    operation: str
    status: int
    took_s: float
    bytes_read: int
    minute_remaining: int | None = None
    day_remaining: int | None = None
    app_remaining: int | None = None


class RemoteMoved(Value, frozen=True, kw_only=True):
    """Xero or Pipeline begins to fail for a tenant, or answers again: what waited for it may go."""

    tenant: TenantId
    system: str
    """`xero` or `pipeline`."""
    is_failing: bool
    cause: str = ""


class ResultsWritten(Value, frozen=True, kw_only=True):
    """A batch of results stands in Pipeline, by outcome."""

    tenant: TenantId
    outcomes: Mapping[str, int]
    took_s: float
    payments: Mapping[str, int] = {}
    """Those of them that are payments or credits."""


class SettingsRead(Value, frozen=True, kw_only=True):
    """The organisation's settings were read."""

    tenant: TenantId
    accounts: int
    tax_rates: int


class ConnectionChanged(Value, frozen=True, kw_only=True):
    """A tenant's connection state changed."""

    tenant: TenantId
    state: str
    organisation: str
    cause: str


class TokenRefreshed(Value, frozen=True, kw_only=True):
    """A refresh was settled, one way or the other."""

    tenant: TenantId
    outcome: str
    """`refreshed`, `unsent`, `doubtful` or `refused`."""


class ConsentFailed(Value, frozen=True, kw_only=True):
    """A person came back from Xero and was not connected; `problem` is a closed set's word."""

    tenant: TenantId
    problem: str


class TenantSampled(Value, frozen=True, kw_only=True):
    """What the store and the live state say of one tenant, on a beat.

    `oldest_at` is when the oldest job was wanted that waits for nothing but its turn or the other
    side; `oldest_held_at` of those that wait for a person or a predicate.
    """

    tenant: TenantId
    queue: Mapping[str, int]
    oldest_at: datetime | None
    invoices: Mapping[str, int]
    connection: str
    access_expires_at: datetime | None
    refresh_expires_at: datetime | None
    is_brake_halted: bool = False
    oldest_held_at: datetime | None = None
    mode: str = "observe"
    is_paused: bool = False
    is_xero_failing: bool = False
    minute_left: int | None = None
    day_left: int | None = None
    troubles: tuple[str, ...] = ()
    """By kind (`model.trouble`)."""


class WebhooksReceived(Value, frozen=True, kw_only=True):
    """Notices are on disk, and their senders may be answered; refused ones are told as well."""

    source: str
    outcomes: Mapping[str, int]
    """`kept`, `repeated`, why it was ignored, or why it was refused."""
    took_s: float


class WebhookGapFound(Value, frozen=True, kw_only=True):
    """The running count of Xero's webhook has jumped: these have not come, or not yet."""

    first: int
    last: int


class WebhooksDigested(Value, frozen=True, kw_only=True):
    """A batch of notices has been worked through, and its effects are committed."""

    tenant: TenantId
    verdicts: Mapping[str, int]
    fetched: int
    """Invoices read."""
    enqueued: int
    payments: int
    """Payments and credits that came, changed or went."""
    delays_s: tuple[float, ...]
    """From the change in Xero to its committed effect, one per event that was fetched."""
    took_s: float


class SweepFinished(Value, frozen=True, kw_only=True):
    """A step of a sweep is committed; more of the same sweep follows unless it is complete."""

    tenant: TenantId
    task: str
    counts: Mapping[str, int]
    is_complete: bool
    took_s: float


class FindingsReviewed(Value, frozen=True, kw_only=True):
    """Findings by kind: how many are open, came and went."""

    tenant: TenantId
    open: Mapping[str, int]
    opened: Mapping[str, int]
    closed: Mapping[str, int]
    missed: int
    """Changes that a sweep found and no webhook told of in time; each is counted once."""


class ClockSet(Value, frozen=True, kw_only=True):
    """The machine's wall clock was set, back where negative; what waits was moved along."""

    by_s: float


class RecordsForgotten(Value, frozen=True, kw_only=True):
    """What was old enough has been taken out of the store, by kind of record."""

    counts: Mapping[str, int]
    took_s: float


class RunsPlanned(Value, frozen=True, kw_only=True):
    """What the scheduler has planned, told with every sample."""

    runs: tuple[PlannedRun, ...]


class TaskSucceeded(Value, frozen=True, kw_only=True):
    """A periodic task of a tenant came to its end; for staleness alerts."""

    tenant: TenantId
    task: str
    at: datetime


Fact = (
    DaemonStarted
    | StoreMigrated
    | DaemonDraining
    | DaemonStopped
    | ReplicaFact
    | ServiceFailed
    | ServiceHung
    | StoreWritten
    | StoreStanding
    | RequestRefused
    | LeasesFreed
    | ConfigReloaded
    | TenantServed
    | StartMoved
    | ChangesTaken
    | RoundDeferred
    | JobsSettled
    | BrakeMoved
    | ReadToWriteMeasured
    | ForeignEditFound
    | CallMade
    | RemoteMoved
    | ResultsWritten
    | SettingsRead
    | ConnectionChanged
    | TokenRefreshed
    | ConsentFailed
    | TenantSampled
    | WebhooksReceived
    | WebhookGapFound
    | WebhooksDigested
    | SweepFinished
    | FindingsReviewed
    | ClockSet
    | RecordsForgotten
    | StoreSize
    | NotificationTried
    | NotificationsCounted
    | RunsPlanned
    | TaskSucceeded
)
