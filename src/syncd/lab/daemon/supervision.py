"""What a service manager does on a simulated day: it starts the daemon again whenever it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import anyio

from syncd.domain.errors import StoreFull
from syncd.lab.daemon import consenting_person
from syncd.lab.daemon.process import OPERATOR_TOKEN, SimulatedDaemon
from syncd.lab.virtual.processes import Ending
from syncd.lab.virtual.virtual_time import SimulationError
from syncd.lab.watch.tenancy import Tenant

_CONNECT_WITHIN_S = 120.0
_STAND_UP_S = 1.0


async def connected(daemon: SimulatedDaemon, tenants: Sequence[Tenant]) -> None:
    """The daemon has started, and somebody has connected each tenant. Raises SimulationError."""
    with anyio.move_on_after(_CONNECT_WITHIN_S):
        await daemon.started.wait()
    if not daemon.started.is_set():
        error = None if daemon.process is None else daemon.process.error
        raise SimulationError(f"the daemon did not start: {error!r}")
    for tenant in tenants:
        await consent(tenant, is_alone=len(tenants) == 1)


async def consent(tenant: Tenant, *, is_alone: bool = False) -> None:
    """Somebody connects the tenant; who has several picks its organisation."""
    picks = None if is_alone else tenant.organisation
    await consenting_person.connect(tenant.name, OPERATOR_TOKEN, picks=picks)


async def supervise(daemon: SimulatedDaemon, is_over: Callable[[], bool]) -> None:
    """Whoever ended by itself is started again; the killed are the reaper's.

    Raises SimulationError when the daemon ended by an error that no full disk explains.
    """
    while True:
        process = daemon.process
        assert process is not None, "the daemon was started"
        ending = await process.wait()
        if ending is Ending.KILLED:
            await daemon.stood_up.wait()
            continue
        daemon.buried()
        if ending is Ending.RAISED and not _is_full_disk(process.error):
            error = f"{type(process.error).__name__}: {process.error}"
            raise SimulationError(f"the daemon ended by itself: {error}")
        if is_over():
            return
        await anyio.sleep(_STAND_UP_S)
        daemon.start()


def _is_full_disk(error: BaseException | None) -> bool:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return isinstance(error, StoreFull)
