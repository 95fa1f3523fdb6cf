"""What the queue holds: one row per (tenant, kind, key), for ever."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value


class JobKind(StrEnum):
    """What is to be looked at."""

    PUSH_INVOICE = "push_invoice"
    PUSH_CUSTOMER = "push_customer"


class JobState(StrEnum):
    """ready → leased → done | held | uncertain | failed, and back to ready."""

    READY = "ready"
    LEASED = "leased"
    HELD = "held"
    UNCERTAIN = "uncertain"
    DONE = "done"
    FAILED = "failed"


class PublicState(StrEnum):
    """The invoice sync states people see."""

    PENDING = "pending"
    SYNCED = "synced"
    WAITING = "waiting"
    OUT_OF_SYNC = "out_of_sync"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    VOIDED = "voided"


class Reason(StrEnum):
    """Why something waits or failed: the closed set of the public interface."""

    OBSERVING = "observing"
    PAUSED = "paused"
    NOT_CONNECTED = "not_connected"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  (a state's public name, no secret)
    CONTACT_UNMAPPED = "contact_unmapped"
    CONTACT_ARCHIVED = "contact_archived"
    CONTACT_NAME_TAKEN = "contact_name_taken"
    ACCOUNT_UNMAPPED = "account_unmapped"
    TAX_UNMAPPED = "tax_unmapped"
    CURRENCY_UNAVAILABLE = "currency_unavailable"
    LOCKED_PERIOD = "locked_period"
    NUMBER_TAKEN = "number_taken"
    TOTALS_MISMATCH = "totals_mismatch"
    HAS_PAYMENTS = "has_payments"
    INVALID_DOCUMENT = "invalid_document"
    STATUS_REGRESSION = "status_regression"
    GONE_IN_XERO = "gone_in_xero"
    RATE_LIMITED = "rate_limited"
    BREAKER_OPEN = "breaker_open"
    BRAKE_HALTED = "brake_halted"
    REFUSED = "refused"


class JobRequest(Value, frozen=True, kw_only=True):
    """Look at this key, not before `ready_at`."""

    tenant: TenantId
    kind: JobKind
    key: str
    ready_at: datetime


class Job(Value, frozen=True, kw_only=True):
    """A leased job.

    `journaled_as` is its state in the newest journal entry: `out_of_sync`, a reason, or None.
    `was_uncertain`: the outcome of its last write is not known. `withheld_by` is the plan that set
    the tenant live without carrying this out: nothing is written until a person has spoken.
    `trail` names the news that asked for it last. `held_for`: what it has waited for until now, and
    nothing newer is wanted of it. `leased_until` tells this claim from a later one of the same job.
    """

    tenant: TenantId
    kind: JobKind
    key: str
    attempt: int
    first_wanted_at: datetime
    journaled_as: str | None = None
    was_uncertain: bool = False
    withheld_by: str | None = None
    trail: str | None = None
    held_for: Reason | None = None
    leased_until: datetime | None = None
