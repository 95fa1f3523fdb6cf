"""Puts names in the place of ids where a difference shows customers and contacts.

What is kept and compared are ids, of two systems; people are shown the name, the id beside it.
Called where differences are shown, never where they are decided on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from syncd.domain.ids import TenantId
from syncd.domain.model.result import Difference
from syncd.domain.model.value import Value
from syncd.engine.core.context import SyncContext
from syncd.store import desired, links
from syncd.store.unit_of_work import Transaction

CONTACT = "customerId"
"""The field of a difference that is about who is invoiced."""


class Names(Value, frozen=True, kw_only=True):
    """What people call customers and contacts, by id."""

    names: Mapping[str, str]

    def of(self, differences: Iterable[Difference]) -> tuple[Difference, ...]:
        """The same differences, contacts by name."""
        return tuple(self._one(one) if one.field == CONTACT else one for one in differences)

    def said(self, identity: str) -> str:
        """A customer or contact by name, its id beside it."""
        return f"{self.names.get(identity, 'a contact without a customer here')} ({identity})"

    def _one(self, one: Difference) -> Difference:
        return replace(
            one,
            pipeline=self._maybe(one.pipeline),
            xero=self._maybe(one.xero),
            agreed=self._maybe(one.agreed),
        )

    def _maybe(self, identity: str | None) -> str | None:
        return None if identity is None else self.said(identity)


async def learn(context: SyncContext, tenant: TenantId, differences: Sequence[Difference]) -> Names:
    """The names these differences need; nothing is read where none is. Raises StoreError."""
    ids = sorted(
        {
            identity
            for one in differences
            if one.field == CONTACT
            for identity in (one.pipeline, one.xero, one.agreed)
            if identity is not None
        }
    )
    return await named(context, tenant, ids) if ids else Names(names={})


async def named(context: SyncContext, tenant: TenantId, ids: Sequence[str]) -> Names:
    """What these customers and contacts are called. Raises StoreError."""
    read = Transaction()
    customers = read.add(desired.labels(tenant, ids))
    linked = read.add(links.customers_by_xero(tenant, ids))
    await context.store.read(read)
    names = dict(customers.rows)
    missing = [one.key for one in linked.rows if one.base is None or one.base.xero is None]
    labels = dict(await context.store.fetch(desired.labels(tenant, missing))) if missing else {}
    for one in linked.rows:
        shown = None if one.base is None else one.base.xero
        name = labels.get(one.key) if shown is None else shown.name
        if name:
            names[one.xero_id] = name
    return Names(names=names)
