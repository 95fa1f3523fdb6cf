"""What Pipeline wants: the newest version of each invoice and customer, whole.

Written by intake alone; read by whoever decides. A version not above the stored one is ignored, but
where Pipeline itself was set back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Generic, TypeVar

import msgspec

from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, TenantId
from syncd.domain.model.contact import Customer
from syncd.domain.model.invoice import Invoice
from syncd.domain.model.value import Value
from syncd.ports.billing import ChangeKind
from syncd.ports.driver import Scalar
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

C = TypeVar("C", Invoice, Customer)

_QUERIES = sql.load("desired")
_INVOICE = msgspec.json.Decoder(Invoice)
_CUSTOMER = msgspec.json.Decoder(Customer)


class DesiredChange(Value, frozen=True, kw_only=True):
    """What Pipeline says of one object: its content, its withdrawal (None), or what is wrong.

    `version` is the object's newest known: the content's own where there is content, since a feed
    entry's may be below it. `problem` set: the content could not be read.
    """

    not_shown = ("content",)

    kind: ChangeKind
    key: str
    version: int
    at: datetime
    by: str
    content: Invoice | Customer | None = None
    problem: str | None = None
    label: str = ""
    """What people call what cannot be read; content says it itself."""

    @classmethod
    def as_read(cls, key: str, content: Invoice | Customer, *, by: str) -> DesiredChange:
        """Of an object that was read by itself: `by` is whom the feed named last, if anybody."""
        kind = ChangeKind.INVOICE if isinstance(content, Invoice) else ChangeKind.CUSTOMER
        at, version = content.updated_at, content.version
        return cls(kind=kind, key=key, version=version, at=at, by=by, content=content)


class Moved(Value, frozen=True, kw_only=True):
    """An object whose stored version really rose."""

    kind: ChangeKind
    key: str
    version: int


class Desired(Value, Generic[C], frozen=True, kw_only=True):
    """One object as Pipeline wants it. `content` None: withdrawn, or unreadable (`problem`).

    `label` is an invoice's number or a customer's name, also after the withdrawal; `parent` an
    invoice's customer.
    """

    not_shown = ("content",)

    key: str
    version: int
    is_withdrawn: bool
    label: str
    parent: PipelineCustomerId | None
    changed_at: datetime
    changed_by: str
    problem: str | None
    content: C | None


def put(tenant: TenantId, changes: Iterable[DesiredChange]) -> Statement[Moved]:
    """Store what is newer than what is stored; says what moved. The newest of one key counts."""
    newest: dict[tuple[ChangeKind, str], DesiredChange] = {}
    for change in changes:
        known = newest.get((change.kind, change.key))
        if known is None or change.version > known.version:
            newest[change.kind, change.key] = change
    fields = msgspec.json.encode([_fields(change) for change in newest.values()])
    return ask(_QUERIES["put"], tenant, fields.decode(), decode=_moved)


def set_back(tenant: TenantId, changes: Iterable[DesiredChange]) -> Statement[None]:
    """What is put of these next is newer than what is stored, whatever its version is."""
    return tell(_QUERIES["set_back"], [(tenant, one.kind, one.key, one.version) for one in changes])


def versions(tenant: TenantId, kind: ChangeKind, keys: Iterable[str]) -> Statement[Moved]:
    """The stored version of each key that is known."""
    return ask(_QUERIES["versions"], tenant, kind, rows.json_list(keys), decode=_moved)


def living(tenant: TenantId, kind: ChangeKind, keys: Iterable[str]) -> Statement[str]:
    """Those of these that Pipeline has, deleted ones left out, readable or not."""
    return ask(_QUERIES["living"], tenant, kind, rows.json_list(keys), decode=_key)


def invoices(
    tenant: TenantId, keys: Iterable[PipelineInvoiceId | str]
) -> Statement[Desired[Invoice]]:
    """These invoices, by key; unknown keys are left out."""
    keys = rows.json_list(keys)
    return ask(_QUERIES["by_keys"], tenant, ChangeKind.INVOICE, keys, decode=_invoice)


def customers(
    tenant: TenantId, keys: Iterable[PipelineCustomerId | str]
) -> Statement[Desired[Customer]]:
    """These customers, by key; unknown keys are left out."""
    keys = rows.json_list(keys)
    return ask(_QUERIES["by_keys"], tenant, ChangeKind.CUSTOMER, keys, decode=_customer)


def invoices_by_number(tenant: TenantId, numbers: Iterable[str]) -> Statement[Desired[Invoice]]:
    """Invoices that have, or had when withdrawn, one of these numbers."""
    numbers = rows.json_list(numbers)
    return ask(_QUERIES["by_labels"], tenant, ChangeKind.INVOICE, numbers, decode=_invoice)


def invoices_of(
    tenant: TenantId, customers: Iterable[PipelineCustomerId | str]
) -> Statement[PipelineInvoiceId]:
    """The ids of these customers' invoices, withdrawn ones included."""
    query = _QUERIES["children"]
    return ask(query, tenant, rows.json_list(customers), decode=_invoice_id)


