"""What an operator does in a browser, from outside, with JavaScript and without."""

from __future__ import annotations

from itertools import count
from typing import Any

import anyio
import pytest
from playwright.async_api import expect

from syncd.domain.errors import StoreError, StoreFull
from syncd.engine.operator.sessions import SessionService
from syncd.lab.demo import by_hand
from syncd.lab.demo.stage import BRAKE_VOIDS, TENANT
from syncd.sandbox.user import User
from tests.browser.support.chromium import (
    Site,
    Watched,
    asked,
    at_rest,
    edit_by_hand,
    known_twice,
    move,
    ordered,
    part_both_sides,
    site,
)
from tests.support.stores import Disk

CARD = f"/t/{TENANT}"
WAYS = (True, False)
"""With JavaScript, and without."""
_LONG_S = 40.0
_NUMBERS = count(1)


async def press(tab: Watched, name: str) -> None:
    await tab.page.get_by_role("button", name=name, exact=True).first.click()


async def says(tab: Watched, text: str) -> None:
    await expect(tab.page.locator("main")).to_contain_text(text)


async def comes_to_say(tab: Watched, text: str, *, javascript: bool) -> None:
    """The page turns to it by itself; without JavaScript somebody looks again."""
    main = tab.page.locator("main")
    if javascript:
        await expect(main).to_contain_text(text, timeout=_LONG_S * 1000)
        return
    with anyio.fail_after(_LONG_S):
        while text not in (await main.text_content() or ""):
            await anyio.sleep(0.3)
            await tab.page.reload()


async def test_an_operator_connects_pauses_and_disconnects() -> None:
    async with site(invoices=6, connect=False) as at:
        for javascript in WAYS:
            await _connected_and_disconnected(at, javascript=javascript)


async def _connected_and_disconnected(at: Site, *, javascript: bool) -> None:
    async with at.tab(javascript=javascript) as tab:
        await tab.open(CARD)
        await says(tab, "Not connected.")
        await press(tab, "Connect to Xero")
        await press(tab, "Connect to Xero")
        async with tab.page.context.expect_page() as opened:
            await tab.page.get_by_role("button", name="Continue to Xero").click()
        consent = await opened.value
        await consent.wait_for_load_state()
        await _consented(consent)
        await tab.page.get_by_role("link", name=f"Back to {TENANT}").click()
        await says(tab, "Connected")

        await press(tab, "Refresh Token")
        await says(tab, "The token was refreshed.")
        await press(tab, "Pause")
        await says(tab, "Paused. Nothing is written to Xero from now on")
        await press(tab, "Resume")
        await says(tab, "Resumed. What waited goes on.")
        await tab.page.get_by_role("button", name="Disconnect…").click()
        await press(tab, "Disconnect")
        await says(tab, "Disconnected.")

        assert tab.complaints == []
        await press(tab, "Sign out")
        await tab.open(CARD)
        assert "/login" in tab.page.url


async def _consented(consent: object) -> None:
    """The pretend Xero's page, where it asks which organisation."""
    button = consent.locator("button, input[type=submit]")  # type: ignore[attr-defined]  # a page
    if await button.count():
        await button.first.click()
    await expect(consent.locator("body")).to_contain_text("Connected")  # type: ignore[attr-defined]  # as above


async def test_somebody_finds_an_invoice_decides_for_a_side_and_is_stopped_where_it_moved() -> None:
    async with site(invoices=16) as at:
        await _an_open_list_follows(at)
        for javascript in WAYS:
            await _searched(at, javascript=javascript)
            await _decided(at, javascript=javascript)


