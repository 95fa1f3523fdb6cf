"""Pages of invoices and customers: what of a listing is wanted, and how the store is asked for it.

Called by `operations` for the API.
"""

from __future__ import annotations

from syncd.domain.ids import TenantId
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.value import Value
from syncd.engine.operator.statuses import ObjectStatus
from syncd.ports.billing import ChangeKind
from syncd.store import views
from syncd.store.unit_of_work import Statement
from syncd.store.views import ObjectRow


class ListQuery(Value, frozen=True, kw_only=True):
    """What of a listing: filters, and `limit` rows after a place.

    `text` is a part of a number or name, or a whole id.
    """

    state: PublicState | None = None
    reason: Reason | None = None
    text: str | None = None
    after: tuple[str, str] = views.START
    limit: int


class Page(Value, frozen=True, kw_only=True):
    """Some rows of a listing; `next_place` is None at its end."""

    items: tuple[ObjectStatus, ...]
    next_place: tuple[str, str] | None


def listing(
    tenant: TenantId,
    kind: ChangeKind,
    wanted: ListQuery,
    state: PublicState | None,
    reason: Reason | None,
) -> Statement[ObjectRow]:
    """One row more than wanted, to know whether there is a next page."""
    if kind is ChangeKind.INVOICE:
        return views.invoices(
            tenant,
            state=state,
            reason=reason,
            number=wanted.text,
            after=wanted.after,
            limit=wanted.limit + 1,
        )
    return views.customers(
        tenant,
        state=state,
        reason=reason,
        name=wanted.text,
        after=wanted.after,
        limit=wanted.limit + 1,
    )


def fits(one: ObjectStatus, wanted: ListQuery) -> bool:
    """Whether what is shown of an object is what was asked for."""
    return wanted.state in (None, one.state) and wanted.reason in (None, one.reason)
