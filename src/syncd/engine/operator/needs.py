"""What a person must do for a tenant, by cause: one row for fifteen invoices of one customer.

Called by `engine.operator.operations` for API, console and command line. Counted by an index of
what is not as it should be; calls nobody outside. Findings that nothing waits with (a second
document in Xero, entries of the feed that cannot be read) are a row for each kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.action import Action
from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.finding import WANT_A_PERSON, FindingKind
from syncd.domain.model.job import JobKind, PublicState, Reason
from syncd.domain.model.value import Value
from syncd.domain.rules.journal import actions, explanation, need_headlines
from syncd.domain.rules.queue import hold_cause
from syncd.engine.core.context import SyncContext
from syncd.store import desired, findings, jobs, needs
from syncd.store.findings import OpenOfKind
from syncd.store.jobs import JobTotals
from syncd.store.needs import CauseTotal, LongestWait
from syncd.store.unit_of_work import Transaction

MOST_CAUSES = 200
"""Largest groups of one kind that are shown; who has more has one thing to mend first."""
_ORDER = (PublicState.OUT_OF_SYNC, PublicState.FAILED, PublicState.WAITING)


class Need(Value, frozen=True, kw_only=True):
    """One cause, and what waits for it: so many invoices, and customers where it holds them too.

    Where a `finding` says it, there are so many `findings` of that kind, and no state. `text` says
    it in a sentence, `example` is the one that has waited longest, whose own words are
    `example_text`. `to_set` are the lines of the configuration that would mend it.
    """

    not_shown = ("text", "example_text")

    state: PublicState | None
    reason: Reason | None
    cause: HoldCause | None
    cause_name: str
    invoices: int
    customers: int
    oldest_at: datetime | None
    text: str
    finding: FindingKind | None = None
    findings: int = 0
    example_id: str | None = None
    example_label: str | None = None
    example_text: str = ""
    to_set: str | None = None
    actions: tuple[Action, ...] = ()


async def of(context: SyncContext, tenant: TenantId, held_by: Reason | None) -> tuple[Need, ...]:
    """Everything a person must do, what is worst and largest first. Raises StoreError.

    `held_by` is what holds all queued work of the tenant.
    """
    read = Transaction()
    found = read.add(needs.by_cause(tenant, limit=MOST_CAUSES))
    totals = read.add(jobs.totals(tenant))
    noticed = read.add(findings.oldest_by_kind(tenant, WANT_A_PERSON))
    await context.store.read(read)
    # A brake writes itself into some jobs; the one row of the tenant stands for them all.
    groups = [one for one in found.rows if held_by is None or one.reason is not held_by]
    halted = [one for one in found.rows if one not in groups]
    causes = [cause for cause in map(needs.cause_of, groups) if cause is not None]
    ids = [one.name for one in causes if one.kind is CauseKind.CUSTOMER]
    more = Transaction()
    oldest = more.add(needs.oldest(tenant, groups))
    names = more.add(desired.labels(tenant, ids))
    await context.store.read(more)
    waits = {one.group: one for one in oldest.rows}
    name_of = dict(names.rows)
    rows = [_need(tenant, group, waits.get(number), name_of) for number, group in enumerate(groups)]
    told = [_noticed(one) for one in noticed.rows]
    every = [*_held(held_by, totals.rows, halted), *_folded(rows), *told]
    return tuple(sorted(every, key=_place))


def _noticed(one: OpenOfKind) -> Need:
    """A kind of finding, in the words of the oldest one."""
    return Need(
        state=None,
        reason=None,
        cause=None,
        cause_name="",
        invoices=0,
        customers=0,
        oldest_at=one.opened_at,
        text=need_headlines.of_finding(one.kind),
        finding=one.kind,
        findings=one.count,
        example_id=one.key,
        example_label=one.label or None,
        example_text=one.text,
        actions=actions.of_findings(one.kind),
    )


def _held(
    held_by: Reason | None, totals: Iterable[JobTotals], halted: Sequence[CauseTotal]
) -> list[Need]:
    """What holds the whole tenant, with all that is queued behind it."""
    if held_by is None:
        return []
    of_invoices = next((one for one in totals if one.kind is JobKind.PUSH_INVOICE), None)
    backlog = sum(one.count for one in halted if one.kind is JobKind.PUSH_INVOICE)
    since = [one.oldest_at for one in halted]
    if of_invoices is not None:
        backlog += of_invoices.by_public_state[PublicState.PENDING]
        since += [at for at in (of_invoices.oldest_going_at,) if at is not None]
    return [
        Need(
            state=PublicState.WAITING,
            reason=held_by,
            cause=None,
            cause_name="",
            invoices=backlog,
            customers=0,
            oldest_at=min(since, default=None),
            text=explanation.why_held(held_by),
            actions=actions.of_all(PublicState.WAITING, held_by),
        )
    ]


def _need(
    tenant: TenantId, group: CauseTotal, wait: LongestWait | None, name_of: Mapping[str, str]
) -> Need:
    cause = needs.cause_of(group)
    name = ""
    if cause is not None:
        name = cause.name
        if cause.kind is CauseKind.CUSTOMER:
            name = name_of.get(cause.name, "a customer whom Pipeline has not told of")
    is_invoice = group.kind is JobKind.PUSH_INVOICE
    of_group = actions.of_all if is_invoice else actions.of_customer
    return Need(
        state=group.state,
        reason=group.reason,
        cause=cause,
        cause_name=name,
        invoices=group.count if is_invoice else 0,
        customers=0 if is_invoice else group.count,
        oldest_at=group.oldest_at,
        text=need_headlines.headline(group.reason, cause, name),
        example_id=None if wait is None else wait.key,
        example_label=None if wait is None else wait.label,
        example_text="" if wait is None else wait.note or "",
        to_set=need_headlines.to_set(tenant, cause),
        actions=of_group(group.state, group.reason),
    )


def _folded(rows: Sequence[Need]) -> list[Need]:
    """A customer's own wait is one with that of its invoices, and says in its words what fits.

    A customer that Xero refused is the cause of its invoices' waiting, so its row stands. What
    holds all of a tenant is one row, of invoices and customers.
    """
    of_tenant: dict[Reason, Need] = {}
    single = []
    for one in rows:
        if one.cause is None and one.reason in hold_cause.OF_THE_TENANT:
            of_tenant[one.reason] = _both(of_tenant.get(one.reason), one)
        else:
            single.append(one)
    return [*of_tenant.values(), *_with_invoices(single)]


def _both(first: Need | None, second: Need) -> Need:
    if first is None:
        return second
    shown = first if first.invoices else second
    since = [at for at in (first.oldest_at, second.oldest_at) if at is not None]
    return replace(
        shown,
        invoices=first.invoices + second.invoices,
        customers=first.customers + second.customers,
        oldest_at=min(since, default=None),
    )


def _with_invoices(rows: Sequence[Need]) -> list[Need]:
    own = {one.cause: one for one in rows if one.customers and _is_customer(one.cause)}
    for one in rows:
        customer = own.get(one.cause)
        if customer is not None and one.invoices:
            since = [at for at in (customer.oldest_at, one.oldest_at) if at is not None]
            own[one.cause] = replace(
                customer,
                state=min(customer.state, one.state, key=_rank),
                invoices=customer.invoices + one.invoices,
                oldest_at=min(since, default=None),
            )
    return [*own.values(), *(one for one in rows if one.cause not in own)]


def _is_customer(cause: HoldCause | None) -> bool:
    return cause is not None and cause.kind is CauseKind.CUSTOMER


def _place(one: Need) -> tuple[bool, int, int, str]:
    is_tenants = one.cause is None and one.example_id is None
    count = one.invoices + one.customers + one.findings
    return (not is_tenants, _rank(one.state), -count, one.text)


def _rank(state: PublicState | None) -> int:
    """What is worst first; a finding beside what is out of sync."""
    return 0 if state is None else _ORDER.index(state)
