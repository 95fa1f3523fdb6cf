"""Two orders that take their time: the chain checked to its end, webhooks worked through once more.

Called by `operations`; carried out beside the request by `engine.long_work`, which shows how far
they have come.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import anyio

from syncd.domain.ids import TenantId
from syncd.domain.model.long_work import WorkKind
from syncd.domain.rules.tenant import connection
from syncd.engine.connection.gate import Connections
from syncd.engine.core import journal_audit
from syncd.engine.core.context import SyncContext
from syncd.engine.long_work.runner import LongWork, Work, WorkEnd, WorkProgress
from syncd.engine.operator import fresh_reads
from syncd.engine.webhooks import inbox
from syncd.store import inbox as notices
from syncd.store.unit_of_work import Transaction

A_PART = 5_000
"""Entries checked between two looks at how far it has come: some tenth of a second."""
LOOK_EVERY_S = 0.5
MOST_LOOKS = 1_200
"""For ten minutes; what is left then is worked through all the same."""
_FAULT = "fault:"


class LongOrders:
    """What may be ordered of the journal and the inbox. `wake`: a tenant may have work."""

    def __init__(
        self,
        context: SyncContext,
        works: LongWork,
        *,
        gates: Connections,
        wake: Callable[[TenantId], None],
    ) -> None:
        self._context = context
        self._works = works
        self._gates = gates
        self._wake = wake

    async def check_chain(self, tenant: TenantId, who: str) -> Work:
        """Check the whole journal's chain. Raises StoreError.

        The result is the head where every entry fits, else what `is_fault` knows.
        """

        async def checked(progress: WorkProgress) -> WorkEnd:
            progress.text = "Each entry is compared with the digest that the next one carries."
            after = 0
            while True:
                found = await journal_audit.verify(self._context.store, after=after, most=A_PART)
                progress.done, progress.total = found.entries, found.head.entries
                if found.is_complete:
                    break
                after = found.entries
            if found.fault is not None:
                at = found.fault.seq
                text = f"Entry {at:,}: {found.fault.text}. What stands before it fits."
                return WorkEnd(result=f"{_FAULT}{at}", text=text)
            head = f"{found.head.entries}:{found.head.digest.hex()}"
            return WorkEnd(result=head, text=f"{_entries(found.head.entries)} what was written.")

        return await self._works.begin(tenant, WorkKind.CHECK, who, checked)

    async def replay(self, tenant: TenantId, since: datetime, who: str) -> Work:
        """Work through what Xero has announced of a tenant since then once more.

        One under way of an earlier time is answered instead: it covers this. The result is how
        many events. Raises OtherUnderWay, StoreError.
        """

        async def worked_through(progress: WorkProgress) -> WorkEnd:
            progress.text = "What Xero has announced is worked through once more."
            until = self._context.now()
            again = await inbox.replay(self._context, since, who, tenant=tenant)
            tx = Transaction()
            fresh_reads.everything(self._context, tenant, tx)
            await self._context.store.commit(tx)
            self._wake(tenant)
            count = progress.total = again[tenant]
            for _ in range(MOST_LOOKS):
                (left,) = await self._context.store.fetch(notices.left(tenant, since, until))
                progress.done = max(progress.done, count - left)
                closed_by = self._gates.closed_by(tenant)
                if left == 0 or closed_by is not None:
                    break
                await anyio.sleep(LOOK_EVERY_S)
            text = f"{_events(count)} worked through once more."
            if left:
                why = "" if closed_by is None else f" {connection.to_open(closed_by)}"
                text = f"{text[:-1]}; {left:,} of them wait, and go on by themselves.{why}"
            return WorkEnd(result=str(count), text=text)

        return await self._works.begin(
            tenant,
            WorkKind.REPLAY,
            who,
            worked_through,
            asked=since,
            covered_by=lambda earlier: earlier <= since,
        )


def is_fault(result: str) -> bool:
    """Whether the result of a check says that the chain is broken."""
    return result.startswith(_FAULT)


def _entries(count: int) -> str:
    return "Its one entry is" if count == 1 else f"All {count:,} entries are"


def _events(count: int) -> str:
    return "1 event is" if count == 1 else f"{count:,} events are"
