"""Finds the document that has a number Xero refused, and names it.

Called by `invoices.batch` and the prober. The look is one call for all refused numbers of a call;
what cannot be read is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from syncd.domain.errors import RemoteError
from syncd.domain.ids import PipelineInvoiceId, TenantId
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.job import Reason
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import ownership_mark
from syncd.domain.rules.decide import number_taken
from syncd.domain.rules.decide.number_taken import Holder, LinkedInvoice, plain
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.queue.outcome import Held, Outcome, Transient
from syncd.engine.core.context import SyncContext
from syncd.engine.invoices.decide import Chosen, Decision
from syncd.engine.invoices.end import InvoiceEnd
from syncd.engine.invoices.loaded_invoice import LoadedInvoice, body_of
from syncd.store import desired, links
from syncd.store.intents import IntentEnd
from syncd.store.unit_of_work import Transaction

TRIES_OF_A_FREE_NUMBER = 4
"""Xero refused the number and a look shows nobody with it: it was let go meanwhile, as a rule.
Refused so often it is held by what no look shows, and is tried by the clock alone."""


class Holders(Value, frozen=True, kw_only=True):
    """Documents in Xero by the number they have, as people compare numbers."""

    by_number: Mapping[str, tuple[Holder, ...]] = {}
    wanted_by: Mapping[str, str] = {}
    """Of invoices to be renumbered: what Pipeline calls each, by its number in Xero."""

    def holder(self, loaded: LoadedInvoice, number: str) -> Holder | None:
        """Who has the number, its own document never: a living one first, it may let it go."""
        own = loaded.link
        others = [
            each
            for each in self.by_number.get(plain(number), ())
            if own is None or each.id.lower() != own.xero_id.lower()
        ]
        return min(others, key=lambda each: each.status.is_gone, default=None)

    def taken(self, loaded: LoadedInvoice, number: str) -> Held:
        """The wait of this invoice for this number."""
        own = loaded.link
        return number_taken.outcome(
            number,
            self.holder(loaded, number),
            own=None if own is None else own.xero_number,
            wanted_by=self.wanted_by,
        )

    def refused(self, loaded: LoadedInvoice, number: str) -> Outcome:
        """What follows a refusal: a number that nobody has any more is tried again soon."""
        taken = self.taken(loaded, number)
        refused = sum(
            one.end is IntentEnd.REFUSED and body_of(one).write.number == number
            for one in loaded.earlier
        )
        if not taken.in_the_way and refused < TRIES_OF_A_FREE_NUMBER:
            return Transient(why=taken.text)
        return taken


NOBODY = Holders()


async def look(context: SyncContext, tenant: TenantId, numbers: Sequence[str]) -> Holders:
    """Who has these numbers now; nobody where Xero cannot be read. Raises StoreError."""
    wanted = sorted({number for number in numbers if number})
    if not wanted:
        return NOBODY
    try:
        lives = await context.ledger.invoices_by_number(tenant, wanted, lane=Lane.WRITE)
    except RemoteError:
        return NOBODY
    return await of(context, tenant, lives)


async def of(context: SyncContext, tenant: TenantId, lives: Iterable[LiveInvoice]) -> Holders:
    """These documents with whose they are, by link or else by mark. Raises StoreError."""
    found = list({live.id: live for live in lives}.values())
    if not found:
        return NOBODY
    linked = await context.store.fetch(links.invoices_by_xero(tenant, [live.id for live in found]))
    key_of = {link.xero_id: link.key for link in linked}
    for live in found:
        marked = ownership_mark.owner_of(live.url, context.installation)
        if marked is not None:
            key_of.setdefault(live.id, marked)
    read = Transaction()
    wanted = read.add(desired.invoices(tenant, sorted(set(key_of.values()))))
    renumbered = read.add(links.renumbered(tenant, sorted({live.number for live in found})))
    await context.store.read(read)
    number_of = {one.key: one.label for one in wanted.rows}
    by_number: dict[str, tuple[Holder, ...]] = {}
    for live in found:
        key = key_of.get(live.id)
        owner = None
        if key is not None:
            owner = LinkedInvoice(
                key=PipelineInvoiceId(key), number=number_of.get(key, live.number)
            )
        holder = Holder(id=live.id, status=live.status, owner=owner)
        by_number[plain(live.number)] = (*by_number.get(plain(live.number), ()), holder)
    wanted_by = {plain(has): wants for has, wants in renumbered.rows}
    return Holders(by_number=by_number, wanted_by=wanted_by)


async def named(
    context: SyncContext, tenant: TenantId, decisions: Sequence[Decision]
) -> list[Decision]:
    """The same decisions; those that wait for a number say who was seen to have it."""
    waiting = {
        index: one.live
        for index, one in enumerate(decisions)
        if isinstance(one, InvoiceEnd)
        and isinstance(one.outcome, Held)
        and one.outcome.reason is Reason.NUMBER_TAKEN
        and one.live is not None
    }
    if not waiting:
        return list(decisions)
    holders = await of(context, tenant, waiting.values())
    return [
        replace(one, outcome=holders.taken(one.loaded, one.loaded.label))
        if index in waiting and isinstance(one, InvoiceEnd)
        else one
        for index, one in enumerate(decisions)
    ]


async def still_taken(
    context: SyncContext, tenant: TenantId, decisions: Sequence[Decision]
) -> list[Decision]:
    """The same decisions; what waited for a number that a living document has goes on waiting.

    Xero has refused the number before, and would again: a look costs less than the write, the
    refusal and the look after it, and is one for all of them. Of a dead document only Xero says
    whether its number is free.
    """
    asks = {
        index: one
        for index, one in enumerate(decisions)
        if isinstance(one, Chosen)
        and one.write.number
        and one.loaded.job.held_for is Reason.NUMBER_TAKEN
    }
    if not asks:
        return list(decisions)
    holders = await look(context, tenant, [one.write.number or "" for one in asks.values()])
    looked_at = list(decisions)
    for index, one in asks.items():
        number = one.write.number or ""
        holder = holders.holder(one.loaded, number)
        if holder is not None and not holder.status.is_gone:
            taken = holders.taken(one.loaded, number)
            looked_at[index] = InvoiceEnd(
                loaded=one.loaded, outcome=taken, live=one.live, base=one.base
            )
    return looked_at
