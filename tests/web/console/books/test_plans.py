"""Plans for every role and state: made, read, overtaken, applied, and refused to who may not."""

from __future__ import annotations

import re

import msgspec
import pytest

from syncd.domain.model.long_work import WorkKind, WorkState
from syncd.domain.model.planned import Plan, PlanAction
from syncd.domain.model.settings import Mode
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.web.console import words
from tests.engine.support.operating import SYNCED
from tests.web.console.support.books import (
    EVERY,
    as_stored,
    ends,
    item,
    job,
    keep_plan,
    plan_of,
    renamed,
)
from tests.web.console.support.browsing import Browser, browsing, console, path_of
from tests.web.console.support.hostile import EACH, assert_harmless
from tests.web.support.serving import TOKENS, operators

PATH = "/t/acme/plans"


@pytest.mark.parametrize("role", TOKENS)
async def test_nothing_kept_says_what_a_plan_is_and_who_may_make_one(role: str) -> None:
    async with console(role) as browser:
        shown = await browser.get(PATH)

        assert (shown.status, shown.unclosed) == (200, [])
        assert "No plan is kept." in shown.text
        assert ("Plan now" in shown.buttons) is (role != "Office")
        assert ("Planning needs Admin." in shown.text) is (role == "Office")


async def test_a_plan_is_ordered_and_followed_at_an_address_a_second_press_leads_to() -> None:
    async with console("Admin") as browser:
        ordered = await browser.post(PATH, {"remap": "1"})
        again = await browser.post(PATH, {"remap": "1"})
        running = await browser.get(ordered.headers["Location"])
        part = await browser.get(ordered.headers["Location"] + "&part=plans")

        assert (ordered.status, path_of(ordered)) == (303, PATH)
        assert again.headers["Location"] == ordered.headers["Location"]
        assert "Planning." in running.text
        assert "Ordered" in running.text
        assert "Plan now" not in running.buttons
        assert ("hx-trigger", "every 2s") in running.attributes
        assert "<html" not in part.body


async def test_a_plan_that_was_made_leads_on_to_itself() -> None:
    async with console("Office") as browser:
        plan = plan_of([item("A")])
        page = await keep_plan(browser.desk, plan)
        number = await job(browser.desk, WorkKind.PLAN, WorkState.DONE, result=plan.hash)

        whole = await browser.get(f"{PATH}?job={number}")
        part = await browser.get(f"{PATH}?job={number}&part=plans", **{"HX-Request": "true"})
        listed = await browser.get(PATH)

        assert (whole.status, path_of(whole)) == (303, page)
        assert part.headers["HX-Redirect"] == page
        assert page in listed.links
        assert "The newest plan is not applied." in listed.text


@pytest.mark.parametrize(
    ("state", "text", "said"),
    [
        (WorkState.FAILED, "Press Connect to Xero.", "No plan was made. Press Connect to Xero."),
        (WorkState.INTERRUPTED, "", "nothing is half done"),
    ],
)
async def test_a_job_that_did_not_end_well_says_why(state: WorkState, text: str, said: str) -> None:
    async with console() as browser:
        number = await job(browser.desk, WorkKind.PLAN, state, text=text)

        for address in (PATH, f"{PATH}?job={number}"):
            shown = await browser.get(address)
            assert said in shown.text
            assert "Plan now" in shown.buttons


async def test_a_job_of_another_kind_or_none_is_not_there() -> None:
    async with console() as browser:
        number = await job(browser.desk, WorkKind.REPORT, WorkState.FAILED, text="So.")

        for address in (
            f"{PATH}?job={number}",
            f"{PATH}?job=77",
            f"{PATH}/abc",
            f"{PATH}/abc.json",
        ):
            assert (await browser.get(address)).status == 404
        assert (await browser.get(f"{PATH}?job=x")).status == 400


