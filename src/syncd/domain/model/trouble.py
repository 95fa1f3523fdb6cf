"""What is wrong with a tenant as a whole: a closed set of kinds, each with words for people."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from syncd.domain.model.value import Value


class TroubleKind(StrEnum):
    """In order of what a person looks at first; labels of a metric, so names stay."""

    STORE_UNUSABLE = "store_unusable"
    """Nothing can be written into the store, whose ever the work is."""
    DISK_FULL = "disk_full"
    """What was kept back for a full disk is given up: writes fail next."""
    NOT_CONNECTED = "not_connected"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  (a state's public name, no secret)
    NO_VALID_TOKEN = "no_valid_token"  # noqa: S105  (the same)
    """The access token has ended and refreshes fail; the connection may still recover."""
    TOKEN_EXPIRING = "token_expiring"  # noqa: S105  (the same)
    """The product's warning."""
    CONSENT_FAILED = "consent_failed"
    XERO_DOWN = "xero_down"
    DAY_SPENT = "day_spent"
    """No call passes until Xero gives new ones."""
    DAY_RESERVED = "day_reserved"
    """What is left of the day is kept for payments and sweeps: writes rest."""
    SWEEP_REFUSED = "sweep_refused"
    """Xero does not answer what a sweep asks: what changed there may not be seen."""
    PIPELINE_KEY_REFUSED = "pipeline_key_refused"
    PIPELINE_DOWN = "pipeline_down"
    FEED_STANDS_STILL = "feed_stands_still"
    SERVICE_FAILS = "service_fails"
    """Rounds of one task fail again and again, and none of the above says why."""
    MAPPING_UNUSABLE = "mapping_unusable"
    """The configuration leads to accounts or tax types that the organisation does not take."""
    CLOCK_OFF = "clock_off"
    """This machine's clock is not Xero's."""
    HALTED = "halted"
    PAUSED = "paused"
    RESTORE_LOOK = "restore_look"


class Trouble(Value, frozen=True, kw_only=True):
    """One trouble in whole sentences; `until` is when it is tried again, where that is known."""

    kind: TroubleKind
    text: str
    since: datetime | None = None
    until: datetime | None = None


class RefusedSweep(Value, frozen=True, kw_only=True):
    """What Xero would not be read for, in a whole sentence, since when."""

    text: str
    since: datetime


class WaitsFor(Value, frozen=True, kw_only=True):
    """Why no call to Xero passes at this moment, and until when, where that is known."""

    text: str
    until: datetime | None = None
