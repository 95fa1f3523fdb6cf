"""The search box."""

from __future__ import annotations

import pytest

from tests.engine.support.operating import SYNCED
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
