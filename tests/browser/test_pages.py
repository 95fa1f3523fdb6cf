"""Every page in a real browser: no complaint, nothing from elsewhere, readable by everybody."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from syncd.lab.demo.stage import BRAKE_VOIDS, TENANT
from syncd.sandbox.user import User
from syncd.web.console import routes
from tests.browser.support.chromium import (
    Site,
    Watched,
    asked,
    at_rest,
    done,
    invoice_id,
    known_twice,
    part_both_sides,
    site,
)

RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
COLOURS = {**RULES, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""Of the other theme nothing else differs."""
SHAPES = {**RULES, "rules": {"color-contrast": {"enabled": False}}}
AT_WIDTH = {
    320: (("light", SHAPES),),  # a narrow screen has one set of colours
    390: (("light", RULES), ("dark", COLOURS)),
    1280: (("light", RULES), ("dark", COLOURS)),
}
RUN_OVER = """[...document.querySelectorAll("table.rows :is(td, tbody th)")]
  .filter(one => one.checkVisibility() && one.scrollHeight > one.clientHeight + 1)
  .map(one => `${one.dataset.label} runs over its cell`)"""
"""A label of a narrow screen's row that takes two lines and covers the next one."""
NO_PAGES = ("/live", "/go", "/login", "/login/{ticket}")
NO_HTML = ("/story", ".json", ".csv", ".html")
"""A part of a page, files, and a page that prints, which stands by itself."""
ASKED_FOR = ("404 (Not Found)",)


async def paths(at: Site) -> list[str]:
    """Every page of the table, with what it is about as a stage that works has it."""
    stage, home = at.stage, f"/t/{TENANT}"
    waiting = await asked(stage, f"/tenants/{TENANT}/contacts?state=waiting")
    known = {
        "/t/{t}/invoices/{id}": f"{home}/invoices/{await part_both_sides(stage)}",
        "/t/{t}/contacts/{customer}": f"{home}/contacts/{waiting['items'][0]['id']}",
        "/t/{t}/plans/{hash}": f"{home}/plans/{await done(stage, 'plan')}",
        "/t/{t}/reports/{digest}": f"{home}/reports/{await done(stage, 'report')}",
    }
    found = [f"{home}/invoices?state=waiting", f"{home}/invoices?q=nothing", "/nothing", "/t/gone"]
    found += [f"{home}/invoices/{await invoice_id(stage, state='synced')}"]
    found += [f"{home}/contacts/{await known_twice(stage, 'Twin')}"]
    for page in routes.table():
        if page.method == "GET" and page.path not in NO_PAGES:
            found += [] if page.path.endswith(NO_HTML) else [_filled(page.path, known)]
    return found


def _filled(path: str, known: dict[str, str]) -> str:
    for pattern, place in known.items():
        if path.startswith(pattern):
            return place + path.removeprefix(pattern)
    return path.replace("{t}", TENANT)


@pytest.mark.timeout(300)  # one process after another draws, beside whatever else runs here
async def test_every_page_is_whole_and_quiet_and_readable_in_both_themes_at_every_width() -> None:
    async with site(invoices=BRAKE_VOIDS + 12) as at, at.tab(expected=ASKED_FOR) as tab:
        wrong: dict[str, list[str]] = {}
        for path in await paths(at):
            wrong |= await _opened(tab, path)

        await at_rest(at.stage)
        User(at.stage.pipeline)({"do": "delete_many", "count": BRAKE_VOIDS + 5})
        await tab.open(f"/t/{TENANT}")
        await expect(tab.page.locator("main")).to_contain_text("Halted.", timeout=30_000)
        for path in ("", "/brake", "/brake/release"):
            wrong |= await _opened(tab, f"/t/{TENANT}{path}")

        await tab.page.get_by_role("button", name="Sign out").click()
        for path in ("/login", "/login/x"):
            wrong |= await _opened(tab, path)

        assert wrong == {}
        assert tab.complaints == []


async def _opened(tab: Watched, path: str) -> dict[str, list[str]]:
    """What is wrong with a page, by its path."""
    await tab.open(path)
    await tab.page.evaluate(Axe().axe_script)
    found = [one for width in AT_WIDTH for one in await _looked_at(tab, width)]
    return {path: found} if found else {}


async def _looked_at(tab: Watched, width: int) -> list[str]:
    await tab.page.set_viewport_size({"width": width, "height": 900})
    wide = await tab.page.evaluate("document.documentElement.scrollWidth")
    found = [f"{wide} px wide at {width}"] if wide > width else []
    found += [f"{width}: {each}" for each in await tab.page.evaluate(RUN_OVER)]
    for theme, rules in AT_WIDTH[width]:
        await tab.page.emulate_media(color_scheme=theme)
        seen = await tab.page.evaluate("rules => axe.run(document, rules)", rules)
        found += [f"{width} {theme}: {one['id']}: {_where(one)}" for one in seen["violations"]]
    return found


def _where(one: Any) -> str:
    nodes = one["nodes"][:2]
    return "; ".join(f"{node['target']} {node['failureSummary'][:160]}" for node in nodes)


async def test_the_keyboard_reaches_every_control() -> None:
    async with site(invoices=12) as at, at.tab() as tab:
        for path in (f"/t/{TENANT}", f"/t/{TENANT}/invoices"):
            await tab.open(path)
            wanted = await tab.page.evaluate(
                "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select,"
                " summary')].filter(one => one.checkVisibility()).length"
            )
            reached = set()
            for _ in range(wanted + 5):
                await tab.page.keyboard.press("Tab")
                reached.add(
                    await tab.page.evaluate(
                        "[...document.querySelectorAll('*')].indexOf(document.activeElement)"
                    )
                )

            assert len(reached) >= wanted

        await tab.page.keyboard.press("Escape")
        await tab.page.evaluate("document.activeElement.blur()")
        await tab.page.keyboard.press("/")
        assert await tab.page.evaluate("document.activeElement.id") == "find"
        assert tab.complaints == []
