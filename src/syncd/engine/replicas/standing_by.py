"""Stands by: looks at the site's lease, and takes it when nobody holds it any more.

A service of the standby (`bootstrap.standby`), which asks it who works. A look is one transaction:
this replica says that it is there, and reads the lease and the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
from anyio.abc import TaskStatus

from syncd.domain.errors import Conflict, Disposition, StoreError
from syncd.domain.model.replica import HolderChanged, LeaseTaken, Replica
from syncd.domain.rules import site_lease
from syncd.domain.rules.site_lease import LeaseRow, LeaseSeen
from syncd.engine.replicas.holding import HeldLease
from syncd.engine.replicas.member import Member
from syncd.store import leases
from syncd.store.unit_of_work import Store, Transaction


def _nobody(_: HeldLease) -> None:
    return None


async def _nothing() -> None:
    return None


class StandingBy:
    """Looks again and again, until the lease is this replica's or it is stopped.

    `on_taken` is called with the lease once it is. `begin` is run first, again for as long as the
    store cannot be reached; what else it raises ends the service.
    """

    name = "standing by"

    def __init__(
        self, store: Store, member: Member, begin: Callable[[], Awaitable[None]] = _nothing
    ) -> None:
        self._store = store
        self._member = member
        self._begin = begin
        self._has_begun = False
        self._known: LeaseSeen | None = None
        self._stopping = anyio.Event()
        self._told: str | None = ""
        self.holder: Replica | None = None
        """Who worked when it was looked last; None: nobody, or nobody that said where it is."""
        self.looked_at_s: float | None = None
        """When a look came to its end last, by the member's clock."""
        self.trouble = ""
        """Why the last look came to nothing."""
        self.taken: HeldLease | None = None
        """The lease, once it is this replica's."""
        self.on_taken: Callable[[HeldLease], None] = _nobody

    @property
    def is_looking(self) -> bool:
        """Whether the store has answered lately."""
        since_s = self._member.now_s() - (self.looked_at_s or 0.0)
        return self.looked_at_s is not None and since_s < self._member.lease_s

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Until the lease is taken, or stopped. A store that fails is asked again.

        Raises StoreError where it cannot begin, and waiting would not help.
        """
        task_status.started()
        while self.taken is None and not self._stopping.is_set():
            try:
                if not self._has_begun:
                    await self._begin()
                    self._has_begun = True
                await self._look()
                await self._take_if_free()
                self.trouble = ""
            except Conflict:
                self._known = None  # somebody was faster: who works is to be seen at once
                continue
            except StoreError as error:
                if not self._has_begun and error.disposition is not Disposition.RETRY:
                    raise
                self.trouble = str(error)
            if self.taken is None:
                with anyio.move_on_after(self._member.lease_s / site_lease.LOOKED_IN):
                    await self._stopping.wait()

    async def withdraw(self) -> None:
        """Say that this replica ends. Raises StoreError."""
        await self._store.run(leases.withdraw(self._member.name))

    async def _look(self) -> None:
        tx, known = Transaction(), self._member.known
        last = known.last_word()
        stood = tx.add(leases.replicas())
        tx.add(leases.announce(self._member.announced()))
        lease, replicas = tx.add(leases.look()), tx.add(leases.replicas())
        await self._store.commit(tx)
        # Only now: whatever was read was renewed before this instant.
        self.looked_at_s = self._member.now_s()
        known.see(replicas.rows, at_s=self.looked_at_s)
        known.compare(self._member.name, last, stood.rows, at_s=self.looked_at_s)
        self._known = site_lease.seen(self._known, lease.one, at_s=self.looked_at_s)
        self.holder = next((one for one in replicas.rows if one.works), None)
        self._tell(lease.one)

    async def _take_if_free(self) -> None:
        member, known = self._member, self._known
        asked_at_s = member.now_s()
        if known is None or not site_lease.may_be_taken(
            known, at_s=asked_at_s, lease_s=member.lease_s
        ):
            return
        tx = Transaction()
        tx.add(leases.take(member.name, known.row, lease_s=member.lease_s))
        await self._store.commit(tx)
        fence = known.row.fence + 1
        member.known.holder = member.name
        self.taken = HeldLease(self._store, member, fence=fence, asked_at_s=asked_at_s)
        member.observe(
            LeaseTaken(
                replica=member.name,
                fence=fence,
                before=known.row.holder or "",
                unmoved_s=asked_at_s - known.since_s,
            )
        )
        self.on_taken(self.taken)

    def _tell(self, lease: LeaseRow) -> None:
        if lease.holder != self._told:
            self._told = lease.holder
            self._member.observe(
                HolderChanged(replica=self._member.name, holder=lease.holder or "")
            )
