"""Holds a round's writes back while a brake has halted the tenant, or halts it now.

Called by `invoices.batch` after everything is decided and before anything is sent; whatever it says
is written with the change set that settles the round. A halted tenant is still looked at: every
write it would make is held and listed, and what needs none any more leaves the list. When nothing
is left of why it halted, the brake lifts by itself; else a person releases it
(`engine.operator.release_brake`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from syncd.domain.facts import BrakeMoved
from syncd.domain.ids import TenantId
from syncd.domain.model.brake import (
    REMOVES,
    Braked,
    BrakeKind,
    BrakeLimits,
    BrakeStep,
    Halt,
    PassedAlready,
)
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import Reason
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.value import Value
from syncd.domain.rules.decide.situation import LiveState
from syncd.domain.rules.limits import brake
from syncd.domain.rules.queue.outcome import Held
from syncd.engine.core import tenant_mode
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.invoices.decide import Chosen, Decision
from syncd.engine.invoices.end import InvoiceEnd
from syncd.engine.invoices.loaded_invoice import RemoteRead
from syncd.store import brakes, jobs
from syncd.store.brakes import BrakedRow, BrakedState, BrakeTotal
from syncd.store.unit_of_work import Transaction

RELEASES_KEPT_S = 7 * 86_400.0
"""A release that could not be carried out within a week is asked for again."""
_WOULD = {
    StepKind.CREATE: "would be created",
    StepKind.UPDATE: "would be updated",
    StepKind.VOID: "would be voided",
    StepKind.DELETE: "would be deleted",
}


class _Standing(Value, frozen=True, kw_only=True):
    """What is stored before this round."""

    halt: Halt | None
    batch: tuple[BrakedRow, ...]
    """Of this round's documents: those halted, released, or let pass within the window."""
    halted: tuple[BrakeTotal, ...]
    done: PassedAlready = PassedAlready()
    standing: int = 0


def limits_of(context: SyncContext, money: Decimal | None) -> BrakeLimits:
    """The brakes as configured; `money` is the tenant's own."""
    limits = context.limits
    return BrakeLimits(voids=limits.brake_voids, window_s=limits.brake_window_s, money=money)


async def held_back(
    changeset: ChangeSet, sights: Sequence[RemoteRead], decisions: Sequence[Decision]
) -> list[Decision]:
    """The decisions, those that a brake stops turned into holds. Raises StoreError."""
    context, tenant = changeset.context, changeset.tenant
    limits = limits_of(context, context.policies[tenant].brake_money)
    found = {
        index: document
        for index, (decided, remote) in enumerate(zip(decisions, sights, strict=True))
        for document in [_document(decided, remote)]
        if document is not None
    }
    stored = await _standing(changeset, decisions, list(found.values()), limits)
    released = {one.document.identity for one in stored.batch if one.state is BrakedState.RELEASED}
    new = {index: one for index, one in found.items() if one.identity not in released}
    looked = sum(decided.loaded.link is not None for decided in decisions)
    halt = _still_halted(changeset, stored, list(new.values()))
    if halt is None:
        halt = brake.check(
            limits, stored.done, list(new.values()), documents=stored.standing, reads=looked
        )
        if halt is not None:
            _halt(changeset, halt, len(new))
    if halt is None:
        _let_pass(changeset, list(new.values()), limits)
        return list(decisions)
    kept = [one for one in new.values() if _is_held(halt, one)]
    changeset.extra.append(brakes.put(tenant, kept, BrakedState.HALTED, context.now()))
    return [_held(decided, halt, new.get(index)) for index, decided in enumerate(decisions)]


def _document(decided: Decision, remote: RemoteRead) -> Braked | None:
    """What a brake sees of one decision; None for a create, or where nothing is written."""
    loaded = decided.loaded
    if isinstance(decided, Chosen):
        return None if decided.write.step is StepKind.CREATE else _changed(decided)
    if loaded.link is None or remote.side is not LiveState.ABSENT:
        return None
    return Braked(
        key=loaded.job.key,
        version=loaded.version,
        step=BrakeStep.ABSENT,
        label=loaded.link.xero_number,
        xero_id=loaded.link.xero_id,
        currency="",
        amount=Decimal(0),
    )


