"""Takes an operator's request for a customer: link it to that contact, or Create in Xero & Link.

Called by `operations`. A request is checked against what is stored, kept, and carried out by the
customer's next round, so that it calls nobody's books and holds while Xero is away.
"""

from __future__ import annotations

from syncd.domain.ids import PipelineCustomerId, TenantId
from syncd.domain.model.job import JobKind
from syncd.domain.model.value import Value
from syncd.engine.contacts import link_requests, loaded_customer
from syncd.engine.contacts.link_requests import LinkRequest
from syncd.engine.core import contact_names, journal_entries
from syncd.engine.core.context import SyncContext
from syncd.ports.billing import ChangeKind
from syncd.store import jobs, journal, views, withheld
from syncd.store.unit_of_work import Transaction
from syncd.store.views import ObjectRow


class LinkRequestAnswer(Value, frozen=True, kw_only=True):
    """The customer after the request; `refusal` says why there is none, in plain words."""

    row: ObjectRow
    refusal: str = ""


async def place(
    context: SyncContext,
    tenant: TenantId,
    customer: PipelineCustomerId,
    link_request: LinkRequest,
    who: str,
) -> LinkRequestAnswer | None:
    """Keep the request and queue a round; None for a customer nobody knows. Raises StoreError."""
    look_up = views.one(tenant, ChangeKind.CUSTOMER, customer)
    found = await context.store.fetch(look_up)
    if not found:
        return None
    (row,) = found
    refusal = await _refusal(context, tenant, row, link_request)
    if refusal:
        return LinkRequestAnswer(row=row, refusal=refusal)
    now = context.now()
    about = journal_entries.CUSTOMER
    entry = journal_entries.note(
        tenant, now, _words(link_request), who=who, about=about, key=customer
    )
    tx = Transaction()
    tx.add(withheld.let_go(tenant, JobKind.PUSH_CUSTOMER, [customer]))
    tx.add(link_requests.keep(tenant, customer, link_request))
    tx.add(jobs.look(tenant, JobKind.PUSH_CUSTOMER, [customer], now))
    tx.add(journal.append([entry]))
    after = tx.add(look_up)
    await context.store.commit(tx)
    return LinkRequestAnswer(row=after.one)


async def _refusal(
    context: SyncContext, tenant: TenantId, row: ObjectRow, link_request: LinkRequest
) -> str:
    if row.is_withdrawn:
        return f"{row.label} is deleted in Pipeline."
    if link_request.link_to is None:
        if row.xero_id is None:
            return ""
        names = await contact_names.named(context, tenant, [row.xero_id])
        return f"{row.label} is linked already, to the contact {names.said(row.xero_id)}."
    owners = await loaded_customer.owners(context, tenant, [link_request.link_to])
    owner = owners.get(link_request.link_to, row.key)
    if owner == row.key:
        return ""
    names = await contact_names.named(context, tenant, [link_request.link_to, owner])
    return (
        f"The contact {names.said(link_request.link_to)} is another customer's already: "
        f"{names.said(owner)}."
    )


def _words(link_request: LinkRequest) -> str:
    if link_request.link_to is not None:
        return f"Link to the contact {link_request.link_to} asked for"
    return "Create in Xero & Link asked for"
