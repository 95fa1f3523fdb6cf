"""Settings, read-only: to a Super User alone, with what Xero allows once it was read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.domain.model.settings import CodeMapping
from tests.engine.support.operating import SYNCED
from tests.store.build import ACME
from tests.web.console.support.browsing import console
from tests.web.console.support.hostile import EACH, assert_harmless

PATH = "/t/acme/settings"


async def test_settings_say_what_counts_and_from_where() -> None:
    async with console() as browser:
        browser.desk.policies[ACME] = replace(browser.desk.policies[ACME], due_days=14)

        shown = await browser.get(PATH)

        assert (shown.status, shown.unclosed) == (200, [])
        assert "due_days 14 configuration after a reload" in shown.text
        assert "sync.batch_size 50 default after a restart" in shown.text
        assert "The organisation's own settings were not read yet." in shown.text
        assert PATH in shown.links


async def test_what_the_organisation_allows_is_shown_once_it_was_read() -> None:
    async with console() as browser:
        await browser.desk.seed({"a": SYNCED})
        await browser.desk.link("a")

        shown = await browser.get(PATH)

        assert "In force." in shown.text
        assert "base currency" in shown.text


@pytest.mark.parametrize("role", ["Office", "Admin"])
async def test_settings_are_neither_shown_nor_offered_to_others(role: str) -> None:
    async with console(role) as browser:
        assert (await browser.get(PATH)).status == 403
        assert PATH not in (await browser.get("/t/acme")).links


@EACH
async def test_what_others_wrote_is_shown_as_text(text: str) -> None:
    async with console() as browser:
        mapping = {text: CodeMapping(account=text)}
        browser.desk.policies[ACME] = replace(browser.desk.policies[ACME], cost_codes=mapping)

        assert_harmless(await browser.get(PATH))
