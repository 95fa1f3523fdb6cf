"""Stores webhook events before they are answered; requests that come together share a commit.

One transaction, and so one wait for the disk, carries all requests that came meanwhile. Called by
`web.public.receiver`; makes no call, so an answer is never later than the disk. After the commit
the digest and the feed are woken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import anyio

from syncd.domain.errors import Conflict, StoreError
from syncd.domain.facts import WebhookGapFound, WebhooksReceived
from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.inbox import Category, NoticeOutcome, PipelineNote, ResourceChange, Source
from syncd.domain.rules.inbound import event_routing
from syncd.domain.rules.inbound.event_routing import Counted, Gap
from syncd.engine.connection.gate import Connections
from syncd.engine.core import journal_entries
from syncd.engine.core.context import SyncContext
from syncd.ports.clock import Clock
from syncd.ports.driver import Scalar
from syncd.ports.observer import Observer
from syncd.store import inbox, journal
from syncd.store.inbox import Kept
from syncd.store.unit_of_work import Store, Transaction

_KNOWN = frozenset(Category)
_MOST_TRIES = 5
TenantOf = Callable[[XeroOrganisationId], TenantId | None]
Wake = Callable[[TenantId], None]


def _nobody(_: TenantId) -> None:
    return None


@dataclass(slots=True)
class _Group:
    """Requests that will be committed together."""

    rows: list[tuple[Scalar, ...]] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    notes: list[TenantId] = field(default_factory=list)
    has_leader: bool = False
    ended: anyio.Event = field(default_factory=anyio.Event)
    failed: StoreError | None = field(default_factory=lambda: StoreError("its commit has no end"))
    """None once it is on disk."""


class Inbox:
    """Stores what arrives. `on_events` and `on_note` are called with a tenant after a commit."""

    def __init__(
        self, *, store: Store, clock: Clock, observe: Observer, tenant_of: TenantOf
    ) -> None:
        self._store = store
        self._clock = clock
        self._observe = observe
        self._tenant_of = tenant_of
        self.on_events: Wake = _nobody
        self.on_note: Wake = _nobody
        self._next = _Group()
        self._under_way: _Group | None = None
        self._last_id = 0
        self._highest = 0
        self._gaps: tuple[Gap, ...] = ()

    async def start_up(self) -> None:
        """Take up the running count where it was left. Raises StoreError."""
        read = Transaction()
        highest, gaps = read.add(inbox.highest()), read.add(inbox.gaps())
        last_id = read.add(inbox.last_id())
        await self._store.read(read)
        self._last_id = last_id.one
        self._highest, self._gaps = highest.first or 0, gaps.rows

    async def accept(self, *webhooks: Sequence[ResourceChange]) -> None:
        """Take in the events of each; all are on disk when this returns.

        Raises StoreError, and then Xero will send them again.
        """
        group, now = self._next, self._clock.now()
        some = [changes for changes in webhooks if changes]
        for changes in some:
            for change in changes:
                tenant = self._tenant_of(change.organisation_id)
                group.rows.append(inbox.of_xero(change, tenant, _ignored(change, tenant), now))
            if changes[0].sequence:
                group.spans.append((changes[0].sequence, changes[-1].sequence))
        if some:
            await self._join(group)

    async def accept_note(self, note: PipelineNote) -> None:
        """The same for Pipeline's."""
        group = self._next
        group.rows.append(inbox.of_pipeline(note, self._clock.now()))
        group.notes.append(note.tenant)
        await self._join(group)

    async def _join(self, group: _Group) -> None:
        if group.has_leader:
            await group.ended.wait()
        else:
            group.has_leader = True
            # Others wait for this group: whoever leads it ends it, even when his client has gone.
            with anyio.CancelScope(shield=True):
                await self._lead(group)
        if group.failed is not None:
            raise group.failed

    async def _lead(self, group: _Group) -> None:
        before = self._under_way
        if before is not None:
            await before.ended.wait()
        self._next, self._under_way = _Group(), group
        try:
            await self._commit(group)
            group.failed = None
        except StoreError as error:
            group.failed = error
        finally:
            if self._under_way is group:
                self._under_way = None
            group.ended.set()

    async def _commit(self, group: _Group) -> None:
        for _ in range(_MOST_TRIES):
            try:
                await self._try_to_commit(group)
            except Conflict:
                await self.start_up()  # another replica has counted meanwhile
            else:
                return
        raise StoreError("others count webhooks again and again: nothing was kept")

    async def _try_to_commit(self, group: _Group) -> None:
        now = self._clock.now()
        tx = Transaction()
        tx.add(inbox.add(group.rows))
        kept = tx.add(inbox.kept(self._last_id))
        counted = self._count(group)
        if counted.highest != self._highest or counted.closed or counted.opened:
            closed, opened = counted.closed, counted.opened
            tx.add_all(
                inbox.count_to(
                    counted.highest, before=self._highest, closed=closed, opened=opened, at=now
                )
            )
        await self._store.commit(tx)
        self._highest, self._gaps = counted.highest, counted.gaps
        self._last_id = max((one.last_id for one in kept.rows), default=self._last_id)
        self._tell(group, kept.rows, (self._clock.now() - now).total_seconds())
        for gap in counted.opened:
            if not any(old.first <= gap.first and gap.last <= old.last for old in counted.closed):
                self._observe(WebhookGapFound(first=gap.first, last=gap.last))

    def _count(self, group: _Group) -> Counted:
        """All spans of the group together; what opens and closes within it was never there."""
        highest, gaps = self._highest, self._gaps
        for first, last in sorted(group.spans):
            counted = event_routing.count(highest, gaps, first, last)
            highest, gaps = counted.highest, counted.gaps
        return Counted(
            highest=highest,
            gaps=gaps,
            closed=tuple(gap for gap in self._gaps if gap not in gaps),
            opened=tuple(gap for gap in gaps if gap not in self._gaps),
        )

    def _tell(self, group: _Group, kept: Sequence[Kept], took_s: float) -> None:
        outcomes: Counter[str] = Counter()
        for one in kept:
            outcomes[one.verdict or "kept"] += one.count
        notes = outcomes.pop(NoticeOutcome.WOKE, 0)
        events = len(group.rows) - len(group.notes)
        # Below nought where another replica has kept some meanwhile.
        repeated = max(events - outcomes.total(), 0)
        if repeated:
            outcomes["repeated"] = repeated
        if events:
            found = dict(outcomes)
            self._observe(WebhooksReceived(source=Source.XERO, outcomes=found, took_s=took_s))
        if group.notes:
            found = {"kept": notes, "repeated": len(group.notes) - notes}
            self._observe(
                WebhooksReceived(
                    source=Source.PIPELINE,
                    outcomes={word: number for word, number in found.items() if number},
                    took_s=took_s,
                )
            )
        awake = {one.tenant for one in kept if one.tenant is not None and not one.verdict}
        for tenant in sorted(awake):
            self.on_events(tenant)
        for tenant in sorted(set(group.notes)):
            self.on_note(tenant)


