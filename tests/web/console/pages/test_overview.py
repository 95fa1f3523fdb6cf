"""The overview, the card and its buttons."""

from __future__ import annotations

import pytest

from syncd.domain.errors import StoreFull
from syncd.domain.model.settings import Mode
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.store import installation
from tests.engine.support.operating import FAILED, OUT_OF_SYNC, QUEUED, UNMAPPED, URL, End
from tests.store.build import BETA
from tests.web.console.support import hostile
from tests.web.console.support.browsing import browsing, console, path_of
from tests.web.support.serving import TOKENS, operators


async def test_several_tenants_have_a_row_each() -> None:
    async with console() as browser:
        shown = await browser.get("/")

        assert shown.status == 200
        assert "/t/acme" in shown.links
        assert "/t/beta" in shown.links
        assert shown.unclosed == []


async def test_the_rows_are_live_and_say_as_of_when() -> None:
    async with operators() as served, browsing(served) as browser:
        whole, part = await browser.get("/"), await browser.get("/?part=overview")
        del served.desk.policies[BETA]
        async with browsing(served, "Office") as other:
            one_less = await other.get("/?part=overview")

        assert ("hx-sse:connect", "/live") in whole.attributes
        for shown in (whole, part, one_less):
            assert ("hx-get", "/?part=overview") in shown.attributes
            assert "as of" in shown.text
        assert "<html" not in part.body + one_less.body
        assert "/t/beta" not in one_less.links


async def test_a_store_that_takes_nothing_is_what_every_card_says() -> None:
    async with operators() as served, browsing(served) as browser:
        served.desk.disk.error = StoreFull("no space")
        with pytest.raises(StoreFull):
            await served.desk.store.run(installation.touch())

        every, card = await browser.get("/"), await browser.get("/t/acme")

        for shown in (every, card):
            assert "Not working. Nothing can be written into the store" in shown.text
            assert "Working" not in shown.text


@pytest.mark.parametrize("role", TOKENS)
@pytest.mark.parametrize("state", ConnectionState)
@pytest.mark.parametrize("mode", Mode)
async def test_the_card_shows_every_state_to_every_role(
    role: str, state: ConnectionState, mode: Mode
) -> None:
    async with operators(mode) as served, browsing(served, role) as browser:
        ends = {"a": OUT_OF_SYNC, "b": FAILED, "c": UNMAPPED, "d": QUEUED}
        await served.desk.seed(ends)
        served.desk.column.state = state

        shown = await browser.get("/t/acme")

        assert shown.status == 200
        assert state.value in shown.text
        assert shown.unclosed == []
        assert ("Pause" in shown.buttons) is (role == "Super User")
        assert ("needs Super User" in shown.text or "need Super User" in shown.text) is (
            role != "Super User"
        )


async def test_the_card_alone_is_answered_as_a_part() -> None:
    async with console() as browser:
        part = await browser.get("/t/acme?part=card")

        assert "<html" not in part.body
        assert ("id", "card") in part.attributes


@pytest.mark.parametrize("state", [ConnectionState.CONNECTED, ConnectionState.NOT_CONNECTED])
async def test_a_part_brings_the_title_that_the_page_has_by_now(state: ConnectionState) -> None:
    async with console() as browser:
        browser.desk.column.state = state

        part = (await browser.get("/t/acme?part=card")).body
        whole = (await browser.get("/t/acme")).body

        title = f"<title>acme · {state} · syncd</title>"
        assert part.lstrip().startswith(title)
        assert whole.count(title) == 1


async def test_the_card_draws_what_the_ring_of_samples_has() -> None:
    async with console("Office") as browser:
        shown = await browser.get("/t/acme")

        drawn = [value for name, value in shown.attributes if name == "class" and value == "chart"]
        assert len(drawn) == 5
        for said in ("Invoices on their way", "left of the day", "Calls to Xero in", "Read out of"):
            assert said in shown.text


async def test_connect_leads_to_xero_by_a_link_of_its_own() -> None:
    async with console() as browser:
        asked = await browser.get("/t/acme/connect")
        answer = await browser.post("/t/acme/connect")

        assert ("post", "/t/acme/connect") in asked.forms
        assert answer.status == 200
        assert URL in answer.links
        assert browser.desk.column.pressed == [("connect", "acme", "super user")]


