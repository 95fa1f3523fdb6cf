"""The search box."""

from __future__ import annotations

import pytest

from syncd.ports.billing import ChangeKind
from syncd.store import desired, jobs
from syncd.store.desired import DesiredChange
from tests.engine.support.operating import SYNCED
from tests.store.build import AT, BETA, invoice, wish
from tests.web.console.support.browsing import console


@pytest.mark.parametrize("sought", ["a", "A"])
async def test_an_exact_id_or_number_leads_to_the_invoice(sought: str) -> None:
    async with console() as browser:
        await browser.desk.seed({"a": SYNCED, "ab": SYNCED})

        answer = await browser.get(f"/go?q={sought}&t=acme")

        assert answer.headers["Location"] == "/t/acme/invoices/a"


async def test_without_a_tenant_the_first_that_has_it_is_shown() -> None:
    async with console() as browser:
        await browser.desk.seed({"a": SYNCED})

        assert (await browser.get("/go?q=A")).headers["Location"] == "/t/acme/invoices/a"


async def test_anything_else_leads_to_the_list() -> None:
    async with console() as browser:
        answer = await browser.get("/go?q=in&t=acme")

        assert answer.headers["Location"] == "/t/acme/invoices?q=in"
        assert (await browser.get("/go?q=")).headers["Location"] == "/"


async def test_a_beginning_leads_to_the_tenant_that_has_such_a_number() -> None:
    async with console() as browser:
        await browser.desk.seed({"a": SYNCED})
        change = DesiredChange(
            kind=ChangeKind.INVOICE, key="b", version=1, at=AT, by="Ada",
            content=invoice("b", number="INV-1"),
        )  # fmt: skip
        await browser.desk.store.run(desired.put(BETA, [change]))
        await browser.desk.store.run(jobs.enqueue([wish("b", tenant=BETA)], AT))

        answer = await browser.get("/go?q=inv")

        assert answer.headers["Location"] == "/t/beta/invoices?q=inv"