def _changed(chosen: Chosen) -> Braked:
    """A write, with by how much it changes the document's total."""
    live, write = chosen.live, chosen.write
    assert live is not None, "what is changed was read"
    wanted = chosen.loaded.desired
    amount = abs(live.total)
    if write.step is StepKind.UPDATE:
        content = None if wanted is None else wanted.content
        is_moved = content is not None and write.lines is not None
        amount = abs(content.total - live.total) if content and is_moved else Decimal(0)
    return Braked(
        key=chosen.loaded.job.key,
        version=chosen.loaded.version,
        step=BrakeStep(write.step.value),
        label=live.number,
        xero_id=live.id,
        currency=live.currency_code,
        amount=amount,
    )


async def _standing(
    changeset: ChangeSet,
    decisions: Sequence[Decision],
    found: Sequence[Braked],
    limits: BrakeLimits,
) -> _Standing:
    context, tenant = changeset.context, changeset.tenant
    since = context.now() - timedelta(seconds=limits.window_s)
    removes = sum(one.step in REMOVES for one in found)
    read = Transaction()
    halt = read.add(brakes.current_halt(tenant))
    batch = read.add(brakes.of_keys(tenant, [one.loaded.job.key for one in decisions], since))
    passed = read.add(brakes.totals(tenant, BrakedState.PASSED, since))
    halted = read.add(brakes.totals(tenant, BrakedState.HALTED))
    most = 2 * (removes + limits.voids) + brake.EMPTY_LEAST
    standing = read.add(brakes.documents_in_xero(tenant, most=most if removes else 0))
    await context.store.read(read)
    return _Standing(
        halt=halt.first,
        batch=batch.rows,
        halted=halted.rows,
        done=_done(passed.rows, batch.rows, found),
        standing=standing.one,
    )


def _done(
    passed: Sequence[BrakeTotal], batch: Sequence[BrakedRow], found: Sequence[Braked]
) -> PassedAlready:
    """What was let pass; less what was not done then, and is in this round once more."""
    voids = sum(one.count for one in passed if one.step in REMOVES)
    money: dict[str, Decimal] = {}
    for one in passed:
        money[one.currency] = money.get(one.currency, Decimal(0)) + one.amount
    now = {one.identity for one in found}
    for row in batch:
        document = row.document
        if row.state is BrakedState.PASSED and document.identity in now:
            voids -= document.step in REMOVES
            money[document.currency] -= document.amount
    return PassedAlready(voids=voids, money=money)


def _still_halted(changeset: ChangeSet, stored: _Standing, new: Sequence[Braked]) -> Halt | None:
    """The halt that goes on; lifted when nothing is left of what it was for.

    What this round looked at leaves the list either way: it is put there anew if it is held again.
    """
    halt, tenant = stored.halt, changeset.tenant
    if halt is None:
        return None
    loaded = [one.document for one in stored.batch if one.state is BrakedState.HALTED]
    if loaded:
        changeset.extra.append(brakes.forget_halted(tenant, sorted({one.key for one in loaded})))
    before = sum(total.count for total in stored.halted if _counts(halt.kind, total))
    left = before - sum(brake.concerns(halt.kind, one) for one in loaded)
    if left + sum(brake.concerns(halt.kind, one) for one in new) > 0:
        return halt
    text = "Brake lifted by itself: nothing is left of what it halted for"
    changeset.extra.append(brakes.lift(tenant))
    changeset.extra.append(brakes.forget_halted(tenant))
    changeset.extra.append(tenant_mode.said(changeset.context, tenant, text))
    changeset.released.append(Predicate.BRAKE_RELEASED.value)
    changeset.news.append(BrakeMoved(tenant=tenant, is_halted=False, kind=halt.kind, text=text))
    return None


def _counts(kind: BrakeKind, total: BrakeTotal) -> bool:
    one = Braked(
        key="",
        version=0,
        step=total.step,
        label="",
        xero_id="",
        currency=total.currency,
        amount=Decimal(total.has_money),
    )
    return brake.concerns(kind, one)


