"""Contacts as whole lists showed them, asked as one asks Xero: for rounds that write nothing.

Made by `planning` and `applying`, read by the round of customers through `plans.customers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.contact import ContactStatus, Customer, LiveContact
from syncd.domain.rules.limits.allowance import Lane
from syncd.ports.ledger import ContactText, Ledger
from syncd.ports.rows import Rows, Unread, plain


class ContactIndex:
    """The contact reads of the Ledger port, answered from a whole list; the rest is not asked."""

    def __init__(
        self, ledger: Ledger, listed: Iterable[LiveContact], unread: Iterable[Unread] = ()
    ) -> None:
        self._ledger = ledger
        self.unread = tuple(unread)
        self.by_id = {one.id: one for one in listed}
        self._by: dict[tuple[ContactText, str], list[LiveContact]] = {}
        for one in self.by_id.values():
            for text in ContactText:
                if known := plain(getattr(one, text)):
                    self._by.setdefault((text, known), []).append(one)

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

    async def contacts_by(
        self, _: TenantId, text: ContactText, wanted: Sequence[str], *, lane: Lane
    ) -> Rows[LiveContact]:
        """From the list, in whatever lane."""
        del lane
        found = [one for each in wanted for one in self._by.get((text, plain(each)), ())]
        return Rows({one.id: one for one in found}.values(), self.unread)

    def candidates(self, customer: Customer) -> tuple[XeroContactId, ...]:
        """The active contacts a person would choose from."""
        found = [
            *self._by.get((ContactText.NUMBER, plain(customer.id)), ()),
            *self._by.get((ContactText.ACCOUNT_NUMBER, plain(customer.ref)), ()),
            *self._by.get((ContactText.NAME, plain(customer.name)), ()),
        ]
        ids = dict.fromkeys(one.id for one in found if one.status is ContactStatus.ACTIVE)
        return tuple(ids)
