"""Loads what is stored about claimed customers, before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain.ids import PipelineCustomerId, TenantId, XeroContactId
from syncd.domain.model.contact import Customer, LiveContact
from syncd.domain.model.intent_body import ContactBase, ContactIntentBody
from syncd.domain.model.job import Job
from syncd.domain.model.value import Value
from syncd.engine.contacts import link_requests
from syncd.engine.contacts.link_requests import LinkRequest
from syncd.engine.core.context import SyncContext
from syncd.engine.writes import earlier_writes
from syncd.engine.writes.kind import Element
from syncd.ports.billing import ChangeKind
from syncd.store import desired, links, restores
from syncd.store.desired import Desired
from syncd.store.intents import Intent
from syncd.store.links import Link
from syncd.store.unit_of_work import Transaction


class LoadedCustomer(Value, frozen=True, kw_only=True):
    """One customer's job with everything stored about it."""

    job: Job
    desired: Desired[Customer] | None
    link: Link[ContactBase] | None = None
    open_intent: Intent | None = None
    is_target_anothers: bool = False
    """The contact its open write is for was linked to another customer meanwhile."""
    earlier: tuple[Intent, ...] = ()
    """Closed intents since the base last moved, oldest first, without unsent ones."""
    is_invoiced: bool = False
    link_request: LinkRequest | None = None
    """What an operator asked for and has not got yet."""
    look_outstanding: bool = False
    """The store was restored, and a contact made before that may still turn up."""

    @property
    def id(self) -> PipelineCustomerId:
        """The Pipeline customer."""
        return PipelineCustomerId(self.job.key)

    @property
    def version(self) -> int:
        """The desired version; zero when Pipeline's side was never seen."""
        return 0 if self.desired is None else self.desired.version


ContactElement = Element[LoadedCustomer, LiveContact]


def body_of(one: Intent) -> ContactIntentBody:
    """What was meant."""
    assert isinstance(one.body, ContactIntentBody), "a contact's intent"
    return one.body


async def load(
    context: SyncContext, tenant: TenantId, jobs: Sequence[Job]
) -> tuple[LoadedCustomer, ...]:
    """Everything stored about these jobs' customers, in the jobs' order."""
    keys = [job.key for job in jobs]
    read = Transaction()
    wanted = read.add(desired.customers(tenant, keys))
    linked = read.add(links.customers(tenant, keys))
    written = earlier_writes.ask(read, tenant, ChangeKind.CUSTOMER, keys)
    since = context.policies[tenant].start_on
    invoiced = read.add(desired.customers_with_invoices(tenant, keys, since=since))
    outstanding = read.add(restores.is_outstanding(tenant))
    requested = [read.add(link_requests.of(tenant, PipelineCustomerId(key))) for key in keys]
    await context.store.read(read)
    open_of, closed_of = written.open_of(), written.closed_of()
    targets = [one.xero_id for one in open_of.values() if one.xero_id is not None]
    owner_of = await owners(context, tenant, targets)
    by_key = {one.key: one for one in wanted.rows}
    link_of = {link.key: link for link in linked.rows}
    with_invoices = set(invoiced.rows)
    requests = {
        key: link_requests.read(answer.rows[0])
        for key, answer in zip(keys, requested, strict=True)
        if answer.rows
    }
    return tuple(
        LoadedCustomer(
            job=job,
            desired=by_key.get(job.key),
            link=link_of.get(job.key),
            open_intent=open_of.get(job.key),
            is_target_anothers=_is_anothers(open_of.get(job.key), owner_of),
            earlier=tuple(closed_of.get(job.key, ())),
            is_invoiced=job.key in with_invoices,
            link_request=requests.get(job.key),
            look_outstanding=outstanding.one,
        )
        for job in jobs
    )


async def owners(
    context: SyncContext, tenant: TenantId, ids: Sequence[str]
) -> dict[XeroContactId, str]:
    """The customer that each of these contacts is; nobody's are left out.

    One of a customer that is deleted in Pipeline is the next one's that it is found for.
    """
    if not ids:
        return {}
    found = await context.store.fetch(links.owners_of_contacts(tenant, ids))
    return {XeroContactId(contact): key for contact, key in found}


def _is_anothers(one: Intent | None, owner_of: Mapping[XeroContactId, str]) -> bool:
    return one is not None and owner_of.get(XeroContactId(one.xero_id or ""), one.key) != one.key
