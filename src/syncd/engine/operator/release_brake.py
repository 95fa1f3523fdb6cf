"""What operators see of halted brakes, and how they release one.

Called by `engine.operator.operations` for the API. A release is bound to what the person saw:
exactly those changes pass, and whatever came to the list since is refused, and shown, first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256

from syncd.domain.facts import BrakeMoved
from syncd.domain.ids import TenantId
from syncd.domain.model.brake import Braked, BrakeLimits, BrakeStep, Halt
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.value import Value
from syncd.engine.core import tenant_mode
from syncd.engine.core.context import SyncContext
from syncd.engine.invoices.brake import limits_of
from syncd.store import brakes, jobs
from syncd.store.brakes import BrakedState, BrakeRow, BrakeTotal
from syncd.store.unit_of_work import Transaction

SAMPLE = 20
_WORDS = {
    BrakeStep.UPDATE: "to be updated",
    BrakeStep.VOID: "to be voided",
    BrakeStep.DELETE: "to be deleted",
    BrakeStep.ABSENT: "not shown by Xero",
}


class BrakeStatus(Value, frozen=True, kw_only=True):
    """A halted tenant: why, what it would have done, and what else waits behind it.

    `waiting` counts all invoices held, `totals` and `documents` those it would have changed; `seen`
    changes with any of them. `limits` are those in force now.
    """

    not_shown = ("documents",)

    tenant: TenantId
    halt: Halt
    halted_at: datetime
    waiting: int
    totals: tuple[BrakeTotal, ...]
    documents: tuple[Braked, ...]
    seen: str
    limits: BrakeLimits

    @property
    def would(self) -> str:
        """What would have been done, in words."""
        return in_words(self.totals)


class ReleaseAnswer(Value, frozen=True, kw_only=True):
    """What became of a release, in plain words."""

    is_done: bool
    message: str
    released: int = 0


class BrakeService:
    """Shows halted brakes and releases them. `wake` is called when a tenant may have work."""

    def __init__(self, context: SyncContext, *, wake: Callable[[TenantId], None]) -> None:
        self._context = context
        self._wake = wake

    async def halted(self) -> tuple[BrakeStatus, ...]:
        """Every halted tenant by name. Raises StoreError."""
        rows = await self._context.store.fetch(brakes.get())
        return tuple([await self._status(row) for row in rows])

    async def of(self, tenant: TenantId) -> BrakeStatus | None:
        """A tenant's halt; None where it is not halted. Raises StoreError."""
        rows = await self._context.store.fetch(brakes.get(tenant))
        return await self._status(rows[0]) if rows else None

    async def release(self, tenant: TenantId, seen: str, who: str) -> ReleaseAnswer:
        """Let exactly what was seen pass. Raises StoreError; Conflict when it was lifted just now.

        What was put on the list between the read and this is judged anew when it is due.
        """
        rows = await self._context.store.fetch(brakes.get(tenant))
        if not rows:
            message = f"{tenant} is not halted by a brake; there is nothing to release."
            return ReleaseAnswer(is_done=False, message=message)
        brake = await self._status(rows[0])
        if brake.seen != seen:
            message = (
                f"The list has changed since you saw it: now {brake.would} {brake.halt.text} "
                f"Look again, then release what stands there (seen: {brake.seen})."
            )
            return ReleaseAnswer(is_done=False, message=message)
        now = self._context.now()
        tx = Transaction()
        tx.add(brakes.put(tenant, brake.documents, BrakedState.RELEASED, now))
        tx.add(brakes.forget_halted(tenant))
        tx.add(brakes.lift(tenant))
        tx.add(jobs.release_by_predicate(tenant, Predicate.BRAKE_RELEASED, now))
        tx.add(tenant_mode.said(self._context, tenant, f"Brake released: {brake.would}", who))
        await self._context.store.commit(tx)
        count = len(brake.documents)
        self._context.observe(
            BrakeMoved(
                tenant=tenant,
                is_halted=False,
                kind=brake.halt.kind,
                text=f"released by {who}",
                documents=count,
            )
        )
        self._wake(tenant)
        held = await tenant_mode.still_held(self._context, tenant)
        message = f"{tenant} goes on: {brake.would} What else waited goes on too."
        if held:
            message = f"{tenant} is released: {brake.would}{held.removeprefix('.')}."
        return ReleaseAnswer(is_done=True, message=message, released=count)

    async def _status(self, row: BrakeRow) -> BrakeStatus:
        read = Transaction()
        documents = read.add(brakes.halted(row.tenant))
        totals = read.add(brakes.totals(row.tenant, BrakedState.HALTED))
        await self._context.store.read(read)
        halted = tuple(one.document for one in documents.rows)
        return BrakeStatus(
            tenant=row.tenant,
            halt=row.halt,
            halted_at=row.halted_at,
            waiting=row.waiting,
            totals=totals.rows,
            documents=halted,
            seen=seen_of(row.halt, halted),
            limits=limits_of(self._context, self._context.policies[row.tenant].brake_money),
        )


def seen_of(halt: Halt, documents: Sequence[Braked]) -> str:
    """The fingerprint of why a brake halted and of everything it would have done."""
    digest = sha256(halt.kind.encode())
    for one in sorted(documents, key=lambda each: each.identity):
        digest.update(f"|{one.key}|{one.version}|{one.step}|{one.amount}".encode())
    return digest.hexdigest()[:16]


def in_words(totals: Sequence[BrakeTotal]) -> str:
    """In the style of `invoices: 45 to be voided (18630.00 NZD), 2 to be updated.`, all steps."""
    parts = []
    for step in BrakeStep:
        found = [one for one in totals if one.step is step]
        if found:
            count = sum(one.count for one in found)
            money = ", ".join(f"{one.amount} {one.currency}" for one in found if one.has_money)
            parts.append(f"{count} {_WORDS[step]}" + (f" ({money})" if money else ""))
    return f"invoices: {', '.join(parts) or 'none'}."
