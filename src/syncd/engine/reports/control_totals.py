"""The control totals of a tenant: both books read whole, a page at a time, and added up.

Called by `engine.operator.operations` for the API. Xero is read in pages of a thousand, each
compared at once with what is stored of its documents, so that memory does not grow with the
books. Writes nothing, on either side; what was settled while its page was under way is read again
by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

import anyio

from syncd.domain.errors import Refused
from syncd.domain.ids import PipelineInvoiceId, TenantId, XeroInvoiceId
from syncd.domain.model.control_totals import ControlTotals, ReadMoments
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.settings import OrganisationSettings, TenantPolicy
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import ownership_mark
from syncd.domain.rules.inbound import date_ranges
from syncd.domain.rules.inbound.date_ranges import FullSweepProgress
from syncd.domain.rules.limits import sweep_pace
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.connection.gate import Connections
from syncd.engine.core.context import SyncContext
from syncd.engine.core.patient_reads import patiently
from syncd.engine.reports import control_people
from syncd.engine.reports.control_entries import Entries
from syncd.ports.rows import Unread
from syncd.store import control_totals, feeds, settings, sweeps, views
from syncd.store.control_totals import InvoiceRow
from syncd.store.unit_of_work import Transaction

PAGE_SIZE = 500
ROWS_A_TURN = 100
"""So many documents are compared before others on the loop have their turn."""
OLDEST_ON = date(1900, 1, 1)


class Report(Value, frozen=True, kw_only=True):
    """A tenant's control totals, and what they rest on."""

    tenant: TenantId
    organisation: OrganisationSettings
    policy: TenantPolicy
    moments: ReadMoments
    totals: ControlTotals


class ReportService:
    """Makes reports, one at a time for each tenant."""

    def __init__(self, context: SyncContext, *, gates: Connections) -> None:
        self._context = context
        self.closed_by = gates.closed_by
        self._locks: dict[TenantId, anyio.Lock] = {}

    async def report(self, tenant: TenantId) -> Report:
        """Read both books and add them up. Raises RemoteError's leaves, StoreError."""
        async with self._locks.setdefault(tenant, anyio.Lock()):
            return await _report(self._context, tenant)


