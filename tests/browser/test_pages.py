"""Every page in a real browser: no complaint, nothing from elsewhere, readable by everybody."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe

from syncd.lab.demo.stage import TENANT
from syncd.web.console import routes
from tests.browser.support.chromium import Site, Watched, asked, part_both_sides, site

WIDTHS = (320, 390, 1280)
THEMES = ("light", "dark")
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
NO_PAGES = ("/live", "/go", "/login", "/login/{ticket}")


async def paths(at: Site) -> list[str]:
    """Every page of the table, with the tenant, an invoice out of sync and a waiting customer."""
    invoice = await part_both_sides(at.stage)
    waiting = await asked(at.stage, f"/tenants/{TENANT}/contacts?state=waiting")
    customer = waiting["items"][0]["id"]
    known = {
        "/t/{t}/invoices/{id}": f"/t/{TENANT}/invoices/{invoice}",
        "/t/{t}/contacts/{customer}": f"/t/{TENANT}/contacts/{customer}",
    }
    found = [f"/t/{TENANT}/invoices?state=waiting", f"/t/{TENANT}/invoices?q=nothing", "/nothing"]
    for page in routes.table():
        if page.method == "GET" and page.path not in NO_PAGES:
            path = known.get(page.path, page.path.replace("{t}", TENANT))
            found += [] if "{" in path or path.endswith("/story") else [path]
    return found


@pytest.mark.timeout(300)  # one process after another draws, beside whatever else runs here
@pytest.mark.parametrize("width", WIDTHS)
async def test_every_page_is_whole_and_quiet_and_readable_in_both_themes(width: int) -> None:
    async with site() as at, at.tab(expected=("404 (Not Found)",)) as tab:
        wrong: dict[str, list[str]] = {}
        for path in await paths(at):
            await tab.open(path)
            found = await _looked_at(tab, width)
            if found:
                wrong[path] = found

        assert wrong == {}
        assert tab.complaints == []


async def _looked_at(tab: Watched, width: int) -> list[str]:
    await tab.page.set_viewport_size({"width": width, "height": 900})
    wide = await tab.page.evaluate("document.documentElement.scrollWidth")
    found = [f"{wide} px wide"] if wide > width else []
    await tab.page.evaluate(Axe().axe_script)
    for theme in THEMES:
        await tab.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # a literal
        seen = await tab.page.evaluate("rules => axe.run(document, rules)", RULES)
        found += [f"{theme}: {one['id']}: {_where(one)}" for one in seen["violations"]]
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
