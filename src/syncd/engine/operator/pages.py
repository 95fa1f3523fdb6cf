"""Pages of invoices and customers: what of a listing is wanted, and how the store is asked for it.

Called by `operations` for the API.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from syncd.domain.ids import TenantId
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.value import Value
from syncd.domain.rules.text import beginnings
from syncd.engine.operator.statuses import ObjectStatus
from syncd.ports.billing import ChangeKind
from syncd.store import views
from syncd.store.unit_of_work import Statement
from syncd.store.views import InvoiceParticulars, Narrowed, ObjectRow


class Sort(StrEnum):
    """In which order a listing comes."""

    NUMBER = "number"
    """By number, or name."""
    CHANGED = "changed"
    """What changed last in Pipeline first."""


class ListQuery(Value, frozen=True, kw_only=True):
    """What of a listing: filters, and `limit` rows after a place of that order.

    `text` is a part of a number or name, or a whole id; with `is_beginning` what they begin with,
    which is found without reading them all and comes by number. `cause` is as `HoldCause.text`
    writes it.
    """

    state: PublicState | None = None
    reason: Reason | None = None
    cause: str | None = None
    text: str | None = None
    is_beginning: bool = False
    sort: Sort = Sort.NUMBER
    after: tuple[str, str] = views.START
    limit: int


class Page(Value, frozen=True, kw_only=True):
    """Some rows of a listing; `next_place` is None at its end."""

    items: tuple[ObjectStatus, ...]
    next_place: tuple[str, str] | None


def listings(
    tenant: TenantId,
    kind: ChangeKind,
    wanted: ListQuery,
    state: PublicState | None,
    reason: Reason | None,
) -> tuple[Statement[ObjectRow], ...]:
    """What answers it together, each one row more than wanted, to know whether a page follows."""
    of = views.listing if wanted.sort is Sort.NUMBER else views.recent
    part = Narrowed(state=state, reason=reason, text=wanted.text, cause=wanted.cause)
    parts: tuple[Narrowed, ...] = (part,)
    if wanted.text and wanted.is_beginning:
        ranges = beginnings.spellings(wanted.text)
        parts = tuple(replace(part, text=None, beginning=one) for one in ranges)
    return tuple(of(tenant, kind, one, after=wanted.after, limit=wanted.limit + 1) for one in parts)


def in_order(rows: Iterable[ObjectRow], sort: Sort) -> list[ObjectRow]:
    """Rows of several parts as one listing."""
    if sort is Sort.NUMBER:
        return sorted(rows, key=lambda row: (row.label, row.key))
    return sorted(rows, key=lambda row: (row.changed_at, row.key), reverse=True)


def place_of(row: ObjectRow, sort: Sort) -> tuple[str, str]:
    """Where the page after this row begins."""
    return row.place if sort is Sort.NUMBER else row.place_by_change


def with_particulars(page: Page, found: Iterable[InvoiceParticulars]) -> Page:
    """The same page, its rows with what is said of them besides."""
    of_key = {one.key: one for one in found}
    items = tuple(replace(one, particulars=of_key.get(one.row.key)) for one in page.items)
    return replace(page, items=items)


def fits(one: ObjectStatus, wanted: ListQuery) -> bool:
    """Whether what is shown of an object is what was asked for."""
    return (
        wanted.state in (None, one.state)
        and wanted.reason in (None, one.reason)
        and wanted.cause in (None, one.row.cause)
    )
