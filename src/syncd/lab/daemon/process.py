"""The daemon of the simulation: one store, one process after another on it.

Starts incarnations as pretend processes of the `VirtualLoop`, kills them, drains them, and keeps
what their logs said. Everything inside the process is the product's own code.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import anyio

from syncd.bootstrap import system as bootstrap
from syncd.bootstrap.machine import Machine
from syncd.bootstrap.system import System
from syncd.config import sources
from syncd.config.options import Options
from syncd.lab.daemon.machine import (
    Parts,
    SeededEntropy,
    SimulatedClock,
    encryption_key,
    simulated_machine,
)
from syncd.lab.virtual.inline_driver import InlineDriver, OpenFile
from syncd.lab.virtual.processes import Ending, Process
from syncd.lab.virtual.virtual_loop import VirtualLoop
from syncd.lab.watch.tenancy import Tenant
from syncd.lab.watch.watched_wire import Departing, Wire
from syncd.lab.watch.ways import Beats
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.seed import COST_CODES, TAX_TYPES
from syncd.sandbox.serve import Served
from syncd.sandbox.xero.server.app import XeroWorld
from syncd.telemetry.logs import log_observer, make_logger

NAME = "syncd"
OPERATOR_TOKEN = "an operator of the simulation"  # noqa: S105 - of a pretend world
DRAIN_WITHIN_S = 60.0


def simulated_options(
    *,
    seed: int,
    path: Path,
    xero: XeroWorld,
    pipeline: PipelineWorld,
    tenants: Sequence[Tenant],
    served: Served,
    poll_s: float,
    beats: Beats,
) -> Options:
    """What the daemon is configured with: the product's defaults, and fewer beats."""
    told = {
        "server": {"public_url": "http://localhost:8081"},
        "store": {"url": f"sqlite://{path}"},
        "security": {
            "encryption_key": encryption_key(seed),
            "operator_token": OPERATOR_TOKEN,
        },
        "xero": {
            "client_id": xero.client_id,
            "client_secret": xero.client_secret,
            "webhook_key": xero.webhook_key,
            "api_url": served.xero_url,
            "identity_url": served.xero_url,
            "authorize_url": xero.authorize_url,
        },
        # Nobody is there to release a brake.
        "sync": {
            "poll_every_s": poll_s,
            "sample_every_s": 600.0,
            "brake_voids": 10_000,
            "brake_window_s": 60.0,
            **beats.as_options(),
        },
        "tenants": {str(each.name): _told_of(each, pipeline, served) for each in tenants},
    }
    return sources.load(None, flags=told, environment={})


def _told_of(tenant: Tenant, pipeline: PipelineWorld, served: Served) -> dict[str, Any]:
    return {
        "pipeline_url": f"{served.pipeline_url}/api/v1",
        "pipeline_key": pipeline.keys[tenant.name],
        "pipeline_webhook_secret": pipeline.webhook_secrets[tenant.name],
        "mode": "live",
        "invoice_url": tenant.invoice_url,
        "cost_codes": {code: {"account": account} for code, account in COST_CODES.items()},
        "tax_types": dict(TAX_TYPES),
    }


class SimulatedDaemon:
    """Its store outlives it; `log` is what every incarnation has written."""

    def __init__(
        self,
        loop: VirtualLoop,
        options: Options,
        *,
        seed: int,
        clock: SimulatedClock,
        file: OpenFile,
        driver: Callable[[OpenFile], InlineDriver],
    ) -> None:
        self._loop = loop
        self._options = options
        self._seed = seed
        self._clock = clock
        self._make_driver = driver
        self._file = file
        self._driver: InlineDriver | None = None
        self._system: System | None = None
        self.process: Process | None = None
        self.starts = 0
        self.log = io.StringIO()
        self.failures: list[str] = []
        self.started = anyio.Event()
        self.stood_up = anyio.Event()
        self.departing: Departing = lambda _: None

    @property
    def is_alive(self) -> bool:
        """Whether an incarnation runs."""
        return self.process is not None and self.process.alive

    @property
    def is_up(self) -> bool:
        """Whether it runs and is put together: SIGTERM finds it listening from then on."""
        return self.is_alive and self._system is not None

    def start(self) -> Process:
        """A new incarnation on the same store."""
        self.starts += 1
        self.stood_up.set()
        self.process = self._loop.spawn_process(NAME, self._live, self.starts)
        return self.process

    def kill(self) -> None:
        """SIGKILL; what was committed stays."""
        assert self.process is not None, "only a started daemon is killed"
        self.stood_up = anyio.Event()
        self._loop.kill(self.process)
        self.buried()

    def buried(self) -> None:
        """The process has ended, and the kernel closes its file."""
        if self._driver is not None:
            self._driver.drop()
        self._system = None

    def let_go_of_file(self) -> None:
        """No process will follow on the store's file, or another file will have its place."""
        self.buried()
        self._file.close()

    async def drain(self) -> Ending | None:
        """SIGTERM; how it ended, or None when it is not up or did not within `DRAIN_WITHIN_S`."""
        if self._system is None or self.process is None:
            return None
        self._system.daemon.drain("SIGTERM")
        with anyio.move_on_after(DRAIN_WITHIN_S):
            return await self.process.wait()
        return None

    async def _live(self, incarnation: int) -> None:
        async with AsyncExitStack() as stack:
            machine = self._machine(incarnation, stack)
            system = await bootstrap.build(self._options, machine)
            self._system = system
            async with anyio.create_task_group() as group:
                started = anyio.Event()
                group.start_soon(self._run, group, system, started)
                await started.wait()
                machine.scheduler.start()
                self.started.set()

    async def _run(self, group: anyio.abc.TaskGroup, system: System, started: anyio.Event) -> None:
        await system.daemon.run(started=started)
        group.cancel_scope.cancel()

    def _machine(self, incarnation: int, stack: AsyncExitStack) -> Machine:
        self._driver = self._make_driver(self._file)
        stack.push_async_callback(self._driver.close)
        wire = Wire(self.departing)
        log = make_logger(self._clock, stream=self.log, pretty=False)
        return simulated_machine(
            Parts(
                clock=self._clock,
                entropy=SeededEntropy(f"{self._seed}/daemon-{incarnation}"),
                driver=self._driver,
                observers=(log_observer(log, self._clock),),
                on_observer_failure=self.failures.append,
                wire=wire,
            ),
            stack,
        )
