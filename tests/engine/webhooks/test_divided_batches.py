"""One odd event keeps no other from Pipeline, and is left to the sweeps in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from syncd.domain.errors import Refused
from syncd.domain.facts import ServiceFailed
from syncd.engine.webhooks import process_events
from tests.engine.support import sweeping
from tests.engine.support.coming_back import Coming, play, synced


class _FailsAt:
    """A ledger whose reads of one document, and of all with it, end in an error."""

    def __init__(self, inner: Any, own: str, error: Exception) -> None:
        self._inner = inner
        self._own = own
        self._error = error
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def invoices_by_id(self, tenant: str, ids: Sequence[str], **how: Any) -> Any:
        self.asked += 1
        if not self._own or self._own in ids:
            raise self._error
        return await self._inner.invoices_by_id(tenant, ids, **how)


REFUSED = Refused("400", system="xero", status=400)


@pytest.mark.parametrize("error", [IndexError("list index out of range"), REFUSED])
def test_an_event_that_fails_alone_keeps_no_other_from_pipeline(error: Exception) -> None:
    async def story(coming: Coming) -> None:
        invoices = [await synced(coming, f"PL-{number}") for number in range(5)]
        own = coming.rounds.xero_id(invoices[2])
        whole = coming.rounds.context
        failing = _FailsAt(whole.ledger, own, error)
        coming.rounds.context = replace(whole, ledger=failing)  # type: ignore[arg-type]  # a double
        for each in invoices:
            coming.do("pay", invoice=coming.rounds.xero_id(each))

        await coming.after(200)

        for each in invoices[:2] + invoices[3:]:
            coming.assert_money_agrees(each)
        failed = [fact for fact in coming.rounds.told if isinstance(fact, ServiceFailed)]
        assert {fact.service for fact in failed} == {f"digest:{coming.rounds.tenant}:{own}"}
        assert await coming.digest() is None, "it is tried no more"
        assert failing.asked < 40

        coming.rounds.context = whole
        await sweeping.swept(coming.rounds)
        await coming.after(5)
        coming.assert_money_agrees(invoices[2])

    play(story)


@pytest.mark.parametrize("error", [IndexError("list index out of range"), REFUSED])
def test_what_fails_at_every_event_is_asked_a_few_times_a_round(error: Exception) -> None:
    async def story(coming: Coming) -> None:
        invoices = [await synced(coming, f"PL-{number}") for number in range(12)]
        failing = _FailsAt(coming.context.ledger, "", error)
        coming.rounds.context = replace(coming.context, ledger=failing)  # type: ignore[arg-type]  # a double
        for each in invoices:
            coming.do("pay", invoice=coming.rounds.xero_id(each))
        await coming.silent(5)

        with pytest.raises(type(error)):
            await process_events.process_once(
                coming.context, coming.rounds.tenant, is_open=lambda _: True
            )

        assert failing.asked < 15

    play(story)
