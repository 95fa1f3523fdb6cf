"""One customer in full: what Pipeline says of it, what it could be in Xero, what waits for it.

Called by `operations` for API and console. The candidates are those the customer's last round saw;
calls nobody outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import msgspec

from syncd.domain.ids import PipelineCustomerId, TenantId
from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.contact import ContactCandidate, Customer
from syncd.domain.model.job import PublicState
from syncd.domain.model.value import Value
from syncd.engine.contacts import link_requests
from syncd.engine.contacts.link_requests import LinkRequest
from syncd.engine.core import journal_entries
from syncd.engine.core.context import SyncContext
from syncd.engine.core.organisation_settings import contact_url
from syncd.engine.operator.pages import Page
from syncd.engine.operator.statuses import ObjectStatus
from syncd.ports.billing import ChangeKind
from syncd.store import desired, needs, settings, views
from syncd.store.journal import Entry
from syncd.store.unit_of_work import Transaction
from syncd.store.views import Narrowed, ObjectRow

MOST_WAITING_SHOWN = 20
_CANDIDATES = msgspec.json.Decoder(tuple[ContactCandidate, ...])


class CustomerDetails(Value, frozen=True, kw_only=True):
    """One customer. `waiting` are the first invoices that wait for its contact.

    `link_request` is what an operator ordered and has not got yet.
    """

    status: ObjectStatus
    customer: Customer | None
    """None where it is deleted in Pipeline, or cannot be read."""
    candidates: tuple[ContactCandidate, ...]
    waiting: tuple[ObjectStatus, ...]
    link_request: LinkRequest | None
    xero_url: str | None
    candidate_urls: tuple[str | None, ...]
    history: tuple[Entry, ...]

    @property
    def is_on_its_way(self) -> bool:
        """Whether the next round carries out what was ordered; else that waits for a person."""
        coming = (PublicState.PENDING, PublicState.UNCERTAIN)
        return self.link_request is not None and self.status.row.state in coming


async def of(
    context: SyncContext, tenant: TenantId, key: str, shown: Callable[[ObjectRow], ObjectStatus]
) -> CustomerDetails | None:
    """One customer in full; None when it is not in scope. Raises StoreError.

    `shown` says how a row is shown as the tenant stands.
    """
    cause = _cause(key)
    read = Transaction()
    found = read.add(views.one(tenant, ChangeKind.CUSTOMER, key))
    wanted = read.add(desired.customers(tenant, [key]))
    request = read.add(link_requests.of(tenant, PipelineCustomerId(key)))
    waiting = read.add(
        views.listing(tenant, ChangeKind.INVOICE, Narrowed(cause=cause), limit=MOST_WAITING_SHOWN)
    )
    counts = read.add(needs.waiting_for(tenant, [cause]))
    organisation = read.add(settings.get(tenant))
    history = read.add(views.history(tenant, journal_entries.CUSTOMER, key))
    await context.store.read(read)
    row = found.first
    if row is None:
        return None
    candidates = _CANDIDATES.decode(row.detail) if row.detail is not None else ()
    return CustomerDetails(
        status=replace(shown(row), waiting_invoices=dict(counts.rows).get(cause, 0)),
        customer=wanted.first.content if wanted.first is not None else None,
        candidates=candidates,
        waiting=tuple(shown(one) for one in waiting.rows),
        link_request=None if request.first is None else link_requests.read(request.first),
        xero_url=contact_url(organisation.first, row.xero_id),
        candidate_urls=tuple(contact_url(organisation.first, one.id) for one in candidates),
        history=tuple(written.entry for written in history.rows),
    )


async def with_waiting(context: SyncContext, tenant: TenantId, page: Page) -> Page:
    """The same page of customers, each with how many invoices wait for it. Raises StoreError."""
    causes = [_cause(one.row.key) for one in page.items]
    counts = dict(await context.store.fetch(needs.waiting_for(tenant, causes)))
    return replace(page, items=tuple(_counted(page.items, counts)))


def _counted(items: Iterable[ObjectStatus], counts: dict[str, int]) -> Iterable[ObjectStatus]:
    for one in items:
        yield replace(one, waiting_invoices=counts.get(_cause(one.row.key), 0))


def _cause(key: str) -> str:
    return HoldCause(kind=CauseKind.CUSTOMER, name=key).text
