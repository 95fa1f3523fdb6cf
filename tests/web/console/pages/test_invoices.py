"""The list of invoices: filters, causes, pages, and looking again at all of one reason."""

from __future__ import annotations

import pytest

from syncd.domain.model.job import PublicState, Reason
from syncd.ports.billing import ChangeKind
from syncd.store import desired, jobs
from syncd.store.desired import DesiredChange
from syncd.store.unit_of_work import Transaction
from tests.engine.support.operating import FAILED, OUT_OF_SYNC, QUEUED, SYNCED, UNMAPPED
from tests.store.build import ACME, AT, wish
from tests.web.console.support.browsing import browsing, console, path_of
from tests.web.support.serving import TOKENS, operators

PATH = "/t/acme/invoices"
ENDS = {"a": SYNCED, "b": UNMAPPED, "c": FAILED, "d": OUT_OF_SYNC, "e": QUEUED}


@pytest.mark.parametrize("role", TOKENS)
async def test_every_state_is_listed_for_every_role(role: str) -> None:
    async with operators() as served, browsing(served, role) as browser:
        await served.desk.seed(ENDS)

        shown = await browser.get(PATH)

        assert shown.status == 200
        assert shown.unclosed == []
        assert [f"{PATH}/{key}" for key in ENDS if f"{PATH}/{key}" not in shown.links] == []


@pytest.mark.parametrize("state", PublicState)
@pytest.mark.parametrize("reason", [None, Reason.ACCOUNT_UNMAPPED])
async def test_every_filter_renders(state: PublicState, reason: Reason | None) -> None:
    async with console() as browser:
        await browser.desk.seed(ENDS)

        shown = await browser.get(f"{PATH}?state={state}&reason={reason or ''}&sort=number")

        assert shown.status == 200
        assert ("value", str(state)) in shown.attributes


async def test_fifty_rows_are_a_page_and_the_next_begins_after_them() -> None:
    async with console() as browser:
        await browser.desk.seed({f"k{number:03}": SYNCED for number in range(60)})

        first = await browser.get(f"{PATH}?sort=number")
        older = next(link for link in first.links if "cursor=" in link)
        second = await browser.get(older)

        rows = [[link for link in page.links if f"{PATH}/k" in link] for page in (first, second)]
        assert [len(each) for each in rows] == [50, 10]
        assert not set(rows[0]) & set(rows[1])


async def test_a_full_page_is_no_longer_than_40_kilobytes() -> None:
    async with console() as browser:
        await browser.desk.seed({f"{number:08}-{'0' * 27}": FAILED for number in range(51)})

        shown = await browser.get(PATH)

        assert len([link for link in shown.links if PATH + "/" in link]) == 50
        assert len(shown.body.encode()) <= 40_000


async def test_what_is_not_found_says_why() -> None:
    async with console() as browser:
        shown = await browser.get(f"{PATH}?q=INV-999")

        assert "No number of acme begins with INV-999" in shown.text
        assert "Pipeline has told of no invoice INV-999" in shown.text


async def test_a_number_is_sought_by_its_beginning_and_inside_when_asked() -> None:
    async with console() as browser:
        await browser.desk.seed({"inv-1": SYNCED, "inv-10": FAILED, "x-inv-1": SYNCED})

        async def found(query: str) -> list[str]:
            shown = await browser.get(f"{PATH}?{query}")
            return [link.removeprefix(PATH + "/") for link in shown.links if PATH + "/" in link]

        for typed in ("inv-1", "INV-1", "Inv-1"):
            assert await found(f"q={typed}") == ["inv-1", "inv-10"]
        assert await found("q=inv-1&state=failed") == ["inv-10"]
        assert await found("q=inv-1&state=synced&sort=changed") == ["inv-1"]
        shown = await browser.get(f"{PATH}?q=inv-1")
        (inside,) = [link for link in shown.links if "within=1" in link]
        assert await found(inside.partition("?")[2]) == ["inv-1", "inv-10", "x-inv-1"]
        assert await found("q=V-10") == []
        assert await found("q=V-10&within=1&sort=changed") == ["inv-10"]


async def test_a_search_by_beginning_is_paged() -> None:
    async with console() as browser:
        await browser.desk.seed({f"k{number:03}": SYNCED for number in range(60)})

        first = await browser.get(f"{PATH}?q=K0")
        older = next(link for link in first.links if "cursor=" in link)
        second = await browser.get(older)

        rows = [[link for link in page.links if f"{PATH}/k" in link] for page in (first, second)]
        assert [len(each) for each in rows] == [50, 10]
        assert not set(rows[0]) & set(rows[1])


async def test_a_filter_that_is_none_is_refused_with_those_there_are() -> None:
    async with console() as browser:
        answer = await browser.get(f"{PATH}?state=odd")

        assert answer.status == 400
        assert "expected one of" in answer.text


async def test_looking_again_at_all_of_a_reason_says_how_many() -> None:
    async with operators() as served, browsing(served, "Admin") as browser:
        await served.desk.seed({"b": UNMAPPED, "c": UNMAPPED})
        listed = await browser.get(f"{PATH}?reason=account_unmapped")
        assert ("post", f"{PATH}/retry") in listed.forms

        answer = await browser.post(f"{PATH}/retry", {"reason": "account_unmapped"})
        shown = await browser.get(answer.headers["Location"])

        assert path_of(answer) == PATH
        assert "2 invoices and contacts are looked at again." in shown.text
        assert (await browser.post(f"{PATH}/retry", {"reason": "odd"})).status == 400


async def test_the_office_reads_who_may_look_again() -> None:
    async with operators() as served, browsing(served, "Office") as browser:
        await served.desk.seed({"b": UNMAPPED})

        shown = await browser.get(f"{PATH}?reason=account_unmapped")

        assert "Looking again at all needs Admin." in shown.text
        assert ("post", f"{PATH}/retry") not in shown.forms


async def test_the_list_alone_is_answered_as_a_part() -> None:
    async with console() as browser:
        part = await browser.get(f"{PATH}?part=invoices")

        assert "<html" not in part.body
        assert ("id", "invoices") in part.attributes


async def test_a_number_of_another_tenant_is_said_to_be_there() -> None:
    async with console("Office") as browser:
        await browser.desk.seed({"a": SYNCED})

        shown = await browser.get("/t/beta/invoices?q=A")
        (there,) = [one for one in shown.links if one.startswith("/go?")]

        assert "No number of beta begins with A" in shown.text
        assert "acme has one: A in acme" in shown.text
        assert (await browser.get(there)).headers["Location"] == "/t/acme/invoices/a"


async def test_an_invoice_without_a_number_can_be_opened_and_is_called_so() -> None:
    async with console() as browser:
        unreadable = DesiredChange(
            kind=ChangeKind.INVOICE,
            key="i9",
            version=1,
            at=AT,
            by="Ada",
            problem="no text",
            label="",
        )
        tx = Transaction()
        tx.add(desired.put(ACME, [unreadable]))
        tx.add(jobs.enqueue([wish("i9")], AT))
        await browser.desk.store.commit(tx)

        listed, one = (
            await browser.get("/t/acme/invoices"),
            await browser.get("/t/acme/invoices/i9"),
        )

        assert "/t/acme/invoices/i9" in listed.links
        for shown in (listed, one):
            assert "without a number" in shown.text
