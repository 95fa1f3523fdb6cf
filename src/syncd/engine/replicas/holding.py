"""Holds the site's lease: renews it, and knows at every instant whether work may go on.

Made by `standing_by` when the lease is taken. Whatever is sent to others asks `is_valid` first;
what is written is refused by the store itself once another replica holds the lease (its fence).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import anyio

from syncd.domain.errors import Conflict, LeaseLost, StoreError
from syncd.domain.model.replica import LeaseEnded, ReplicaStanding
from syncd.domain.rules import site_lease
from syncd.engine.replicas.member import Member
from syncd.store import leases
from syncd.store.unit_of_work import Store, Transaction

FORGOTTEN_AFTER_S = 86_400.0
"""A replica that has not been heard of for so long is listed no more."""
GIVEN_UP = "given up: this replica ends"
_TAKEN_AWAY = "another replica has taken it"
_NOT_RENEWED = "it could not be renewed in time: {}"
_PAUSED = "this process stood still, or its clock went on, for longer than the lease lasts"
_AGAIN_IN = 10
"""A renewal that failed is tried again after a lease's tenth part, or so."""


class HeldLease:
    """The site's lease in this replica's hand, from its taking under `fence` until it ends.

    `asked_at_s` is when the taking was asked for, by the member's own clock.
    """

    def __init__(self, store: Store, member: Member, *, fence: int, asked_at_s: float) -> None:
        self._store = store
        self._member = member
        self.fence = fence
        self._since = member.clock.now()
        self._until_s = self._valid_until_s(asked_at_s)
        self._why = ""
        self._ended = anyio.Event()
        self._trouble = ""

    @property
    def is_valid(self) -> bool:
        """Whether this replica may still work; asked right before anything leaves it."""
        return not self._why and self._member.now_s() < self._until_s

    @property
    def why(self) -> str:
        """Why it has ended, in words; empty while it has not."""
        return self._why

    def replicas(self) -> tuple[ReplicaStanding, ...]:
        """The replicas of the site, as they were seen last: this one works."""
        now_s, now = self._member.now_s(), self._member.clock.now()
        until = now + timedelta(seconds=self._until_s - now_s)
        return self._member.known.standings(at_s=now_s, since=self._since, lease_until=until)

    def lose(self, why: str = _TAKEN_AWAY) -> None:
        """It is another's by now, as the store has said. What has ended stays ended as it was."""
        self._end(why, is_lost=True)

    async def keep(self, on_lost: Callable[[], None]) -> None:
        """Renew it until it is lost or given up; `on_lost` is called at once when it is lost.

        It may take longer to return than to tell: a renewal under way is waited for.
        """
        async with anyio.create_task_group() as group:
            group.start_soon(self._renew)
            while not self._why:
                left_s = self._until_s - self._member.now_s()
                if left_s <= 0:
                    self.lose(_NOT_RENEWED.format(self._trouble) if self._trouble else _PAUSED)
                with anyio.move_on_after(left_s):
                    await self._ended.wait()
            if self._why != GIVEN_UP:
                on_lost()
            group.cancel_scope.cancel()

    async def give_up(self) -> None:
        """Let another replica take it at once; this one ends. Raises StoreError.

        Where it is lost already nothing is given up.
        """
        self._end(GIVEN_UP, is_lost=False)
        tx = Transaction()
        tx.add(leases.give_up(self.fence))
        tx.add(leases.withdraw(self._member.name))
        await self._store.commit(tx)

    async def _renew(self) -> None:
        lease_s = self._member.lease_s
        pause_s = lease_s / site_lease.RENEWED_IN
        while not self._why:
            await anyio.sleep(pause_s)
            asked_at_s = self._member.now_s()
            tx = Transaction()
            known = self._member.known
            last = known.last_word()
            tx.add(leases.renew(self.fence))
            stood = tx.add(leases.replicas())
            tx.add(leases.announce(self._member.announced()))
            unheard = known.unheard(at_s=asked_at_s, for_s=FORGOTTEN_AFTER_S)
            tx.add(leases.withdraw(*unheard))
            replicas = tx.add(leases.replicas())
            try:
                await self._store.commit(tx)
            except (Conflict, LeaseLost):
                self.lose()
            except StoreError as error:
                self._trouble = str(error)
                pause_s = lease_s / _AGAIN_IN
            else:
                self._trouble = ""
                known.see(replicas.rows, at_s=self._member.now_s())
                known.compare(self._member.name, last, stood.rows, at_s=self._member.now_s())
                pause_s = lease_s / site_lease.RENEWED_IN
                if self.is_valid:  # else it has ended meanwhile, and stays so
                    self._until_s = self._valid_until_s(asked_at_s)

    def _valid_until_s(self, asked_at_s: float) -> float:
        return site_lease.valid_until_s(asked_at_s=asked_at_s, lease_s=self._member.lease_s)

    def _end(self, why: str, *, is_lost: bool) -> None:
        if self._why:
            return
        self._why = why
        self._ended.set()
        self._member.observe(
            LeaseEnded(replica=self._member.name, fence=self.fence, is_lost=is_lost, why=why)
        )
