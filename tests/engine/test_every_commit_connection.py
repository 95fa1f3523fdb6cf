"""Whatever commit of consent, refresh or Disconnect fails or is the last, the grant is not lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncd.domain.errors import SyncdError
from syncd.engine.connection import refresh_rounds
from syncd.engine.core import journal_audit
from tests.engine.support.connecting import ACME, World, a_world
from tests.engine.support.mortal import How, Killed


@dataclass(frozen=True)
class Story:
    """What is done to a connection, and how it stands once it was done, at last, by all means."""

    name: str
    prepare: Callable[[World], Awaitable[None]]
    act: Callable[[World], Awaitable[None]]
    ends: str


async def _nothing(_: World) -> None:
    pass


async def _connected(world: World) -> None:
    if not world.connections.is_open(ACME):
        world.identity.listed.clear()
        await world.connect()


async def _expired(world: World) -> None:
    await world.connect()
    world.clock.advance(minutes=31)


async def _lost(world: World) -> None:
    """The answer of the first refresh is lost."""
    await _expired(world)
    world.identity.script = ["lost"]


async def _kept(world: World) -> None:
    await refresh_rounds.refresh_once(world.tokens, ACME)
    world.clock.advance(seconds=5)
    await refresh_rounds.refresh_once(world.tokens, ACME)


async def _pressed(world: World) -> None:
    await world.commands.refresh(ACME, "Ada")


async def _cut(world: World) -> None:
    await world.commands.disconnect(ACME, "Ada")


STORIES = (
    Story("consent", _nothing, _connected, "Connected"),
    Story("refresh", _expired, _kept, "Connected"),
    Story("refresh whose answer is lost", _lost, _kept, "Connected"),
    Story("Refresh Token", _connected, _pressed, "Connected"),
    Story("Disconnect", _connected, _cut, "Not Connected"),
)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _lived(folder: Path, story: Story, at: int, how: How) -> tuple[int, list[str]]:
    async with a_world(folder) as world:
        await story.prepare(world)
        world.driver.at, world.driver.how, world.driver.commits = at, how, 0
        with suppress(SyncdError, Killed):
            await story.act(world)
        commits = world.driver.commits
        await world.restart()
        world.clock.advance(seconds=5)
        await story.act(world)
        await refresh_rounds.refresh_once(world.tokens, ACME)
        return commits, await _wrong(world, story)


async def _wrong(world: World, story: Story) -> list[str]:
    """What of the law does not hold."""
    wrong = list(world.identity.sins)
    state = world.connections.state(ACME)
    if state != story.ends:
        wrong.append(f"it is {state}")
    if state == "Connected":
        with suppress(SyncdError):
            await world.call_xero()
            return [*wrong, *await _of_journal(world)]
        wrong.append("no call can be made")
    elif world.identity.listed:
        wrong.append("Xero still lists the connection")
    return [*wrong, *await _of_journal(world)]


async def _of_journal(world: World) -> list[str]:
    checked = await journal_audit.verify(world.store)
    return [] if checked.fault is None else [f"journal: {checked.fault.text}"]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_every_commit_of_a_connection_may_fail_or_be_the_last(
    story: Story, tmp_path: Path
) -> None:
    commits, wrong = await _lived(_made(tmp_path / "well"), story, 0, How.FAILS)
    assert (commits > 0, wrong) == (True, [])

    broken = {
        f"commit {number} {how}": found
        for number in range(1, commits + 1)
        for how in How
        if (found := (await _lived(_made(tmp_path / f"{number} {how}"), story, number, how))[1])
    }

    assert broken == {}
