"""Evaluates customers for a plan: what their round would do once the tenant writes.

Called by `build` and `apply`. The worker's own decisions are asked for, of contacts from lists read
just before and as if the tenant were live; nobody settles them, so that nothing is written. What
invoices need of it is which contact each customer will have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncd.domain.ids import PipelineCustomerId, TenantId, XeroContactId
from syncd.domain.model.contact import ContactStatus, LiveContact
from syncd.domain.model.finding import Found
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.job import Job, JobKind, JobState, Reason
from syncd.domain.model.planned import PlanAction, PlanField, PlanItem, PlanKind, PlanScope
from syncd.domain.model.settings import Mode
from syncd.domain.model.value import Value
from syncd.domain.rules import plan_file
from syncd.domain.rules.contacts import field_moves
from syncd.domain.rules.queue import job
from syncd.domain.rules.queue.holds import HoldContext
from syncd.domain.rules.queue.job import Done, SettleLimits, Waiting
from syncd.engine.contacts import decide, link_changes, loaded_customer
from syncd.engine.contacts.end import ChosenContact, ContactEnd, Decision
from syncd.engine.contacts.loaded_customer import LoadedCustomer
from syncd.engine.contacts.round import CustomerRound
from syncd.engine.core.context import SyncContext
from syncd.engine.plans.contact_index import ContactIndex
from syncd.engine.plans.items import OUT_OF_SYNC
from syncd.engine.writes import push
from syncd.store import jobs
from syncd.store.jobs import JobRow
from syncd.store.links import Link

_CHOICES = (Reason.CONTACT_UNMAPPED, Reason.CONTACT_NAME_TAKEN)
TO_BE_MADE = XeroContactId("to be created")
"""Stands for the contact of a customer that has none yet."""


class EvaluatedCustomer(Value, frozen=True, kw_only=True):
    """The item, and the contact the customer will have; None where that is open."""

    item: PlanItem
    contact: Link[ContactBase] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerEvaluator:
    """Runs the round of customers without writing. `claimed`: contacts that others will have."""

    context: SyncContext
    tenant: TenantId
    index: ContactIndex
    scope: PlanScope
    claimed: set[str] = field(default_factory=set)

    async def evaluate(self, keys: Sequence[str]) -> list[EvaluatedCustomer]:
        """An item for each customer, in order. Raises RemoteError's leaves, StoreError."""
        context, tenant = self.context, self.tenant
        rows = await context.store.fetch(jobs.get(tenant, JobKind.PUSH_CUSTOMER, keys))
        wanted = [job_of(context, tenant, key) for key in keys]
        loaded = await loaded_customer.load(context, tenant, wanted)
        # Decided as if it were live; what is uncertain is looked for before all else.
        given = CustomerRound(
            context=context,
            tenant=tenant,
            contacts=self.index,
            policy=replace(context.policies[tenant], mode=Mode.LIVE),
        )
        ready = [one for one in loaded if one.open_intent is None]
        decided = {
            one.loaded.job.key: one
            async for one in decide.decisions(given, ready)
            if not isinstance(one, Found)
        }
        found = _Stored(
            index=self.index,
            rows={row.key: row for row in rows},
            scope=self.scope,
        )
        return [
            self._once(_evaluated(context, one, decided.get(one.job.key), found)) for one in loaded
        ]

    def _once(self, evaluated: EvaluatedCustomer) -> EvaluatedCustomer:
        """A contact belongs to one customer."""
        if evaluated.item.action is not PlanAction.LINK:
            return evaluated
        if evaluated.item.xero_id in self.claimed:
            return _contested(evaluated)
        self.claimed.add(evaluated.item.xero_id)
        return evaluated


def job_of(
    context: SyncContext, tenant: TenantId, key: str, kind: JobKind = JobKind.PUSH_CUSTOMER
) -> Job:
    """A job that nobody has claimed: what rooms that decide ask for is its key."""
    return Job(tenant=tenant, kind=kind, key=key, attempt=0, first_wanted_at=context.now())


def xeros_own(contact: LiveContact) -> PlanItem:
    """A contact that is nobody's in Pipeline."""
    return PlanItem(
        kind=PlanKind.CUSTOMER,
        action=PlanAction.LEAVE,
        why="Stands in Xero alone: no customer of Pipeline's is this contact.",
        name=contact.name,
        xero_id=contact.id,
    )


class _Stored(Value, frozen=True, kw_only=True, gc=True):
    """What an item is made from beside the decision."""

    index: ContactIndex
    rows: Mapping[str, JobRow]
    scope: PlanScope


def _evaluated(
    context: SyncContext, one: LoadedCustomer, decided: Decision | None, found: _Stored
) -> EvaluatedCustomer:
    if decided is None:
        return _ended(context, ContactEnd(loaded=one, outcome=push.EARLIER_IS_OPEN), found)
    if isinstance(decided, ContactEnd):
        return _ended(context, decided, found)
    row = found.rows.get(one.job.key)
    if row is not None and row.state is JobState.FAILED and not found.scope.retry_failed:
        why = f"Xero refused it: {row.note} Change it in Pipeline, or retry it."
        item = _item(one, PlanAction.HOLD, why, decided.live, reason=Reason.REFUSED)
        return EvaluatedCustomer(item=item, contact=one.link)
    return _writes(context, one, decided)