@pytest.mark.parametrize("role", TOKENS)
async def test_every_action_is_shown_with_its_figures_to_every_role(role: str) -> None:
    async with console(role) as browser:
        page = await keep_plan(browser.desk, plan_of(EVERY))

        shown = await browser.get(page)

        assert (shown.status, shown.unclosed) == (200, [])
        assert "Not applied yet. It would do 6 things" in shown.text
        for action in PlanAction:
            assert words.plan_action(action).word in shown.text
        assert "Total 1.00 → 3.00" in shown.text
        assert "+2.00 NZD" in shown.text
        assert "/t/acme/invoices/e-4" in shown.links
        assert "E-8" not in shown.text, "what is left as it is stands behind its filter"
        assert (page + "/apply" in shown.links) is (role == "Super User")
        assert ("needs Super User" in shown.text) is (role != "Super User")


async def test_items_are_narrowed_and_paged() -> None:
    async with console() as browser:
        many = [item(f"N-{number:03}") for number in range(70)]
        page = await keep_plan(browser.desk, plan_of([*many, *EVERY]))

        first = await browser.get(page)
        (older,) = [link for link in first.links if "from=50" in link]
        second = await browser.get(page + older.partition("#")[0])
        named = await browser.get(page + "?q=n-06")
        left = await browser.get(page + "?action=leave")
        odd = await browser.get(page + "?action=odd")
        none = await browser.get(page + "?q=nobody")

        assert "N-069" not in first.text
        assert "N-069" in second.text
        assert "N-061" in named.text
        assert "N-001" not in named.text
        assert "E-8" in left.text
        assert odd.status == 400
        assert "adopt_differing" in odd.text
        assert "No item of this plan is like that." in none.text


async def test_a_plan_that_pipeline_has_overtaken_says_which_items_moved() -> None:
    async with console() as browser:
        await browser.desk.seed({"same": SYNCED, "other": SYNCED})
        plan = plan_of([as_stored("same"), item("OTHER", desired="what it was.0000")])
        page = await keep_plan(browser.desk, plan)

        shown = await browser.get(page)
        asked = await browser.get(page + "/apply")

        assert "Pipeline has changed 1 item since: OTHER." in shown.text
        assert "moved since" in shown.text
        assert "Plan again" in shown.buttons
        assert page + "/apply" not in shown.links
        assert "Pipeline has changed already: OTHER." in asked.text


async def test_a_plan_that_nothing_has_moved_under_is_not_overtaken() -> None:
    async with console() as browser:
        await browser.desk.seed({"same": SYNCED})
        page = await keep_plan(browser.desk, plan_of([as_stored("same")]))

        assert "moved since" not in (await browser.get(page)).text


async def test_a_plan_of_another_organisation_is_not_offered() -> None:
    async with console() as browser:
        page = await keep_plan(browser.desk, plan_of([item("A")], organisation="elsewhere"))

        shown = await browser.get(page)

        assert "Of another organisation." in shown.text
        assert page + "/apply" not in shown.links


async def test_a_plan_that_does_nothing_asks_for_nothing() -> None:
    async with console() as browser:
        page = await keep_plan(browser.desk, plan_of([item("H", PlanAction.HOLD)]))

        shown = await browser.get(page)
        asked = await browser.get(page + "/apply")

        assert "Nothing would be written. 1 item waits" in shown.text
        assert page + "/apply" not in shown.links
        assert "Apply" not in asked.buttons


@pytest.mark.parametrize("mode", list(Mode))
async def test_the_question_repeats_the_figures(mode: Mode) -> None:
    async with console(mode=mode) as browser:
        page = await keep_plan(browser.desk, plan_of(EVERY))

        asked = await browser.get(page + "/apply")

        assert "1 changed (+2.00 NZD)" in asked.text
        assert "1 adopted as they stand (nothing is written to them)" in asked.text
        assert "2 items that wait or want a choice" in asked.text
        assert ("goes live" in asked.text) is (mode is Mode.OBSERVE)
        assert "Apply" in asked.buttons


async def test_applying_is_a_job_of_that_plan_and_no_other_begins_beside_it() -> None:
    async with console() as browser:
        page = await keep_plan(browser.desk, plan_of([item("A")]))
        other = await keep_plan(browser.desk, plan_of([item("B")]))

        begun = await browser.post(page + "/apply")
        shown = await browser.get(page)
        refused = await browser.post(other + "/apply")
        beside = await browser.get(other)

        assert (begun.status, path_of(begun)) == (303, page)
        assert "Applying." in shown.text
        assert ("hx-trigger", "every 2s") in shown.attributes
        assert refused.status == 409
        assert "Another plan is being applied" in refused.text
        assert "Applying." not in beside.text


