"""Whether Xero announces in time, for every role; what came at the door; replay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from syncd.domain.model.inbox import InboxState, NoticeOutcome, ResourceChange, Source
from syncd.domain.model.sample import Sample
from syncd.domain.rules.inbound.event_routing import Gap
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.store import inbox, journal, notices
from syncd.store.unit_of_work import Transaction
from syncd.web.console.pages import webhooks
from tests.engine.samples.test_fold import processed, received, reviewed
from tests.engine.support.operating import ORGANISATION, SYNCED, Desk
from tests.store.build import ACME, AT, later
from tests.web.console.support.books import carry_out
from tests.web.console.support.browsing import browsing, console, path_of
from tests.web.console.support.hostile import EACH, assert_harmless
from tests.web.support.serving import TOKENS, operators

PATH = "/t/acme/webhooks"
REPLAY = PATH + "/replay"


def event(resource: str) -> ResourceChange:
    return ResourceChange(
        category="INVOICE", event="UPDATE", organisation_id=ORGANISATION, resource_id=resource,
        happened_at=AT,
    )  # fmt: skip


async def kept(at: Desk) -> None:
    """An event that came at noon."""
    row = inbox.of_xero(event("x1"), ACME, NoticeOutcome.NOT_OURS, AT)
    await at.store.run(inbox.add([row]))


@pytest.mark.parametrize("role", TOKENS)
async def test_every_role_sees_what_came_and_who_may_replays(role: str) -> None:
    async with console(role) as browser:
        for fact in (
            received(kept=948, repeated=3, bad_signature=2),
            received("pipeline", kept=497),
            processed(131, *[1.5] * 131),
        ):
            browser.desk.samples.observe(fact)

        shown = await browser.get(PATH)

        assert (shown.status, shown.unclosed) == (200, [])
        assert "Xero announces in time. Half took effect within 2 s; no change was missed" in (
            shown.text
        )
        assert "948 3 2" in shown.text
        assert "497 0 0" in shown.text
        assert "Events of Xero's webhook in 24 h: 131, and 0 changes missed." in shown.text
        assert ("role", "img") in shown.attributes
        assert ("Replay" in shown.buttons) is (role == "Super User")
        assert ("Replaying needs Super User." in shown.text) is (role != "Super User")


async def test_misses_are_said_first_with_what_to_look_at() -> None:
    async with console("Office") as browser:
        browser.desk.samples.observe(reviewed(missed=3, opened=0))

        shown = await browser.get(PATH)

        assert "Xero does not announce everything in time. 3 changes were found" in shown.text
        assert ("class", "miss") in shown.attributes


async def test_a_silent_day_says_that_nothing_came() -> None:
    async with console() as browser:
        assert "Nothing came. Xero has announced nothing of this" in (await browser.get(PATH)).text


async def test_a_replay_works_through_what_came_since_the_readers_time() -> None:
    async with console() as browser:
        await kept(browser.desk)

        answer = await browser.post(REPLAY, {"since": "2026-11-22T11:30"})
        under_way = await browser.get(answer.headers["Location"])
        async with digesting(browser.desk):
            await carry_out(browser.desk)
        shown = await browser.get(answer.headers["Location"])

        assert (answer.status, path_of(answer)) == (303, PATH)
        assert "Under way." in under_way.text
        assert "1 event is worked through once more." in shown.text
        assert browser.desk.woken == ["acme"]
        assert "worked through once more" not in (await browser.get(PATH)).text


async def test_a_replay_that_the_one_under_way_does_not_cover_is_refused_with_what_was_typed() -> (
    None
):
    async with console() as browser:
        await browser.post(REPLAY, {"since": "2026-11-22T11:30"})

        answer = await browser.post(REPLAY, {"since": "2026-11-22T10:30"})

        assert answer.status == 409
        assert "since a later time is being worked through once more" in answer.text
        assert "2026-11-22T10:30" in str(answer.attributes)


async def test_what_is_replayed_while_nothing_is_connected_says_that_it_waits() -> None:
    async with console() as browser:
        await kept(browser.desk)
        browser.desk.column.state = ConnectionState.NOT_CONNECTED

        answer = await browser.post(REPLAY, {"since": "2026-11-22T11:30"})
        await carry_out(browser.desk)
        shown = await browser.get(answer.headers["Location"])

        assert "1 event is worked through once more; 1 of them wait, and go on" in shown.text
        assert "Connect to Xero" in shown.text


@asynccontextmanager
async def digesting(at: Desk) -> AsyncIterator[None]:
    """Whatever is there to work through is worked through, as by the daemon's own round."""

    async def digest() -> None:
        while True:
            found = await at.store.fetch(inbox.waiting(ACME, later(60), limit=9))
            ends = [(one, InboxState.IGNORED, NoticeOutcome.NOT_OURS) for one in found]
            await at.store.run(inbox.settle(ends, later(60)))
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(digest)
        yield
        group.cancel_scope.cancel()


