"""A replica of the site, and what is told of replicas."""

from __future__ import annotations

from datetime import datetime

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