def _writes(context: SyncContext, one: LoadedCustomer, chosen: ChosenContact) -> EvaluatedCustomer:
    """The round would write."""
    before, write = chosen.live, chosen.write
    customer = None if one.desired is None else one.desired.content
    if before is None:
        item = _item(one, PlanAction.CREATE, "Xero has no such contact yet.", None)
        return EvaluatedCustomer(item=item, contact=_to_be_made(context, one))
    if write.status is ContactStatus.ARCHIVED:
        item = _item(one, PlanAction.VOID, "Deleted in Pipeline; to be archived.", before)
        return EvaluatedCustomer(item=item, contact=one.link)
    if one.link is None and customer is not None:
        item = _item(one, PlanAction.LINK, f"It is the contact {before.name}.", before)
        link = link_changes.fresh(customer, before, context.now(), is_ours=False)
        return EvaluatedCustomer(item=item, contact=link)
    fields = tuple(
        PlanField(
            field=field.value,
            before=str(getattr(before, attribute) or "") or None,
            after=str(getattr(write, attribute)) or None,
        )
        for field, attribute in field_moves.carried(write).items()
    )
    why = f"Changed in Pipeline: {', '.join(each.field for each in fields)}."
    item = _item(one, PlanAction.UPDATE, why, before, fields=fields)
    return EvaluatedCustomer(item=item, contact=one.link)


def _ended(context: SyncContext, end: ContactEnd, found: _Stored) -> EvaluatedCustomer:
    """The round would write nothing: what it says instead, as the queue would have it."""
    one, link = end.loaded, end.link or end.loaded.link
    contact = None if link is None else found.index.by_id.get(link_changes.target(link))
    to = job.settle(
        one.job,
        end.outcome,
        HoldContext(now=context.now(), customer=one.id),
        draw=0.0,
        limits=SettleLimits(),
    )
    if isinstance(to, Waiting):
        item = _held(one, to.reason, to.text, found, contact)
        return EvaluatedCustomer(item=item, contact=link)
    if not isinstance(to, Done):
        item = _item(one, PlanAction.HOLD, to.text or "It is being looked at.", contact)
        return EvaluatedCustomer(item=item, contact=link)
    is_new = link is not None and (
        one.link is None or link_changes.target(link) != link_changes.target(one.link)
    )
    if is_new and contact is not None:
        item = _item(one, PlanAction.LINK, f"It is the contact {contact.name}.", contact)
        return EvaluatedCustomer(item=item, contact=link)
    why = end.note or ("Both sides agree." if link is not None else "Nothing of it in Xero.")
    return EvaluatedCustomer(item=_item(one, PlanAction.LEAVE, why, contact), contact=link)


def _held(
    one: LoadedCustomer,
    reason: Reason | None,
    why: str,
    found: _Stored,
    contact: LiveContact | None,
) -> PlanItem:
    customer = None if one.desired is None else one.desired.content
    ids: tuple[XeroContactId, ...] = ()
    if customer is not None and reason in _CHOICES and one.link is None:
        ids = found.index.candidates(customer)
    action = PlanAction.AMBIGUOUS if ids else PlanAction.HOLD
    return _item(one, action, why, contact, reason=reason or OUT_OF_SYNC, candidates=ids)


def _contested(each: EvaluatedCustomer) -> EvaluatedCustomer:
    """Another customer of this plan is that contact already."""
    item = replace(
        each.item,
        action=PlanAction.AMBIGUOUS,
        why="The only contact it could be goes to another customer. Link the right one.",
        reason=Reason.CONTACT_UNMAPPED,
        candidates=(each.item.xero_id,),
        xero_id="",
    )
    return EvaluatedCustomer(item=item, contact=None)


def _to_be_made(context: SyncContext, one: LoadedCustomer) -> Link[ContactBase]:
    return Link(
        key=one.job.key,
        xero_id=TO_BE_MADE,
        is_ours=True,
        xero_status=ContactStatus.ACTIVE,
        xero_number="",
        seen_at=context.now(),
    )


def _item(
    one: LoadedCustomer,
    action: PlanAction,
    why: str,
    contact: LiveContact | None,
    *,
    fields: tuple[PlanField, ...] = (),
    reason: str = "",
    candidates: tuple[XeroContactId, ...] = (),
) -> PlanItem:
    customer = None if one.desired is None else one.desired.content
    return PlanItem(
        kind=PlanKind.CUSTOMER,
        action=action,
        why=why,
        key=PipelineCustomerId(one.job.key),
        name="" if one.desired is None else one.desired.label,
        reason=str(reason),
        xero_id="" if contact is None else contact.id,
        candidates=candidates,
        fields=fields,
        desired=plan_file.customer_fingerprint(customer),
        live=plan_file.contact_fingerprint(contact),
    )
