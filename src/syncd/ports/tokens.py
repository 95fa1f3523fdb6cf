"""A bearer for a call to Xero, fresh enough to be used now."""

from __future__ import annotations

from typing import Protocol

from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.value import Value


class Bearer(Value, frozen=True, kw_only=True):
    """What one call carries. Never shown."""

    not_shown = ("access_token",)

    access_token: str
    organisation_id: XeroOrganisationId
    generation: int
    """Which pair of the grant this is; rises with each refresh."""


class Tokens(Protocol):
    """Keeps every tenant's tokens."""

    async def bearer(self, tenant: TenantId) -> Bearer:
        """A bearer with life left: a minute, or a fiftieth of a life shorter than Xero's.

        Raises Unauthorised when the tenant's gate is closed, NotSent or Throttled when a needed
        refresh is in doubt or could not be made now.
        """
        ...

    async def renew(self, tenant: TenantId, spent: Bearer) -> Bearer:
        """After a 401: one refresh, shared by all who ask with the same `spent` bearer.

        Raises what `bearer` does.
        """
        ...

    def check(self, tenant: TenantId) -> None:
        """The last check before a call's first byte: a bearer may have waited for a slot.

        Raises Unauthorised when the gate has closed since.
        """
        ...

    async def disconnected(self, tenant: TenantId, refused: Bearer) -> bool:
        """Xero answered `refused` with 403 AuthenticationUnsuccessful: disconnected there?

        False where its list of connections does not say so too: then the grant is kept. Says
        nothing of a grant that came while the call was on its way, as the next two.
        """
        ...

    async def permission_missing(self, tenant: TenantId, refused: Bearer, message: str) -> None:
        """Xero answered `refused` that its grant lacks a permission."""
        ...

    async def role_refused(self, tenant: TenantId, refused: Bearer) -> None:
        """Xero answered `refused` that the role of whoever connected does not permit this."""
        ...