def customers_with_invoices(
    tenant: TenantId,
    customers: Iterable[PipelineCustomerId | str],
    *,
    since: date | None = None,
) -> Statement[PipelineCustomerId]:
    """Those of these customers that a living invoice waits for or stands with.

    One dated before `since` waits for nothing: it counts only where it stands.
    """
    query, first = _QUERIES["parents"], None if since is None else since.isoformat()
    return ask(query, tenant, rows.json_list(customers), first, decode=_customer_id)


def unlinked_customers(tenant: TenantId) -> Statement[Desired[Customer]]:
    """Customers that stand for no contact yet; withdrawn and unreadable ones left out."""
    return ask(_QUERIES["unlinked_customers"], tenant, decode=_customer)


def invoices_after(tenant: TenantId, key: str, *, limit: int) -> Statement[Desired[Invoice]]:
    """A page of all invoices by key, from the one after `key` ("" for the first)."""
    return ask(_QUERIES["after_key"], tenant, ChangeKind.INVOICE, key, limit, decode=_invoice)


def unwanted(tenant: TenantId, key: str, *, limit: int) -> Statement[Desired[Invoice]]:
    """A page, as `invoices_after`, of living invoices that were never put into the queue."""
    return ask(_QUERIES["unwanted"], tenant, key, limit, decode=_invoice)


def customers_after(tenant: TenantId, key: str, *, limit: int) -> Statement[Desired[Customer]]:
    """A page of all customers by key, from the one after `key` ("" for the first)."""
    return ask(_QUERIES["after_key"], tenant, ChangeKind.CUSTOMER, key, limit, decode=_customer)


def labels(tenant: TenantId, keys: Iterable[str]) -> Statement[tuple[str, str]]:
    """What people call these invoices and customers: number or name, by Pipeline's id."""
    listed = rows.json_list(keys)
    return ask(_QUERIES["labels"], tenant, listed, decode=_label)


_key = rows.decoder(str)
_label = rows.decoder(tuple[str, str])


def _fields(change: DesiredChange) -> tuple[Scalar, ...]:
    content = change.content
    label, parent = change.label, None
    if isinstance(content, Invoice):
        label, parent = content.number, content.customer_id
    elif content is not None:
        label = content.name
    is_withdrawn = content is None and change.problem is None
    return (
        change.kind,
        change.key,
        change.version,
        int(is_withdrawn),
        label,
        parent,
        rows.to_ms(change.at),
        change.by,
        change.problem,
        None if content is None else msgspec.json.encode(content).decode(),
    )


_moved = rows.decoder(Moved)
_invoice = rows.decoder(Desired[Invoice], content=_INVOICE.decode)
_customer = rows.decoder(Desired[Customer], content=_CUSTOMER.decode)


_customer_id = rows.decoder(PipelineCustomerId)
_invoice_id = rows.decoder(PipelineInvoiceId)
