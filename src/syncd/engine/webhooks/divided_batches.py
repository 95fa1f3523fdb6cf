"""Divides a batch of events whose processing ends in an error of some event's own.

So an event at which the program itself fails, or about which Xero refuses to be asked, keeps no
other from Pipeline. It is told by name, put off like one that was read too early, and left to the
sweeps in the end. Called by `process_events`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncd.domain.errors import Refused, SyncdError
from syncd.domain.facts import ServiceFailed
from syncd.domain.ids import TenantId
from syncd.domain.model.inbox import InboxState, NoticeOutcome
from syncd.domain.rules.inbound import event_routing
from syncd.engine.core.context import SyncContext
from syncd.store import inbox
from syncd.store.inbox import Notice
from syncd.store.unit_of_work import Transaction

MOST_ALONE = 3
"""So many events that fail one by one say that it is nothing of theirs."""


class DividedBatch:
    """The parts of a batch, in order; one that failed comes again in halves."""

    def __init__(self, context: SyncContext, tenant: TenantId, events: Sequence[Notice]) -> None:
        self._context = context
        self._tenant = tenant
        self._parts: list[Sequence[Notice]] = [events]
        self._part: Sequence[Notice] = ()
        self._alone = 0

    def __iter__(self) -> Iterator[Sequence[Notice]]:
        while self._parts:
            self._part = self._parts.pop(0)
            yield self._part

    async def failed(self, error: Exception) -> None:
        """The part that came last ended in this error.

        Raises it where it is nothing of one event's: RemoteError's leaves but Refused, StoreError.
        """
        is_of_all = isinstance(error, SyncdError) and not isinstance(error, Refused)
        if is_of_all or not self._part:
            raise error
        left = await self._still_waiting()
        if len(self._part) > 1:
            half = (len(left) + 1) // 2
            self._parts[:0] = [some for some in (left[:half], left[half:]) if some]
            return
        self._alone += 1
        if self._alone > MOST_ALONE:
            raise error
        for one in left:
            await self._put_aside(one, error)

    async def _still_waiting(self) -> list[Notice]:
        """Those that the failed round had neither settled nor put off yet."""
        part, now = self._part, self._context.now()
        page = inbox.waiting(self._tenant, now, after=part[0].id - 1, limit=len(part))
        ids = {one.id for one in part}
        return [one for one in await self._context.store.fetch(page) if one.id in ids]

    async def _put_aside(self, one: Notice, error: Exception) -> None:
        context, now = self._context, self._context.now()
        again = event_routing.reread(None, one.happened_at, one.tries, now)
        tx = Transaction()
        if again is None:
            tx.add(inbox.settle([(one, InboxState.DONE, NoticeOutcome.FAILED)], now))
        else:
            tx.add(inbox.put_off([(one, again)]))
        await context.store.commit(tx)
        context.observe(
            ServiceFailed(
                service=f"digest:{self._tenant}:{one.resource_id}",
                error=f"{type(error).__name__}: {error}",
                retry_after_s=0.0 if again is None else (again.at - now).total_seconds(),
            )
        )
