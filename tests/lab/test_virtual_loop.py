"""Virtual time, order, limits, processes and signals of the simulation's loop."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import anyio
import pytest

from syncd.lab.processes import Ending, Process, forget_the_dead, owner_of
from syncd.lab.virtual_loop import VirtualLoop
from syncd.lab.virtual_time import Stuck, TooLate, TooManySteps


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    made = VirtualLoop()
    yield made
    made.close()


def run(main: Callable[[], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    return anyio.run(
        main,
        backend="asyncio",
        backend_options={"loop_factory": lambda: VirtualLoop(**options)},
    )


# --- time ---------------------------------------------------------------------------------------


def test_sleep_moves_virtual_time_only(loop: VirtualLoop) -> None:
    began_at = loop.time()

    loop.run_until_complete(anyio.sleep(30 * 86_400))

    assert loop.time() - began_at == 30 * 86_400


def test_timers_of_one_instant_ring_in_the_order_they_were_set(loop: VirtualLoop) -> None:
    rung: list[int] = []
    for number in range(50):
        loop.call_at(loop.time() + 1, rung.append, number)

    loop.run_until_complete(anyio.sleep(2))

    assert rung == list(range(50))


def test_cancelled_timers_are_swept_and_never_ring(loop: VirtualLoop) -> None:
    rung: list[int] = []
    timers = [loop.call_later(5, rung.append, number) for number in range(1_000)]
    for timer in timers[1:]:
        timer.cancel()

    loop.run_until_complete(anyio.sleep(1))
    assert len(loop._timers) < 10
    loop.run_until_complete(anyio.sleep(10))

    assert rung == [0]


def test_infinite_timer_never_rings_and_does_not_hide_a_stuck_run(loop: VirtualLoop) -> None:
    with pytest.raises(Stuck, match="task-1 of the world at sleep"):
        loop.run_until_complete(anyio.sleep_forever())


def test_stuck_run_names_who_waits_where(loop: VirtualLoop) -> None:
    async def waits_for_godot() -> None:
        await anyio.Event().wait()

    loop.spawn_process("vladimir", waits_for_godot)

    with pytest.raises(Stuck, match=r"vladimir of vladimir at .*waits_for_godot"):
        loop.run_until_complete(anyio.Event().wait())


def test_spinning_run_hits_the_step_limit() -> None:
    async def spin() -> None:
        while True:
            await anyio.sleep(0)

    with pytest.raises(TooManySteps, match="1000 steps"):
        run(spin, max_steps=1_000)


def test_endless_run_hits_the_time_limit() -> None:
    async def tick() -> None:
        while True:
            await anyio.sleep(60)

    with pytest.raises(TooLate, match="the limit is 4600"):
        run(tick, max_time_s=3_600)


def test_threads_are_refused(loop: VirtualLoop) -> None:
    async def resolves() -> None:
        await loop.getaddrinfo("localhost", 80)

    with pytest.raises(RuntimeError, match="threads end determinism"):
        loop.run_in_executor(None, print)
    with pytest.raises(RuntimeError, match="threads end determinism"):
        loop.run_until_complete(resolves())


def test_callback_from_another_thread_is_refused(loop: VirtualLoop) -> None:
    caught: list[BaseException] = []

    def intrude() -> None:
        try:
            loop.call_soon_threadsafe(print)
        except RuntimeError as error:
            caught.append(error)

    async def main() -> None:
        thread = threading.Thread(target=intrude)
        thread.start()
        thread.join()

    loop.run_until_complete(main())

    assert len(caught) == 1


# --- order --------------------------------------------------------------------------------------


def order_of_ready_callbacks(**options: Any) -> list[int]:
    seen: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in range(20):
            loop.call_soon(seen.append, number)
        await anyio.sleep(1)

    run(main, **options)
    return seen


def test_order_is_first_come_first_served_by_default() -> None:
    assert order_of_ready_callbacks(seed=5) == list(range(20))


def test_shuffled_order_follows_from_the_seed() -> None:
    first = order_of_ready_callbacks(seed=1, shuffle=True)

    assert first == order_of_ready_callbacks(seed=1, shuffle=True)
    assert first != order_of_ready_callbacks(seed=2, shuffle=True)
    assert sorted(first) == list(range(20))


def test_sets_of_tasks_and_futures_iterate_by_age(loop: VirtualLoop) -> None:
    async def main() -> None:
        tasks = {asyncio.create_task(anyio.sleep(1), name=f"t{n}") for n in range(30)}
        futures = {loop.create_future() for _ in range(30)}
        for members in (tasks, futures):
            serials = [member.serial for member in members]  # type: ignore[attr-defined]
            turn = serials.index(min(serials))
            assert serials[turn:] + serials[:turn] == sorted(serials)
        await asyncio.wait(tasks)

    loop.run_until_complete(main())


# --- anyio --------------------------------------------------------------------------------------


def test_anyio_works_on_virtual_time() -> None:
    async def main() -> list[str]:
        heard: list[str] = []
        send, receive = anyio.create_memory_object_stream[str](1)
        limiter = anyio.CapacityLimiter(2)
        most = 0

        async def speak(word: str) -> None:
            nonlocal most
            async with limiter:
                most = max(most, int(limiter.borrowed_tokens))
                await anyio.sleep(10)
                await send.send(word)

        async def listen() -> None:
            async with receive:
                async for word in receive:
                    heard.append(word)

        began_at = anyio.current_time()
        async with anyio.create_task_group() as listening:
            listening.start_soon(listen)
            async with anyio.create_task_group() as speaking:
                for word in "abcdef":
                    speaking.start_soon(speak, word)
            await send.aclose()
        assert anyio.current_time() - began_at == 30
        assert most == 2
        with pytest.raises(TimeoutError):
            with anyio.fail_after(5):
                await anyio.sleep(6)
        with anyio.move_on_after(7) as scope:
            await anyio.Event().wait()
        assert scope.cancelled_caught
        assert anyio.current_time() - began_at == 42
        return heard

    assert run(main) == list("abcdef")
    assert sorted(run(main, seed=3, shuffle=True)) == list("abcdef")


def test_failing_task_cancels_its_group() -> None:
    cleaned: list[int] = []

    async def main() -> None:
        async def stay(number: int) -> None:
            try:
                await anyio.sleep_forever()
            finally:
                cleaned.append(number)

        async def fail() -> None:
            await anyio.sleep(3)
            raise LookupError

        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(stay, number)
            group.start_soon(fail)

    with pytest.raises(ExceptionGroup):
        run(main)
    assert cleaned == [0, 1, 2, 3, 4]


# --- processes ----------------------------------------------------------------------------------


def test_killed_process_runs_no_finally_and_no_timer(
    loop: VirtualLoop, caplog: pytest.LogCaptureFixture
) -> None:
    written: list[str] = []

    async def victim() -> None:
        asyncio.get_running_loop().call_later(5, written.append, "timer")
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.sleep, 50)
                await anyio.sleep(10)
        finally:
            written.append("finally")

    async def main() -> Process:
        process = loop.spawn_process("victim", victim)
        await anyio.sleep(1)
        loop.kill("victim")
        assert await process.wait() is Ending.KILLED
        await anyio.sleep(100)
        return process

    process = loop.run_until_complete(main())

    assert not process.alive
    assert written == []
    assert caplog.records == []
    loop.close()
    assert forget_the_dead() == 1


def test_runner_ends_although_killed_tasks_never_do() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)

        async def values() -> Any:
            while True:
                yield await anyio.sleep(1)

        async def victim() -> None:
            async for _ in values():
                pass

        loop.spawn_process("victim", victim)
        await anyio.sleep(3)
        loop.kill("victim")

    run(main)


def test_waking_a_dead_task_does_nothing(loop: VirtualLoop) -> None:
    woken: list[str] = []

    async def victim(bell: asyncio.Event) -> None:
        await bell.wait()
        woken.append("victim")

    async def main() -> None:
        bell = asyncio.Event()
        loop.spawn_process("victim", victim, bell)
        await anyio.sleep(1)
        loop.kill("victim")
        bell.set()
        await anyio.sleep(1)

    loop.run_until_complete(main())

    assert woken == []


def test_process_may_kill_itself_and_ends_at_its_next_await(loop: VirtualLoop) -> None:
    said: list[str] = []

    async def victim() -> None:
        loop.kill("victim")
        said.append("last word")
        asyncio.get_running_loop().call_soon(said.append, "callback")
        await anyio.sleep(0)
        said.append("ghost")

    async def main() -> None:
        loop.spawn_process("victim", victim)
        await anyio.sleep(5)

    loop.run_until_complete(main())

    assert said == ["last word"]


def test_name_can_be_spawned_again_after_death_only(loop: VirtualLoop) -> None:
    async def main() -> None:
        first = loop.spawn_process("daemon", anyio.sleep, 100)
        with pytest.raises(RuntimeError, match="is alive"):
            loop.spawn_process("daemon", anyio.sleep, 100)
        await anyio.sleep(1)
        loop.kill(first)
        with pytest.raises(LookupError):
            loop.kill(first)
        second = loop.spawn_process("daemon", anyio.sleep, 100)
        with pytest.raises(LookupError):
            loop.kill(first)
        assert (second.incarnation, loop.process("daemon")) == (2, second)
        assert await second.wait() is Ending.RETURNED

    loop.run_until_complete(main())


def test_process_that_raises_says_so(loop: VirtualLoop) -> None:
    async def fails() -> None:
        await anyio.sleep(1)
        raise ValueError("no ledger")

    async def main() -> None:
        process = loop.spawn_process("daemon", fails)
        assert await process.wait() is Ending.RAISED
        assert isinstance(process.error, ValueError)

    loop.run_until_complete(main())


def test_every_callback_knows_its_owner_before_it_runs(loop: VirtualLoop) -> None:
    seen: set[str] = set()

    async def two() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep, 1)
            group.start_soon(anyio.sleep, 2)

    def watch(step: asyncio.Handle) -> None:
        owner = owner_of(step)
        seen.add(owner.name if owner else "")
        if owner is not None and loop.time() > 1_001.5:
            loop.kill(owner)

    async def main() -> None:
        process = loop.spawn_process("two", two)
        loop.on_step = watch
        assert await process.wait() is Ending.KILLED
        assert loop.time() == 1_002

    loop.run_until_complete(main())

    assert seen == {"", "two"}


def test_signal_reaches_the_process_that_listens(loop: VirtualLoop) -> None:
    heard: list[signal.Signals] = []

    async def daemon() -> None:
        with anyio.open_signal_receiver(signal.SIGTERM) as signals:
            async for number in signals:
                heard.append(number)
                return

    async def main() -> None:
        process = loop.spawn_process("daemon", daemon)
        assert not loop.send_signal(process, signal.SIGTERM)  # it has not started to listen
        await anyio.sleep(1)
        assert loop.send_signal(process, signal.SIGTERM)
        assert await process.wait() is Ending.RETURNED
        assert not loop.send_signal(process, signal.SIGTERM)

    loop.run_until_complete(main())

    assert heard == [signal.SIGTERM]


# --- trace --------------------------------------------------------------------------------------


def test_trace_refuses_objects_whose_text_differs_between_runs(loop: VirtualLoop) -> None:
    with pytest.raises(TypeError, match="note its name"):
        loop.trace.note("seen", object())  # type: ignore[arg-type]


def test_trace_digest_tells_order_and_time_apart(loop: VirtualLoop) -> None:
    other, third = VirtualLoop(), VirtualLoop(start_s=2_000)
    for made, words in ((loop, "ab"), (other, "ba"), (third, "ab")):
        for word in words:
            made.trace.note(word, 1, None, b"x")
    other.close()
    third.close()

    assert len({made.trace.digest() for made in (loop, other, third)}) == 3
    assert loop.trace.tail[0] == "1000.0 a 1 None b'x'"
