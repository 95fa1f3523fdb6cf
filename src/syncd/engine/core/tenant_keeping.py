"""What an operator may order of the tenants themselves: one more, or one less.

The Protocol is kept by `bootstrap.added_tenants`, which knows every floor; called by the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value


class TenantRefusal(StrEnum):
    """Why such an order was not carried out."""

    NOT_UNDERSTOOD = "not understood"
    """What was given cannot be used."""
    NOT_POSSIBLE = "not possible"
    """It stands otherwise: served already, or named by the configuration."""
    NOT_NOW = "not now"
    """The daemon is stopping."""


class TenantOrder(Value, frozen=True, kw_only=True):
    """What became of an order, in plain words; `refusal` is None where it was carried out."""

    message: str
    refusal: TenantRefusal | None = None


class TenantKeeping(Protocol):
    """Adds tenants to those served and removes them, without a restart and across restarts."""

    async def add(self, name: str, given: Mapping[str, Any], who: str) -> TenantOrder:
        """Serve one more; `given` has the keys of its section in the configuration.

        Raises StoreError.
        """
        ...

    async def remove(self, tenant: TenantId, who: str) -> TenantOrder:
        """Serve one less; links, history and journal stay. Raises StoreError."""
        ...
