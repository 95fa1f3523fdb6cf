"""Trails are worked on for the length of a block, by whoever was started within it too."""

from __future__ import annotations

import anyio

from syncd.ports import trail


def test_trails_are_named_once_each_and_only_within_the_block() -> None:
    with trail.following(["t1", None, "t2", "t1", ""]):
        both = trail.current()
        with trail.following(["t3"]):
            inner = trail.current()
        again = trail.current()
    with trail.following([None]):
        none = trail.current()

    assert (both, inner, again, none, trail.current()) == ("t1 t2", "t3", "t1 t2", None, None)


async def test_what_is_started_on_a_trail_stays_on_it_and_neighbours_on_theirs() -> None:
    found: dict[str, str | None] = {}

    async def work(name: str) -> None:
        with trail.following([name]):
            await anyio.lowlevel.checkpoint()
            async with anyio.create_task_group() as group:
                group.start_soon(note, name)

    async def note(name: str) -> None:
        await anyio.lowlevel.checkpoint()
        found[name] = trail.current()

    async with anyio.create_task_group() as group:
        group.start_soon(work, "t1")
        group.start_soon(work, "t2")

    assert found == {"t1": "t1", "t2": "t2"}
