"""Reports for every role: read as a job, kept, drawn in three forms, noted as reviewed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from syncd.domain.model.long_work import WorkKind, WorkState
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.web.report import shapes
from syncd.web.report.shapes import ControlReport, ReportBody
from tests.web.console.support.books import job, keep_report
from tests.web.console.support.browsing import Browser, browsing, console, path_of
from tests.web.console.support.hostile import EACH, assert_harmless
from tests.web.support.reports import report
from tests.web.support.serving import TOKENS, operators

PATH = "/t/acme/reports"


def restamped(of: ControlReport, **changes: Any) -> ControlReport:
    fields = {name: getattr(of, name) for name in ReportBody.__struct_fields__}
    body = ReportBody(**{**fields, **changes})
    return ControlReport(**{**fields, **changes}, digest=shapes.digest_of(body))


@pytest.mark.parametrize("role", TOKENS)
async def test_nothing_kept_says_what_a_report_is_and_who_may_read_one(role: str) -> None:
    async with console(role) as browser:
        shown = await browser.get(PATH)

        assert (shown.status, shown.unclosed) == (200, [])
        assert "No report is kept." in shown.text
        assert ("Read both books now" in shown.buttons) is (role != "Office")
        assert ("Reading both books needs Admin." in shown.text) is (role == "Office")


async def test_reading_is_a_job_with_a_page_and_never_waited_for() -> None:
    async with console("Admin") as browser:
        ordered = await browser.post(PATH)
        running = await browser.get(ordered.headers["Location"])

        assert (ordered.status, path_of(ordered)) == (303, PATH)
        assert "Under way." in running.text
        assert "Read both books now" not in running.buttons
        assert ("hx-trigger", "every 2s") in running.attributes


async def test_a_report_that_was_read_leads_on_to_itself() -> None:
    async with console() as browser:
        found = report()
        page = await keep_report(browser.desk, found)
        number = await job(browser.desk, WorkKind.REPORT, WorkState.DONE, result=found.digest)

        whole = await browser.get(f"{PATH}?job={number}")
        listed = await browser.get(PATH)

        assert (whole.status, whole.headers["Location"]) == (303, page)
        assert page in listed.links
        assert "Both books tied out to the cent." in listed.text
        assert "ties out" in listed.text


@pytest.mark.parametrize("role", TOKENS)
async def test_a_report_that_ties_out_says_so_first(role: str) -> None:
    async with console(role) as browser:
        page = await keep_report(browser.desk, report())

        shown = await browser.get(page)

        assert (shown.status, shown.unclosed) == (200, [])
        assert "Both books tie out to the cent. Pipeline = Xero + 1 listed exception." in shown.text
        assert "1,234,578.30" in shown.text
        assert "+10.50" in shown.text
        assert report().digest in shown.text
        assert page + ".csv" in shown.links
        assert ("Note as reviewed" in shown.buttons) is (role != "Office")
        assert ("Note as reviewed needs Admin." in shown.text) is (role == "Office")


async def test_one_that_does_not_tie_out_begins_with_what_nothing_explains() -> None:
    async with console() as browser:
        page = await keep_report(browser.desk, report(is_whole=False))

        shown = await browser.get(page)
        listed = await browser.get(PATH)
        suspects = await browser.get(page + "?cause=suspect")

        assert "The books do not tie out. 1 document differs" in shown.text
        assert "/t/acme/invoices/k2" in shown.links
        assert "does not tie out" in listed.text
        assert "/t/acme/invoices/k" not in suspects.links
        assert "/t/acme/invoices/k2" in suspects.links


async def test_exceptions_are_narrowed_by_cause_and_paged() -> None:
    async with console() as browser:
        (one,) = report().exceptions
        many = [
            msgspec.structs.replace(one, number=f"N-{number:03}", id=f"n{number}")
            for number in range(70)
        ]
        page = await keep_report(browser.desk, restamped(report(), exceptions=many))

        first = await browser.get(page)
        (older,) = [link for link in first.links if "from=50" in link]
        second = await browser.get(page + older.partition("#")[0])
        odd = await browser.get(page + "?cause=odd")

        assert "N-069" not in first.text
        assert "N-069" in second.text
        assert "No exception of this report is like that." in odd.text


async def test_a_month_leads_to_its_own_exceptions_and_what_has_no_amount_is_told_apart() -> None:
    async with console("Office") as browser:
        (one,) = report().exceptions
        old = msgspec.structs.replace(one, number="OCT-1", months=["2026-10"])
        unread = msgspec.structs.replace(one, number="LOST-1", months=[], currency="")
        page = await keep_report(browser.desk, restamped(report(), exceptions=[one, old, unread]))

        by_month = await browser.get(page + "?by=month")
        (november,) = [link for link in by_month.links if "month=2026-11" in link]
        shown = await browser.get(november.partition("#")[0])

        assert "1 exception has no amount that can be read" in by_month.text
        assert "Exceptions of 2026-11 NZD 1" in shown.text
        assert "OCT-1" not in shown.text
        assert "LOST-1" not in shown.text


async def test_both_books_are_shown_by_group() -> None:
    async with console() as browser:
        page = await keep_report(browser.desk, report())

        by_month = await browser.get(page + "?by=month")
        odd = await browser.get(page + "?by=odd")

        assert "2026-11 NZD" in by_month.text
        assert (odd.status, "customer" in odd.text) == (400, True)


async def test_every_form_bears_the_digest_of_the_page() -> None:
    async with console("Office") as browser:
        found = report()
        page = await keep_report(browser.desk, found)

        table = await browser.get(page + ".csv")
        printed = await browser.get(page + ".html")

        assert table.headers["Content-Type"].startswith("text/csv")
        assert found.digest in table.body
        assert found.digest in printed.body
        assert printed.tags.count("script") == 0
        policy = printed.headers["Content-Security-Policy"]
        assert "style-src 'unsafe-inline'; sandbox" in policy, "its own style is shown"
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy


async def test_a_review_is_noted_with_name_and_digest() -> None:
    async with console("Admin") as browser:
        found = report()
        page = await keep_report(browser.desk, found)

        answer = await browser.post(page + "/review")
        shown = await browser.get(page)
        listed = await browser.get(PATH)

        assert (answer.status, answer.headers["Location"]) == (303, page)
        assert "Reviewed by admin" in shown.text
        assert "Note as reviewed" not in shown.buttons
        assert "admin" in listed.text


async def test_a_job_that_did_not_end_well_says_why() -> None:
    async with console() as browser:
        await job(browser.desk, WorkKind.REPORT, WorkState.FAILED, text="Xero is away.")

        assert "Nothing was read. Xero is away." in (await browser.get(PATH)).text


async def test_what_is_not_kept_is_not_there() -> None:
    async with console() as browser:
        for path in ("sha256:0", "sha256:0.csv", "sha256:0.html"):
            assert (await browser.get(f"{PATH}/{path}")).status == 404
        assert (await browser.post(f"{PATH}/sha256:0/review")).status == 404


async def test_without_a_connection_nothing_is_read() -> None:
    async with console() as browser:
        browser.desk.column.state = ConnectionState.NOT_CONNECTED

        answer = await browser.post(PATH)

        assert answer.status == 409
        assert ("role", "alert") in answer.attributes
        assert await _jobs(browser) == 0


@EACH
async def test_what_others_wrote_is_shown_as_text(text: str) -> None:
    async with console() as browser:
        (one,) = report().exceptions
        odd = msgspec.structs.replace(one, number=text, text=text, id=text, fields=[text])
        found = restamped(report(), exceptions=[odd], suspects=[odd], organisation=text)
        page = await keep_report(browser.desk, found)

        for path in (page, page + "?by=customer", page + ".html"):
            shown = await browser.get(path)
            assert shown.status == 200
            assert shown.tags.count("script") == shown.body.count("<script src=")
        assert_harmless(await browser.get(page))


async def test_orders_are_refused_to_who_may_not_and_from_elsewhere() -> None:
    async with operators() as served:
        page = await keep_report(served.desk, report())
        for role, status in (("Office", 403), (None, 401)):
            async with browsing(served, role) as browser:
                for path in (PATH, page + "/review"):
                    assert (await browser.post(path)).status == status
        async with browsing(served) as browser:
            elsewhere = {"Sec-Fetch-Site": "same-site"}
            for path in (PATH, page + "/review"):
                assert (await browser.post(path, headers=elsewhere)).status == 403
            assert await _jobs(browser) == 0
            assert "Nobody has noted it as reviewed yet." in (await browser.get(page)).text


async def _jobs(browser: Browser) -> int:
    return len(await browser.desk.operations.orders.works.recent(browser.desk.operations.served[0]))
