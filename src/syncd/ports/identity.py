"""Xero's identity as the engine sees it: consent, tokens and connections, each call made once.

Implemented by `xero.oauth`. What is open stays open: the engine writes down that a refresh began
before it asks for one, and keeps every pair before it uses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from syncd.domain.ids import XeroOrganisationId
from syncd.domain.model.value import Value


class Consent(Value, frozen=True, kw_only=True):
    """Where to send a person, and what must be remembered until they come back."""

    not_shown = ("url", "state", "verifier")

    url: str
    state: str
    verifier: str


class TokenPair(Value, frozen=True, kw_only=True):
    """A grant's tokens as they were issued. Never shown."""

    not_shown = ("access_token", "refresh_token")

    access_token: str
    refresh_token: str
    """Empty where a code was exchanged for a grant without offline access."""
    access_expires_at: datetime
    scopes: tuple[str, ...]
    authentication_event_id: str
    """Which consent this grant comes from; empty where the token does not say."""
    issued_at: datetime | None = None
    """When the access token began to be valid, by Xero's clock; None where it does not say."""


class OrganisationConnection(Value, frozen=True, kw_only=True):
    """One organisation the person ever connected to this app. `id` is what `disconnect` takes."""

    id: str
    organisation_id: XeroOrganisationId
    name: str
    authentication_event_id: str
    created_at: datetime
    updated_at: datetime


class Identity(Protocol):
    """Xero's identity service and its list of connections."""

    def consent(self) -> Consent:
        """A fresh state and PKCE verifier, and the address that asks a person for consent."""
        ...

    def missing_scopes(self, granted: Sequence[str]) -> tuple[str, ...]:
        """The permissions asked for or needed and not covered by `granted`, in the order asked."""
        ...

    async def exchange(self, code: str, verifier: str) -> TokenPair:
        """The pair for a code, which works once. Raises Unauthorised when Xero refuses it."""
        ...

    async def refresh(self, refresh_token: str) -> TokenPair:
        """A new pair; the old token then works 30 minutes longer and dies.

        Raises Unauthorised (cause `token_expired`) on `invalid_grant`; NotSent, Throttled or
        Refused when it surely was not used; OutcomeUnknown when it may have been.
        """
        ...

    async def connections(self, access_token: str) -> tuple[OrganisationConnection, ...]:
        """Every organisation the person ever connected to this app, in Xero's order."""
        ...

    async def may_write(self, access_token: str, organisation: XeroOrganisationId) -> bool:
        """Whether the role of whoever granted it permits writing invoices. Raises RemoteError."""
        ...

    async def disconnect(self, access_token: str, connection_id: str) -> None:
        """Cut one organisation off; the token lives on for others. Fine when it is gone already."""
        ...

    async def revoke(self, refresh_token: str) -> None:
        """End the grant: every organisation of that person is cut off."""
        ...
