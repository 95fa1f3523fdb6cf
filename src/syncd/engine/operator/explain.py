"""Explains one invoice: gathers its journal, its customer's and its tenant's, and Xero's History.

Called by `operations` for the API. Xero is asked one call, in the sweeps' lane, only when somebody
asks; where it cannot be read the story says so and tells the rest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import anyio
import msgspec

from syncd.domain.errors import RemoteError
from syncd.domain.ids import TenantId, XeroInvoiceId
from syncd.domain.model.explanation import CurrentState, Explanation, JournalLine, XeroNote
from syncd.domain.model.state_change import StateChange
from syncd.domain.model.value import Value
from syncd.domain.rules.journal import explanation
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.text import wording
from syncd.engine.core import contact_names, journal_entries, unreadable_rows
from syncd.engine.core.contact_names import Names
from syncd.engine.core.context import SyncContext
from syncd.engine.operator.statuses import InvoiceDetails
from syncd.engine.webhooks import live_invoices
from syncd.engine.webhooks.live_invoices import LinkedRead, Taken
from syncd.store import links, money, views
from syncd.store.journal import Entry
from syncd.store.unit_of_work import Transaction

MOST_ENTRIES = 100
MOST_OF_OTHERS = 30
LONGEST_READ_S = 10.0
"""A person waits: after this long the story is told without Xero's History."""
Invoice = Callable[[TenantId, str], Awaitable[InvoiceDetails | None]]


class Explained(Value, frozen=True, kw_only=True):
    """An invoice's story; `unread` says why Xero's History is not in it, empty where it is.

    `trail` is by what the log has the news that asked for work on it last.
    """

    key: str
    present: CurrentState
    story: Explanation
    unread: str
    trail: str | None


