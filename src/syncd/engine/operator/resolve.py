"""A person's decision for one side of an invoice: a round of its own for that one key.

Called by `engine.operator.operations` for the API. Both sides are read now and compared with what
the person saw; what has moved since is shown instead of acted on. The decision moves the base, in
one transaction with the journal and what Pipeline is told; whatever is to be written, the worker
writes, by its usual rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import anyio
import msgspec

from syncd.domain.errors import RemoteError, Throttled
from syncd.domain.ids import TenantId
from syncd.domain.model.job import Job, JobKind, JobState
from syncd.domain.model.result import Difference
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import view_fingerprint
from syncd.domain.rules.decide import resolve as decide_resolve
from syncd.domain.rules.decide.resolve import Follows, Impossible, Resolution, ResolveInput, Take
from syncd.domain.rules.decide.situation import LiveState
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.queue.outcome import Deferred, NothingToDo
from syncd.domain.rules.tenant import connection
from syncd.domain.rules.text import wording
from syncd.engine.connection.gate import Connections
from syncd.engine.core import (
    contact_names,
    journal_entries,
    organisation_settings,
    unreadable_rows,
)
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.feed import point_read
from syncd.engine.invoices import batch, brake, loaded_invoice, meant
from syncd.engine.invoices import decide as invoice_decide
from syncd.engine.invoices import settle as invoice_settle
from syncd.engine.invoices.decide import Decision
from syncd.engine.invoices.decision_input import DecisionInput, RoundSettings
from syncd.engine.invoices.end import InvoiceEnd
from syncd.engine.invoices.loaded_invoice import LoadedInvoice
from syncd.ports.billing import ChangeKind
from syncd.store import claims, jobs, links, withheld
from syncd.store.journal import Entry
from syncd.store.unit_of_work import Transaction

TASK = "resolve"
CALLS = 1
_BUSY_FOR_S = 5.0
"""A person's decision waits so long for a round that has the document just now."""
_LOOKED_AGAIN_S = 0.25
_BUSY = "It is being worked on right now. Try again in a moment."
_UNCERTAIN = "A write of it has no certain outcome yet. Try again once it is settled."
_EARLY = "Xero does not show its document yet. Try again in a moment."
_LONGEST_LIST = 12
"""Fields named in a line of the journal; its detail has them all."""


class Order(Value, frozen=True, kw_only=True):
    """Take this side of what `seen` was the fingerprint of; `who` says so."""

    take: Take
    seen: str
    who: str


class Resolved(Value, frozen=True, kw_only=True):
    """It is decided; the worker does the rest."""


class HasMoved(Value, frozen=True, kw_only=True):
    """Something is not as the person saw it: what differs now, and its fingerprint."""

    differences: tuple[Difference, ...]
    seen: str


class NotResolved(Value, frozen=True, kw_only=True):
    """Nothing was decided, and why. `is_unread`: a side could not be read just now."""

    text: str
    is_unread: bool = False


Answer = Resolved | HasMoved | NotResolved


class ResolveService:
    """Takes decisions. `wake` is called when a tenant has work."""

    def __init__(
        self, context: SyncContext, *, gates: Connections, wake: Callable[[TenantId], None]
    ) -> None:
        self._context = context
        self._gates = gates
        self._wake = wake

    async def resolve(self, tenant: TenantId, key: str, order: Order) -> Answer:
        """Carry out `order` for one invoice in scope. Raises Throttled, StoreError."""
        closed_by = self._gates.closed_by(tenant)
        if closed_by is not None:
            return NotResolved(text=connection.to_open(closed_by))
        try:
            answer = await resolve(self._context, tenant, key, order)
        except Throttled:
            raise
        except RemoteError as error:
            words = wording.what_happened(error)
            text = f"Both sides have to be read first, and that failed. {words} Nothing changed."
            return NotResolved(text=text, is_unread=True)
        self._wake(tenant)
        if isinstance(answer, HasMoved):
            names = await contact_names.learn(self._context, tenant, answer.differences)
            return replace(answer, differences=names.of(answer.differences))
        return answer


