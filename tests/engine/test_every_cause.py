"""Whatever holds an invoice, the queue keeps what others may wait for too; the need names it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from syncd.domain.model.cause import CauseKind
from syncd.domain.model.job import Reason
from syncd.engine.operator import needs
from tests.engine.support.coming_back import Coming, play
from tests.engine.support.held import WAITS
from tests.xero.support.worlds import TENANT

CAUSES: Mapping[Reason | None, CauseKind | None] = {
    None: CauseKind.MOVED_BY,
    Reason.OBSERVING: None,
    Reason.CONTACT_UNMAPPED: CauseKind.CUSTOMER,
    Reason.CONTACT_ARCHIVED: CauseKind.CUSTOMER,
    Reason.CONTACT_NAME_TAKEN: CauseKind.CUSTOMER,
    Reason.ACCOUNT_UNMAPPED: CauseKind.ACCOUNT,
    Reason.TAX_UNMAPPED: CauseKind.TAX_TYPE,
    Reason.CURRENCY_UNAVAILABLE: CauseKind.CURRENCY,
    Reason.LOCKED_PERIOD: CauseKind.LOCK_DATE,
    Reason.NUMBER_TAKEN: None,
    Reason.TOTALS_MISMATCH: None,
    Reason.HAS_PAYMENTS: None,
    Reason.INVALID_DOCUMENT: None,
    Reason.STATUS_REGRESSION: CauseKind.MOVED_BY,
    Reason.GONE_IN_XERO: None,
    Reason.BRAKE_HALTED: None,
    Reason.REFUSED: CauseKind.TRACKING,
}


@pytest.mark.parametrize("reason", WAITS, ids=lambda one: str(one or "out of sync"))
def test_a_hold_is_a_need_with_its_cause(reason: Reason | None) -> None:
    async def story(coming: Coming) -> None:
        await WAITS[reason].into(coming)

        found = [one for one in await needs.of(coming.context, TENANT, None) if one.invoices]

        assert [(one.reason, one.cause and one.cause.kind) for one in found] == [
            (reason, CAUSES[reason])
        ]
        assert all(one.example_text and one.text for one in found)

    play(story)