def _halt(changeset: ChangeSet, halt: Halt, documents: int) -> None:
    context, tenant = changeset.context, changeset.tenant
    changeset.extra.append(brakes.halt(tenant, halt, context.now()))
    changeset.extra.append(tenant_mode.said(context, tenant, f"Brake halted: {halt.text}"))
    changeset.news.append(
        BrakeMoved(
            tenant=tenant, is_halted=True, kind=halt.kind, text=halt.text, documents=documents
        )
    )


def _let_pass(changeset: ChangeSet, changes: Sequence[Braked], limits: BrakeLimits) -> None:
    """Count what passes, before it is sent; what was counted too long ago is forgotten."""
    context, tenant = changeset.context, changeset.tenant
    counted = [
        one
        for one in changes
        if one.step in REMOVES or (limits.money is not None and one.amount > 0)
    ]
    if not counted:
        return
    now = context.now()
    old = now - timedelta(seconds=limits.window_s)
    forgotten = now - timedelta(seconds=max(limits.window_s, RELEASES_KEPT_S))
    changeset.extra.append(brakes.put(tenant, counted, BrakedState.PASSED, now))
    changeset.extra.append(brakes.forget_older(tenant, BrakedState.PASSED, old))
    changeset.extra.append(brakes.forget_older(tenant, BrakedState.RELEASED, forgotten))


def _is_held(halt: Halt, one: Braked) -> bool:
    """Absence is only doubted where it is why the brake halted."""
    return one.step is not BrakeStep.ABSENT or halt.kind is BrakeKind.XERO_EMPTIED


def _held(decided: Decision, halt: Halt, document: Braked | None) -> Decision:
    """One decision under a halt: writes wait, absences are doubted, the rest stands."""
    if isinstance(decided, Chosen):
        would = _WOULD[decided.write.step]
    elif document is not None and _is_held(halt, document):
        would = "is not shown by Xero"
    else:
        return decided
    text = (
        f"It {would}, but a brake halted everything: {halt.text} See what it halted, then "
        "release it, or undo the cause."
    )
    held = Held(reason=Reason.BRAKE_HALTED, text=text)
    if isinstance(decided, Chosen):
        return InvoiceEnd(loaded=decided.loaded, outcome=held, live=decided.live, base=decided.base)
    return InvoiceEnd(loaded=decided.loaded, outcome=held)


async def left_alone(changeset: ChangeSet, key: str) -> None:
    """A person has looked at this invoice, and nothing of it is to be written: no brake lists it.

    Raises StoreError.
    """
    tenant = changeset.tenant
    read = Transaction()
    halt = read.add(brakes.current_halt(tenant))
    batch = read.add(brakes.of_keys(tenant, [key], changeset.context.now()))
    halted = read.add(brakes.totals(tenant, BrakedState.HALTED))
    await changeset.context.store.read(read)
    stored = _Standing(halt=halt.first, batch=batch.rows, halted=halted.rows)
    _still_halted(changeset, stored, ())


async def order(
    context: SyncContext, tenant: TenantId, changes: Sequence[Braked], who: str
) -> None:
    """Let these pass uncounted: `who` has seen and ordered each. Raises StoreError.

    A halt that was for nothing else is lifted with it; what else waits behind one goes on waiting.
    """
    if not changes:
        return
    now = context.now()
    tx = Transaction()
    tx.add(brakes.put(tenant, changes, BrakedState.RELEASED, now))
    if not await context.store.fetch(brakes.current_halt(tenant)):
        await context.store.commit(tx)
        return
    lifted = tx.add(brakes.lift_if_clear(tenant))
    tx.add(jobs.release_by_predicate(tenant, Predicate.BRAKE_RELEASED, now))
    words = f"What was ordered passes the brake: {len({one.key for one in changes})} invoices"
    tx.add(tenant_mode.said(context, tenant, words, who))
    await context.store.commit(tx)
    for halt in lifted.rows:
        context.observe(BrakeMoved(tenant=tenant, is_halted=False, kind=halt.kind, text=words))