async def resolve(context: SyncContext, tenant: TenantId, key: str, order: Order) -> Answer:
    """One decision. A read that fails raises RemoteError's leaves, and leaves all as it was."""
    await context.ledger.reserve(tenant, lane=Lane.WRITE, calls=CALLS)
    missing = await point_read.refresh(context, tenant, key)
    if missing:
        return NotResolved(text=missing)
    job, state = await _take(context, tenant, key)
    waits_until_s = anyio.current_time() + _BUSY_FOR_S
    while job is None and state is JobState.LEASED and anyio.current_time() < waits_until_s:
        # A round has it, as a rule for a look that takes an instant.
        await anyio.sleep(_LOOKED_AGAIN_S)
        job, state = await _take(context, tenant, key)
    if job is None or state is None:
        return NotResolved(text=_BUSY if state is JobState.LEASED else _UNCERTAIN)
    is_settled = False
    try:
        answer = await _decide(context, tenant, job, order)
        is_settled = not (isinstance(answer, NotResolved) and answer.is_unread)
    finally:
        if not is_settled:
            await _give_back(context, job, state)
    return answer


async def _take(
    context: SyncContext, tenant: TenantId, key: str
) -> tuple[Job | None, JobState | None]:
    """The job in a person's hand, or None; and the state it had, None where there is no job."""
    taken = Transaction()
    before = taken.add(jobs.get(tenant, JobKind.PUSH_INVOICE, [key]))
    claimed = taken.add(
        claims.take(
            tenant,
            JobKind.PUSH_INVOICE,
            key,
            incarnation=context.incarnation,
            lease_until=context.after(context.limits.lease_s),
        )
    )
    await context.store.commit(taken)
    return claimed.first, next((row.state for row in before.rows), None)


async def _give_back(context: SyncContext, job: Job, state: JobState) -> None:
    """Nothing was decided, for whatever reason: the job is as it was, not leased until it rots."""
    with anyio.CancelScope(shield=True):
        await context.store.run(
            claims.give_back(job, state, incarnation=context.incarnation, at=context.now())
        )


async def _decide(context: SyncContext, tenant: TenantId, job: Job, order: Order) -> Answer:
    """The leased job is settled when this returns, by the decision or as a round would.

    Not so where a side could not be read: nothing is concluded of what nobody has seen.
    """
    (loaded,) = await loaded_invoice.load(context, tenant, [job])
    round_settings = RoundSettings(
        policy=context.policies[tenant],
        settings=await organisation_settings.current(context, tenant),
        installation=context.installation,
    )
    if loaded.desired is None or loaded.desired.problem is not None:
        return NotResolved(text=point_read.UNREADABLE, is_unread=True)
    (remote,) = await batch.look(context, tenant, [loaded])
    if remote.side is LiveState.UNREAD:
        text = unreadable_rows.in_words(remote.problem) if remote.problem else _EARLY
        return NotResolved(text=text, is_unread=True)
    case, verdict = invoice_decide.examine(loaded, remote, round_settings)
    concluded = invoice_decide.conclude(case, verdict)
    decided = batch.unless_overlooked(context, concluded, remote)
    changeset = ChangeSet(context, tenant, TASK)
    now_seen, differences = _shown(case, decided)
    answer: Answer
    if now_seen != order.seen:
        answer = HasMoved(differences=differences, seen=now_seen)
        _as_a_round_would(changeset, decided)
    else:
        found = decide_resolve.resolve(
            ResolveInput(
                verdict=verdict,
                version=loaded.version,
                base=case.base,
                pipeline=case.pipeline,
                xero=case.xero,
                comparison=case.compared,
                xero_number=loaded.link.xero_number if loaded.link is not None else None,
            ),
            order.take,
        )
        if isinstance(found, Impossible):
            answer = NotResolved(text=found.text)
            _as_a_round_would(changeset, decided)
        else:
            answer = Resolved()
            _carry_out(changeset, case, found)
            changeset.extra.append(withheld.let_go(tenant, job.kind, [job.key]))
            changeset.entries.append(_entry(changeset, case, order, found, differences))
    if any(one.state is not JobState.READY for one in changeset.settlements):
        await brake.left_alone(changeset, job.key)
    await changeset.commit()
    return answer


