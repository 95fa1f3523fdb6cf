"""Waits for a slot: the pure allowance of every tenant, with a loop around it.

Called by `client` before and after every call. Rules of counting and fairness are
`domain.rules.limits.allowance`; here is only the waiting, and reservations, which let a read and
the write it prepares go one after the other with no other call between them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

import anyio

from syncd.domain.errors import Throttled
from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.domain.rules.limits.allowance import Allowance, BudgetLeft, Granted, Lane, Parked, Ticket
from syncd.domain.rules.limits.sliding_window import AllowanceLimits, AppMinute
from syncd.ports.transport import HttpResponse

LONGEST_WAIT_S = 30.0
"""Nobody stands longer in the queue: better to do something else and come again."""
HOLD_S = 15.0
"""A reservation nobody has used up by then is given back."""


class Remaining(Value, frozen=True, kw_only=True):
    """What an answer's headers say is left; None where they are silent (facts §2.2)."""

    minute: int | None
    day: int | None
    app: int | None

    @classmethod
    def of(cls, response: HttpResponse | None) -> Remaining:
        """As an answer says it; silence where there was none."""
        headers = response.headers if response else {}
        return cls(
            minute=_number(headers.get("x-minlimit-remaining")),
            day=_number(headers.get("x-daylimit-remaining")),
            app=_number(headers.get("x-appminlimit-remaining")),
        )


@dataclass(slots=True, kw_only=True)
class _Reservation:
    tenant: TenantId
    lane: Lane
    ticket: Ticket
    expires_at_s: float
    is_in_use: bool = False
    is_over: bool = False


@dataclass(slots=True, kw_only=True)
class _Tenant:
    allowance: Allowance
    changed: anyio.Event = field(default_factory=anyio.Event)
    held: list[_Reservation] = field(default_factory=list)


# A reservation belongs to the task that made it, and to those it starts.
_RESERVED: ContextVar[_Reservation | None] = ContextVar("syncd_xero_reservation", default=None)


class Slot:
    """One call's slot. Report what came of the call before the slot is left."""

    def __init__(self, allowance: Allowance, ticket: Ticket, now_s: Callable[[], float]) -> None:
        self._allowance = allowance
        self._ticket = ticket
        self._now_s = now_s
        self._is_spent = False

    def spent(self, remaining: Remaining | None = None) -> None:
        """The call has ended, with an answer that says so much is `remaining`, or without any."""
        if self._is_spent:
            return
        self._is_spent = True
        now_s = self._now_s()
        self._allowance.spent(now_s, self._ticket)
        if remaining is not None:
            self._allowance.learn(
                now_s,
                minute_remaining=remaining.minute,
                day_remaining=remaining.day,
                app_remaining=remaining.app,
            )

    def throttled(self, problem: str, retry_after_s: float | None) -> None:
        """The answer was 429."""
        self._allowance.throttled(self._now_s(), problem, retry_after_s)


