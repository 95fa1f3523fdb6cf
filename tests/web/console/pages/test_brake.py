"""What a brake holds, for every role; its release repeats the figures and is bound to them."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from syncd.domain.model.brake import Braked, BrakeStep
from syncd.store import brakes
from syncd.store.brakes import BrakedState
from syncd.web.console.pages import brake
from tests.engine.support.braked import document, halt, halt_alone, widen
from tests.store.build import ACME, AT
from tests.web.console.support.browsing import Page, browsing, console, path_of
from tests.web.console.support.hostile import EACH, assert_harmless
from tests.web.support.serving import TOKENS, operators

PATH = "/t/acme/brake"
RELEASE = PATH + "/release"


def seen_in(page: Page) -> str:
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page.body)
    return str(seen)


@pytest.mark.parametrize("role", TOKENS)
async def test_a_halt_is_shown_with_its_figures_to_every_role(role: str) -> None:
    async with console(role) as browser:
        await halt(browser.desk)

        shown = await browser.get(PATH)

        assert (shown.status, shown.unclosed) == (200, [])
        assert "Halted. Too many voids. 3 invoices wait. Nothing of it was written." in shown.text
        assert "/t/acme/invoices/a" in shown.links
        assert "−115.00 NZD" in shown.text
        assert (RELEASE in shown.links) is (role == "Super User")
        assert ("Releasing needs Super User." in shown.text) is (role != "Super User")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (BrakeStep.VOID, "−25.00 NZD"),
        (BrakeStep.DELETE, "−25.00 NZD"),
        (BrakeStep.UPDATE, "±25.00 NZD"),
    ],
)
def test_an_amount_says_which_way_it_goes(step: BrakeStep, said: str) -> None:
    assert brake.moved(step, Decimal(25), "NZD") == said
    assert brake.moved(step, Decimal(0), "NZD") == "0.00 NZD"


async def test_a_tenant_that_is_not_halted_says_so() -> None:
    async with console() as browser:
        shown = await browser.get(PATH)
        asked = await browser.get(RELEASE)

        assert "Not halted." in shown.text
        assert "Nothing is halted" in asked.text
        assert asked.forms == [("get", "/go"), ("post", "/logout")]


async def test_a_release_repeats_the_figures_and_lets_them_pass() -> None:
    async with console() as browser:
        await halt(browser.desk)

        asked = await browser.get(RELEASE)
        answer = await browser.post(RELEASE, {"seen": seen_in(asked)})
        shown = await browser.get(answer.headers["Location"])

        assert "2 voided (−230.00 NZD in Xero)." in asked.text
        assert "Release 2 changes" in asked.buttons
        assert (answer.status, path_of(answer)) == (303, PATH)
        assert "Released: 2 changes" in shown.text
        assert "Not halted." in shown.text


async def test_a_list_that_has_changed_is_shown_again_and_nothing_passes() -> None:
    async with console() as browser:
        await halt(browser.desk)
        asked = await browser.get(RELEASE)
        await widen(browser.desk)

        answer = await browser.post(RELEASE, {"seen": seen_in(asked)})

        assert answer.status == 409
        assert ("role", "alert") in answer.attributes
        assert "3 voided" in answer.text
        assert seen_in(answer) != seen_in(asked)
        assert len(await browser.desk.operations.brakes.halted()) == 1


async def test_a_long_list_is_paged() -> None:
    async with console() as browser:
        await halt_alone(browser.desk)
        many = [document(f"k{number:03}") for number in range(70)]
        await browser.desk.store.run(brakes.put(ACME, many, BrakedState.HALTED, AT))

        first = await browser.get(PATH)
        second = await browser.get(PATH + "?from=50")

        assert "?from=50" in first.links
        assert "K069" not in first.text
        assert "K069" in second.text
        assert (await browser.get(PATH + "?from=x")).status == 400


async def test_every_step_has_its_words() -> None:
    async with console() as browser:
        await halt_alone(browser.desk)
        every = [
            Braked(
                key=f"k-{step}", version=1, step=step, label="", xero_id="x", currency="NZD",
                amount=Decimal(0),
            )
            for step in BrakeStep
        ]  # fmt: skip
        await browser.desk.store.run(brakes.put(ACME, every, BrakedState.HALTED, AT))

        shown = await browser.get(PATH)

        for word in ("updated", "voided", "deleted", "believed gone"):
            assert word in shown.text
        assert "without a number" in shown.text


async def test_the_limits_in_force_stand_beside_what_was_halted() -> None:
    async with console("Office") as browser:
        await halt(browser.desk)

        shown = await browser.get(PATH)

        assert "within 60 minutes: at most 20 documents voided." in shown.text


async def test_the_overview_leads_to_what_was_halted() -> None:
    async with console("Office") as browser:
        await halt(browser.desk)

        assert PATH in (await browser.get("/t/acme")).links


@EACH
async def test_what_others_wrote_is_shown_as_text(text: str) -> None:
    async with console() as browser:
        await halt_alone(browser.desk)
        odd = Braked(
            key=text, version=1, step=BrakeStep.VOID, label=text, xero_id="x", currency="NZD",
            amount=Decimal(1),
        )  # fmt: skip
        await browser.desk.store.run(brakes.put(ACME, [odd], BrakedState.HALTED, AT))

        assert_harmless(await browser.get(PATH))
        assert_harmless(await browser.get(RELEASE))


async def test_a_release_is_refused_to_who_may_not_and_from_elsewhere() -> None:
    async with operators() as served:
        await halt(served.desk)
        for role, status in (("Office", 403), ("Admin", 403), (None, 401)):
            async with browsing(served, role) as browser:
                assert (await browser.post(RELEASE, {"seen": "x"})).status == status
        async with browsing(served) as browser:
            elsewhere = {"Sec-Fetch-Site": "cross-site"}
            assert (await browser.post(RELEASE, {"seen": "x"}, headers=elsewhere)).status == 403
        assert len(await served.desk.operations.brakes.halted()) == 1


async def test_a_release_is_not_said_above_the_next_halt() -> None:
    async with console() as browser:
        await halt(browser.desk)

        shown = await browser.get(f"{PATH}?released=2")

        assert "Halted." in shown.text
        assert "Released" not in shown.text
