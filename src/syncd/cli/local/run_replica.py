"""One of several daemons on one database: stands by, and works while it holds the lease.

Whatever ends a term of work - the lease was lost, the database was away for too long - makes a
standby of it; only a signal, or what would end any daemon, ends the process.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import anyio
from anyio.abc import TaskGroup

from syncd.bootstrap import preflight, standby
from syncd.bootstrap import system as bootstrap
from syncd.bootstrap.replicas import Ground, at_work, ground
from syncd.cli.ending import first_words
from syncd.cli.local.at_work import Around, keep_told, run_and_end, work
from syncd.config import sources
from syncd.config.options import Options
from syncd.daemon import Daemon
from syncd.domain.errors import ConfigError, StoreError, StoreUnreachable
from syncd.domain.facts import ServiceFailed
from syncd.engine.replicas.holding import HeldLease
from syncd.ports.observer import Observer

GIVEN_UP_WITHIN_S = 5.0
"""A database that does not answer by then keeps no process from its end: the lease runs out."""
_AGAIN_AFTER_S = 1.0


class Term:
    """One lease and what depends on it: cut short at once when it is lost."""

    def __init__(self) -> None:
        self.lease: HeldLease | None = None
        self._scope = anyio.CancelScope()
        self._daemon: Daemon | None = None

    def cut(self) -> None:
        """The lease is lost: nothing goes on."""
        if self._daemon is None:
            self._scope.cancel()
        else:
            self._daemon.force()

    async def serve(self, on: Ground, options: Options, around: Around) -> None:
        """Work under the lease until it is lost or an end is asked for.

        Raises StoreError, ConfigError and VaultError where the daemon cannot be put together.
        """
        assert self.lease is not None, "a term begins with a lease"
        with self._scope:
            around.prepares(self._scope.cancel)
            async with at_work(on, self.lease) as machine:
                system = await bootstrap.build(options, machine)
                self._daemon = system.daemon
                if self.lease.why:
                    return
                await work(machine, system, options, around)


async def run(
    options: Options,
    around: Around,
    observers: tuple[Observer, ...],
    on_observer_failure: Callable[[str], None],
) -> None:
    """Until an end is asked for. Raises ConfigError, StoreError, VaultError as any daemon would."""
    async with (
        around.heard(),
        ground(options, observers=observers, on_observer_failure=on_observer_failure) as on,
    ):
        around.ends_with(on.driver.hurry)
        await _take_turns(on, options, around)


async def _take_turns(on: Ground, options: Options, around: Around) -> None:
    start_up = standby.StartUp(on)
    async with anyio.create_task_group() as keepers:
        while not around.cause:
            options = _read_again(on, options, around)
            term = Term()
            await _stand_by(on, options, around, term, keepers, start_up=start_up)
            if term.lease is None:
                continue
            try:
                await _worked(on, options, around, term)
            finally:
                if not term.lease.why:
                    await _give_up(term.lease)
        keepers.cancel_scope.cancel()


async def _worked(on: Ground, options: Options, around: Around, term: Term) -> None:
    """A term of work; that it ended with its lease, or its database, ends nothing else."""
    assert term.lease is not None, "a term begins with a lease"
    try:
        await term.serve(on, options, around)
    except* StoreError as group:
        if not term.lease.why and group.split(StoreUnreachable)[1] is not None:
            raise
        error = first_words(group)
        on.member.observe(
            ServiceFailed(service="replica", error=error, retry_after_s=_AGAIN_AFTER_S)
        )


async def _stand_by(
    on: Ground,
    options: Options,
    around: Around,
    term: Term,
    keepers: TaskGroup,
    *,
    start_up: standby.StartUp,
) -> None:
    """Until the lease is this replica's (then `term` has it), or an end is asked for."""
    made = standby.build(options, on, start_up)

    def taken(lease: HeldLease) -> None:
        term.lease = lease
        keepers.start_soon(lease.keep, term.cut)
        made.daemon.force()

    made.standing.on_taken = taken
    async with anyio.create_task_group() as group:
        started = anyio.Event()
        around.serves(made.daemon)
        group.start_soon(run_and_end, group, made.daemon, started)
        await started.wait()
        around.is_ready(made.health.summary())
        group.start_soon(keep_told, around.systemd, made.health.summary)
    if term.lease is None:
        with suppress(StoreError):
            await made.standing.withdraw()


async def _give_up(lease: HeldLease) -> None:
    with anyio.move_on_after(GIVEN_UP_WITHIN_S, shield=True), suppress(StoreError):
        await lease.give_up()


def _read_again(on: Ground, options: Options, around: Around) -> Options:
    """The configuration as it stands now; as it was, where it is wrong by now."""
    try:
        fresh = sources.load(around.config)
        problems = tuple(preflight.problems(fresh))
    except ConfigError as error:
        problems = error.problems
    if problems:
        said = "; ".join(problems)
        on.member.observe(ServiceFailed(service="reload", error=said, retry_after_s=_AGAIN_AFTER_S))
        return options
    return fresh if fresh.store.is_shared else options
