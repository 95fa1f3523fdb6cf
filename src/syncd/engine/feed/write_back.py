"""Tells Pipeline: results due are sent under their stored revisions, and settled by the answer.

The only sender, one round per tenant at a time, so one result per key is in flight at most. What
Pipeline refuses as a whole goes in parts (`feed.refused_results`), so that one odd result keeps
none of the others back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

import msgspec
from msgspec import structs

from syncd.domain.errors import Disposition, RemoteError, Throttled
from syncd.domain.facts import ResultsWritten
from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind
from syncd.domain.model.result import (
    CustomerResult,
    InvoiceResult,
    PaymentResult,
    RevisedResult,
)
from syncd.domain.rules.queue import backoff
from syncd.domain.rules.text import wording
from syncd.engine.core import pipeline_reach
from syncd.engine.core.context import SyncContext
from syncd.engine.core.organisation_settings import xero_url
from syncd.engine.feed import refused_results
from syncd.ports import trail
from syncd.ports.billing import PutAnswer, PutOutcome
from syncd.store import jobs, money, results, settings
from syncd.store.money import MoneyRead
from syncd.store.results import Result, ResultKind
from syncd.store.unit_of_work import Statement, Transaction

BATCH_SIZE = 200
"""The sync API takes no more (sync-api.yaml, `/sync-results`)."""
UNREAD = "unreadable"
_UNREAD_NOTE = "Pipeline's answer to this result cannot be read. It is written again by itself."
_UNREAD_WHY = "its answer cannot be read"
_STALE_WHY = "it says that it has a newer one already, each time"
_WITHOUT_WORDS = {
    PutOutcome.NOT_FOUND: "it knows no such object",
    PutOutcome.INVALID: "it says that it breaks the contract",
}
Content = InvoiceResult | PaymentResult | CustomerResult
_INVOICE = msgspec.json.Decoder(InvoiceResult)
_CUSTOMER = msgspec.json.Decoder(CustomerResult)
_PAYMENT = msgspec.json.Decoder(PaymentResult)


async def write_once(context: SyncContext, tenant: TenantId) -> float | None:
    """Send one batch. Answers after how many seconds the next is due, None when nothing waits."""
    now = context.now()
    read = Transaction()
    found = read.add(results.due(tenant, now, limit=BATCH_SIZE))
    next_at = read.add(results.next_due_at(tenant))
    await context.store.read(read)
    due = found.rows
    if not due:
        return None if next_at.one is None else _delay_s(next_at.one, now)
    with trail.following(one.trail for one in due):
        return await _write(context, tenant, due)


async def _write(context: SyncContext, tenant: TenantId, due: Sequence[Result]) -> float:
    """Send these, in parts where they are refused together.

    Raises RemoteError where Pipeline does not answer, or refuses every one of several.
    """
    waiting: list[Sequence[Result]] = [due]
    refused: list[tuple[Sequence[Result], RemoteError]] = []
    parts_taken = 0
    while waiting:
        part = waiting.pop(0)
        try:
            await _send(context, tenant, part)
        except RemoteError as error:
            if not refused_results.may_be_for_one(error, part):
                await _failed(context, tenant, [part, *waiting, *(p for p, _ in refused)], error)
                raise
            if len(part) > 1 and len(refused) < refused_results.MOST_ALONE:
                half = len(part) // 2
                waiting = [part[:half], part[half:], *waiting]
            else:
                refused.append((part, error))
        else:
            parts_taken += 1
    if refused and not parts_taken and len(due) > 1:
        _, last = refused[-1]
        await _failed(context, tenant, [part for part, _ in refused], last)
        raise last
    for part, cause in refused:
        if len(part) == 1:
            why = cause.detail or wording.in_words(cause)
            await refused_results.set_aside(context, tenant, [(part[0], why)])
        else:
            await _defer(context, tenant, part, cause)
    if parts_taken:
        pipeline_reach.told(context, tenant)
    return 0.0


async def _failed(
    context: SyncContext, tenant: TenantId, parts: Sequence[Sequence[Result]], error: RemoteError
) -> None:
    """Nobody can be told now: all of these wait."""
    pipeline_reach.told(context, tenant, error)
    await _defer(context, tenant, [one for part in parts for one in part], error)


async def _send(context: SyncContext, tenant: TenantId, due: Sequence[Result]) -> None:
    """Send these together, and settle them by the answer. Raises RemoteError."""
    began_at = context.now()
    contents = await _contents(context, tenant, due)
    revised = [
        RevisedResult(result=content, revision=one.revision)
        for one, content in zip(due, contents, strict=True)
    ]
    answers = await context.billing.put_results(tenant, revised)
    told = list(zip(due, answers, strict=True))
    await _settle(context, tenant, told)
    took_s = (context.now() - began_at).total_seconds()
    words = [UNREAD if answer is None else str(answer.outcome) for answer in answers]
    outcomes = Counter(words)
    payments = Counter(
        word for one, word in zip(due, words, strict=True) if one.at.kind is ResultKind.PAYMENT
    )
    context.observe(
        ResultsWritten(
            tenant=tenant, outcomes=dict(outcomes), took_s=took_s, payments=dict(payments)
        )
    )


async def _contents(context: SyncContext, tenant: TenantId, due: Sequence[Result]) -> list[Content]:
    """What each says, with what is no news by itself: when it was seen, where it stands, its money.

    Pipeline's put replaces the whole: an amount left out would be forgotten there, so an invoice
    that was settled without a look keeps the money last seen on it.
    """
    contents = [_content(one) for one in due]
    contents = await _with_places(context, tenant, due, contents)
    blank = [
        one.id
        for one in contents
        if isinstance(one, InvoiceResult) and one.amount_due is None and one.xero_id is not None
    ]
    if not blank:
        return contents
    found = await context.store.fetch(money.records(tenant, blank))
    seen = {record.key: record.amounts for record in found if record.amounts is not None}
    return [
        _filled(one, seen[one.id])
        if isinstance(one, InvoiceResult) and one.amount_due is None and one.id in seen
        else one
        for one in contents
    ]


async def _with_places(
    context: SyncContext, tenant: TenantId, due: Sequence[Result], contents: Sequence[Content]
) -> list[Content]:
    """Invoices with the instant of the last look and the document's address in Xero."""
    if not any(isinstance(content, InvoiceResult) for content in contents):
        return list(contents)
    known = await context.store.fetch(settings.get(tenant))
    organisation = known[0] if known else None
    return [
        structs.replace(
            content, as_of=one.seen_at, xero_url=xero_url(organisation, content.xero_id)
        )
        if isinstance(content, InvoiceResult)
        else content
        for one, content in zip(due, contents, strict=True)
    ]


