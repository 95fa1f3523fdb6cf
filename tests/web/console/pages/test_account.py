"""Theme, zone, shortcuts; and who is signed in."""

from __future__ import annotations

from tests.web.console.support.browsing import browsing, console
from tests.web.support.serving import operators


async def test_what_is_chosen_is_how_pages_look() -> None:
    async with console() as browser:
        chosen = {"theme": "dark", "zone": "Pacific/Auckland"}

        assert (await browser.post("/account", chosen)).status == 303
        shown = await browser.get("/account")

        assert ("data-theme", "dark") in shown.attributes
        assert ("data-keys", "off") in shown.attributes
        assert "Times are NZ" in shown.text


async def test_what_cannot_be_chosen_is_refused_with_what_was_expected() -> None:
    async with console() as browser:
        theme = await browser.post("/account", {"theme": "blue"})
        zone = await browser.post("/account", {"zone": "Nowhere/Town"})

        assert (theme.status, zone.status) == (400, 400)
        assert "expected light, dark" in theme.text
        assert "expected a name such as Pacific/Auckland, got 'Nowhere/Town'" in zone.text


async def test_one_s_own_sessions_can_be_ended_and_those_of_others_by_a_super_user() -> None:
    async with (
        operators() as served,
        browsing(served, "Admin") as admin,
        browsing(served, "Office") as office,
        browsing(served) as chief,
    ):
        sessions = {
            one.operator: one.digest for one in await served.desk.operations.sessions.listing()
        }
        refused = await office.post("/account/sessions", {"session": sessions["admin"]})
        assert refused.status == 403
        assert "admin" not in (await office.get("/account")).text

        assert "admin" in (await chief.get("/account")).text
        ended = await chief.post("/account/sessions", {"session": sessions["admin"]})
        own = await office.post("/account/sessions", {"session": sessions["office"]})
        none = await chief.post("/account/sessions", {"session": "gone"})

        assert (ended.status, own.status, none.status) == (303, 303, 303)
        assert (await admin.get("/account")).status == 303
        assert (await office.get("/account")).status == 303
        assert (await chief.get("/account")).status == 200
