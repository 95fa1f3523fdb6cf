"""Applies a plan: both sides of each item are read again, and what is as it was is carried out.

Called by `plans.desk`, a slice at a time. What is adopted is linked here, with its base, in one
transaction; everything that writes to Xero is the worker's, who goes through the one door outward.
Last of all the tenant is set live and the worker is asked to look at every item.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from syncd.domain.errors import Conflict
from syncd.domain.ids import (
    PipelineCustomerId,
    PipelineInvoiceId,
    TenantId,
    XeroContactId,
    XeroInvoiceId,
)
from syncd.domain.model.brake import Braked
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.job import Job, JobKind, JobState
from syncd.domain.model.planned import Plan, PlanAction, PlanItem, PlanKind
from syncd.domain.model.snapshot import Base
from syncd.domain.rules.compare.ownership_mark import Owner, ownership_of
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.contacts import link_changes, link_requests
from syncd.engine.contacts.link_requests import LinkRequest
from syncd.engine.core import journal_entries
from syncd.engine.core.context import SyncContext
from syncd.engine.invoices import brake
from syncd.engine.invoices.loaded_invoice import LoadedInvoice
from syncd.engine.plans import outcomes
from syncd.engine.plans.customers import EvaluatedCustomer
from syncd.engine.plans.evaluate import Duplicates, InvoiceEvaluator, is_sought, plain
from syncd.engine.plans.items import CandidateDocument, EvaluatedInvoice
from syncd.engine.plans.outcomes import ItemOutcome, PlanOutcome
from syncd.engine.webhooks import live_invoices
from syncd.engine.webhooks.live_invoices import LinkedRead
from syncd.engine.writes import divided_reads
from syncd.ports.rows import Rows, Unread
from syncd.store import claims, desired, jobs, journal, links
from syncd.store.journal import Entry
from syncd.store.links import Link
from syncd.store.unit_of_work import Transaction

ITEMS_A_READ = 40
"""Ids that fit one call (facts §3.4)."""


@dataclass(slots=True)
class PlanApplication:
    """One plan being applied to one tenant by `who`; `is_asked`: it was applied before."""

    context: SyncContext
    tenant: TenantId
    plan: Plan
    who: str
    is_asked: bool
    evaluator: InvoiceEvaluator
    customers: Mapping[str, EvaluatedCustomer]
    ended: list[ItemOutcome] = field(default_factory=list)

    async def apply(self, items: Sequence[PlanItem]) -> None:
        """Carry out these items, of one kind. Raises RemoteError's leaves, StoreError."""
        if items and items[0].kind is PlanKind.CUSTOMER:
            await self._customers(items)
        else:
            await self._invoices(items)

    async def _customers(self, items: Sequence[PlanItem]) -> None:
        """A link is kept as a request: the worker links, and writes our mark where none stands."""
        found = await self.context.store.fetch(
            links.customers(self.tenant, [item.key for item in items])
        )
        linked_to = {link.key: str(link_changes.target(link)) for link in found}
        tx = Transaction()
        for item in items:
            evaluated = self.customers.get(item.key)
            ended = outcomes.outcome_of(
                item,
                None if evaluated is None else evaluated.item,
                linked_to=linked_to.get(item.key, ""),
                is_asked=self.is_asked,
            )
            self.ended.append(ended)
            if ended.outcome is PlanOutcome.APPLIED and item.action is PlanAction.LINK:
                link_request = LinkRequest(link_to=XeroContactId(item.xero_id))
                customer = PipelineCustomerId(item.key)
                tx.add(link_requests.keep(self.tenant, customer, link_request))
                why = item.why.rstrip(".")
                words = f"To be linked by plan {self._name}: {why} ({item.xero_id})"
                tx.add(journal.append([self._entry(journal_entries.CUSTOMER, item, words)]))
        await self.context.store.commit(tx)

    async def _invoices(self, items: Sequence[PlanItem]) -> None:
        """Claim the jobs while we look and link, so that no write of the worker's comes between."""
        held = await self._claim(items)
        try:
            await self._carry_out(items, {job.key for job in held})
        finally:
            await self._give_back(held)

    async def _claim(self, items: Sequence[PlanItem]) -> list[Job]:
        context, tenant = self.context, self.tenant
        now, until = context.now(), context.after(context.limits.lease_s)
        tx = Transaction()
        tx.add(jobs.look(tenant, JobKind.PUSH_INVOICE, [item.key for item in items], now))
        taken = [
            tx.add(
                claims.take(
                    tenant,
                    JobKind.PUSH_INVOICE,
                    item.key,
                    incarnation=context.incarnation,
                    lease_until=until,
                )
            )
            for item in items
        ]
        await context.store.commit(tx)
        return [job for answer in taken for job in answer.rows]

    async def _give_back(self, held: Sequence[Job]) -> None:
        context = self.context
        tx = Transaction()
        tx.add_all(
            claims.give_back(job, JobState.READY, incarnation=context.incarnation, at=context.now())
            for job in held
        )
        await context.store.commit(tx)

    async def _carry_out(self, items: Sequence[PlanItem], held: Collection[str]) -> None:
        read_at = self.context.now()
        found = await self._look(items)
        seen: list[LinkedRead] = []
        entries: list[Entry] = []
        applied: list[PlanItem] = []
        changes: list[Braked] = []
        for item in items:
            loaded, evaluated = found[item.key]
            ended = outcomes.outcome_of(
                item,
                None if evaluated is None else evaluated.item,
                linked_to="" if loaded.link is None else loaded.link.xero_id,
                is_asked=self.is_asked,
            )
            if ended.outcome is PlanOutcome.APPLIED and item.key not in held:
                why = "It is being worked on just now. Apply the plan again."
                ended = outcomes.refused(item, why)
            self.ended.append(ended)
            if ended.outcome is not PlanOutcome.APPLIED or evaluated is None:
                continue
            changes += outcomes.ordered(item, loaded.version)
            if evaluated.base is not None and evaluated.live is not None:
                link = self._link(loaded, evaluated.live, evaluated.base)
                seen.append(LinkedRead(link=link, live=evaluated.live))
                entries.append(self._entry(journal_entries.INVOICE, item, self._words(item)))
                applied.append(item)
        await brake.order(self.context, self.tenant, changes, self.who)
        if not seen:
            return

        reads = await live_invoices.with_jobs(self.context, self.tenant, seen)
        also = (
            links.put_invoices(self.tenant, [one.link for one in seen]),
            journal.append(entries),
        )
        try:
            await live_invoices.take(self.context, self.tenant, reads, read_at, also)
        except Conflict:
            self._refuse(applied)

    def _refuse(self, items: Sequence[PlanItem]) -> None:
        """Somebody linked one of them, or its document, while we looked: none of them is."""
        keys = {item.key for item in items}
        why = "It was linked or told of meanwhile. Apply the plan again."
        self.ended = [each for each in self.ended if each.key not in keys]
        self.ended += [outcomes.refused(item, why) for item in items]

    async def _look(
        self, items: Sequence[PlanItem]
    ) -> dict[str, tuple[LoadedInvoice, EvaluatedInvoice | None]]:
        """These invoices judged anew, from a read made now: linked ones by id, others by number."""
        keys = [item.key for item in items]
        linked = {
            link.key: XeroInvoiceId(link.xero_id)
            for link in await self.context.store.fetch(links.invoices(self.tenant, keys))
        }
        ledger = self.context.ledger
        by_id = Rows[LiveInvoice]()
        if linked:
            ids = list(linked.values())
            by_id = await ledger.invoices_by_id(self.tenant, ids, lane=Lane.WRITE)
        found = await self.evaluator.linked(linked, by_id)
        others = [item for item in items if item.key not in linked]
        if others:
            named, duplicates, unread = await self._named(others)
            found += await self.evaluator.unlinked(
                [item.key for item in others], named, duplicates, unread
            )
        return {one.id: (one, evaluated) for one, evaluated in found}

    async def _named(
        self, items: Sequence[PlanItem]
    ) -> tuple[dict[str, tuple[CandidateDocument, ...]], Duplicates, tuple[Unread, ...]]:
        """What bears their numbers now, in Xero and among Pipeline's unlinked invoices.

        A document that the plan named is read by its id as well, for its number may have changed.
        """
        ledger, tenant = self.context.ledger, self.tenant
        mine = await self.context.store.fetch(
            desired.invoices(tenant, [item.key for item in items])
        )
        numbers = sorted({one.label for one in mine if one.label.strip()})
        ask = partial(ledger.invoices_by_number, tenant, lane=Lane.WRITE)
        by_number = await divided_reads.found(ask, numbers)
        lives, unread = [*by_number], by_number.unread
        ids = {item.xero_id for item in items if item.xero_id} - {live.id for live in lives}
        if ids:
            wanted = [XeroInvoiceId(each) for each in sorted(ids)]
            by_id = await ledger.invoices_by_id(tenant, wanted, lane=Lane.WRITE)
            lives, unread = [*lives, *by_id], (*unread, *by_id.unread)
        owners = await self.context.store.fetch(
            links.invoices_by_xero(tenant, [live.id for live in lives])
        )
        owner_of = {link.xero_id: link.key for link in owners}
        marked = {item.xero_id: item.key for item in items if item.xero_id}
        named: dict[str, tuple[CandidateDocument, ...]] = {}
        for one in mine:
            named[one.key] = tuple(
                CandidateDocument(live=live, owner=owner_of.get(live.id))
                for live in lives
                if plain(live.number) == plain(one.label)
                or (marked.get(live.id) == one.key and self._is_marked(live, one.key))
            )
        return named, await self._duplicates(numbers), unread

    def _is_marked(self, live: LiveInvoice, key: str) -> bool:
        mark = ownership_of(live.url, PipelineInvoiceId(key), self.context.installation)
        return mark.owner is Owner.OURS

    async def _duplicates(self, numbers: Sequence[str]) -> Duplicates:
        same = await self.context.store.fetch(desired.invoices_by_number(self.tenant, numbers))
        linked = await self.context.store.fetch(
            links.invoices(self.tenant, [one.key for one in same])
        )
        taken = {link.key for link in linked}
        by_number: dict[str, list[str]] = {}
        for one in same:
            if one.key not in taken and is_sought(one, self.evaluator.round_settings):
                by_number.setdefault(plain(one.label), []).append(one.key)
        return {
            key: tuple(other for other in keys if other != key)
            for keys in by_number.values()
            for key in keys
        }

    def _link(self, loaded: LoadedInvoice, live: LiveInvoice, base: Base) -> Link[Base]:
        old, now = loaded.link, self.context.now()
        version = None if base.pipeline is None else loaded.version
        is_ours = ownership_of(live.url, loaded.id, self.context.installation).owner is Owner.OURS
        return Link(
            key=loaded.job.key,
            xero_id=live.id,
            is_ours=is_ours if old is None else old.is_ours,
            xero_status=live.status,
            xero_number=live.number,
            seen_at=now,
            base=base,
            based_at=now,
            synced_version=version if old is None else old.synced_version,
        )

    def _words(self, item: PlanItem) -> str:
        if item.remap:
            changed = ", ".join(
                f"{each.field} {each.before} → {each.after}" for each in item.fields
            )
            return f"The changed mapping is to be written by plan {self._name}: {changed}"
        words = f"Adopted from Xero by plan {self._name}: {item.name} ({item.xero_id})"
        if item.action is PlanAction.ADOPT_DIFFERING:
            differing = ", ".join(each.field for each in item.fields)
            return f"{words}, out of sync in {differing}"
        return words

    def _entry(self, object_type: str, item: PlanItem, words: str) -> Entry:
        at, who = self.context.now(), self.who
        return journal_entries.note(
            self.tenant, at, words, who=who, about=object_type, key=item.key
        )

    @property
    def _name(self) -> str:
        return short(self.plan)


def short(plan: Plan) -> str:
    """A plan's hash as people cite it."""
    return plan.hash[:12]