@pytest.mark.parametrize(("path", "button"), [("refresh", "refresh"), ("disconnect", "disconnect")])
async def test_a_button_of_the_card_says_what_it_did(path: str, button: str) -> None:
    async with console() as browser:
        answer = await browser.post(f"/t/acme/{path}")
        shown = await browser.get(answer.headers["Location"])

        assert (answer.status, path_of(answer)) == (303, "/t/acme")
        assert browser.desk.column.pressed == [(button, "acme", "super user")]
        assert ("data-said", "") in shown.attributes


@pytest.mark.parametrize("path", ["refresh", "disconnect"])
async def test_a_refused_button_draws_its_page_with_the_reason(path: str) -> None:
    async with console() as browser:
        browser.desk.column.is_willing = False

        answer = await browser.post(f"/t/acme/{path}")

        assert answer.status == 409
        assert ("role", "alert") in answer.attributes


async def test_pause_and_resume_are_one_press_each() -> None:
    async with console() as browser:
        await browser.post("/t/acme/pause")
        paused = await browser.get("/t/acme")
        await browser.post("/t/acme/resume")
        resumed = await browser.get("/t/acme")

        assert "Paused." in paused.text
        assert "Resume" in paused.buttons
        assert "Paused." not in resumed.text


async def test_going_live_asks_first_and_says_how_much_it_writes() -> None:
    async with operators(Mode.OBSERVE) as served, browsing(served) as browser:
        await served.desk.seed({"a": QUEUED, "b": QUEUED})

        asked = await browser.get("/t/acme/mode")
        odd = await browser.post("/t/acme/mode", {"mode": "sometimes"})

        assert "Let acme write to Xero?" in asked.text
        assert "2 invoices are written" in asked.text
        assert odd.status == 400


async def test_disconnect_asks_first() -> None:
    async with console() as browser:
        asked = await browser.get("/t/acme/disconnect")

        assert "Nothing is changed in Xero or in Pipeline." in asked.text
        assert browser.desk.column.pressed == []


async def test_every_link_of_the_card_leads_to_a_page() -> None:
    async with console() as browser:
        await browser.desk.seed({"a": OUT_OF_SYNC, "b": FAILED, "c": UNMAPPED})
        shown = await browser.get("/t/acme")

        for link in set(shown.links):
            if link.startswith("/"):
                assert (await browser.get(link)).status == 200, link


@hostile.EACH
@pytest.mark.parametrize("path", ["/t/acme", "/t/acme/invoices", "/t/acme/invoices?q=x"])
async def test_hostile_words_stay_words_on_card_and_list(path: str, text: str) -> None:
    async with console() as browser:
        await browser.desk.seed({"a": End(**{**vars(FAILED), "note": text})})
        await browser.desk.seed_customer("c1", name=text)

        shown = await browser.get(path)

        assert shown.status == 200
        hostile.assert_harmless(shown)


@pytest.mark.parametrize(
    ("pressed", "undone", "said"),
    [
        ("pause", "resume", "Paused. Nothing is written to Xero from now on"),
        ("resume", "pause", "Resumed. What waited goes on."),
    ],
)
async def test_what_was_pressed_is_said_while_it_is_so(
    pressed: str, undone: str, said: str
) -> None:
    async with console() as browser:
        await browser.post(f"/t/acme/{undone}")
        answer = await browser.post(f"/t/acme/{pressed}")
        address = answer.headers["Location"]
        shown = await browser.get(address)
        await browser.post(f"/t/acme/{undone}")
        kept_open = await browser.get(f"{address}&part=card")
        opened_again = await browser.get(address)

        assert said in shown.text
        assert said not in kept_open.text + opened_again.text


async def test_a_button_s_word_of_another_connection_is_not_said() -> None:
    async with operators() as served, browsing(served) as browser:
        still = await browser.get("/t/acme?done=refreshed")
        served.desk.column.state = ConnectionState.TOKEN_EXPIRED
        ended = await browser.get("/t/acme?done=refreshed")
        unknown = await browser.get("/t/acme?done=%3Cb%3E")

        assert "The token was refreshed." in still.text
        assert "The token was refreshed." not in ended.text
        assert "%3Cb%3E" not in unknown.body
