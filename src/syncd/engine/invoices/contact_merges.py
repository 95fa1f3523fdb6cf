"""Follows a merge of contacts that an invoice shows before any round of customers has seen it.

Called by `batch` between look and decision. Where a document stands with another contact than
its customer's, the customer's is read: merged into the other, it is no edit of the invoice, and
nothing to write, whether or not the survivor is still active. The customer's key is enqueued, whose
round follows the merge for good. So is that of a customer at rest whose contact was archived, once
an invoice waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.job import JobKind, JobState, Reason
from syncd.domain.rules.queue.outcome import Held
from syncd.engine.contacts import link_changes, reads
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.invoices.decide import Decision
from syncd.engine.invoices.end import InvoiceEnd
from syncd.engine.invoices.loaded_invoice import LoadedInvoice, RemoteRead
from syncd.ports.rows import Rows
from syncd.store import jobs


async def followed(
    changeset: ChangeSet, loaded: Sequence[LoadedInvoice], sights: Sequence[RemoteRead]
) -> tuple[LoadedInvoice, ...]:
    """The same invoices, each with the contact its own was merged into. Raises RemoteError."""
    strange = [
        one for one, remote in zip(loaded, sights, strict=True) if _shows_another(one, remote)
    ]
    if not strange:
        return tuple(loaded)
    context, tenant = changeset.context, changeset.tenant
    wanted = [one.contact_id for one in strange if one.contact_id is not None]
    read = await reads.to_the_end(context.ledger, tenant, wanted)
    found: dict[str, LoadedInvoice] = {}
    for one in strange:
        end = _end(one.contact_id, read)
        if end is None or end.id == one.contact_id or one.contact is None:
            continue
        link = link_changes.shared(one.contact, end, context.now())
        found[one.job.key] = replace(one, contact=link)
        # Its own round follows no merge into an archived contact, and has said so once.
        if end.is_active or one.contact.xero_status != end.status:
            look = jobs.look(tenant, JobKind.PUSH_CUSTOMER, [link.key], context.now())
            changeset.extra.append(look)
    return tuple(found.get(one.job.key, one) for one in loaded)


async def waited_for(changeset: ChangeSet, decisions: Sequence[Decision]) -> None:
    """Customers at rest are looked at once an invoice waits for their contact. Raises StoreError.

    An archived contact is nobody's wait while no invoice wants it; from then on it is read whenever
    the customer's round comes: by its clock, and when a person asks for it.
    """
    context, tenant = changeset.context, changeset.tenant
    customers = {
        one.loaded.desired.parent
        for one in decisions
        if isinstance(one, InvoiceEnd)
        and isinstance(one.outcome, Held)
        and one.outcome.reason is Reason.CONTACT_ARCHIVED
        and one.loaded.desired is not None
        and one.loaded.desired.parent is not None
    }
    if not customers:
        return
    rows = await context.store.fetch(jobs.get(tenant, JobKind.PUSH_CUSTOMER, sorted(customers)))
    keys = [row.key for row in rows if row.state is JobState.DONE]
    changeset.extra.append(jobs.look(tenant, JobKind.PUSH_CUSTOMER, keys, context.now()))


def _shows_another(one: LoadedInvoice, remote: RemoteRead) -> bool:
    """The document stands with a contact that is not the customer's, as far as is known here."""
    live = remote.live
    if live is None or live.status.is_gone or one.contact_id is None:
        return False
    return live.contact_id not in (one.contact_id, *one.aliases)


def _end(contact: XeroContactId | None, read: Rows[LiveContact]) -> LiveContact | None:
    """The contact that stands for it after all merges; None where it was not found."""
    found = None if contact is None else read.get(contact)
    for _ in range(len(read)):
        if found is None or found.merged_to is None:
            return found
        found = read.get(found.merged_to)
    return found
