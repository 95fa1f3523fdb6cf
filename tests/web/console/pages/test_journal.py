"""The journal for every role: newest first, paged, followed; its chain checked part by part."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import msgspec
import pytest

from syncd.domain.ids import TenantId
from syncd.domain.model.long_work import WorkKind, WorkState
from syncd.ports.driver import BoundStatement
from syncd.store import journal
from syncd.store.journal import Entry, RecordType
from tests.engine.support.operating import SYNCED, Desk
from tests.store.build import ACME, AT, BETA
from tests.web.console.support.books import carry_out, job
from tests.web.console.support.browsing import browsing, console, path_of
from tests.web.console.support.hostile import EACH, assert_harmless
from tests.web.support.serving import TOKENS, operators

PATH = "/t/acme/journal"
CHECK = PATH + "/check"


def entry(text: str, *, tenant: TenantId = ACME, key: str = "a", who: str = "Ada") -> Entry:
    return Entry(
        tenant=tenant, at=AT, object_type="Invoice", object_key=key, record_type=RecordType.EDIT,
        description=text, who=who, detail=msgspec.json.encode({"said": text}),
    )  # fmt: skip


async def written(at: Desk, count: int, *, tenant: TenantId = ACME) -> None:
    entries = [entry(f"Entry {number:03}.", tenant=tenant) for number in range(1, count + 1)]
    await at.store.run(journal.append(entries))


@pytest.mark.parametrize("role", TOKENS)
async def test_entries_are_shown_newest_first_to_every_role(role: str) -> None:
    async with console(role) as browser:
        await browser.desk.seed({"a": SYNCED})
        await written(browser.desk, 3)

        shown = await browser.get(PATH)

        assert (shown.status, shown.unclosed) == (200, [])
        assert shown.text.index("Entry 003.") < shown.text.index("Entry 001.")
        assert "/t/acme/invoices/a" in shown.links
        assert '{ "said": "Entry 003." }' in shown.text
        assert ("Check the chain" in shown.buttons) is (role != "Office")
        assert ("Checking needs Admin." in shown.text) is (role == "Office")


async def test_a_long_journal_is_paged_down_to_its_beginning() -> None:
    async with console() as browser:
        await written(browser.desk, 120)

        seen, link = [], PATH
        while link:
            shown = await browser.get(link)
            seen += [name for key, name in shown.attributes if key == "id" and "entry-" in name]
            older = [one for one in shown.links if "before=" in one]
            link = PATH + older[0] if older else ""

        assert seen == [f"entry-{number}" for number in range(120, 0, -1)]


async def test_what_is_another_tenants_is_not_shown() -> None:
    async with console() as browser:
        await written(browser.desk, 2, tenant=BETA)

        shown = await browser.get(PATH)

        assert "Entry 001." not in shown.text
        assert "Nothing was written of acme lately." in shown.text
        assert "2 entries." in shown.text


async def test_following_asks_again_by_itself_and_only_then() -> None:
    async with console("Office") as browser:
        await written(browser.desk, 1)

        still = await browser.get(PATH)
        followed = await browser.get(PATH + "?follow=1")
        part = await browser.get(PATH + "?follow=1&part=journal")

        assert ("hx-trigger", "every 2s") not in still.attributes
        assert ("hx-trigger", "every 2s") in followed.attributes
        assert "<html" not in part.body


async def test_a_check_shows_how_far_it_has_come_and_then_that_the_chain_fits() -> None:
    async with console("Admin") as browser:
        await written(browser.desk, 5)

        answer = await browser.post(CHECK)
        again = await browser.post(CHECK)
        under_way = await browser.get(answer.headers["Location"])
        await carry_out(browser.desk)
        await written(browser.desk, 2)
        shown = await browser.get(answer.headers["Location"])
        later = await browser.get(PATH)

        assert (answer.status, path_of(answer)) == (303, PATH)
        assert again.headers["Location"] == answer.headers["Location"]
        assert "The chain is checked." in under_way.text
        assert ("hx-trigger", "every 2s") in under_way.attributes
        for page in (shown, later):
            assert (
                "The chain fits. All 5 entries are what was written. 2 entries came since"
                in page.text
            )
            assert ("hx-trigger", "every 2s") not in page.attributes
            assert "ordered by admin" in page.text


async def test_a_chain_that_was_meddled_with_says_where() -> None:
    async with console("Admin") as browser:
        await written(browser.desk, 3)
        await meddle(browser.desk)

        await browser.post(CHECK)
        await carry_out(browser.desk)

        shown = await browser.get(PATH)
        assert "The chain is broken. Entry 2: its words are not what was written." in shown.text


async def test_a_check_that_was_cut_short_is_told_at_its_own_address_alone() -> None:
    async with console("Admin") as browser:
        number = await job(browser.desk, WorkKind.CHECK, WorkState.INTERRUPTED)

        told = "The chain was not checked to its end."
        assert told in (await browser.get(f"{PATH}?job={number}")).text
        assert told not in (await browser.get(PATH)).text


async def meddle(at: Desk) -> None:
    changed = "UPDATE journal_words SET description = 'Other.' WHERE seq = 2"
    await at.store._driver.write((BoundStatement(name="meddle", sql=changed),))


@pytest.mark.parametrize("query", ["?before=x", "?before=-1"])
async def test_an_odd_place_is_refused(query: str) -> None:
    async with console() as browser:
        assert (await browser.get(PATH + query)).status == 400


async def test_a_place_beyond_the_end_begins_at_the_newest() -> None:
    async with console() as browser:
        await written(browser.desk, 2)

        assert "Entry 002." in (await browser.get(PATH + "?before=999999")).text
        assert "Nothing of acme among these." in (await browser.get(PATH + "?before=1")).text


async def test_it_is_narrowed_by_what_it_is_about_and_by_whom_and_stays_so_over_pages() -> None:
    async with console("Office") as browser:
        await browser.desk.seed({"a": SYNCED})
        entries = [
            entry(f"E{number:03}", key="ab"[number % 2], who=("Ada", "Grace")[number % 3 == 0])
            for number in range(1, 241)
        ]
        await browser.desk.store.run(journal.append(entries))
        grace = [f"E{number:03}" for number in range(240, 0, -1) if number % 6 == 0]
        ada = [f"E{number:03}" for number in range(240, 0, -1) if number % 2 == 0 and number % 3]

        for who, expected in (("Grace", grace), ("Ada", ada)):
            seen, link = list[str](), f"?type=Invoice&object=A&who={who}&follow="
            while link:
                shown = await browser.get(PATH + link)
                seen += re.findall(r"Edit</span> (E\d{3})", shown.body)
                older = [one for one in shown.links if "before=" in one]
                link = older[0] if older else ""

            assert seen == expected
            assert ("value", "A") in shown.attributes
        assert "Nothing is like that." in (await browser.get(PATH + "?who=Nobody")).text


async def test_following_stays_narrowed() -> None:
    async with console("Office") as browser:
        await written(browser.desk, 1)

        narrow = await browser.get(PATH + "?who=Ada&follow=1")

        assert ("hx-get", f"{PATH}?who=Ada&follow=1&part=journal") in narrow.attributes


async def test_an_invoice_and_a_customer_lead_to_all_that_the_journal_says_of_them() -> None:
    async with console("Office") as browser:
        await browser.desk.seed({"a": SYNCED})
        await browser.desk.seed_customer("c1")

        for page, asked in (
            ("/t/acme/invoices/a", "?type=Invoice&object=a"),
            ("/t/acme/contacts/c1", "?type=Customer&object=c1"),
        ):
            assert PATH + asked in (await browser.get(page)).links


@EACH
async def test_what_others_wrote_is_shown_as_text(text: str) -> None:
    async with console() as browser:
        await browser.desk.store.run(journal.append([entry(text, key=text, who=text)]))

        assert_harmless(await browser.get(PATH))
        query = urlencode({"object": text, "who": text, "type": text})
        assert_harmless(await browser.get(f"{PATH}?{query}"))


async def test_a_check_is_refused_to_who_may_not_and_from_elsewhere() -> None:
    async with operators() as served:
        for role, status in (("Office", 403), (None, 401)):
            async with browsing(served, role) as browser:
                assert (await browser.post(CHECK)).status == status
        async with browsing(served) as browser:
            elsewhere = {"Sec-Fetch-Site": "same-site"}
            assert (await browser.post(CHECK, headers=elsewhere)).status == 403
