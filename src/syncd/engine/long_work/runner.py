"""Carries out slow work beside the requests that order it: one of a kind for each tenant at a time.

A service of the daemon. An order is written down before it begins and after it ended, so that it
survives whoever waits for it, and a restart says what was cut short. What is done in slices stands
as far as it came; nothing is half done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
from anyio.abc import TaskStatus

from syncd.domain.errors import RemoteError, StoreError, Throttled
from syncd.domain.facts import CallMade, Fact, ServiceFailed
from syncd.domain.ids import TenantId
from syncd.domain.model.long_work import WorkKind, WorkState
from syncd.domain.model.value import Value
from syncd.domain.rules.text import wording
from syncd.engine.core.context import SyncContext
from syncd.store import long_works
from syncd.store.long_works import WorkRow
from syncd.store.unit_of_work import Transaction

MOST_WAITS = 60
"""So often a spent minute of calls is waited for before the work is given up."""
LONGEST_WAIT_S = 65.0
AGAIN_S = 5.0
"""When an end is written down again that the store did not take."""


@dataclass(slots=True, kw_only=True)
class WorkProgress:
    """How far a work under way has come; moved by whoever carries it out."""

    text: str = ""
    done: int = 0
    total: int | None = None
    calls: int = 0
    """To Xero, of the tenant, since it began."""


class WorkEnd(Value, frozen=True, kw_only=True):
    """What came of it: the name of what is kept, and a sentence for people."""

    result: str
    text: str


class CannotBeDone(Exception):
    """It cannot be done as things stand; `text` says why, for people."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class OtherUnderWay(Exception):
    """One of that kind is under way that was asked for something else; `text` says so."""

    def __init__(self, kind: WorkKind) -> None:
        self.text = f"{_OTHERS.get(kind, 'Another is under way')}, so nothing was begun. {_WAIT}"
        super().__init__(self.text)


_OTHERS = {
    WorkKind.PLAN: "Another kind of plan is being made",
    WorkKind.APPLY: "Another plan is being applied",
    WorkKind.REPLAY: "What came since a later time is being worked through once more",
}
_WAIT = "Wait for its end."


class Work(Value, frozen=True, kw_only=True, gc=True):
    """One order with its progress, which is None once it has ended."""

    row: WorkRow
    progress: WorkProgress | None


_Place = tuple[TenantId, WorkKind]
Carrying = Callable[[WorkProgress], Awaitable[WorkEnd]]


@dataclass(frozen=True, slots=True)
class _Order:
    id: int
    tenant: TenantId
    kind: WorkKind
    carry_out: Carrying
    asked: object
    progress: WorkProgress = field(default_factory=WorkProgress)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)