def _filled(one: InvoiceResult, seen: MoneyRead) -> InvoiceResult:
    return structs.replace(
        one,
        amount_paid=seen.paid,
        amount_credited=seen.credited,
        amount_due=seen.due,
        fully_paid_on=seen.fully_paid_on,
    )


def _content(one: Result) -> Content:
    match one.at.kind:
        case ResultKind.INVOICE:
            return _INVOICE.decode(one.content)
        case ResultKind.PAYMENT:
            return _PAYMENT.decode(one.content)
        case ResultKind.CUSTOMER:
            return _CUSTOMER.decode(one.content)
        case _:
            assert_never(one.at.kind)


async def _settle(
    context: SyncContext,
    tenant: TenantId,
    told: Sequence[tuple[Result, PutAnswer | None]],
) -> None:
    """What becomes of each by its answer; one without, or outbid in vain, goes again ever later."""
    now = context.now()
    stands: list[Result] = []
    stale: list[tuple[Result, int]] = []
    unread: list[Result] = []
    refused: list[tuple[Result, str]] = []
    newer: list[str] = []
    """Of customers: Pipeline's is newer than the one `fromXero` was compared with."""
    for one, answer in told:
        if why := _refusal(one, answer):
            refused.append((one, why))
        elif _is_unread(answer):
            unread.append(one)
        if answer is None or answer.outcome in _WITHOUT_WORDS:
            continue
        if answer.outcome is not PutOutcome.STALE:
            stands.append(one)
        elif answer.revision is not None:
            stale.append((one, answer.revision))
        if answer.outcome is PutOutcome.CONFLICT:
            newer.append(one.at.key)
    tx = Transaction()
    tx.add(results.sent(tenant, stands))
    tx.add(results.stale(tenant, stale, now))
    tx.add_all(_later(context, tenant, one) for one in unread)
    # The feed brings the newer customer; whoever wins that race, it is compared once more.
    tx.add(jobs.look(tenant, JobKind.PUSH_CUSTOMER, newer, now))
    await context.store.commit(tx)
    await refused_results.set_aside(context, tenant, refused)


def _is_unread(answer: PutAnswer | None) -> bool:
    """No answer that says anything; or that ours is older, and not than what."""
    return answer is None or (answer.outcome is PutOutcome.STALE and answer.revision is None)


def _refusal(one: Result, answer: PutAnswer | None) -> str:
    """Why it is not taken, for people to hear; nothing where it is, or may be the next time."""
    if answer is not None and answer.outcome in _WITHOUT_WORDS:
        return answer.detail or _WITHOUT_WORDS[answer.outcome]
    if one.attempt < refused_results.TRIES_OF_TROUBLE:
        return ""
    if answer is None or _is_unread(answer):
        return _UNREAD_WHY
    is_stale = answer.outcome is PutOutcome.STALE
    is_outbid = is_stale and (answer.revision or 0) >= one.revision
    return (answer.detail or _STALE_WHY) if is_outbid else ""


def _later(context: SyncContext, tenant: TenantId, one: Result) -> Statement[None]:
    ready_at = context.after(refused_results.again_s(one))
    return results.deferred(tenant, [one], ready_at=ready_at, note=_UNREAD_NOTE)


async def _defer(
    context: SyncContext, tenant: TenantId, due: Sequence[Result], error: RemoteError
) -> None:
    """A batch that could not be sent, or whose answer was lost, goes again: puts are idempotent."""
    if isinstance(error, Throttled):
        delay_s = error.retry_after_s
    else:
        delay_s = backoff.delay_s(
            due[0].attempt + 1,
            context.entropy.draw(),
            first_s=context.limits.backoff_base_s,
            cap_s=context.limits.backoff_most_s,
        )
        if error.disposition is Disposition.DEAD:
            # The batch as a whole was refused: our mistake, or a changed contract. Not every beat.
            delay_s = context.limits.backoff_most_s
    ready_at = context.now() + timedelta(seconds=delay_s)
    await context.store.run(
        results.deferred(tenant, due, ready_at=ready_at, note=wording.in_words(error))
    )


def _delay_s(due_at: datetime, now: datetime) -> float:
    return max(0.05, (due_at - now).total_seconds())
