"""A replica of the site, as it has said itself that it is there."""

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
