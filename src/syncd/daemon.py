"""Starts services stage by stage, drains and stops them in reverse; knows none by name.

Called by `cli.local.foreground`, the demo and the simulation with what `bootstrap` built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup

from syncd.domain.facts import DaemonDraining, DaemonStopped
from syncd.ports.observer import Observer
from syncd.ports.service import Service


@dataclass(slots=True)
class _Run:
    """A service at work."""

    service: Service
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    ended: anyio.Event = field(default_factory=anyio.Event)


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
        self._group: TaskGroup | None = None
        self._running: list[tuple[_Run, ...]] = []

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
            if self._is_forced:
                self._root.cancel()
            async with anyio.create_task_group() as group:
                self._group = group
                for stage in self._stages:
                    await self._start(group, stage)
                if started is not None:
                    started.set()
                await self._drain_asked.wait()
                self._observe(DaemonDraining(cause=self._cause))
                await anyio.sleep(self._drain_delay_s)
                await self._stop_in_reverse()
                group.cancel_scope.cancel()
        self._observe(DaemonStopped(forced=self._is_forced))

    @property
    def is_taking_in(self) -> bool:
        """Whether services may be added now: it runs, and does not drain."""
        return self._group is not None and not self._drain_asked.is_set()

    async def take_in(self, services: Sequence[Service]) -> None:
        """Start further services as a stage of their own, while `is_taking_in`."""
        assert self._group is not None, "it runs"
        await self._start(self._group, services)

    async def let_go(self, services: Sequence[Service]) -> None:
        """End these services; what has not ended within the grace is cut short."""
        leaving = [run for stage in self._running for run in stage if run.service in services]
        for run in leaving:
            run.service.stop()
        with anyio.move_on_after(self._drain_grace_s):
            for run in leaving:
                await run.ended.wait()
        for run in leaving:
            run.scope.cancel()
            await run.ended.wait()
        staying = [tuple(run for run in stage if run not in leaving) for stage in self._running]
        self._running = [stage for stage in staying if stage]

    async def _start(self, group: TaskGroup, stage: Sequence[Service]) -> None:
        runs = tuple(_Run(service) for service in stage)
        for run in runs:
            await group.start(self._supervised, run, name=run.service.name)
        self._running.append(runs)

    @staticmethod
    async def _supervised(run: _Run, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        try:
            with run.scope:
                await run.service.run(task_status=task_status)
        finally:
            run.ended.set()

    async def _stop_in_reverse(self) -> None:
        """A stage stops as one, so that nobody takes new work while a neighbour ends its own."""
        with anyio.move_on_after(self._drain_grace_s) as grace:
            for stage in reversed(self._running):
                for run in stage:
                    run.service.stop()
                for run in stage:
                    await run.ended.wait()
        self._is_forced = self._is_forced or grace.cancelled_caught
