"""Concerns: what only a person can mend, of a tenant or of the daemon, and what is told of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value


class ConcernKind(StrEnum):
    """One message each; stored, labels of a metric and words of a public message: names stay."""

    STORE = "store"
    """Nothing can be written into the store."""
    DISK = "disk"
    """What was kept back for a full disk is given up."""
    CLOCK = "clock"
    TOKEN = "token"  # noqa: S105  (a public word, no secret)
    NOT_CONNECTED = "not_connected"
    PIPELINE_KEY = "pipeline_key"
    MAPPING = "mapping"
    SWEEPS = "sweeps"
    """Xero does not answer what sweeps ask, so a change there may stay unseen."""
    HALTED = "halted"
    PAUSED = "paused"
    OUT_OF_SYNC = "out_of_sync"
    PLAN_WAITS = "plan_waits"
    FINDINGS = "findings"
    """Something was found that nothing waits with, and that a person alone can mend."""
    WEBHOOKS_MISSED = "webhooks_missed"
    TEST = "test"
    """Nothing is wrong: somebody tries whether messages arrive."""


class Concern(Value, frozen=True, kw_only=True):
    """Something a person has to do, in whole sentences; without a tenant it is the daemon's."""

    kind: ConcernKind
    tenant: TenantId | None
    text: str


class ConcernsSeen(Value, frozen=True, kw_only=True):
    """What a look found; of the `unread` tenants nobody can say what stands."""

    concerns: tuple[Concern, ...]
    unread: frozenset[TenantId] = frozenset()


class KnownConcern(Value, frozen=True, kw_only=True):
    """A concern with what was told of it: `told_at` last, and since when it is gone."""

    concern: Concern
    since: datetime
    told_at: datetime | None = None
    gone_at: datetime | None = None


class Phase(StrEnum):
    """What a message says of its concern; words of a public message, so names stay."""

    OPENED = "opened"
    REMINDED = "reminded"
    RESOLVED = "resolved"


class Way(StrEnum):
    """How a message travels."""

    HTTP = "http"
    MAIL = "mail"


class Notification(Value, frozen=True, kw_only=True):
    """A message to people about one concern; `id` is the same however often it is sent."""

    id: str
    phase: Phase
    concern: Concern
    title: str
    since: datetime
    at: datetime
    url: str | None = None
    """Where the console shows it."""


class UnderWay(Value, frozen=True, kw_only=True):
    """One message on one way; `attempt` counts the tries that failed. `id` is the store's."""

    id: int
    way: Way
    notification: Notification
    attempt: int
    made_at: datetime
    ready_at: datetime


class NotificationTried(Value, frozen=True, kw_only=True):
    """A message to people was sent on one way; `outcome` is `delivered`, `failed`, `given_up`."""

    way: Way
    kind: ConcernKind
    phase: Phase
    about: str
    """The tenant's name; empty where it is the daemon's."""
    outcome: str
    error: str


class NotificationsCounted(Value, frozen=True, kw_only=True):
    """How many messages to people are not delivered yet, and since when the oldest."""

    count: int
    oldest_at: datetime | None