async def _decided(at: Site, *, javascript: bool) -> None:
    async with at.tab(javascript=javascript, expected=("409 (Conflict)",)) as tab:
        key = await part_both_sides(at.stage)
        await tab.open(f"{CARD}/invoices/{key}")
        await says(tab, "Modified in both books.")
        await says(tab, "Xero becomes: Reference P-")
        await says(tab, "Xero keeps Reference X-")

        await _moved_meanwhile(at, key)
        await press(tab, "Take Pipeline")
        await says(tab, "It has moved since you looked. Nothing was changed")
        await press(tab, "Take Pipeline")
        await says(tab, "Pipeline’s side was taken.")
        await _is(at, key, "synced")

        other = await part_both_sides(at.stage)
        await tab.open(f"{CARD}/invoices/{other}")
        await press(tab, "Take Xero")
        await says(tab, "Xero’s side was taken.")
        await _is(at, other, "synced")
        await press(tab, "Look again now")
        await says(tab, "It is looked at again now.")
        assert tab.complaints == []


async def _moved_meanwhile(at: Site, key: str) -> None:
    """Somebody changes it once more while the page stands open, and the daemon has seen it."""
    one = await asked(at.stage, f"/tenants/{TENANT}/invoices/{key}")
    move(at.stage, key, one["xero_invoice_id"])
    await _is(at, key, "out_of_sync", version=one["version"] + 1)


async def _is(at: Site, key: str, state: str, *, version: int = 0) -> None:
    with anyio.fail_after(30):
        while True:
            one = await asked(at.stage, f"/tenants/{TENANT}/invoices/{key}")
            if one["state"] == state and one["version"] >= version:
                return
            await anyio.sleep(0.1)


async def _an_open_list_follows(at: Site) -> None:
    """What happens is shown by itself, and what was typed or opened stays."""
    async with at.tab() as tab:
        await tab.open(f"{CARD}/invoices")
        first = tab.page.locator("#invoices tbody tr").first
        before = await first.inner_text()
        await tab.page.fill("#q", "typed")
        await tab.page.locator("details.same summary").click()

        await part_both_sides(at.stage)

        await expect(first).to_contain_text("out of sync", timeout=15_000)
        assert await first.inner_text() != before
        assert await tab.page.input_value("#q") == "typed"
        assert await tab.page.evaluate("document.querySelector('details.same').open")
        assert tab.complaints == []


async def _searched(at: Site, *, javascript: bool) -> None:
    async with at.tab(javascript=javascript) as tab:
        listed = await asked(at.stage, f"/tenants/{TENANT}/invoices")
        one = listed["items"][0]
        await tab.open(CARD)

        await tab.page.fill("#find", one["number"])
        await tab.page.press("#find", "Enter")

        await expect(tab.page.locator("h1")).to_have_text(one["number"])
        assert tab.page.url.endswith(one["id"])
        assert tab.complaints == []


@pytest.mark.timeout(300)
async def test_what_somebody_orders_is_carried_out_and_shown() -> None:
    async with site(invoices=3 * BRAKE_VOIDS) as at:
        await at.stage.connect(by_hand.TENANT, organisation=by_hand.ORGANISATION)
        for javascript in WAYS:
            async with at.tab(javascript=javascript) as tab:
                for journey in (_links, _creates, _plans, _reports, _orders_long_work, _releases):
                    await journey(at, tab, javascript=javascript)
                    assert (journey.__name__, tab.complaints) == (journey.__name__, [])


async def _links(at: Site, tab: Watched, *, javascript: bool) -> None:
    key = await known_twice(at.stage, f"Twin {next(_NUMBERS)}")
    await tab.open(f"{CARD}/contacts/{key}")
    await comes_to_say(tab, "Two contacts in Xero could be Twin", javascript=javascript)

    await tab.page.get_by_role("radio").first.check()
    await press(tab, "Link")

    await comes_to_say(tab, "Linked. In Xero it is Twin", javascript=javascript)


async def _creates(at: Site, tab: Watched, *, javascript: bool) -> None:
    number = next(_NUMBERS)
    key = await known_twice(at.stage, f"Twin {number}")
    await tab.open(f"{CARD}/contacts/{key}")

    await tab.page.get_by_label("Company Name").fill(f"Third {number}")
    await press(tab, "Create in Xero & Link")

    await comes_to_say(tab, f"Linked. In Xero it is Third {number}.", javascript=javascript)


