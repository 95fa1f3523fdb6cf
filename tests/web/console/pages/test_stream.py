"""The stream of signals over HTTP."""

from __future__ import annotations

import asyncio

from syncd.web.console import live
from tests.web.console.support.browsing import browsing, console
from tests.web.console.test_live import changed
from tests.web.support.serving import operators


async def test_a_tab_is_told_what_moved_and_nothing_else() -> None:
    async with operators() as served, browsing(served) as browser:
        address = browser.base + "/live?t=acme"
        async with browser.session.get(address) as stream:
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            assert stream.headers["X-Accel-Buffering"] == "no"
            await asyncio.wait_for(stream.content.readuntil(b"\r\n\r\n"), 5)

            served.streams.observe(changed())
            said = await asyncio.wait_for(stream.content.readuntil(b"\r\n\r\n"), 5)

        assert said.decode().splitlines() == ["id: 1", "event: moved", "data: ", ""]


async def test_a_tab_that_comes_back_reads_again() -> None:
    async with operators() as served, browsing(served) as browser:
        async with browser.session.get(browser.base + "/live") as stream:
            first = await asyncio.wait_for(stream.content.readuntil(b"\r\n\r\n"), 5)
        assert first.decode().splitlines() == ["id: 0", "event: beat", "data: ", ""]

        headers = {"Last-Event-ID": "0"}
        async with browser.session.get(browser.base + "/live", headers=headers) as stream:
            said = await asyncio.wait_for(stream.content.readuntil(b"\r\n\r\n"), 5)

        assert b"event: moved" in said


async def test_a_part_is_the_reader_s_and_nobody_s_of_another_role() -> None:
    async with operators() as served, browsing(served) as browser:
        path = "/t/acme?part=card"
        async with browsing(served, "Office") as other:
            first, second = await browser.get(path), await other.get(path)
            again = await browser.get(path)

        assert first.body == again.body
        assert "Pause" not in second.body
        assert first.headers["Content-Type"] == again.headers["Content-Type"]
        assert again.headers["Content-Security-Policy"]


async def test_too_many_tabs_are_told_so_and_the_page_works() -> None:
    async with operators() as served, browsing(served) as browser:
        tabs = [served.streams.join("") for _ in range(live.MOST_STREAMS)]

        answer = await browser.get("/live")

        assert answer.status == 503
        assert "Close some" in answer.text
        assert (await browser.get("/t/acme")).status == 200
        for tab in tabs:
            assert tab is not None
            served.streams.leave(tab)


async def test_nobody_listens_without_a_session() -> None:
    async with console(role=None) as browser:
        assert (await browser.get("/live")).status == 303
