"""Loads what is stored about claimed invoices, in one read, before anything is decided.

Jobs carry keys; the content is read when its turn comes, so that the newest edit goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, TenantId, XeroContactId
from syncd.domain.model.contact import ContactStatus, Customer
from syncd.domain.model.intent_body import ContactBase, InvoiceIntentBody
from syncd.domain.model.invoice import Invoice, LiveInvoice
from syncd.domain.model.job import Job, JobKind
from syncd.domain.model.objection import Objection
from syncd.domain.model.snapshot import Base
from syncd.domain.model.value import Value
from syncd.domain.rules.contacts import trouble as contact_trouble
from syncd.domain.rules.contacts.trouble import CustomerStatus
from syncd.domain.rules.decide import after_restore
from syncd.domain.rules.decide.situation import LiveState
from syncd.engine.core.context import SyncContext
from syncd.engine.writes import earlier_writes
from syncd.engine.writes.kind import Element
from syncd.ports.billing import ChangeKind
from syncd.store import desired, jobs, links, restores
from syncd.store.desired import Desired
from syncd.store.intents import Intent
from syncd.store.jobs import JobRow
from syncd.store.links import Link
from syncd.store.unit_of_work import Transaction


class RemoteRead(Value, frozen=True, kw_only=True):
    """What a read of Xero showed; UNREAD where there was none, or for a `problem`."""

    side: LiveState = LiveState.UNREAD
    live: LiveInvoice | None = None
    read_at: datetime | None = None
    problem: str = ""


class LoadedInvoice(Value, frozen=True, kw_only=True):
    """One invoice's job with everything stored about it.

    `earlier` are closed intents since the base last moved, oldest first, without those of which
    surely no byte was accepted. `look_outstanding`: the store was restored, and not all that Xero
    has of ours is known here yet.
    """

    job: Job
    desired: Desired[Invoice] | None
    link: Link[Base] | None = None
    contact: Link[ContactBase] | None = None
    trouble: Objection | None = None
    """What its customer waits for, where that has no contact to be invoiced to."""
    open_intent: Intent | None = None
    earlier: tuple[Intent, ...] = ()
    look_outstanding: bool = False

    @property
    def id(self) -> PipelineInvoiceId:
        """The Pipeline invoice."""
        return PipelineInvoiceId(self.job.key)

    @property
    def version(self) -> int:
        """The desired version; zero when Pipeline's side was never seen."""
        return 0 if self.desired is None else self.desired.version

    @property
    def label(self) -> str:
        """What people call it: its number, as far as it is known."""
        return self.job.key if self.desired is None else self.desired.label

    @property
    def base(self) -> Base | None:
        """What both sides last agreed on."""
        return None if self.link is None else self.link.base

    @property
    def unverified_from(self) -> datetime | None:
        """Up to which change of Xero's the base can answer; None: it is sure.

        `rules.decide.after_restore` says what follows. What an intent from a backup has become is
        known no further than the intent itself.
        """
        if self.link is not None:
            return self.link.unverified_from
        return after_restore.NOTHING if self.look_outstanding else None

    @property
    def contact_id(self) -> XeroContactId | None:
        """The contact to write on the document; a merged one is its survivor."""
        if self.contact is None:
            return None
        return XeroContactId(self.contact.merged_to or self.contact.xero_id)

    @property
    def contact_status(self) -> ContactStatus | None:
        """The contact as last seen; unknown once it was merged into another."""
        if self.contact is None:
            return None
        status = ContactStatus(self.contact.xero_status)
        is_merged = self.contact.merged_to is not None
        return None if is_merged and status is not ContactStatus.UNKNOWN else status

    @property
    def aliases(self) -> dict[str, str]:
        """Contacts that were merged into the customer's own, each as its survivor."""
        if self.contact is None or self.contact_id is None:
            return {}
        base = self.contact.base
        former = () if base is None else base.former
        loaded = (*former, self.contact.xero_id)
        return {each: self.contact_id for each in loaded if each != self.contact_id}


InvoiceElement = Element[LoadedInvoice, LiveInvoice]


def body_of(one: Intent) -> InvoiceIntentBody:
    """What was meant."""
    assert isinstance(one.body, InvoiceIntentBody), "an invoice's intent"
    return one.body


async def load(
    context: SyncContext, tenant: TenantId, claimed: Sequence[Job]
) -> tuple[LoadedInvoice, ...]:
    """Everything stored about these jobs' invoices, in the jobs' order."""
    keys = [job.key for job in claimed]
    read = Transaction()
    wanted = read.add(desired.invoices(tenant, keys))
    linked = read.add(links.invoices(tenant, keys))
    written = earlier_writes.ask(read, tenant, ChangeKind.INVOICE, keys)
    outstanding = read.add(restores.is_outstanding(tenant))
    await context.store.read(read)
    by_key = {one.key: one for one in wanted.rows}
    link_of = {link.key: link for link in linked.rows}
    open_of, closed_of = written.open_of(), written.closed_of()
    loaded = [
        LoadedInvoice(
            job=job,
            desired=by_key.get(job.key),
            link=link_of.get(job.key),
            open_intent=open_of.get(job.key),
            earlier=tuple(closed_of.get(job.key, ())),
            look_outstanding=outstanding.one,
        )
        for job in claimed
    ]
    return await with_contacts(context, tenant, loaded)


async def with_contacts(
    context: SyncContext, tenant: TenantId, loaded: Sequence[LoadedInvoice]
) -> tuple[LoadedInvoice, ...]:
    """The same, with each customer's contact link as it stands now."""
    customers = sorted(
        {one.desired.parent for one in loaded if one.desired is not None and one.desired.parent}
    )
    if not customers:
        return tuple(loaded)
    found = await context.store.fetch(links.customers(tenant, customers))
    contact_of = {link.key: link for link in found}
    troubled = [key for key in customers if not _is_usable(contact_of.get(key))]
    trouble_of = await _troubles(context, tenant, troubled) if troubled else {}
    return tuple(
        one
        if one.desired is None or one.desired.parent is None
        else structs.replace(
            one,
            contact=contact_of.get(one.desired.parent),
            trouble=trouble_of.get(one.desired.parent),
        )
        for one in loaded
    )


def _is_usable(link: Link[ContactBase] | None) -> bool:
    """By what was last seen of the contact; one that was merged is its survivor."""
    if link is None:
        return False
    if link.xero_status == ContactStatus.UNKNOWN:
        return False
    return link.merged_to is not None or link.xero_status == ContactStatus.ACTIVE


async def _troubles(
    context: SyncContext, tenant: TenantId, customers: Sequence[str]
) -> dict[PipelineCustomerId, Objection]:
    """What each of these customers waits for itself, as an invoice of its is told."""
    read = Transaction()
    queued = read.add(jobs.get(tenant, JobKind.PUSH_CUSTOMER, customers))
    wanted = read.add(desired.customers(tenant, customers))
    await context.store.read(read)
    row_of = {row.key: row for row in queued.rows}
    who_of = {one.key: one for one in wanted.rows}
    return {
        PipelineCustomerId(key): contact_trouble.objection(
            _standing(row_of.get(key), who_of.get(key))
        )
        for key in customers
    }


def _standing(row: JobRow | None, who: Desired[Customer] | None) -> CustomerStatus:
    return CustomerStatus(
        name="" if who is None else who.label,
        is_withdrawn=who is not None and who.is_withdrawn,
        state=None if row is None else row.state,
        reason=None if row is None else row.reason,
        note="" if row is None else row.note or "",
    )
