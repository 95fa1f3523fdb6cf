"""Starts services stage by stage, drains and stops them in reverse; knows none by name.

Called by `cli.local.run`, the demo and the simulation with what `bootstrap` built.
"""

from __future__ import annotations

from collections.abc import Sequence

import anyio
from anyio.abc import TaskGroup

from syncd.domain.facts import DaemonDraining, DaemonStopped
from syncd.ports.observer import Observer
from syncd.ports.service import Service


class Daemon:
    """Runs services until told to drain; a second word ends it at once and loses nothing."""

    def __init__(
        self,
        stages: Sequence[Sequence[Service]],
        *,
        observe: Observer,
        drain_delay_s: float = 0.0,
        drain_grace_s: float = 25.0,
    ) -> None:
        self._stages = tuple(tuple(stage) for stage in stages)
        self._observe = observe
        self._drain_delay_s = drain_delay_s
        self._drain_grace_s = drain_grace_s
        self._root: anyio.CancelScope | None = None
        self._drain_asked = anyio.Event()
        self._cause = ""
        self._is_forced = False

    def drain(self, cause: str) -> None:
        """Take no new work, let what is in flight end, then stop. A second call forces."""
        if self._drain_asked.is_set():
            self.force()
            return
        self._cause = cause
        self._drain_asked.set()

    def force(self) -> None:
        """Stop now. Whatever must survive is already stored."""
        self._is_forced = True
        if self._root is not None:
            self._root.cancel()

    async def run(self, *, started: anyio.Event | None = None) -> None:
        """Until drained. Raises the first error that escapes a service."""
        with anyio.CancelScope() as self._root:
            async with anyio.create_task_group() as group:
                running = []
                for stage in self._stages:
                    ends = [anyio.Event() for _ in stage]
                    for service, end in zip(stage, ends, strict=True):
                        await self._start(group, service, end)
                    running.append((stage, ends))
                if started is not None:
                    started.set()
                await self._drain_asked.wait()
                self._observe(DaemonDraining(cause=self._cause))
                await anyio.sleep(self._drain_delay_s)
                await self._stop_in_reverse(running)
                group.cancel_scope.cancel()
        self._observe(DaemonStopped(forced=self._is_forced))

    async def _start(self, group: TaskGroup, service: Service, ended: anyio.Event) -> None:
        async def supervised(*, task_status: anyio.abc.TaskStatus[None]) -> None:
            try:
                await service.run(task_status=task_status)
            finally:
                ended.set()

        await group.start(supervised, name=service.name)

    async def _stop_in_reverse(
        self, running: Sequence[tuple[Sequence[Service], Sequence[anyio.Event]]]
    ) -> None:
        """A stage stops as one, so that nobody takes new work while a neighbour ends its own."""
        with anyio.move_on_after(self._drain_grace_s) as grace:
            for stage, ends in reversed(running):
                for service in stage:
                    service.stop()
                for end in ends:
                    await end.wait()
        self._is_forced = self._is_forced or grace.cancelled_caught
