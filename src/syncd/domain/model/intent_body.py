"""What a write remembers: all that was known and meant when it was sent.

Stored with each intent before the first byte leaves, and all a probe has to judge by after a crash.
`ContactBase` is to a contact's link what `snapshot.Base` is to an invoice's.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import ContactWrite, Customer, LiveContact
from syncd.domain.model.invoice import InvoiceWrite
from syncd.domain.model.snapshot import Snapshot
from syncd.domain.model.value import Value


class TieSlack(Value, frozen=True, kw_only=True, omit_defaults=True):
    """How far a rule for ties may take each total from what Pipeline shows (facts §3.8)."""

    nett: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    total: Decimal = Decimal(0)


EXACT = TieSlack()
"""Of a document in which no amount lies exactly between two cents."""


class InvoiceIntentBody(Value, frozen=True, kw_only=True):
    """One invoice of a write call.

    `desired` is Pipeline's half as it was; `expected` what Xero shows once the write was applied;
    `base_xero` what Xero showed before and `changed_at` its UpdatedDateUTC then (None for a create,
    and `changed_at` in what an older version stored). `ties` is what the rates of the codes it is
    written with leave open of the totals.
    """

    desired: Snapshot | None
    expected: Snapshot | None
    write: InvoiceWrite
    base_xero: Snapshot | None = None
    changed_at: datetime | None = None
    ties: TieSlack = EXACT

    def was_changed_since(self, updated_at: datetime) -> bool:
        """Whether a document whose UpdatedDateUTC is now this was written since it was read."""
        return self.changed_at is not None and updated_at > self.changed_at


class ContactIntentBody(Value, frozen=True, kw_only=True):
    """One contact of a write call: the customer as it was, and the contact as Xero showed it."""

    desired: Customer | None
    write: ContactWrite
    base_xero: LiveContact | None = None


IntentBody = InvoiceIntentBody | ContactIntentBody


class ContactBase(Value, frozen=True, kw_only=True):
    """What the two sides of a contact showed when they last agreed, field by field.

    `offers` are states of the contact that Pipeline was handed to refresh its customer from, when
    that was at version `offered_on`, oldest first; Pipeline may show any of them next.
    `former` are contacts that were merged into this one. `altered` names fields
    (`contacts.field_moves`) that Xero shows otherwise than they were sent: nobody has agreed to
    those.
    """

    pipeline: Customer | None
    xero: LiveContact | None
    offers: tuple[LiveContact, ...] = ()
    offered_on: int | None = None
    former: tuple[XeroContactId, ...] = ()
    altered: tuple[str, ...] = ()
