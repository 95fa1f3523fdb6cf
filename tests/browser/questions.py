"""Acts out the seven questions of an operator in a browser: `make questions` prints a line each.

Every question begins at `/` and ends when its answer is on the screen. A script does not read, so
what a person needs is reckoned by the keystroke-level model (Card, Moran and Newell, 1980) from
what was clicked and typed, and from the words that stand before the answer; what the machine took
is measured. An answer that needs scrolling, or more than a minute, is a failure.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page, expect

from syncd.lab.demo.stage import BRAKE_VOIDS, TENANT
from syncd.sandbox.user import User
from tests.browser.support.chromium import (
    Site,
    Watched,
    asked,
    at_rest,
    invoice_id,
    ordered,
    part_both_sides,
    site,
)

A_CLICK_S, A_KEY_S, A_THOUGHT_S = 1.2, 0.28, 1.35
"""To point and press, to type a letter, to make up one's mind once a page."""
WORDS_A_SECOND = 4.0
LONGEST_S = 60.0
WIDTH, HEIGHT = 1280, 900
_READ = """(answer) => {
  const text = document.querySelector("main").innerText;
  const at = text.indexOf(answer);
  return text.slice(0, at + answer.length).split(/\\s+/).filter(Boolean).length;
}"""


@dataclass
class Asking:
    """One question: what somebody does, and what it takes."""

    page: Page
    clicks: int = 0
    keys: int = 0
    words: int = 0
    pages: int = 1
    took_s: float = 0.0
    is_below: bool = False

    async def click(self, name: str, *, role: str = "button") -> None:
        """Press what is called so; where the eye first meets it."""
        await self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]  # a word
        await self.page.wait_for_load_state()
        self.clicks += 1
        self.pages += 1

    async def search(self, text: str) -> None:
        """Type it into the search box of the page; `/` leads there."""
        await self.page.keyboard.press("/")
        await self.page.keyboard.type(text)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_load_state()
        self.keys += len(text) + 2
        self.pages += 1

    async def read(self, answer: str) -> None:
        """Wait until it stands there; note how much stands before it, and whether one scrolls."""
        found = self.page.locator("main").get_by_text(answer).first
        await expect(found).to_be_visible(timeout=LONGEST_S * 1000)
        box = await found.bounding_box()
        assert box is not None, "it is visible"
        self.is_below = self.is_below or box["y"] + box["height"] > HEIGHT
        self.words = max(self.words, await self.page.evaluate(_READ, answer))

    @property
    def person_s(self) -> float:
        """What a person needs, beside what the machine took."""
        by_hand_s = self.clicks * A_CLICK_S + self.keys * A_KEY_S + self.pages * A_THOUGHT_S
        return by_hand_s + self.words / WORDS_A_SECOND


Question = Callable[[Site, Asking], Awaitable[None]]
"""What somebody does to learn it; its first line is the question."""


async def is_it_working(_: Site, at: Asking) -> None:
    """Is it working?"""
    await at.read("Working.")


async def why_is_it_not_in_xero(site_: Site, at: Asking) -> None:
    """Why is this invoice not in Xero?"""
    listed = await asked(site_.stage, f"/tenants/{TENANT}/invoices?state=waiting")
    one = listed["items"][0]
    await at.search(one["number"])
    await at.read(one["reason"].split(".")[0].replace("`", ""))


async def who_changed_it(site_: Site, at: Asking) -> None:
    """Who changed this invoice, and what do I press?"""
    listed = await asked(site_.stage, f"/tenants/{TENANT}/invoices?state=out_of_sync")
    one = listed["items"][0]
    story = await asked(site_.stage, f"/tenants/{TENANT}/invoices/{one['id']}/explain")
    await at.search(one["number"])
    await at.read("Modified in both books.")
    await at.read("Take Pipeline")
    for mover in story["movers"]:
        await at.read(mover["pipeline_by"])
        await at.read(mover["xero_by"])


