"""Contacts as whole lists showed them, asked as one asks Xero: for rounds that write nothing.

Made by `planning` and `applying`, read by the round of customers through `plans.customers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.contact import ContactStatus, Customer, LiveContact
from syncd.domain.rules.limits.allowance import Lane
from syncd.ports.ledger import Ledger
from syncd.ports.rows import Rows, Unread


class ContactIndex:
    """The contact reads of the Ledger port, answered from a whole list; the rest is not asked."""

    def __init__(
        self, ledger: Ledger, listed: Iterable[LiveContact], unread: Iterable[Unread] = ()
    ) -> None:
        self._ledger = ledger
        self.unread = tuple(unread)
        self.by_id = {one.id: one for one in listed}
        self._by: dict[tuple[str, str], list[LiveContact]] = {}
        for one in self.by_id.values():
            for way in (
                ("number", one.number),
                ("account", one.account_number),
                ("name", one.name),
            ):
                if way[1].strip():
                    self._by.setdefault((way[0], _plain(way[1])), []).append(one)

    async def contacts_by_id(
        self, tenant: TenantId, ids: Sequence[XeroContactId], *, lane: Lane
    ) -> Rows[LiveContact]:
        """From the list; what came since it was read is read now."""
        missing = [each for each in ids if each not in self.by_id]
        unread: tuple[Unread, ...] = ()
        if missing:
            found = await self._ledger.contacts_by_id(tenant, missing, lane=lane)
            self.by_id.update((one.id, one) for one in found)
            unread = found.unread
        return Rows([self.by_id[each] for each in ids if each in self.by_id], unread)

    async def contacts_by_number(
        self, _: TenantId, numbers: Sequence[str], *, lane: Lane
    ) -> Rows[LiveContact]:
        """From the list."""
        return self._found("number", numbers, lane)

    async def contacts_by_account_number(
        self, _: TenantId, account_numbers: Sequence[str], *, lane: Lane
    ) -> Rows[LiveContact]:
        """From the list."""
        return self._found("account", account_numbers, lane)

    async def contacts_by_name(
        self, _: TenantId, names: Sequence[str], *, lane: Lane
    ) -> Rows[LiveContact]:
        """From the list."""
        return self._found("name", names, lane)

    def candidates(self, customer: Customer) -> tuple[XeroContactId, ...]:
        """The active contacts a person would choose from."""
        found = [
            *self._by.get(("number", _plain(customer.id)), ()),
            *self._by.get(("account", _plain(customer.ref)), ()),
            *self._by.get(("name", _plain(customer.name)), ()),
        ]
        ids = dict.fromkeys(one.id for one in found if one.status is ContactStatus.ACTIVE)
        return tuple(ids)

    def _found(self, way: str, texts: Sequence[str], _: Lane) -> Rows[LiveContact]:
        found = [one for text in texts for one in self._by.get((way, _plain(text)), ())]
        return Rows({one.id: one for one in found}.values(), self.unread)


def _plain(text: str) -> str:
    return text.strip().casefold()