async def test_an_applied_plan_stays_readable_and_names_what_was_refused() -> None:
    async with console() as browser:
        plan = plan_of([item("A"), item("B")])
        page = await keep_plan(browser.desk, plan)
        await ends(browser.desk, plan, a="", b="Xero moved (total) since the plan was made.")

        shown = await browser.get(page)
        only = await browser.get(page + "?outcome=refused")

        assert "1 carried out; 1 refused, moved since: B." in shown.text
        assert "Xero moved (total) since the plan was made." in shown.text
        assert "Plan again" in shown.buttons
        assert "/t/acme/invoices/a" not in only.links
        assert "/t/acme/invoices/b" in only.links


async def test_a_plan_applied_whole_or_not_to_its_end_says_so() -> None:
    async with console() as browser:
        whole, part = plan_of([item("A")]), plan_of([item("A"), item("B")])
        pages = [await keep_plan(browser.desk, each) for each in (whole, part)]
        for each in (whole, part):
            await ends(browser.desk, each, a="")

        shown = [await browser.get(each) for each in pages]

        assert "Applied. 1 item carried out, none refused." in shown[0].text
        assert "1 item was not reached." in shown[1].text
        assert pages[1] + "/apply" in shown[1].links


async def test_the_file_is_the_plan_by_its_hash() -> None:
    async with console("Office") as browser:
        plan = plan_of(EVERY)
        page = await keep_plan(browser.desk, plan)

        file = await browser.get(page + ".json")

        assert msgspec.json.decode(file.body.encode(), type=Plan).digest() == plan.hash
        assert re.search(r'attachment; filename="plan-\w{12}\.json"', str(file.headers))


async def test_without_a_connection_nothing_is_ordered() -> None:
    async with console() as browser:
        page = await keep_plan(browser.desk, plan_of([item("A")]))
        browser.desk.column.state = ConnectionState.TOKEN_EXPIRED

        for path in (PATH, page + "/apply"):
            answer = await browser.post(path)
            assert answer.status == 409
            assert ("role", "alert") in answer.attributes
        assert await _jobs(browser) == 0


@EACH
async def test_what_others_wrote_is_shown_as_text(text: str) -> None:
    async with console() as browser:
        plan = renamed(plan_of(EVERY), text)
        page = await keep_plan(browser.desk, plan)
        before = [await browser.get(page), await browser.get(page + "/apply")]
        await ends(browser.desk, plan, **{text: text})

        for shown in (*before, await browser.get(page)):
            assert shown.status == 200
            assert_harmless(shown)


async def test_orders_are_refused_to_who_may_not_and_from_elsewhere() -> None:
    async with operators() as served:
        page = await keep_plan(served.desk, plan_of([item("A")]))
        for role, path, status in (
            ("Office", PATH, 403), (None, PATH, 401),
            ("Office", page + "/apply", 403), ("Admin", page + "/apply", 403),
            (None, page + "/apply", 401),
        ):  # fmt: skip
            async with browsing(served, role) as browser:
                assert (await browser.post(path)).status == status
        async with browsing(served) as browser:
            elsewhere = {"Sec-Fetch-Site": "cross-site"}
            for path in (PATH, page + "/apply"):
                assert (await browser.post(path, headers=elsewhere)).status == 403
            assert await _jobs(browser) == 0


async def _jobs(browser: Browser) -> int:
    return len(await browser.desk.operations.orders.works.recent(browser.desk.operations.served[0]))


async def test_plan_of_another_kind_is_not_answered_with_the_one_under_way() -> None:
    async with console() as browser:
        begun = await browser.post(PATH)
        refused = await browser.post(PATH, {"remap": "1"})
        again = await browser.post(PATH)

        assert begun.status == again.status == 303
        assert refused.status == 409
        assert "Another kind of plan is being made" in refused.text
