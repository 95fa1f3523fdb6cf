"""A replica of the site, and what is told of replicas."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from syncd.domain.model.value import Value


class Replica(Value, frozen=True, kw_only=True):
    """One daemon of those that share a store. Addresses are what the others reach it by."""

    name: str
    url: str
    """Of its operators' listener."""
    public_url: str
    version: str
    seen_at: datetime
    """When it last said so, by its own clock: for people."""
    works: bool = False
    """Whether it holds the site's lease."""


class ReplicaState(StrEnum):
    """How a replica stands, as another one sees it."""

    WORKS = "works"
    STANDS_BY = "stands_by"
    GONE = "gone"
    """It has not been heard of for a whole lease: it died, or does not reach the database."""


class ReplicaStanding(Value, frozen=True, kw_only=True):
    """A replica and how it stands. `since` and `lease_until` are of the one that works.

    `seen_at` is when it last said that it is there, by its own clock.
    """

    name: str
    url: str
    public_url: str
    version: str
    state: ReplicaState
    seen_at: datetime
    since: datetime | None = None
    """Since when it works."""
    lease_until: datetime | None = None
    """How long it may work without another renewal."""
    is_name_shared: bool = False
    """Another process says that it has this name, too; known of who is asked alone."""

    @property
    def works(self) -> bool:
        """Whether it is the one that works."""
        return self.state is ReplicaState.WORKS

    @property
    def is_gone(self) -> bool:
        """Whether it has not been heard of for a whole lease."""
        return self.state is ReplicaState.GONE


class HolderChanged(Value, frozen=True, kw_only=True):
    """A standby sees another replica at work than before; `holder` empty: nobody works."""

    replica: str
    holder: str


class LeaseTaken(Value, frozen=True, kw_only=True):
    """This replica works for the site from now on."""

    replica: str
    fence: int
    before: str
    """Who held the lease before; empty where it had been given up."""
    unmoved_s: float
    """For how long it had not moved."""


class LeaseEnded(Value, frozen=True, kw_only=True):
    """This replica works for the site no more."""

    replica: str
    fence: int
    is_lost: bool
    why: str


class RequestForwarded(Value, frozen=True, kw_only=True):
    """A standby passed a request on to the replica that works, or nobody answered there."""

    service: str
    """`public` or `api`: whose listener."""
    is_answered: bool


ReplicaFact = HolderChanged | LeaseTaken | LeaseEnded | RequestForwarded
