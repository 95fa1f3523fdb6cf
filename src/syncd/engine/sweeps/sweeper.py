"""Sweeps: what changed in Xero, with or without a webhook, a bounded step at a time.

One loop per tenant does whichever task is due (`rules.limits.sweep_pace`): changes of invoices and
contacts by seeking along their time (`rules.inbound.change_cursor`), the organisation's settings,
the full sweep and the rotation (`engine.sweeps.full_sweep`), and a review of the findings, which
costs no call. Sweeps have a lane of their own, so they never delay a write, and they write to
nobody: keys are enqueued, findings open and close, money is noted for Pipeline.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from syncd.domain.errors import Garbled, Refused, RemoteError
from syncd.domain.facts import RoundDeferred, SweepFinished, TaskSucceeded
from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind
from syncd.domain.model.predicate import Predicate
from syncd.domain.rules.inbound import change_cursor
from syncd.domain.rules.inbound.change_cursor import SweepProgress
from syncd.domain.rules.limits import sweep_pace
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.limits.sweep_pace import NEVER, Task
from syncd.domain.rules.text import wording
from syncd.engine.core import organisation_settings, unreadable_rows
from syncd.engine.core.context import Gate, SyncContext
from syncd.engine.sweeps import contact_pages, findings, full_sweep, invoice_pages
from syncd.engine.sweeps.step import StepResult, SweepCounts, SweepStep
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger_sweeps import ListPage
from syncd.store import jobs, settings, sweeps
from syncd.store.sweeps import StoredTask
from syncd.store.unit_of_work import Statement, Transaction

PAGES_A_STEP = 10
SHUT_DELAY_S = 60.0
"""A tenant whose gate is closed is reviewed all the same, but not swept."""
_BEFORE_THE_FIRST = timedelta(days=1)
"""Our clock begins the first sweep; no clock is off by that much."""
_JOBS = {ChangeKind.INVOICE: JobKind.PUSH_INVOICE, ChangeKind.CUSTOMER: JobKind.PUSH_CUSTOMER}
_WHAT = {
    ChangeKind.INVOICE: unreadable_rows.DOCUMENT,
    ChangeKind.CUSTOMER: unreadable_rows.CONTACT,
}
_READ_BY = {
    Task.INVOICES: "What changed in Xero's invoices",
    Task.CONTACTS: "What changed in Xero's contacts",
    Task.SETTINGS: "The organisation's settings",
    Task.FULL: "Xero's list of invoices",
    Task.ROTATION: "Xero's invoices in full",
}
_PROGRESS = msgspec.json.Decoder(SweepProgress)


class _Newest(Protocol):
    def __call__(
        self, tenant: TenantId, since: datetime, /, *, lane: Lane
    ) -> Awaitable[datetime | None]: ...


async def sweep_once(
    context: SyncContext, tenant: TenantId, *, is_open: Gate, day_left: int | None = None
) -> float | None:
    """Take one step of whatever is due. Answers in how many seconds the next is.

    `day_left`: so many calls are left of Xero's day, where that is known. Raises RemoteError,
    StoreError.
    """
    read = Transaction()
    found = read.add(sweeps.tasks(tenant))
    documents = read.add(sweeps.documents(tenant))
    waiting = read.add(jobs.waiting_since(tenant, Predicate.SETTINGS_READ))
    await context.store.read(read)
    remembered = {one.task: one for one in found.rows}
    paced = _paced(context, documents.one, day_left, waiting.one)
    known = {task: one.progress for task, one in remembered.items()}
    task, delay_s = sweep_pace.due(known, paced, context.now())
    if delay_s > 0:
        return delay_s
    if task is not Task.REVIEW and not is_open(tenant):
        return min(SHUT_DELAY_S, paced[Task.REVIEW])
    await _take_step(context, tenant, task, remembered.get(task), period_s=paced[task])
    return 0.0


async def step_now(context: SyncContext, tenant: TenantId, task: Task, *, lane: Lane) -> bool:
    """Take one step of a sweep, due or not; whether the sweep has come to its end with it.

    Raises RemoteError, StoreError.
    """
    found = await context.store.fetch(sweeps.tasks(tenant))
    known = next((one for one in found if one.task is task), None)
    period_s = context.limits.reconcile_every_s
    return await _take_step(context, tenant, task, known, period_s=period_s, lane=lane)


async def order(context: SyncContext, tenant: TenantId, *, is_full: bool) -> Mapping[Task, int]:
    """A person wants sweeps now: each one's number, to ask `is_served` by. Raises StoreError."""
    tasks = (Task.INVOICES, Task.CONTACTS, *((Task.FULL,) if is_full else ()))
    tx = Transaction()
    numbers = {task: tx.add(sweeps.order(tenant, task)) for task in tasks}
    await context.store.commit(tx)
    return {task: number.one for task, number in numbers.items()}