async def _plans(at: Site, tab: Watched, *, javascript: bool) -> None:
    await ordered(at.stage, f"/tenants/{by_hand.TENANT}/mode", {"mode": "observe"})
    await edit_by_hand(at.stage, "HAND-001" if javascript else "HAND-002")
    await tab.open(f"/t/{by_hand.TENANT}/plans")

    await press(tab, "Plan now")
    await comes_to_say(tab, "What applying does", javascript=javascript)
    await says(tab, "Not applied yet.")
    await tab.page.get_by_role("button", name="Apply this plan…").click()
    await says(tab, f"{by_hand.TENANT} goes live")
    await press(tab, "Apply")

    await comes_to_say(tab, "Applied.", javascript=javascript)


async def _reports(at: Site, tab: Watched, *, javascript: bool) -> None:
    del at
    await tab.open(f"{CARD}/reports")

    await press(tab, "Read both books now")
    await comes_to_say(tab, "Both books tie out to the cent.", javascript=javascript)
    await press(tab, "Note as reviewed")

    await says(tab, "eviewed")


async def _orders_long_work(at: Site, tab: Watched, *, javascript: bool) -> None:
    del at
    for page, button, said in (
        ("journal", "Check the chain", "The chain fits."),
        ("webhooks", "Replay", "worked through once more."),
    ):
        await tab.open(f"{CARD}/{page}")

        await press(tab, button)

        await comes_to_say(tab, said, javascript=javascript)


async def _releases(at: Site, tab: Watched, *, javascript: bool) -> None:
    """A slip of the hand is held back, seen to be meant, and let pass."""
    await at_rest(at.stage)
    User(at.stage.pipeline)({"do": "delete_many", "count": BRAKE_VOIDS + 5})
    await tab.open(CARD)
    await comes_to_say(tab, "Halted.", javascript=javascript)

    await tab.page.get_by_role("button", name="See what was halted").click()
    await says(tab, f"at most {BRAKE_VOIDS} documents voided")
    await tab.page.get_by_role("button", name="Release…").click()
    await tab.page.locator("button.grave").click()

    await says(tab, "will be written, and what waited behind goes on.")
    await tab.open(f"{CARD}/brake")
    await comes_to_say(tab, "Not halted.", javascript=javascript)


class Broken:
    """A store's driver that answers nothing."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    async def write(self, _: Any) -> Any:
        raise StoreError("broken")

    read = write


@pytest.mark.timeout(180)
async def test_a_page_left_open_says_what_it_knows_no_more() -> None:
    async with site() as at, at.tab(expected=("503", "401")) as tab:
        store, live = at.stage.system.context.store, tab.page.locator("#live")
        whole = store._driver

        await tab.open("/")
        rows, as_of = tab.page.locator("#overview"), tab.page.locator("#overview .end")
        drawn_first = await as_of.inner_text()
        await expect(as_of).not_to_have_text(drawn_first, timeout=20_000)

        store._driver = Disk(whole, error=StoreFull("no space"))
        await expect(rows).to_contain_text("Not working. Nothing can be written", timeout=20_000)
        await expect(live).to_have_text("")

        store._driver = Broken(whole)
        await expect(live).to_contain_text("Could not be read since", timeout=60_000)
        assert await tab.page.evaluate("'stale' in document.body.dataset")

        store._driver = whole
        await expect(rows).not_to_contain_text("Nothing can be written", timeout=30_000)
        await expect(live).to_have_text("", timeout=30_000)

        sessions = SessionService(at.stage.system.context)
        for session in await sessions.listing():
            await sessions.end(session.digest)
        await tab.page.wait_for_url(f"{at.base}/login**", timeout=30_000)
        assert tab.complaints == []
