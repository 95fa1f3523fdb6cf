"""Who is billed, for the control totals: customers, and the contacts that stand for them in Xero.

Read once for a report by `engine.reports.control_totals`; a customer is two names and an id, so
memory grows with customers, not with invoices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncd.domain.ids import TenantId
from syncd.engine.core.context import SyncContext
from syncd.store import control_totals
from syncd.store.control_totals import CustomerRow

PAGE_SIZE = 500


@dataclass(slots=True)
class People:
    """Customers and the contacts that stand for them."""

    names: dict[str, str] = field(default_factory=dict)
    contact_of: dict[str, str] = field(default_factory=dict)
    customer_of: dict[str, str] = field(default_factory=dict)
    former: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, row: CustomerRow) -> None:
        """One more customer."""
        self.names[row.key] = row.name
        if row.contacts:
            self.contact_of[row.key] = row.contacts[0]
            for contact in row.contacts:
                self.customer_of.setdefault(contact, row.key)
        if row.contacts[1:]:
            self.former[row.key] = row.contacts[1:]

    def customer(self, contact: str, billed: str | None) -> str:
        """Pipeline's name for a contact; one that stands for several is the one `billed`."""
        if billed is not None and contact == self.contact_of.get(billed):
            return billed
        return self.customer_of.get(contact, contact)

    def aliases(self, customer: str) -> Mapping[str, str]:
        """Contacts that were merged into the customer's own."""
        own = self.contact_of.get(customer, "")
        return {each: own for each in self.former.get(customer, ()) if each != own}


async def read(context: SyncContext, tenant: TenantId) -> People:
    """Every customer of a tenant, by pages. Raises StoreError."""
    found, after = People(), ""
    while True:
        page = await context.store.fetch(
            control_totals.customers_after(tenant, after, limit=PAGE_SIZE)
        )
        for row in page:
            found.add(row)
        if len(page) < PAGE_SIZE:
            return found
        after = page[-1].key
