"""The connection card as operations use it: what it shows, the gate behind it, its buttons.

Kept by `connection.gate`, `consent` and `connection.commands`; tests have their own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.job import Reason


class Card(Protocol):
    """The connection card (Pipeline docs: Connecting Pipeline to Xero)."""

    @property
    def status(self) -> str:
        """The product's exact words."""
        ...

    @property
    def organisation(self) -> str | None:
        """The organisation's name."""
        ...

    @property
    def organisation_id(self) -> XeroOrganisationId | None:
        """Its id in Xero."""
        ...

    @property
    def connected_at(self) -> datetime | None:
        """When consent was given."""
        ...

    @property
    def warning(self) -> str | None:
        """The product's warning, while it holds."""
        ...

    @property
    def access_expires_at(self) -> datetime | None:
        """When the access token ends."""
        ...

    @property
    def refresh_expires_at(self) -> datetime | None:
        """When the refresh token ends."""
        ...

    @property
    def note(self) -> str | None:
        """Why it is as it is, and what a person can do."""
        ...


class Gates(Protocol):
    """Every tenant's connection as it stands."""

    def card(self, tenant: TenantId) -> Card:
        """The connection card."""
        ...

    def closed_by(self, tenant: TenantId) -> Reason | None:
        """Why all work waits; None when it may pass."""
        ...


class Offer(Protocol):
    """The way to one consent."""

    @property
    def url(self) -> str:
        """The absolute address a person opens in a browser."""
        ...

    @property
    def expires_at(self) -> datetime:
        """Until when it leads anywhere."""
        ...


class Consent(Protocol):
    """Connect to Xero."""

    async def start(self, tenant: TenantId, who: str) -> Offer:
        """A link that leads `who` to Xero, once. Raises StoreError."""
        ...


class Answered(Protocol):
    """What became of a button."""

    @property
    def is_done(self) -> bool:
        """It did what it says."""
        ...

    @property
    def message(self) -> str:
        """What happened, and what a person can do."""
        ...


class Buttons(Protocol):
    """Refresh Token and Disconnect."""

    async def refresh(self, tenant: TenantId, who: str) -> Answered:
        """Renew the connection now."""
        ...

    async def disconnect(self, tenant: TenantId, who: str) -> Answered:
        """Stop all synchronisation; links, queue and history stay."""
        ...
