"""Archives the contacts of customers deleted in Pipeline, or says why not.

Called by the round of customers (`contacts`). A contact is read only when nothing else forbids it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain.ids import (
    PipelineCustomerId,
    PipelineInvoiceId,
    TenantId,
    XeroContactId,
)
from syncd.domain.model.contact import ContactStatus, ContactWrite, LiveContact
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.job import Reason
from syncd.domain.model.result import CustomerState
from syncd.domain.model.value import Value
from syncd.domain.rules.contacts import archive
from syncd.domain.rules.decide import policy
from syncd.domain.rules.queue.outcome import Held, NothingToDo, OutOfSync
from syncd.engine.contacts import link_changes, link_requests, reads, settle
from syncd.engine.contacts.link_changes import ContactLink
from syncd.engine.contacts.loaded_customer import ChosenContact, LoadedCustomer
from syncd.engine.contacts.settle import ContactEnd
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.store import desired, links
from syncd.store.unit_of_work import Transaction


class _Leaving(Value, frozen=True, kw_only=True):
    """A deleted customer, its contact, and its invoices that are still open with their numbers."""

    loaded: LoadedCustomer
    link: ContactLink
    still_open: Mapping[PipelineInvoiceId, str]

    @property
    def is_restored(self) -> bool:
        """Whether the contact, where it is active, was known as archived before."""
        agreed = None if self.link.base is None else self.link.base.xero
        loaded = (self.link.xero_status, None if agreed is None else agreed.status)
        return ContactStatus.ARCHIVED in loaded

    def objection(self, *, is_supplier: bool = False) -> str:
        """Why its contact stays active."""
        return archive.objection(
            is_ours=self.link.is_ours,
            is_supplier=is_supplier,
            still_open=self.still_open.values(),
            is_restored=self.is_restored,
        )


async def decide(changeset: ChangeSet, withdrawn: Sequence[LoadedCustomer]) -> list[ChosenContact]:
    """Archive, or settle. Raises RemoteError's leaves when the contacts cannot be read."""
    doubtful = []
    for each in await _leaving(changeset, withdrawn):
        # What was archived may have been restored since: only a read says what it is now.
        why = each.objection() if each.link.xero_status == ContactStatus.ACTIVE else ""
        if why:
            _stays(changeset, each, why)
        else:
            doubtful.append(each)
    ids = [XeroContactId(each.link.xero_id) for each in doubtful]
    found = await reads.to_the_end(changeset.context, changeset.tenant, ids)
    chosen = [
        _archive(changeset, each, found.get(each.link.xero_id))
        for each in doubtful
        if not reads.is_unread(changeset, each.loaded, each.link, found)
    ]
    return [one for one in chosen if one is not None]


async def _leaving(changeset: ChangeSet, withdrawn: Sequence[LoadedCustomer]) -> list[_Leaving]:
    """Those with a contact of their own; the rest is settled."""
    linked: list[tuple[LoadedCustomer, ContactLink]] = []
    for one in withdrawn:
        if one.link_request is not None:
            changeset.extra.append(link_requests.forget(changeset.tenant, one.id))
        if one.link is None:
            settle.settle(changeset, ContactEnd(loaded=one, outcome=NothingToDo()))
        elif one.link.merged_to is not None:
            _gone(changeset, one)
        else:
            linked.append((one, one.link))
    still_open = await _still_open(
        changeset.context, changeset.tenant, [one.id for one, _ in linked]
    )
    return [
        _Leaving(loaded=one, link=link, still_open=still_open.get(one.id, {}))
        for one, link in linked
    ]


def _archive(changeset: ChangeSet, one: _Leaving, live: LiveContact | None) -> ChosenContact | None:
    if live is None or live.status is not ContactStatus.ACTIVE:
        _gone(changeset, one.loaded, live)
        return None
    why = one.objection(is_supplier=live.is_supplier)
    if why:
        _stays(changeset, one, why, live)
        return None
    choices = changeset.context.policies[changeset.tenant]
    text = policy.observing("its contact would be archived.", choices, one.loaded.job.withheld_by)
    if text:
        held = Held(reason=Reason.OBSERVING, text=text)
        settle.settle(changeset, ContactEnd(loaded=one.loaded, outcome=held))
        return None
    write = ContactWrite(pipeline_id=one.loaded.id, xero_id=live.id, status=ContactStatus.ARCHIVED)
    return ChosenContact(loaded=one.loaded, write=write, live=live, read_at=changeset.context.now())


def _stays(changeset: ChangeSet, one: _Leaving, why: str, live: LiveContact | None = None) -> None:
    """Both sides differ: gone in Pipeline, active in Xero; `live` where it was read."""
    link = None
    if live is not None and one.link.xero_status != live.status:
        link = link_changes.restored(one.link, live, changeset.context.now())
        settle.usable(changeset, one.loaded)
    end = ContactEnd(
        loaded=one.loaded,
        outcome=OutOfSync(text=why),
        link=link,
        finding=FindingKind.CONTACT_KEPT,
        still_open=(*one.still_open,),
    )
    settle.settle(changeset, end)


def _gone(changeset: ChangeSet, one: LoadedCustomer, live: LiveContact | None = None) -> None:
    """Nothing active is left of it in Xero."""
    link = None
    if one.link is not None and live is not None:
        link = link_changes.seen(one.link, live, changeset.context.now())
    end = ContactEnd(loaded=one, outcome=NothingToDo(), link=link, state=CustomerState.ARCHIVED)
    settle.settle(changeset, end)


async def _still_open(
    context: SyncContext, tenant: TenantId, customers: Sequence[PipelineCustomerId]
) -> dict[PipelineCustomerId, dict[PipelineInvoiceId, str]]:
    """These customers' invoices that stand open in Xero, or are to get there, and their numbers."""
    keys = await context.store.fetch(desired.invoices_of(tenant, customers)) if customers else ()
    if not keys:
        return {}
    read = Transaction()
    wanted = read.add(desired.invoices(tenant, keys))
    linked = read.add(links.invoices(tenant, keys))
    await context.store.read(read)
    status_of = {link.key: link.xero_status for link in linked.rows}
    choices = context.policies[tenant]
    found: dict[PipelineCustomerId, dict[PipelineInvoiceId, str]] = {}
    for one in wanted.rows:
        status = status_of.get(one.key)
        if status is None:
            invoice = one.content
            is_open = invoice is not None and policy.in_scope(invoice, choices, linked=False)
        else:
            is_open = archive.is_open(status)
        if is_open and one.parent is not None:
            found.setdefault(one.parent, {})[PipelineInvoiceId(one.key)] = one.label
    return found
