"""Signals: a fold over facts, bounded, paced, and lost without harm; parts are drawn once."""

from __future__ import annotations

import itertools
from dataclasses import replace

import anyio
import pytest
from aiohttp import web

from syncd.domain.facts import ChangesTaken, FindingsReviewed, StoreStanding, StoreWritten
from syncd.web.console import live
from syncd.web.console.live import LiveStream, LiveStreams, SharedParts
from tests.store.build import ACME, AT, BETA
from tests.xero.support.worlds import passes, virtually


def changed(tenant: str = ACME) -> ChangesTaken:
    values = {"tenant": tenant}
    for name in ChangesTaken.__struct_fields__:
        values.setdefault(name, 0)  # type: ignore[arg-type]  # counts
    return ChangesTaken(**values)  # type: ignore[arg-type]  # as above


def joined(streams: LiveStreams, tenant: str = ACME) -> LiveStream:
    stream = streams.join(tenant)
    assert stream is not None
    return stream


async def test_a_fact_is_signalled_to_the_tabs_of_its_tenant() -> None:
    streams = LiveStreams()
    acme, beta, everyone = (joined(streams, name) for name in (ACME, BETA, ""))

    streams.observe(changed())
    streams.observe(StoreWritten(at=AT))

    assert [await one.told(0) for one in (acme, beta, everyone)] == [True, False, True]
    assert [await one.told(0) for one in (acme, beta, everyone)] == [False, False, False]
    for one in (acme, beta, everyone):
        streams.leave(one)
    assert len(streams) == 0


async def test_a_review_that_changed_nothing_is_no_move() -> None:
    streams = LiveStreams()
    tab = joined(streams)

    as_before = FindingsReviewed(tenant=ACME, open={"stranger": 1}, opened={}, closed={}, missed=0)
    streams.observe(as_before)
    assert await tab.told(0) is False
    streams.observe(replace(as_before, open={}, closed={"stranger": 1}))
    assert await tab.told(0) is True


async def test_what_concerns_every_tenant_is_told_to_every_tab() -> None:
    streams = LiveStreams()
    tabs = [joined(streams, name) for name in (ACME, BETA, "")]

    streams.observe(StoreStanding(is_usable=False, has_reserve=True))

    assert [await one.told(0) for one in tabs] == [True, True, True]


@pytest.mark.parametrize(("tabs", "pause_s"), [(1, 2), (5, 2), (20, 8), (64, 8)])
def test_whatever_moves_tabs_are_told_at_once_and_then_together(tabs: int, pause_s: float) -> None:
    async def story() -> None:
        streams = LiveStreams()
        heard: dict[LiveStream, list[float]] = {joined(streams): [] for _ in range(tabs)}
        began = anyio.current_time()

        async def listen(stream: LiveStream) -> None:
            async for has_moved in streams.beats(stream):
                if has_moved:
                    heard[stream].append(anyio.current_time() - began)

        async with anyio.create_task_group() as tasks:
            for number, stream in enumerate(heard):
                tasks.start_soon(listen, stream)
                if number == tabs // 2:
                    await passes(0.7)
                    streams.observe(changed())
            for _ in range(600):
                await passes(0.1)
                streams.observe(changed())
            await passes(30)
            streams.end()

        first, *others = heard.values()
        gaps = [later - sooner for sooner, later in itertools.pairwise(first)]
        assert first[0] == pytest.approx(0.7)
        assert 1.0 <= gaps[0] <= pause_s + 1.0
        assert gaps[1:] == pytest.approx([pause_s] * len(gaps[1:]), abs=0.11)
        assert first[-1] >= 60.0
        assert all(one[-5:] == pytest.approx(first[-5:], abs=0.01) for one in others)

    virtually(story)


def test_without_news_there_is_a_sign_of_life_and_never_a_silence() -> None:
    async def story() -> None:
        streams = LiveStreams()
        tabs = [joined(streams) for _ in range(live.MOST_STREAMS)]
        heard: list[tuple[float, bool]] = []

        async def listen() -> None:
            heard.extend(
                [(anyio.current_time(), has_moved) async for has_moved in streams.beats(tabs[0])]
            )

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            await passes(25)
            streams.observe(changed())
            await passes(25)
            streams.end()

        instants = [at for at, _ in heard]
        assert [has_moved for _, has_moved in heard] == [False, False, True, False, False]
        assert max(b - a for a, b in itertools.pairwise(instants)) <= live.BEAT_S

    virtually(story)


async def test_streams_are_bounded_and_end_with_the_daemon() -> None:
    streams = LiveStreams()
    tabs = [joined(streams, "") for _ in range(live.MOST_STREAMS)]

    assert streams.join("") is None
    streams.end()
    for one in tabs:
        assert [told async for told in streams.beats(one)] == []
        streams.leave(one)


class Drawer:
    """Draws a part, slowly, and counts."""

    def __init__(self) -> None:
        self.count = 0
        self.status = 200

    async def draw(self) -> web.Response:
        self.count += 1
        drawn = self.count
        await passes(0.1)
        return web.Response(text=f"<p>{drawn}</p>", content_type="text/html", status=self.status)


def test_a_part_is_drawn_once_for_all_who_read_it_together() -> None:
    async def story() -> None:
        parts, drawer = SharedParts(LiveStreams()), Drawer()
        said: list[object] = []

        async def read(key: str) -> None:
            answer = await parts.of(key, ACME, drawer.draw)
            assert isinstance(answer, web.Response)
            said.append((key, answer.text, answer.content_type))

        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(read, "card")
            tasks.start_soon(read, "list")

        assert drawer.count == 2
        assert len(set(said)) == 2
        await passes(live.SHARED_S)
        await read("card")
        assert drawer.count == 3

    virtually(story)


def test_who_gets_what_was_drawn_before_a_move_is_told_again() -> None:
    async def story() -> None:
        streams = LiveStreams()
        parts, drawer, tab, other = SharedParts(streams), Drawer(), joined(streams), BETA
        elsewhere = joined(streams, other)

        await parts.of("card", ACME, drawer.draw)
        streams.observe(changed())
        assert await tab.told(0)
        await parts.of("card", ACME, drawer.draw)

        assert drawer.count == 1
        assert await tab.told(0)
        assert not await elsewhere.told(0)
        await passes(live.SHARED_S)
        await parts.of("card", ACME, drawer.draw)
        assert drawer.count == 2
        assert not await tab.told(0)

    virtually(story)


def test_what_failed_is_nobody_elses() -> None:
    async def story() -> None:
        parts, drawer = SharedParts(LiveStreams()), Drawer()
        drawer.status = 409

        first = await parts.of("card", ACME, drawer.draw)
        drawer.status = 200
        second = await parts.of("card", ACME, drawer.draw)

        assert (first.status, second.status, drawer.count) == (409, 200, 2)

    virtually(story)
