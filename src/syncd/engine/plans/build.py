"""Plans: both sides read in full, each object judged, nothing written anywhere.

Called by `plans.desk` for the API. Xero's lists are read through the sweeps' share of the
allowance, a thousand rows to a call, and taken apart page by page: what is kept is the plan itself,
and the documents that may be adopted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from functools import partial

from syncd.domain.ids import TenantId, XeroInvoiceId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.invoice import Invoice, LiveInvoice
from syncd.domain.model.planned import Plan, PlanItem, PlanScope
from syncd.domain.rules import plan_file
from syncd.domain.rules.compare import ownership_mark
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.core.context import SyncContext
from syncd.engine.core.patient_reads import patiently
from syncd.engine.feed import intake
from syncd.engine.invoices.decision_input import RoundSettings
from syncd.engine.plans import customers
from syncd.engine.plans import items as plan_items
from syncd.engine.plans.contact_index import ContactIndex
from syncd.engine.plans.customers import CustomerEvaluator, EvaluatedCustomer
from syncd.engine.plans.evaluate import InvoiceEvaluator, is_sought, plain, round_settings_of
from syncd.engine.plans.items import CandidateDocument, EvaluatedInvoice
from syncd.ports.ledger_sweeps import ListPage
from syncd.ports.rows import Rows, Unread
from syncd.store import desired, links
from syncd.store.desired import Desired
from syncd.store.links import Link

KEYS_A_READ = 50
"""So many are judged before others on the loop have their turn."""
IDS_A_CALL = 40


@dataclass(slots=True)
class _Books:
    """What Pipeline's side wants to find in Xero, and what was found."""

    by_number: dict[str, list[str]] = field(default_factory=dict)
    linked: dict[str, str] = field(default_factory=dict)
    """Linked documents, each with its invoice."""
    missing: dict[str, str] = field(default_factory=dict)
    """Those of them that no page has shown."""
    free: dict[str, LiveInvoice] = field(default_factory=dict)
    """Documents without link that may be some invoice's own."""
    named: dict[str, dict[str, CandidateDocument]] = field(default_factory=dict)
    items: list[PlanItem] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    unread: list[Unread] = field(default_factory=list)
    """Documents that nobody can read."""

    def add(self, evaluated: Iterable[EvaluatedInvoice | None]) -> None:
        """Items of these, where there are any."""
        self.items += [one.item for one in evaluated if one is not None]


async def make(context: SyncContext, tenant: TenantId, scope: PlanScope) -> Plan:
    """Everything that would be written now. Raises RemoteError's leaves, StoreError."""
    await intake.catch_up(context, tenant)
    round_settings = await round_settings_of(context, tenant)
    books = _Books()
    contact_of: dict[str, Link[ContactBase]] = {}
    if not scope.remap:
        contact_of = await _customers(context, tenant, scope, books)
    await _expect(context, tenant, round_settings, books)
    evaluator = InvoiceEvaluator(
        context=context,
        tenant=tenant,
        round_settings=round_settings,
        scope=scope,
        contact_of=contact_of,
    )
    async for page in _every_invoice(context, tenant):
        await _take(evaluator, books, page)
    await _look_for_missing(evaluator, books)
    if not scope.remap:
        await _unlinked(evaluator, books)
    return plan_file.plan_of(
        books.items,
        tenant=tenant,
        organisation_id=round_settings.settings.organisation_id,
        organisation=round_settings.settings.name,
        mode=context.policies[tenant].mode,
        made_at=context.now(),
        scope=scope,
    )


async def contact_index(context: SyncContext, tenant: TenantId) -> ContactIndex:
    """Every contact, read now. Raises RemoteError's leaves."""
    found: list[LiveContact] = []
    unread: list[Unread] = []
    number, is_last = 0, False
    while not is_last:
        number += 1
        read = partial(context.ledger.all_contacts, tenant, page=number, lane=Lane.SWEEP)
        page = await patiently(read)
        found += page.rows
        unread += page.unread
        is_last = page.is_last
    return ContactIndex(context.ledger, found, unread)


async def _customers(
    context: SyncContext, tenant: TenantId, scope: PlanScope, books: _Books
) -> dict[str, Link[ContactBase]]:
    """Every customer and contact in an item; answers which contact each customer will have."""
    index = await contact_index(context, tenant)
    found = await evaluated_customers(context, tenant, scope, index)
    items = [one.item for one in found]
    shown = {each for item in items for each in (item.xero_id, *item.candidates)}
    books.items += items
    books.items += [customers.xeros_own(one) for one in index.by_id.values() if one.id not in shown]
    return {one.item.key: one.contact for one in found if one.contact is not None}


async def evaluated_customers(
    context: SyncContext, tenant: TenantId, scope: PlanScope, index: ContactIndex
) -> list[EvaluatedCustomer]:
    """Every customer, judged. Raises RemoteError's leaves, StoreError."""
    dry = CustomerEvaluator(context=context, tenant=tenant, index=index, scope=scope)
    found: list[EvaluatedCustomer] = []
    after = ""
    while page := await context.store.fetch(
        desired.customers_after(tenant, after, limit=KEYS_A_READ)
    ):
        after = page[-1].key
        found += await dry.evaluate([one.key for one in page])
    return found


