"""The connection as operations use it: its status, the gate, and what a person may ask of it.

Kept by `connection.gate`, `consent` and `connection.commands`; tests have their own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.job import Reason


class ConnectionStatus(Protocol):
    """What the connection card shows (Pipeline docs: Connecting Pipeline to Xero)."""

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

    def card(self, tenant: TenantId) -> ConnectionStatus:
        """The connection card."""
        ...

    def closed_by(self, tenant: TenantId) -> Reason | None:
        """Why all work waits; None when it may pass."""
        ...


class ConsentLink(Protocol):
    """The link that starts one consent."""

    @property
    def url(self) -> str:
        """The absolute address a person opens in a browser."""
        ...

    @property
    def expires_at(self) -> datetime:
        """Until when it is good."""
        ...


class Consent(Protocol):
    """Connect to Xero."""

    async def start(self, tenant: TenantId, who: str) -> ConsentLink:
        """A link that leads `who` to Xero, once. Raises StoreError."""
        ...


class CommandOutcome(Protocol):
    """What became of a command."""

    @property
    def is_done(self) -> bool:
        """Whether it was done."""
        ...

    @property
    def message(self) -> str:
        """What happened, and what a person can do."""
        ...


class Commands(Protocol):
    """Refresh Token and Disconnect."""

    async def refresh(self, tenant: TenantId, who: str) -> CommandOutcome:
        """Renew the connection now."""
        ...

    async def disconnect(self, tenant: TenantId, who: str) -> CommandOutcome:
        """Stop all synchronisation; links, queue and history stay."""
        ...