class LongWork:
    """The works of all tenants. Orders wait until `run` is called."""

    name = "long work"

    def __init__(self, context: SyncContext) -> None:
        self._context = context
        self._orders: dict[_Place, _Order] = {}
        self._lock = anyio.Lock()
        self._waiting: deque[_Order] = deque()
        self._ordered = anyio.Event()
        self._scope: anyio.CancelScope | None = None
        self._is_stopped = False

    async def start_up(self) -> None:
        """Say of what an earlier run had begun that it was cut short. Raises StoreError."""
        await self._context.store.run(long_works.interrupt(self._context.now()))

    def observe(self, fact: Fact) -> None:
        """Count the calls of whoever has work under way."""
        if isinstance(fact, CallMade):
            for (tenant, _), order in self._orders.items():
                if tenant == fact.tenant:
                    order.progress.calls += 1

    async def begin(
        self,
        tenant: TenantId,
        kind: WorkKind,
        who: str,
        carry_out: Carrying,
        *,
        asked: object = None,
        covered_by: Callable[[Any], bool] | None = None,
        about: str = "",
    ) -> Work:
        """Order it. One of that kind under way that was `asked` for the same is answered instead.

        `covered_by` says of what that one was asked for whether it covers this, if not sameness.
        `about` is what it will have as its result, where that is known. Raises OtherUnderWay,
        StoreError.
        """
        async with self._lock:
            running = self._orders.get((tenant, kind))
            if running is None:
                tx = Transaction()
                began = tx.add(
                    long_works.begin(tenant, kind, who, self._context.now(), about=about)
                )
                tx.add(long_works.forget(tenant))
                await self._context.store.commit(tx)
                running = _Order(began.one, tenant, kind, carry_out, asked)
                self._orders[tenant, kind] = running
                self._waiting.append(running)
                self._ordered.set()
            elif not (running.asked == asked if covered_by is None else covered_by(running.asked)):
                raise OtherUnderWay(kind)
        found = await self.get(tenant, running.id)
        assert found is not None, "it was begun"
        return found

    async def get(self, tenant: TenantId, work: int) -> Work | None:
        """One of a tenant's works. Raises StoreError."""
        before = dict(self._orders)
        found = await self._context.store.fetch(long_works.get(tenant, work))
        return self._shown(tenant, found[0], before) if found else None

    async def recent(self, tenant: TenantId) -> tuple[Work, ...]:
        """Those ordered last, newest first. Raises StoreError."""
        before = dict(self._orders)
        found = await self._context.store.fetch(long_works.recent(tenant))
        return tuple(self._shown(tenant, row, before) for row in found)

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        """Carry out what is ordered, until stopped."""
        with anyio.CancelScope() as self._scope:
            if self._is_stopped:
                self._scope.cancel()
            async with anyio.create_task_group() as group:
                task_status.started()
                while True:
                    while self._waiting:
                        group.start_soon(self._carry_out, self._waiting.popleft())
                    self._ordered = anyio.Event()
                    await self._ordered.wait()

    def stop(self) -> None:
        """Stop; whatever is under way is cut short, and said to be at the next start."""
        self._is_stopped = True
        if self._scope is not None:
            self._scope.cancel()

    def let_go(self, tenant: TenantId) -> None:
        """Cut short what the tenant has under way: it is served no more."""
        for (whose, _), order in self._orders.items():
            if whose == tenant:
                order.scope.cancel()

    def _shown(self, tenant: TenantId, row: WorkRow, before: Mapping[_Place, _Order]) -> Work:
        """With what was under way `before` the row was read: what ended since still ran then."""
        order = {**before, **self._orders}.get((tenant, row.kind))
        is_under_way = row.state is WorkState.RUNNING and order is not None and order.id == row.id
        return Work(row=row, progress=order.progress if order and is_under_way else None)

    async def _carry_out(self, order: _Order) -> None:
        state, end = WorkState.FAILED, WorkEnd(result="", text="")
        try:
            with order.scope:
                end = await self._patiently(order)
                state = WorkState.DONE
            if order.scope.cancelled_caught:
                state = WorkState.INTERRUPTED
                end = WorkEnd(result="", text="The tenant was removed meanwhile.")
        except CannotBeDone as error:
            end = WorkEnd(result="", text=error.text)
        except RemoteError as error:
            end = WorkEnd(result="", text=wording.what_happened(error))
        except Exception as error:  # noqa: BLE001  (told; one order's bug ends nothing else)
            text = f"{type(error).__name__}: {error}"
            self._context.observe(ServiceFailed(service=self.name, error=text, retry_after_s=0.0))
            end = WorkEnd(result="", text="syncd's mistake; the log says what.")
        try:
            await self._write_down(order, state, end)
        finally:
            self._orders.pop((order.tenant, order.kind), None)

    async def _write_down(self, order: _Order, state: WorkState, end: WorkEnd) -> None:
        """Store an end, as often as it takes: left out, the order would look as if under way."""
        context, ended_at = self._context, self._context.now()
        result, text = end.result or None, end.text
        while True:
            try:
                await context.store.run(
                    long_works.end(order.id, state, ended_at, result=result, text=text)
                )
            except StoreError as error:
                context.observe(
                    ServiceFailed(service=self.name, error=str(error), retry_after_s=AGAIN_S)
                )
            else:
                return
            await anyio.sleep(AGAIN_S)

    async def _patiently(self, order: _Order) -> WorkEnd:
        """Wait for a spent minute of calls, as often as it takes, within a bound."""
        waits = 0
        while True:
            try:
                return await order.carry_out(order.progress)
            except Throttled as error:
                waits += 1
                if waits > MOST_WAITS or error.retry_after_s > LONGEST_WAIT_S:
                    raise
                order.progress.text = wording.what_happened(error)
                await anyio.sleep(max(error.retry_after_s, 1.0))