class ExplainService:
    """Tells stories. `invoice` answers an invoice in full, as people see it."""

    def __init__(
        self, context: SyncContext, invoice: Invoice, *, wake: Callable[[TenantId], None]
    ) -> None:
        self._context = context
        self._invoice = invoice
        self._wake = wake

    async def explain(self, tenant: TenantId, key: str) -> Explained | None:
        """One invoice's story; None when it is not in scope. Raises StoreError."""
        found = await self._invoice(tenant, key)
        if found is None:
            return None
        notes, unread = await self._notes(tenant, found)
        taken, failed = await self._take_in(tenant, found, notes)
        if taken:
            found = await self._invoice(tenant, key) or found
        told = await self._told(tenant, found)
        unread = unread or failed
        present = replace(_present(found), taken_in=taken, is_unread=bool(unread))
        return Explained(
            key=key,
            present=present,
            story=explanation.explain(told, notes, present),
            unread=unread,
            trail=found.sides.trail,
        )

    async def _take_in(
        self, tenant: TenantId, found: InvoiceDetails, notes: tuple[XeroNote, ...]
    ) -> tuple[str, str]:
        """Read the invoice where its History knows more than was read so far, as a sweep would.

        Answers with what was taken in and with why it could not be read, in words; mostly neither.
        """
        key, context = found.status.row.key, self._context
        if not notes or not await self._is_behind(tenant, key, notes):
            return "", ""
        (link,) = await context.store.fetch(links.invoices(tenant, [key])) or (None,)
        if link is None:
            return "", ""
        read_at, own = context.now(), XeroInvoiceId(link.xero_id)
        try:
            lives = await context.ledger.invoices_by_id(tenant, [own], lane=Lane.SWEEP)
        except RemoteError as error:
            return "", f"What is new in Xero could not be read. {wording.what_happened(error)}"
        problem = lives.may_hide(own) if lives.get(own) is None else ""
        if problem:
            return "", f"What is new in Xero could not be read. {unreadable_rows.in_words(problem)}"
        seen = [LinkedRead(link=link, live=lives.get(own))]
        reads = await live_invoices.with_jobs(context, tenant, seen)
        taken = await live_invoices.take(context, tenant, reads, read_at)
        self._wake(tenant)
        return _taken_in(taken), ""

    async def _is_behind(self, tenant: TenantId, key: str, notes: tuple[XeroNote, ...]) -> bool:
        records = await self._context.store.fetch(money.records(tenant, [key]))
        seen = records[0] if records else None
        known = [] if seen is None else [seen.own_updated_at]
        if seen is not None and seen.amounts is not None:
            known.append(seen.amounts.updated_at or seen.amounts.read_at)
        newest = max((at for at in known if at is not None), default=None)
        return newest is None or max(note.at for note in notes) > newest

    async def _told(self, tenant: TenantId, found: InvoiceDetails) -> list[JournalLine]:
        """Its own entries, and what happened meanwhile to its customer, connection and tenant."""
        read = Transaction()
        own = read.add(
            views.history(tenant, journal_entries.INVOICE, found.status.row.key, limit=MOST_ENTRIES)
        )
        objects = [("Tenant", str(tenant)), (journal_entries.CONNECTION, str(tenant))]
        wanted = found.sides.desired
        if wanted is not None:
            objects.append((journal_entries.CUSTOMER, wanted.customer_id))
        others = [
            read.add(views.history(tenant, kind, key, limit=MOST_OF_OTHERS))
            for kind, key in objects
        ]
        await self._context.store.read(read)
        instants = [one.entry.at for one in own.rows]
        began_at = min([found.status.row.first_wanted_at, *instants])
        meanwhile = [one for part in others for one in part.rows if one.entry.at >= began_at]
        told = [
            _told(one.entry) for one in sorted([*own.rows, *meanwhile], key=lambda one: one.seq)
        ]
        turns = [one.state_change for one in told if one.state_change is not None]
        differing = [each for turn in turns for each in turn.differences]
        names = await contact_names.learn(self._context, tenant, differing)
        return [_with_names(one, names) for one in told]

    async def _notes(
        self, tenant: TenantId, found: InvoiceDetails
    ) -> tuple[tuple[XeroNote, ...], str]:
        xero_id = found.status.row.xero_id
        if xero_id is None:
            return (), ""
        with anyio.move_on_after(LONGEST_READ_S):
            try:
                notes = await self._context.ledger.invoice_history(
                    tenant, XeroInvoiceId(xero_id), lane=Lane.SWEEP
                )
            except RemoteError as error:
                return (), f"Xero's own History could not be read. {wording.what_happened(error)}"
            return notes, ""
        return (), f"Xero's own History could not be read within {LONGEST_READ_S:.0f} s."


def _with_names(one: JournalLine, names: Names) -> JournalLine:
    """An entry whose differences show contacts by name."""
    if one.state_change is None:
        return one
    return replace(
        one,
        state_change=replace(one.state_change, differences=names.of(one.state_change.differences)),
    )


def _taken_in(taken: Taken) -> str:
    """What a read has brought; empty where it showed what was known."""
    parts = []
    if taken.payments == 1:
        parts.append("a payment or credit, which Pipeline is told of now")
    elif taken.payments:
        parts.append(f"{taken.payments} payments or credits, which Pipeline is told of now")
    if taken.enqueued:
        parts.append("a change, which is looked at now")
    return " and ".join(parts)


def _told(entry: Entry) -> JournalLine:
    return JournalLine(
        at=entry.at, who=entry.who, text=entry.description, state_change=_turn(entry.detail)
    )


def _turn(detail: bytes | None) -> StateChange | None:
    """The turn in a detail; None where the detail is somebody else's, or erased."""
    if detail is None:
        return None
    try:
        return msgspec.json.decode(detail, type=StateChange)
    except msgspec.MsgspecError:
        return None


def _present(found: InvoiceDetails) -> CurrentState:
    row, result = found.status.row, found.result
    return CurrentState(
        number=row.label,
        state=found.status.state,
        reason=found.status.reason,
        why=found.status.why,
        version=row.version,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        is_withdrawn=row.is_withdrawn,
        differences=() if result is None else result.differences,
        next_look_at=found.status.next_attempt_at,
        is_stopped=found.stopped is not None,
        is_unheard=found.is_unheard,
    )