async def _expect(
    context: SyncContext, tenant: TenantId, round_settings: RoundSettings, books: _Books
) -> None:
    """What Pipeline's side will be looked for by."""
    after = ""
    while page := await context.store.fetch(links.invoices_after(tenant, after, limit=KEYS_A_READ)):
        after = page[-1].key
        books.linked.update((link.xero_id, link.key) for link in page)
    books.missing.update(books.linked)
    linked = set(books.linked.values())
    async for wanted in _every_desired(context, tenant):
        if wanted.key not in linked and is_sought(wanted, round_settings):
            books.by_number.setdefault(plain(wanted.label), []).append(wanted.key)


async def _every_desired(context: SyncContext, tenant: TenantId) -> AsyncIterator[Desired[Invoice]]:
    after = ""
    while page := await context.store.fetch(
        desired.invoices_after(tenant, after, limit=KEYS_A_READ)
    ):
        after = page[-1].key
        for one in page:
            yield one


async def _every_invoice(
    context: SyncContext, tenant: TenantId
) -> AsyncIterator[ListPage[LiveInvoice]]:
    number, is_last = 0, False
    while not is_last:
        number += 1
        ask = partial(context.ledger.invoices_dated, tenant, None, None, lane=Lane.SWEEP)
        page = await patiently(partial(ask, page=number))
        is_last = page.is_last
        yield page


async def _take(evaluator: InvoiceEvaluator, books: _Books, page: ListPage[LiveInvoice]) -> None:
    """A page taken apart: linked ones judged, possible ones kept, Xero's own listed.

    What cannot be read is listed too, unless it is an invoice's own: then that says so.
    """
    books.unread += page.unread
    if not evaluator.scope.remap:
        strange = [one for one in page.unread if one.id not in books.linked]
        books.items += map(plan_items.unreadable, strange)
    fresh = [live for live in page.rows if live.id not in books.seen]
    books.seen.update(live.id for live in fresh)
    ours: dict[str, str] = {}
    for live in fresh:
        owner = books.linked.get(live.id)
        books.missing.pop(live.id, None)
        if owner is not None:
            ours[owner] = live.id
        concerned = _concerned(evaluator, books, live, owner)
        for key in concerned:
            books.named.setdefault(key, {})[live.id] = CandidateDocument(live=live, owner=owner)
        if owner is None and concerned:
            books.free[live.id] = live
        elif owner is None and not evaluator.scope.remap:
            books.items.append(plan_items.xeros_own(live))
    keys, found = list(ours), Rows(fresh)
    for start in range(0, len(keys), KEYS_A_READ):
        some = {key: ours[key] for key in keys[start : start + KEYS_A_READ]}
        books.add(evaluated for _, evaluated in await evaluator.linked(some, found))


def _concerned(
    evaluator: InvoiceEvaluator, books: _Books, live: LiveInvoice, owner: str | None
) -> list[str]:
    """The unlinked invoices it may be, by number and by our mark."""
    keys = list(books.by_number.get(plain(live.number), ()))
    found = ownership_mark.read_mark(live.url)
    if (
        owner is None
        and found is not None
        and found.installation == evaluator.round_settings.installation
    ):
        keys.append(found.pipeline_id)
    return list(dict.fromkeys(keys))


async def _look_for_missing(evaluator: InvoiceEvaluator, books: _Books) -> None:
    """What no page has shown is read by id: only a good read without it calls it absent."""
    missing = list(books.missing)
    for start in range(0, len(missing), IDS_A_CALL):
        ids = [XeroInvoiceId(each) for each in missing[start : start + IDS_A_CALL]]
        ledger, tenant = evaluator.context.ledger, evaluator.tenant
        found = await patiently(partial(ledger.invoices_by_id, tenant, ids, lane=Lane.SWEEP))
        some = {books.linked[each]: str(each) for each in ids}
        books.add(evaluated for _, evaluated in await evaluator.linked(some, found))


async def _unlinked(evaluator: InvoiceEvaluator, books: _Books) -> None:
    """All that Pipeline has and no link knows."""
    duplicates = {
        key: tuple(other for other in keys if other != key)
        for keys in books.by_number.values()
        if len(keys) > 1
        for key in keys
    }
    linked = set(books.linked.values())
    waiting = [
        one.key
        async for one in _every_desired(evaluator.context, evaluator.tenant)
        if one.key not in linked
    ]
    for start in range(0, len(waiting), KEYS_A_READ):
        keys = waiting[start : start + KEYS_A_READ]
        named = {key: tuple(books.named.pop(key, {}).values()) for key in keys}
        books.add(
            evaluated
            for _, evaluated in await evaluator.unlinked(keys, named, duplicates, books.unread)
        )
    shown = {each for item in books.items for each in (item.xero_id, *item.candidates)}
    books.items += [
        plan_items.xeros_own(live) for live in books.free.values() if live.id not in shown
    ]
