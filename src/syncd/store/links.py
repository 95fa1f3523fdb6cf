"""Links: which Pipeline object stands as which Xero document, and the base both agreed on.

The link row is the first proof that a document is ours; its mark in Xero is the second. One living
document belongs to one object (a unique index says so). Called by the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.snapshot import Base
from syncd.domain.model.value import Value
from syncd.ports.billing import ChangeKind
from syncd.ports.driver import Scalar
from syncd.store import bases, rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

B = TypeVar("B", Base, ContactBase)

_QUERIES = sql.load("links")
MOST_RENUMBERED = 1_000
"""Invoices followed from one number to the next."""
_NO_STAMPS: Mapping[str, datetime] = {}
_CONTACT_BASE = msgspec.json.Decoder(ContactBase)


class Link(Value, Generic[B], frozen=True, kw_only=True):
    """One object and its document: `Link[Base]` for invoices, `Link[ContactBase]` for customers.

    `is_ours`: we made the document, or adopted it by our own mark. `based_at` is when the base last
    moved, set with it. `xero_status` and `xero_number` (a contact's name) are as seen at `seen_at`.
    `merged_to`: Xero merged the contact into that one. `unverified_from`: the store was restored,
    and the base answers for the document up to that change of Xero's only.
    """

    not_shown = ("base",)

    key: str
    xero_id: str
    is_ours: bool
    xero_status: str
    xero_number: str
    seen_at: datetime
    base: B | None = None
    based_at: datetime | None = None
    synced_version: int | None = None
    merged_to: str | None = None
    unverified_from: datetime | None = None


def put_invoices(
    tenant: TenantId, links: Iterable[Link[Base]], stamps: Mapping[str, datetime] = _NO_STAMPS
) -> Statement[None]:
    """Store these links whole. Raises Conflict when a document is another invoice's already.

    `stamps` are of our own writes, by invoice: the UpdatedDateUTC of their answers, whose events
    need no look (`money.records`).
    """
    return tell(
        _QUERIES["put"],
        [_fields(tenant, ChangeKind.INVOICE, link, stamps.get(link.key)) for link in links],
    )


def put_customers(tenant: TenantId, links: Iterable[Link[ContactBase]]) -> Statement[None]:
    """Store these links whole. Raises Conflict when a contact is another customer's already.

    One of a customer that is deleted in Pipeline has to be handed over first.
    """
    return tell(_QUERIES["put"], [_fields(tenant, ChangeKind.CUSTOMER, link) for link in links])


def hand_over(tenant: TenantId, links: Iterable[Link[ContactBase]]) -> Statement[None]:
    """Before these are put: their contacts are no deleted customers' any more."""
    own = [link for link in links if link.merged_to is None]
    return tell(
        _QUERIES["hand_over"],
        [(tenant, ChangeKind.CUSTOMER, link.key, link.xero_id) for link in own],
    )


def note_read(
    tenant: TenantId, kind: ChangeKind, reads: Iterable[tuple[str, str, str, datetime]]
) -> Statement[None]:
    """Note what a read showed, leaving the base alone: (key, status, number or name, instant)."""
    return tell(
        _QUERIES["note_read"],
        [(tenant, kind, key, status, number, rows.to_ms(at)) for key, status, number, at in reads],
    )


def let_go(tenant: TenantId, kind: ChangeKind, key: str, xero_id: str) -> Statement[None]:
    """This object stands as that document no longer; it may stand as another one."""
    return tell(_QUERIES["let_go"], [(tenant, kind, key, xero_id)])


def invoices(tenant: TenantId, keys: Iterable[str]) -> Statement[Link[Base]]:
    """The links of these invoices."""
    keys = rows.json_list(keys)
    return ask(_QUERIES["by_keys"], tenant, ChangeKind.INVOICE, keys, decode=_invoice)


def customers(tenant: TenantId, keys: Iterable[str]) -> Statement[Link[ContactBase]]:
    """The links of these customers."""
    keys = rows.json_list(keys)
    return ask(_QUERIES["by_keys"], tenant, ChangeKind.CUSTOMER, keys, decode=_customer)


def invoices_by_xero(tenant: TenantId, xero_ids: Iterable[str]) -> Statement[Link[Base]]:
    """The links of these Xero invoices; a document without link is not ours, or not yet."""
    ids = rows.json_list(xero_ids)
    return ask(_QUERIES["by_xero_ids"], tenant, ChangeKind.INVOICE, ids, decode=_invoice)


def renumbered(tenant: TenantId, numbers: Iterable[str]) -> Statement[tuple[str, str]]:
    """Who is to have these numbers, who is to have theirs, and so on: has in Xero, in Pipeline."""
    listed = rows.json_list(numbers)
    return ask(_QUERIES["renumbered"], tenant, listed, MOST_RENUMBERED, decode=_pair)


_pair = rows.decoder(tuple[str, str])


def called_in_xero(tenant: TenantId, number: str) -> Statement[str]:
    """How Pipeline calls the invoices that have this number in Xero."""
    return ask(_QUERIES["called_in_xero"], tenant, number, decode=rows.decoder(str))


def customers_by_xero(tenant: TenantId, xero_ids: Iterable[str]) -> Statement[Link[ContactBase]]:
    """The links of these Xero contacts; a contact merged away may have several."""
    ids = rows.json_list(xero_ids)
    return ask(
        _QUERIES["by_xero_ids_of_merged"], tenant, ChangeKind.CUSTOMER, ids, decode=_customer
    )


def owners_of_contacts(tenant: TenantId, xero_ids: Iterable[str]) -> Statement[tuple[str, str]]:
    """Whose these contacts are, as (contact, customer); who is deleted in Pipeline has none."""
    ids = rows.json_list(xero_ids)
    return ask(_QUERIES["owners"], tenant, ChangeKind.CUSTOMER, ids, decode=_pair)


def customers_standing_for(
    tenant: TenantId, xero_ids: Iterable[str]
) -> Statement[Link[ContactBase]]:
    """The links of these Xero contacts, and of contacts that were merged into one of them.

    The latter without customers that are deleted in Pipeline.
    """
    ids = rows.json_list(xero_ids)
    return ask(_QUERIES["standing_for"], tenant, ChangeKind.CUSTOMER, ids, decode=_customer)


def invoices_after(tenant: TenantId, key: str, *, limit: int) -> Statement[Link[Base]]:
    """A page of all invoice links by key, from the one after `key` ("" for the first)."""
    return ask(_QUERIES["after_key"], tenant, ChangeKind.INVOICE, key, limit, decode=_invoice)


def _encoded(base: Base | ContactBase) -> bytes:
    return bases.encode(base) if isinstance(base, Base) else msgspec.json.encode(base)


def _fields(
    tenant: TenantId,
    kind: ChangeKind,
    link: Link[Base] | Link[ContactBase],
    own_updated_at: datetime | None = None,
) -> tuple[Scalar, ...]:
    return (
        tenant,
        kind,
        link.key,
        link.xero_id,
        link.is_ours,
        link.merged_to,
        None if link.base is None else _encoded(link.base),
        link.synced_version,
        link.xero_status,
        link.xero_number,
        rows.to_ms(link.seen_at),
        rows.ms_or_none(link.based_at),
        rows.ms_or_none(link.unverified_from),
        rows.ms_or_none(own_updated_at),
    )


_invoice = rows.decoder(Link[Base], base=bases.decode)
_customer = rows.decoder(Link[ContactBase], base=_CONTACT_BASE.decode)