async def is_served(context: SyncContext, tenant: TenantId, orders: Mapping[Task, int]) -> bool:
    """Whether sweeps that began after these orders have come to their end. Raises StoreError."""
    found = await context.store.fetch(sweeps.tasks(tenant))
    served = {one.task: one.progress.served_seq for one in found}
    return all(served.get(task, 0) >= number for task, number in orders.items())


def _paced(
    context: SyncContext, documents: int, day_left: int | None, waiting_since: datetime | None
) -> Mapping[Task, float]:
    waited_s = None if waiting_since is None else (context.now() - waiting_since).total_seconds()
    return sweep_pace.periods(
        reconcile_every_s=context.limits.reconcile_every_s,
        full_every_s=context.limits.full_sweep_every_s,
        documents=documents,
        day_remaining=day_left,
        settings_waited_s=waited_s,
    )


async def _take_step(
    context: SyncContext,
    tenant: TenantId,
    task: Task,
    one: StoredTask | None,
    *,
    period_s: float,
    lane: Lane = Lane.SWEEP,
) -> bool:
    """Take one bounded step of a task and tell of it; whether the task has come to its end."""
    began_at = context.now()
    standing = NEVER if one is None else one.progress
    step = SweepStep(
        context=context,
        tenant=tenant,
        task=task,
        checkpoint=None if one is None else one.memory,
        is_new=not standing.is_under_way,
        began=standing.began_seq if standing.is_under_way else standing.wanted_seq,
        period_s=period_s,
        lane=lane,
    )
    try:
        result = await _STEPS[task](step)
    except (Refused, Garbled) as error:
        # Asked again, Xero would say the same: a sweep that costs calls waits for its next time.
        await context.store.run(step.end(step.checkpoint, refused=_unread(task, error)))
        name = f"sweep_{task}"
        context.observe(
            RoundDeferred(tenant=tenant, task=name, error=str(error), retry_after_s=period_s)
        )
        return True
    if task is not Task.REVIEW:
        context.observe(_finished(step, result, (context.now() - began_at).total_seconds()))
    if result.is_complete:
        context.observe(TaskSucceeded(tenant=tenant, task=f"sweep_{task}", at=context.now()))
    return result.is_complete


def _unread(task: Task, error: RemoteError) -> str:
    return f"{_READ_BY[task]} could not be read to the end: {wording.what_happened(error)}"


def _finished(step: SweepStep, result: StepResult, took_s: float) -> SweepFinished:
    return SweepFinished(
        tenant=step.tenant,
        task=str(step.task),
        counts=asdict(result.counts),
        is_complete=result.is_complete,
        took_s=took_s,
    )


class _Sorted(Protocol):
    @property
    def news(self) -> Sequence[object]: ...


R = TypeVar("R", bound=_Sorted)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes(Generic[R]):
    """What is followed along its time of change, and who stores what its pages show."""

    kind: ChangeKind
    newest: _Newest
    page: Callable[..., Awaitable[ListPage[Any]]]
    sort: Callable[..., Awaitable[R]]
    take: Callable[..., Awaitable[SweepCounts]]


async def _invoices(step: SweepStep) -> StepResult:
    """Invoices changed since, in full."""
    changes = _Changes(
        kind=ChangeKind.INVOICE,
        newest=step.context.ledger.newest_invoice_change,
        page=step.context.ledger.invoice_changes,
        sort=invoice_pages.sort,
        take=invoice_pages.take,
    )
    return await _follow(step, changes)