def _shown(case: DecisionInput, decided: Decision) -> tuple[str, tuple[Difference, ...]]:
    """What a person would be shown of it now, and its fingerprint."""
    differences = invoice_decide.differences_of(case)
    if isinstance(decided, InvoiceEnd):
        differences = decided.differences
    live = case.live
    now_seen = view_fingerprint.fingerprint(
        desired=case.pipeline,
        base=decided.base or case.base,
        xero_id=None if live is None else live.id,
        xero_status=None if live is None else live.status,
        differences=differences,
    )
    return now_seen, differences


def _as_a_round_would(changeset: ChangeSet, decided: Decision) -> None:
    """Nothing was decided: what was read is stored; a write is left to the worker."""
    if isinstance(decided, InvoiceEnd):
        invoice_settle.settle(changeset, decided)
        return
    invoice_settle.settle(
        changeset, InvoiceEnd(loaded=decided.loaded, outcome=Deferred(retry_after_s=0.0))
    )


def _carry_out(changeset: ChangeSet, case: DecisionInput, found: Resolution) -> None:
    loaded = case.loaded
    if found.follows is Follows.CREATE:
        assert loaded.link is not None, "only a link can be let go"
        changeset.extra.extend(meant.remembered(changeset.tenant, loaded.id, loaded.base))
        changeset.extra.append(
            links.let_go(changeset.tenant, ChangeKind.INVOICE, loaded.job.key, loaded.link.xero_id)
        )
        invoice_settle.settle(changeset, _again(replace(loaded, link=None), found))
        return
    if found.follows is Follows.WRITE:
        invoice_settle.settle(
            changeset, replace(_again(loaded, found), live=case.live, base=found.base)
        )
        return
    if case.live is None and loaded.link is not None:
        changeset.invoice_links.append(
            replace(loaded.link, base=found.base, based_at=changeset.context.now())
        )
    invoice_settle.settle(
        changeset,
        InvoiceEnd(
            loaded=loaded,
            outcome=NothingToDo(),
            text=found.text,
            live=case.live,
            base=found.base,
            is_voided=found.follows is Follows.GONE,
            in_sync=found.follows is Follows.KEPT,
            differences=_kept(case, found),
        ),
    )


def _again(loaded: LoadedInvoice, found: Resolution) -> InvoiceEnd:
    at_once = Deferred(retry_after_s=0.0, why=found.text)
    return InvoiceEnd(loaded=loaded, outcome=at_once, look_again=True)


def _kept(case: DecisionInput, found: Resolution) -> tuple[Difference, ...]:
    if found.follows is not Follows.KEPT:
        return ()
    assert found.base is not None, "what is kept has a base"
    return invoice_decide.kept_differences(case, found.base)


def _entry(
    changeset: ChangeSet,
    case: DecisionInput,
    order: Order,
    found: Resolution,
    differences: tuple[Difference, ...],
) -> Entry:
    wanted = case.loaded.desired
    label = wanted.label if wanted is not None else case.loaded.job.key
    fields = [each.field for each in differences]
    named = ", ".join(fields[:_LONGEST_LIST]) + (", …" if len(fields) > _LONGEST_LIST else "")
    words = {
        Follows.WRITE: "Xero is to show what Pipeline shows",
        Follows.KEPT: "both stay as they are",
        Follows.LEFT: "deleted in Pipeline, it stays in Xero",
        Follows.GONE: "it stays gone in Xero",
        Follows.CREATE: "it is to be created in Xero again",
    }[found.follows]
    side = "Pipeline" if order.take is Take.PIPELINE else "Xero"
    return journal_entries.note(
        changeset.tenant,
        changeset.context.now(),
        f"Resolved, taking {side}: {label}, {words}" + (f" ({named})" if named else ""),
        who=order.who,
        about=journal_entries.INVOICE,
        key=case.loaded.job.key,
        detail=msgspec.json.encode(differences),
    )
