"""Start in order, drain in reverse."""

from __future__ import annotations

import anyio
from anyio.abc import TaskStatus

from syncd.daemon import Daemon
from syncd.domain.facts import DaemonDraining, DaemonStopped, Fact


class _Service:
    def __init__(self, name: str, said: list[str], *, stubborn: bool = False) -> None:
        self.name = name
        self._said = said
        self._stubborn = stubborn
        self._stop = anyio.Event()

    def stop(self) -> None:
        self._said.append(f"stop {self.name}")
        self._stop.set()

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        self._said.append(f"start {self.name}")
        task_status.started()
        await self._stop.wait()
        if self._stubborn:
            await anyio.sleep_forever()


async def _drained(daemon: Daemon, *words: str) -> None:
    async with anyio.create_task_group() as group:
        started = anyio.Event()
        group.start_soon(lambda: daemon.run(started=started))
        with anyio.fail_after(5):
            await started.wait()
            for word in words:
                daemon.drain(word)


async def test_services_start_in_order_and_stop_in_reverse() -> None:
    said: list[str] = []
    told: list[Fact] = []
    daemon = Daemon([[_Service("a", said)], [_Service("b", said)]], observe=told.append)

    await _drained(daemon, "SIGTERM")

    assert said == ["start a", "start b", "stop b", "stop a"]
    assert told == [DaemonDraining(cause="SIGTERM"), DaemonStopped(forced=False)]


async def test_a_service_that_does_not_end_is_left_when_the_grace_is_over() -> None:
    told: list[Fact] = []
    daemon = Daemon([[_Service("a", [], stubborn=True)]], observe=told.append, drain_grace_s=0.05)

    await _drained(daemon, "SIGTERM")

    assert told[-1] == DaemonStopped(forced=True)


async def test_a_second_word_stops_at_once() -> None:
    told: list[Fact] = []
    daemon = Daemon([[_Service("a", [], stubborn=True)]], observe=told.append, drain_grace_s=60)

    await _drained(daemon, "SIGTERM", "SIGTERM")

    assert told[-1] == DaemonStopped(forced=True)


async def test_service_taken_in_works_until_it_is_let_go_and_its_neighbours_go_on() -> None:
    said: list[str] = []
    daemon = Daemon([[_Service("a", said)]], observe=lambda _: None)
    further = _Service("b", said)
    assert not daemon.is_taking_in

    async with anyio.create_task_group() as group:
        started = anyio.Event()
        group.start_soon(lambda: daemon.run(started=started))
        with anyio.fail_after(5):
            await started.wait()
            assert daemon.is_taking_in
            await daemon.take_in([further])
            await daemon.let_go([further])
        before_the_end = list(said)
        daemon.drain("SIGTERM")
        assert not daemon.is_taking_in

    assert before_the_end == ["start a", "start b", "stop b"]
    assert said[-1] == "stop a"


async def test_service_taken_in_is_stopped_with_the_others() -> None:
    said: list[str] = []
    daemon = Daemon([[_Service("a", said)]], observe=lambda _: None)

    async with anyio.create_task_group() as group:
        started = anyio.Event()
        group.start_soon(lambda: daemon.run(started=started))
        with anyio.fail_after(5):
            await started.wait()
            await daemon.take_in([_Service("b", said)])
        daemon.drain("SIGTERM")

    assert said == ["start a", "start b", "stop b", "stop a"]


async def test_stubborn_service_that_is_let_go_is_cut_short_and_holds_up_no_end() -> None:
    told: list[Fact] = []
    daemon = Daemon([[]], observe=told.append, drain_grace_s=0.05)
    stubborn = _Service("b", [], stubborn=True)

    async with anyio.create_task_group() as group:
        started = anyio.Event()
        group.start_soon(lambda: daemon.run(started=started))
        with anyio.fail_after(5):
            await started.wait()
            await daemon.take_in([stubborn])
            await daemon.let_go([stubborn])
        daemon.drain("SIGTERM")

    assert told[-1] == DaemonStopped(forced=False)
