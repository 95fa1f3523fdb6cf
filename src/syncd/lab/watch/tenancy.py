"""The tenants of a simulated day: how many there are, and what is whose.

Their Pipelines have equal ids, numbers and names wherever there are several, so that whatever is
read, written or told for the wrong one shows. What differs is the organisation in Xero and the
address that an invoice's mark begins with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from syncd.domain.ids import TenantId
from syncd.sandbox.xero.server.app import XeroWorld

NAMES = tuple(map(TenantId, ("demo", "second", "third")))
COUNTRIES = ("NZ",)
"""One tax rate for all: their Pipelines say the same."""
_SHARES = (0.5, 0.3, 0.2)
"""How many seeds have one tenant, two, three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One tenant: its name, its organisation's id, and how its marks begin."""

    name: TenantId
    organisation: str
    marks: str

    @property
    def invoice_url(self) -> str:
        """The setting of the same name."""
        return self.marks + "{id}"

    def dice(self, purpose: str) -> str:
        """The name of its own dice for a purpose; the first tenant's has no suffix."""
        return purpose if self.name == NAMES[0] else f"{purpose} of {self.name}"


def names(dice: Random) -> Sequence[TenantId]:
    """Who is there on one seed's day."""
    return NAMES[: dice.choices((1, 2, 3), _SHARES)[0]]


def tenants(named: Sequence[TenantId], xero: XeroWorld) -> tuple[Tenant, ...]:
    """Each with an organisation of its own, in order."""
    return tuple(
        Tenant(name=name, organisation=organisation, marks=f"https://{host}app.test/invoices/")
        for name, organisation, host in zip(named, xero.books, _hosts(named), strict=True)
    )


def _hosts(named: Sequence[TenantId]) -> list[str]:
    return ["" if name == NAMES[0] else f"{name}." for name in named]