async def _contacts(step: SweepStep) -> StepResult:
    """Contacts changed since."""
    changes = _Changes(
        kind=ChangeKind.CUSTOMER,
        newest=step.context.ledger.newest_contact_change,
        page=step.context.ledger.contact_changes,
        sort=contact_pages.sort,
        take=contact_pages.take,
    )
    return await _follow(step, changes)


async def _follow(step: SweepStep, changes: _Changes[R]) -> StepResult:
    """Read some pages of changes; where nothing has moved, the newest row alone."""
    progress = await _progress(step, changes.kind)
    if progress is None:
        # Nothing of ours stands in Xero, or is in the way there, so nothing can have changed.
        await step.context.store.run(step.end(None))
        return StepResult(counts=SweepCounts(), is_complete=True)
    if step.is_new or progress.place is None:
        if progress.is_quiet:
            since = progress.reached_at - change_cursor.STEP_BACK
            if change_cursor.is_idle(
                progress, await changes.newest(step.tenant, since, lane=step.lane)
            ):
                await step.context.store.run(step.end(step.checkpoint))
                return StepResult(counts=SweepCounts(), is_complete=True)
        progress = change_cursor.begin(progress)
    context, tenant, counts = step.context, step.tenant, SweepCounts()
    for _ in range(PAGES_A_STEP):
        place, read_at = progress.place, context.now()
        assert place is not None, "a sweep under way stands somewhere"
        page = await changes.page(tenant, place.since, page=place.page, lane=step.lane)
        found = await changes.sort(context, tenant, page.rows)
        progress = change_cursor.after_page(
            progress,
            page.last_at,
            as_of=page.as_of,
            is_last=page.is_last,
            has_news=bool(found.news),
            now=context.now(),
        )
        checkpoint = [*_saved(step, progress, page, _WHAT[changes.kind])]
        counts += await changes.take(context, tenant, found, read_at, checkpoint)
        counts += SweepCounts(unread=len(page.unread))
        if progress.place is None:
            return StepResult(counts=counts, is_complete=True)
    return StepResult(counts=counts, is_complete=False)


def _saved(
    step: SweepStep, progress: SweepProgress, page: ListPage[Any], what: str
) -> Iterable[Statement[None]]:
    """How far this page brings the sweep, and which of its rows could be read."""
    words = msgspec.json.encode(progress).decode()
    yield step.end(words) if progress.place is None else step.save(words)
    readable = [row.id for row in page.rows]
    yield from unreadable_rows.noted(step.tenant, readable, page.unread, step.context.now(), what)


async def _progress(step: SweepStep, kind: ChangeKind) -> SweepProgress | None:
    """Where the sweep stands; it begins with the first that was ever agreed on, or is waited for.

    Nobody's contact may be what a customer waits for, and a stranger's document have an invoice's
    number, before anything of ours stands in Xero.
    """
    if step.checkpoint is not None:
        return _PROGRESS.decode(step.checkpoint)
    (first_at,) = await step.context.store.fetch(sweeps.first_agreed(step.tenant, kind))
    if first_at is None:
        looked_for = sweeps.first_looked_for(step.tenant, _JOBS[kind])
        (first_at,) = await step.context.store.fetch(looked_for)
    return None if first_at is None else SweepProgress(reached_at=first_at - _BEFORE_THE_FIRST)


async def _settings(step: SweepStep) -> StepResult:
    """What the organisation allows; releases what waits for newer settings.

    What somebody has read lately is not read again.
    """
    found = await step.context.store.fetch(settings.get(step.tenant))
    if not found or (step.context.now() - found[0].read_at).total_seconds() > step.period_s / 2:
        await organisation_settings.read(step.context, step.tenant)
    await step.context.store.run(step.end(None))
    return StepResult(counts=SweepCounts(), is_complete=True)


async def _review(step: SweepStep) -> StepResult:
    """The findings."""
    await findings.review(step.context, step.tenant)
    await step.context.store.run(step.end(None))
    return StepResult(counts=SweepCounts(), is_complete=True)


_STEPS: Mapping[Task, Callable[[SweepStep], Awaitable[StepResult]]] = {
    Task.REVIEW: _review,
    Task.INVOICES: _invoices,
    Task.CONTACTS: _contacts,
    Task.SETTINGS: _settings,
    Task.FULL: full_sweep.sweep,
    Task.ROTATION: full_sweep.rotate,
}