async def _report(context: SyncContext, tenant: TenantId) -> Report:
    read = Transaction()
    known = read.add(settings.get(tenant))
    feed = read.add(feeds.get(tenant))
    cards = read.add(views.cards(tenant))
    starts = read.add(sweeps.bounds(tenant, every=sweep_pace.WINDOW_ROWS))
    await context.store.read(read)
    organisation = known.first
    if organisation is None:
        organisation = await patiently(partial(context.ledger.settings, tenant, lane=Lane.SWEEP))
    entries = Entries(
        policy=context.policies[tenant],
        organisation=organisation,
        is_paused=cards.first is not None and cards.first.is_paused,
        people=await control_people.read(context, tenant),
    )
    reading = _Reading(context=context, tenant=tenant, entries=entries)
    began_at = context.now()
    await reading.xero(starts.rows)
    await reading.pipeline()
    await reading.unreadable()
    moments = ReadMoments(
        feed_at=None if feed.first is None else feed.first.moved_at,
        began_at=began_at,
        ended_at=context.now(),
        start_on=entries.policy.start_on,
    )
    return Report(
        tenant=tenant,
        organisation=organisation,
        policy=entries.policy,
        moments=moments,
        totals=entries.tally.total(entries.labels()),
    )


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One report under way."""

    context: SyncContext
    tenant: TenantId
    entries: Entries
    counted: set[str] = field(default_factory=set)
    """Pipeline invoices that are added up."""
    ids: set[str] = field(default_factory=set)
    """Documents that are added up; a row that moved between pages comes twice."""
    unread: dict[str, Unread] = field(default_factory=dict)
    """Documents that nobody can read."""
    again: list[str] = field(default_factory=list)
    """Documents that were settled while their page was under way."""

    async def xero(self, starts: Sequence[date]) -> None:
        """Every sales invoice in Xero, and its own where Pipeline has one."""
        progress = FullSweepProgress(run=0, ranges=date_ranges.ranges_of([OLDEST_ON, *starts[1:]]))
        while progress.ranges:
            place = progress.ranges[0]
            read_at = self.context.now()
            try:
                page = await patiently(
                    partial(
                        self.context.ledger.invoices_dated,
                        self.tenant,
                        place.since_on,
                        place.before_on,
                        page=progress.page,
                        lane=Lane.SWEEP,
                    )
                )
            except Refused:
                if progress.page > 1 or not date_ranges.can_cut(place):
                    raise
                progress = date_ranges.cut(progress)
                continue
            if date_ranges.is_too_large(progress, page.count):
                progress = date_ranges.cut(progress)
                continue
            await self._take(page.rows, read_at)
            self.unread.update((one.id or one.label, one) for one in page.unread)
            progress = date_ranges.after_page(progress, is_last=page.is_last)
        await self._by_id(self.again, is_last_look=True)

    async def unreadable(self) -> None:
        """What no invoice has shown to be its own, and nobody can read."""
        owners = await self._rows([one.id for one in self.unread.values()], ())
        linked = {row.xero_id for row in owners.values()}
        for one in self.unread.values():
            if one.id not in linked:
                self.entries.add_unread(one)

    async def pipeline(self) -> None:
        """Every invoice of Pipeline's that no page has shown."""
        after, absent = "", list[str]()
        while True:
            rows = await self.context.store.fetch(
                control_totals.after(self.tenant, after, limit=PAGE_SIZE)
            )
            for row in rows:
                if row.key in self.counted:
                    continue
                if row.xero_id is not None and row.xero_id not in self.ids:
                    absent.append(row.xero_id)
                else:
                    self._add(row, None)
            await anyio.lowlevel.checkpoint()
            if len(rows) < PAGE_SIZE:
                break
            after = rows[-1].key
        await self._by_id(absent, is_last_look=True)

    def _add(self, row: InvoiceRow, live: LiveInvoice | None, *, hidden: str = "") -> None:
        self.counted.add(row.key)
        self.entries.add(row, live, hidden=hidden)

    async def _by_id(self, ids: Sequence[str], *, is_last_look: bool) -> None:
        """Read these by id: only a good read without a document calls it absent."""
        for start in range(0, len(ids), sweep_pace.FULL_A_CALL):
            some = [XeroInvoiceId(each) for each in ids[start : start + sweep_pace.FULL_A_CALL]]
            read_at = self.context.now()
            found = await patiently(
                partial(self.context.ledger.invoices_by_id, self.tenant, some, lane=Lane.SWEEP)
            )
            await self._take(found, read_at, is_last_look=is_last_look)
            missing = [each for each in some if found.get(each) is None]
            for row in (await self._rows(missing, ())).values():
                if row.key not in self.counted:
                    self._add(row, None, hidden=found.may_hide(row.xero_id or ""))

    async def _take(
        self, lives: Iterable[LiveInvoice], read_at: datetime, *, is_last_look: bool = False
    ) -> None:
        """Documents as a read begun at `read_at` showed them."""
        fresh = [live for live in lives if live.id not in self.ids]
        for start in range(0, len(fresh), ROWS_A_TURN):
            some = fresh[start : start + ROWS_A_TURN]
            owners = {live.id: key for live in some if (key := self._owner(live)) is not None}
            rows = await self._rows([live.id for live in some], owners.values())
            own = {row.xero_id: row for row in rows.values() if row.xero_id is not None}
            for live in some:
                row = own.get(live.id)
                if row is not None and not is_last_look and _is_newer(row, read_at):
                    self.again.append(live.id)
                    continue
                self.ids.add(live.id)
                owner = rows.get(owners.get(live.id, ""))
                if row is None and owner is not None and self._is_lost(owner, live):
                    row = owner
                if row is not None:
                    self._add(row, live)
                elif not live.status.is_gone:
                    self.entries.add_stranger(live, owner, is_marked=live.id in owners)
            await anyio.lowlevel.checkpoint()

    async def _rows(self, ids: Sequence[str], keys: Iterable[str]) -> dict[str, InvoiceRow]:
        """What is stored of these documents and invoices, by invoice."""
        linked = await self.context.store.fetch(control_totals.keys_by_xero(self.tenant, ids))
        wanted = dict.fromkeys([*(key for _, key in linked), *keys])
        rows = await self.context.store.fetch(control_totals.by_keys(self.tenant, wanted))
        return {row.key: row for row in rows}

    def _owner(self, live: LiveInvoice) -> PipelineInvoiceId | None:
        found = ownership_mark.read_mark(live.url)
        ours = found is not None and found.installation == self.context.installation
        return found.pipeline_id if found is not None and ours else None

    def _is_lost(self, owner: InvoiceRow, live: LiveInvoice) -> bool:
        """A document of an invoice that is not linked yet: the answer is still out."""
        return owner.xero_id is None and owner.key not in self.counted and not live.status.is_gone


def _is_newer(row: InvoiceRow, read_at: datetime) -> bool:
    """What is stored was settled after the read of Xero began."""
    moments = (row.settled_at, row.based_at)
    return any(each is not None and each >= read_at for each in moments)