async def when_will_it_clear(_: Site, at: Asking) -> None:
    """When will the backlog clear?"""
    await at.click(TENANT, role="link")
    await at.read(" queued")


async def is_the_money_right(_: Site, at: Asking) -> None:
    """Is the money right, can I sign?"""
    await at.click(TENANT, role="link")
    await at.click("Report", role="link")
    await at.click("Read both books now")
    await at.read("Both books tie out to the cent.")
    await at.read("Note as reviewed")


async def what_does_it_want(_: Site, at: Asking) -> None:
    """What does this halt want of me?"""
    await at.click(TENANT, role="link")
    await at.click("See what was halted")
    await at.read("If it is meant so")
    await at.read("If it is a mistake")


async def did_webhooks_get_lost(_: Site, at: Asking) -> None:
    """Did webhooks get lost?"""
    await at.click(TENANT, role="link")
    await at.click("Webhooks", role="link")
    await at.read("in time.")


async def _busy(at: Site) -> None:
    """Work piles up while nothing may be written."""
    await ordered(at.stage, f"/tenants/{TENANT}/pause", None)
    listed = await asked(at.stage, f"/tenants/{TENANT}/invoices?state=synced&limit=8")
    for one in listed["items"]:
        edit = {"do": "edit_invoice", "id": one["id"], "set": {"reference": "piled up"}}
        User(at.stage.pipeline)(edit)
    await invoice_id(at.stage, reason="paused")


async def _at_work(at: Site) -> None:
    """What piled up is written, and both books are at rest."""
    await ordered(at.stage, f"/tenants/{TENANT}/resume", None)
    await at_rest(at.stage)


async def _halted(at: Site) -> None:
    """A slip of the hand deletes many invoices at once."""
    User(at.stage.pipeline)({"do": "delete_many", "count": BRAKE_VOIDS + 5})
    await invoice_id(at.stage, reason="brake_halted")


async def _apart(at: Site) -> None:
    await part_both_sides(at.stage)


async def _nothing(_: Site) -> None:
    return None


DAY: tuple[tuple[Callable[[Site], Awaitable[None]], Question], ...] = (
    (_apart, is_it_working),
    (_nothing, why_is_it_not_in_xero),
    (_nothing, who_changed_it),
    (_nothing, did_webhooks_get_lost),
    (_busy, when_will_it_clear),
    (_at_work, is_the_money_right),
    (_halted, what_does_it_want),
)
"""What happens before each question is asked."""


async def asked_of(at: Site, tab: Watched, question: Question) -> Asking:
    """One question, from `/` to its answer."""
    asking = Asking(page=tab.page)
    began_s = time.perf_counter()
    await tab.open("/")
    await question(at, asking)
    asking.took_s = time.perf_counter() - began_s
    return asking


async def day() -> bool:
    """Ask all of them; whether each was answered in time on the first screen."""
    is_good = True
    print(f"{'question':<52}{'machine':>9}{'person':>9}{'clicks':>8}{'keys':>6}{'words':>7}")  # noqa: T201  (for a person)
    screen = {"width": WIDTH, "height": HEIGHT}
    async with site(invoices=2 * BRAKE_VOIDS) as at, at.tab(viewport=screen) as tab:
        for happens, question in DAY:
            await happens(at)
            found = await asked_of(at, tab, question)
            is_late = found.took_s + found.person_s > LONGEST_S
            is_good = is_good and not is_late and not found.is_below
            said = " below the first screen" if found.is_below else ""
            said += " takes more than a minute" if is_late else ""
            name = (question.__doc__ or "").strip()
            took = f"{found.took_s:>7.1f} s{found.person_s:>7.1f} s"
            counts = f"{found.clicks:>8}{found.keys:>6}{found.words:>7}"
            print(f"{name:<52}{took}{counts}{said}")  # noqa: T201  (for a person)
    return is_good


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(day()) else 1)