async def replay(
    context: SyncContext, since: datetime, who: str, *, tenant: TenantId | None = None
) -> Counter[TenantId]:
    """Give what came since then, of all or of one tenant, work once more; how many of each.

    The journal of each names `who`. Raises StoreError.
    """
    again = Counter(await context.store.run(inbox.replay(since, tenant)))
    entries = [
        journal_entries.note(
            one, context.now(), f"Webhooks since {since.isoformat()} replayed: {count}", who=who
        )
        for one, count in sorted(again.items())
    ]
    await context.store.run(journal.append(entries))
    return again


def tenants_of(connections: Connections, served: Collection[TenantId]) -> TenantOf:
    """Whose organisation it is: of those served, the one connected to it, else who last was."""

    def tenant_of(organisation: XeroOrganisationId) -> TenantId | None:
        found = [
            row.tenant
            for row in connections.everyone()
            if (row.organisation_id or "").lower() == organisation and row.tenant in served
        ]
        return next((each for each in found if connections.is_open(each)), next(iter(found), None))

    return tenant_of


def _ignored(change: ResourceChange, tenant: TenantId | None) -> NoticeOutcome | None:
    if change.category not in _KNOWN or not change.resource_id:
        return NoticeOutcome.UNKNOWN_CATEGORY
    return NoticeOutcome.UNKNOWN_ORGANISATION if tenant is None else None
