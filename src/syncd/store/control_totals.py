"""All that is stored of invoices and whom they bill, for the control totals. Read-only, in pages.

Bodies come undecoded: who has seen an invoice already does not pay for it twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import Invoice
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.result import InvoiceResult
from syncd.domain.model.snapshot import Base
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.value import Value
from syncd.ports.driver import Row
from syncd.store import bases, rows, sql
from syncd.store.unit_of_work import Statement, ask

_QUERIES = sql.load("control_totals")
_INVOICE = msgspec.json.Decoder(Invoice)
_RESULT = msgspec.json.Decoder(InvoiceResult)
_NAMES = msgspec.json.Decoder(list[str])


class InvoiceRow(Value, frozen=True, kw_only=True):
    """One invoice. `state` None: never queued, being out of scope."""

    not_shown = ("body", "base_body", "result_body")

    key: str
    number: str
    is_withdrawn: bool
    problem: str | None
    body: bytes | None
    state: PublicState | None
    reason: Reason | None
    note: str
    settled_at: datetime | None
    xero_id: str | None
    xero_status: XeroStatus | None
    base_body: bytes | None
    based_at: datetime | None
    result_body: bytes | None
    is_told: bool
    """Pipeline has confirmed a result of it, this one or an earlier one."""
    is_on_its_way: bool
    """What stands in the result has not been confirmed."""

    def invoice(self) -> Invoice | None:
        """Pipeline's document; None when withdrawn or unreadable."""
        return None if self.body is None else _INVOICE.decode(self.body)

    def base(self) -> Base | None:
        """What both sides last agreed on."""
        return None if self.base_body is None else bases.decode(self.base_body)

    def published(self) -> InvoiceResult | None:
        """The newest result of it; None where Pipeline was never told of any."""
        if self.result_body is None or not self.is_told:
            return None
        return _RESULT.decode(self.result_body)


class CustomerRow(Value, frozen=True, kw_only=True):
    """One customer; `contacts` have stood for it in Xero, the one that does now first."""

    key: str
    name: str
    contacts: tuple[str, ...]


def by_keys(tenant: TenantId, keys: Iterable[str]) -> Statement[InvoiceRow]:
    """These invoices; unknown keys are left out."""
    return ask(_QUERIES["by_keys"], tenant, rows.json_list(keys), decode=_invoice)


def after(tenant: TenantId, key: str, *, limit: int) -> Statement[InvoiceRow]:
    """A page of all invoices by key, from the one after `key` ("" for the first)."""
    return ask(_QUERIES["after_key"], tenant, key, limit, decode=_invoice)


def keys_by_xero(tenant: TenantId, xero_ids: Iterable[str]) -> Statement[tuple[str, str]]:
    """(Xero id, invoice) of those of these documents that are linked."""
    query = _QUERIES["keys_by_xero"]
    return ask(query, tenant, rows.json_list(xero_ids), decode=_pair)


def customers_after(tenant: TenantId, key: str, *, limit: int) -> Statement[CustomerRow]:
    """A page of all customers by key, from the one after `key` ("" for the first)."""
    return ask(_QUERIES["contacts_after"], tenant, key, limit, decode=_customer)


_invoice = rows.decoder(InvoiceRow)


def _customer(row: Row) -> CustomerRow:
    key, name, xero_id, merged_to, former = row
    earlier = [] if former is None else _NAMES.decode(rows.text_of(former))
    contacts = (rows.text_or_none(merged_to), rows.text_or_none(xero_id), *earlier)
    return CustomerRow(
        key=rows.text_of(key),
        name=rows.text_of(name),
        contacts=tuple(each for each in contacts if each is not None),
    )


_pair = rows.decoder(tuple[str, str])
