"""What an operator does in a browser, from outside, with JavaScript and without."""

from __future__ import annotations

import anyio
from playwright.async_api import expect

from syncd.lab.demo.stage import TENANT
from tests.browser.support.chromium import Site, Watched, asked, move, part_both_sides, site

CARD = f"/t/{TENANT}"
WAYS = (True, False)
"""With JavaScript, and without."""


async def press(tab: Watched, name: str) -> None:
    await tab.page.get_by_role("button", name=name, exact=True).click()


async def says(tab: Watched, text: str) -> None:
    await expect(tab.page.locator("main")).to_contain_text(text)


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


async def test_somebody_decides_for_a_side_and_is_stopped_where_it_moved() -> None:
    async with site(invoices=16) as at:
        for javascript in WAYS:
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


async def test_an_open_list_follows_what_happens_and_keeps_what_was_typed() -> None:
    async with site(invoices=12) as at, at.tab() as tab:
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


async def test_the_search_box_leads_to_the_invoice() -> None:
    async with site(invoices=6) as at:
        for javascript in WAYS:
            await _searched(at, javascript=javascript)


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
