"""Everything in words."""

from __future__ import annotations

from syncd.domain.model.finding import FindingKind
from syncd.domain.model.job import PublicState, Reason
from syncd.web.console import words
from tests.web.console.support.browsing import console


async def test_help_names_every_state_reason_and_finding() -> None:
    async with console("Office") as browser:
        shown = await browser.get("/help")

        said = [words.state(one).word for one in PublicState]
        said += [words.finding(one).word for one in FindingKind]
        said += [words.reason(one) for one in Reason]
        assert [each for each in said if each not in shown.text] == []