@pytest.mark.parametrize("since", ["", "yesterday", "2026-13-01T00:00", "0001-01-01T00:00+14:00"])
async def test_what_is_no_time_is_refused_and_kept(since: str) -> None:
    async with console() as browser:
        answer = await browser.post(REPLAY, {"since": since})

        assert answer.status == 400
        assert ("role", "alert") in answer.attributes
        assert since == "" or ("value", since) in answer.attributes


async def test_a_time_is_read_in_the_zone_of_who_types_it() -> None:
    async with console() as browser:
        await kept(browser.desk)
        await browser.post("/account", {"zone": "Pacific/Auckland", "theme": "", "keys": "on"})

        await browser.post(REPLAY, {"since": "2026-11-23T00:30"})
        async with digesting(browser.desk):
            await carry_out(browser.desk)

        entries = await browser.desk.store.fetch(journal.since(0, limit=9))
        said = "Webhooks since 2026-11-22T11:30:00+00:00 replayed: 1"
        assert [one.entry.description for one in entries] == [said]


async def test_what_came_is_listed_with_what_became_of_it() -> None:
    async with console("Office") as browser:
        await browser.desk.seed({"a": SYNCED})
        await browser.desk.link("a")
        await kept(browser.desk)
        ours = inbox.of_xero(event("x-a"), ACME, NoticeOutcome.FETCHED, AT)
        await browser.desk.store.run(inbox.add([ours]))

        shown = await browser.get(PATH)
        narrowed = await browser.get(PATH + "?verdict=not_ours&source=xero")
        none = await browser.get(PATH + "?source=pipeline")

        assert "/t/acme/invoices/a" in shown.links
        assert "INVOICE UPDATE – not ours: a bill, or made in Xero" in shown.text
        assert "/t/acme/invoices/a" not in narrowed.links
        assert "Nothing of this kind came." in none.text
        assert (await browser.get(PATH + "?verdict=lost")).status == 400


async def test_a_long_list_is_paged() -> None:
    async with console() as browser:
        rows = [
            inbox.of_xero(event(f"x{number}"), ACME, NoticeOutcome.ECHO, AT) for number in range(60)
        ]
        await browser.desk.store.run(inbox.add(rows))

        first = await browser.get(PATH)
        (older,) = [link for link in first.links if "before=" in link]
        second = await browser.get(PATH + older)

        assert first.text.count("INVOICE UPDATE") == 50
        assert second.text.count("INVOICE UPDATE") == 10


async def test_gaps_and_misses_are_named() -> None:
    async with console() as browser:
        await browser.desk.seed({"a": SYNCED})
        await browser.desk.link("a")
        tx = Transaction()
        tx.add_all(notices.note_missed(ACME, ["x-a", "x-9"], AT))
        tx.add_all(
            inbox.count_to(416, before=0, closed=(), opened=[Gap(first=412, last=415)], at=AT)
        )
        await browser.desk.store.commit(tx)

        shown = await browser.get(PATH)

        assert "Numbers 412–415 of Xero's count did not come" in shown.text
        assert "Found by a sweep, announced by no webhook in time" in shown.text
        assert "a document that is not ours" in shown.text
        assert "/t/acme/invoices/a" in shown.links


@EACH
async def test_what_others_typed_is_shown_as_text(text: str) -> None:
    async with console() as browser:
        assert_harmless(await browser.post(REPLAY, {"since": text}))


async def test_a_replay_is_refused_to_who_may_not_and_from_elsewhere() -> None:
    body = {"since": "2026-11-22T11:30"}
    async with operators() as served:
        await kept(served.desk)
        for role, status in (("Office", 403), ("Admin", 403), (None, 401)):
            async with browsing(served, role) as browser:
                assert (await browser.post(REPLAY, body)).status == status
        async with browsing(served) as browser:
            elsewhere = {"Origin": "http://127.0.0.1:1"}
            assert (await browser.post(REPLAY, body, headers=elsewhere)).status == 403
        assert served.desk.woken == []


def test_a_day_without_a_sample_has_empty_doors() -> None:
    xero, pipeline = webhooks.doors_of(None)

    assert (xero.kept, xero.refused, pipeline.kept) == (0, 0, 0)
    assert [one.source.lower() for one in (xero, pipeline)] == [*Source]
    assert webhooks.doors_of(Sample(period=1, seen_s=9, xero_refused=4))[0].refused == 4