class Quota:
    """Every tenant's allowance, and the app's minute they share.

    `now_s` is a monotonic clock: Xero's limits come back by time that goes on while this machine
    sleeps, and the loop's does not.
    """

    def __init__(
        self,
        limits: AllowanceLimits | None = None,
        *,
        now_s: Callable[[], float] = anyio.current_time,
        longest_wait_s: float = LONGEST_WAIT_S,
        hold_s: float = HOLD_S,
    ) -> None:
        self._limits = limits or AllowanceLimits()
        self._now_s = now_s
        self._app = AppMinute(self._limits)
        self._longest_wait_s = longest_wait_s
        self._hold_s = hold_s
        self._tenants: dict[TenantId, _Tenant] = {}

    def budget_left(self, tenant: TenantId) -> BudgetLeft:
        """What is left to a tenant, for people, by the loop's clock. Asks for a running loop."""
        own, now_s = self._of(tenant), self._now_s()
        self._drop_expired(own, now_s)
        left = own.allowance.budget_left(now_s)
        ahead_s = now_s - anyio.current_time()
        return replace(
            left,
            parked_until_s=_less(left.parked_until_s, ahead_s),
            writes_parked_until_s=_less(left.writes_parked_until_s, ahead_s),
            minute_free_at_s=_less(left.minute_free_at_s, ahead_s),
        )

    async def reserve(self, tenant: TenantId, lane: Lane, calls: int) -> None:
        """Keep `calls` calls and a slot for this task's next calls of `lane`, for `hold_s`.

        Raises Throttled when that takes longer than `longest_wait_s`.
        """
        before = _RESERVED.get()
        if before is not None:
            self._give_back(before)
        ticket = await self._grant(tenant, lane, calls, may_wait=True)
        reservation = _Reservation(
            tenant=tenant,
            lane=lane,
            ticket=ticket,
            expires_at_s=self._now_s() + self._hold_s,
        )
        self._of(tenant).held.append(reservation)
        _RESERVED.set(reservation)

    @asynccontextmanager
    async def slot(self, tenant: TenantId, lane: Lane, *, may_wait: bool) -> AsyncIterator[Slot]:
        """One call's slot: out of this task's reservation, else by waiting in the lane.

        Raises Throttled: at once where waiting is not allowed, else after `longest_wait_s`.
        """
        own = self._of(tenant)
        reservation = self._reserved(tenant, lane)
        if reservation is not None:
            reservation.is_in_use = True
            ticket = reservation.ticket
        else:
            ticket = await self._grant(tenant, lane, 1, may_wait=may_wait)
        slot = Slot(own.allowance, ticket, self._now_s)
        try:
            yield slot
        finally:
            if reservation is None:
                own.allowance.close(ticket)
                self._wake(own)
            else:
                reservation.is_in_use = False
                if ticket.calls == 0:
                    self._give_back(reservation)

    def _of(self, tenant: TenantId) -> _Tenant:
        if tenant not in self._tenants:
            self._tenants[tenant] = _Tenant(allowance=Allowance(self._limits, self._app))
        return self._tenants[tenant]

    async def _grant(self, tenant: TenantId, lane: Lane, calls: int, *, may_wait: bool) -> Ticket:
        own = self._of(tenant)
        give_up_at_s = self._now_s() + (self._longest_wait_s if may_wait else 0.0)
        while True:
            now_s = self._now_s()
            self._drop_expired(own, now_s)
            answer = own.allowance.ask(now_s, lane, calls)
            if isinstance(answer, Granted):
                return answer.ticket
            if isinstance(answer, Parked):
                raise _throttled("day", answer.until_s - now_s, lane, answer.why)
            if now_s >= give_up_at_s or answer.at_s > give_up_at_s:
                raise _throttled(answer.why, answer.at_s - now_s, lane, f"{answer.why} is spent")
            with anyio.move_on_after(answer.at_s - now_s):
                await own.changed.wait()

    def _reserved(self, tenant: TenantId, lane: Lane) -> _Reservation | None:
        """This task's reservation, where it is for this call and not in use.

        Given back where Xero has asked for a pause since: what was kept before is no leave to call.
        """
        found = _RESERVED.get()
        own = self._of(tenant)
        now_s = self._now_s()
        self._drop_expired(own, now_s)
        if found is None or found.is_over or found.is_in_use or found not in own.held:
            return None
        if own.allowance.is_asked_to_wait(now_s):
            self._give_back(found)
            return None
        return found if found.lane is lane and found.ticket.calls > 0 else None

    def _drop_expired(self, own: _Tenant, now_s: float) -> None:
        for reservation in [one for one in own.held if one.expires_at_s <= now_s]:
            if not reservation.is_in_use:
                self._give_back(reservation)

    def _give_back(self, reservation: _Reservation) -> None:
        own = self._of(reservation.tenant)
        if reservation.is_over or reservation not in own.held:
            return
        reservation.is_over = True
        own.held.remove(reservation)
        own.allowance.close(reservation.ticket)
        self._wake(own)

    def _wake(self, own: _Tenant) -> None:
        own.changed.set()
        own.changed = anyio.Event()


def _less(at_s: float | None, ahead_s: float) -> float | None:
    return None if at_s is None else at_s - ahead_s


def _throttled(limit: str, wait_s: float, lane: Lane, why: str) -> Throttled:
    wait_s = max(wait_s, 0.0)
    return Throttled(
        f"The allowance of lane {lane} has no room for {wait_s:.0f} s: {why}",
        retry_after_s=wait_s,
        limit=limit,
        system="xero",
    )


_MOST_DIGITS = 9
"""Of calls left."""


def _number(text: str | None) -> int | None:
    digits = "" if text is None else text.strip()
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS
    return int(digits) if is_number else None
