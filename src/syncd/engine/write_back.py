"""Tells Pipeline: results due are stamped with a revision on paper, sent, and settled by answer.

The only sender, one round per tenant at a time, so one result per key is in flight at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from syncd.domain.errors import Disposition, RemoteError, Throttled
from syncd.domain.facts import ResultsWritten
from syncd.domain.ids import TenantId
from syncd.domain.model.result import CustomerResult, InvoiceResult, RevisedResult
from syncd.domain.rules import backoff
from syncd.engine.hall import Hall
from syncd.ports.billing import PutAnswer, PutOutcome
from syncd.store import results
from syncd.store.results import Result, ResultKind
from syncd.store.unit_of_work import Transaction

BATCH_SIZE = 200
"""The sync API takes no more (sync-api.yaml, `/sync-results`)."""
_INVOICE = msgspec.json.Decoder(InvoiceResult)
_CUSTOMER = msgspec.json.Decoder(CustomerResult)


async def write_once(hall: Hall, tenant: TenantId) -> float | None:
    """Send one batch. Answers after how many seconds the next is due, None when nothing waits."""
    now = hall.now()
    due = await hall.store.fetch(results.due(tenant, now, limit=BATCH_SIZE))
    if not due:
        return await _rest_s(hall, tenant)
    await hall.store.run(results.stamp(tenant, due, now))
    revised = [RevisedResult(result=_content(one), revision=one.next_revision(now)) for one in due]
    try:
        answers = await hall.billing.put_results(tenant, revised)
    except RemoteError as error:
        await _defer(hall, tenant, due, error)
        raise
    await _settle(hall, tenant, due, answers)
    took_s = (hall.now() - now).total_seconds()
    outcomes = Counter(str(answer.outcome) for answer in answers)
    hall.observe(ResultsWritten(tenant=tenant, outcomes=dict(outcomes), took_s=took_s))
    return 0.0


def _content(one: Result) -> InvoiceResult | CustomerResult:
    decoder = _CUSTOMER if one.at.kind is ResultKind.CUSTOMER else _INVOICE
    return decoder.decode(one.content)


async def _settle(
    hall: Hall, tenant: TenantId, due: Sequence[Result], answers: Sequence[PutAnswer]
) -> None:
    now = hall.now()
    stands: list[Result] = []
    stale: list[tuple[Result, int]] = []
    never: list[tuple[Result, str]] = []
    for one, answer in zip(due, answers, strict=True):
        match answer.outcome:
            case PutOutcome.STORED | PutOutcome.UNCHANGED | PutOutcome.CONFLICT:
                stands.append(one)
            case PutOutcome.STALE:
                stale.append((one, answer.revision or 0))
            case PutOutcome.NOT_FOUND | PutOutcome.INVALID:
                never.append((one, f"{answer.outcome}: {answer.detail}"))
    tx = Transaction()
    if stands:
        tx.add(results.sent(tenant, stands))
    if stale:
        tx.add(results.stale(tenant, stale, now))
    for one, note in never:
        tx.add(results.sent(tenant, [one], note=note))
    await hall.store.commit(tx)


async def _defer(hall: Hall, tenant: TenantId, due: Sequence[Result], error: RemoteError) -> None:
    """A batch that could not be sent, or whose answer was lost, goes again: puts are idempotent."""
    if isinstance(error, Throttled):
        rest_s = error.retry_after_s
    else:
        rest_s = backoff.delay_s(
            due[0].attempt + 1,
            hall.entropy.draw(),
            first_s=hall.limits.backoff_base_s,
            cap_s=hall.limits.backoff_most_s,
        )
        if error.disposition is Disposition.DEAD:
            # The batch as a whole was refused: our mistake, or a changed contract. Not every beat.
            rest_s = hall.limits.backoff_most_s
    ready_at = hall.now() + timedelta(seconds=rest_s)
    await hall.store.run(results.deferred(tenant, due, ready_at=ready_at, note=str(error)))


async def _rest_s(hall: Hall, tenant: TenantId) -> float | None:
    (at,) = await hall.store.fetch(results.next_due_at(tenant))
    return None if at is None else max(0.05, (at - hall.now()).total_seconds())
