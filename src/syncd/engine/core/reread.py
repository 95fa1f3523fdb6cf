"""Reads again from Pipeline, object by object, what its feed brought and nobody could read.

Called by the rounds of invoices and customers before they decide: an answer that was garbled once,
or that Pipeline has mended since without a new version, is taken in as the feed would have.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from syncd.domain.errors import RemoteError
from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, TenantId
from syncd.domain.model.contact import Customer
from syncd.domain.model.invoice import Invoice
from syncd.domain.model.job import Reason
from syncd.domain.rules.queue.outcome import Deferred
from syncd.engine.core.context import SyncContext
from syncd.store import desired
from syncd.store.desired import Desired, DesiredChange

T = TypeVar("T")
UNREADABLE_DELAY_S = 300.0
"""What still cannot be read is read again so often, as a page of the feed is."""
MOST = 20
"""So many are read in one round; the others have their turn in a later one."""


def put_off(problem: str, *, kind: str) -> Deferred:
    """What becomes of a job whose object cannot be read: told as invalid, and read again soon."""
    text = f"Pipeline's {kind} cannot be read: {problem}. Correct it in Pipeline."
    return Deferred(retry_after_s=UNREADABLE_DELAY_S, why=text, reason=Reason.INVALID_DOCUMENT)


async def invoices(
    context: SyncContext, tenant: TenantId, wanted: Iterable[Desired[Invoice] | None]
) -> bool:
    """Whether any of these that could not be read can be now. Raises StoreError."""

    async def read(key: str) -> Invoice:
        return await context.billing.invoice(tenant, PipelineInvoiceId(key))

    return await _take_in(context, tenant, wanted, read)


async def customers(
    context: SyncContext, tenant: TenantId, wanted: Iterable[Desired[Customer] | None]
) -> bool:
    """The same of customers."""

    async def read(key: str) -> Customer:
        return await context.billing.customer(tenant, PipelineCustomerId(key))

    return await _take_in(context, tenant, wanted, read)


async def _take_in(
    context: SyncContext,
    tenant: TenantId,
    wanted: Iterable[Desired[Invoice] | Desired[Customer] | None],
    read: Callable[[str], Awaitable[Invoice | Customer]],
) -> bool:
    broken = [one for one in wanted if one is not None and one.problem is not None]
    changes = []
    for one in _turn_of(broken, int(context.now().timestamp() // UNREADABLE_DELAY_S)):
        try:
            found = await read(one.key)
        except RemoteError:
            continue
        changes.append(DesiredChange.as_read(one.key, found, by=one.changed_by))
    if changes:
        await context.store.run(desired.put(tenant, changes))
    return bool(changes)


def _turn_of(broken: Sequence[T], turn: int) -> Sequence[T]:
    """Those of this round: none is passed over for ever, whatever stays unreadable before it."""
    first = turn * MOST % len(broken) if broken else 0
    return [*broken[first:], *broken[:first]][:MOST]
