"""How webhooks stand is told from what is stored, for a tenant that has had none as well."""

from __future__ import annotations

from syncd.domain.rules.limits.sweep_pace import Task
from syncd.engine.webhooks import standing
from tests.engine.support.coming_back import Coming, play
from tests.engine.support.sweeping import swept
from tests.xero.support.worlds import TENANT


def test_a_tenant_without_webhooks_says_so_and_when_it_was_swept() -> None:
    async def story(coming: Coming) -> None:
        before = await standing.of(coming.context, TENANT)
        invoice = coming.rounds.invoice(coming.rounds.customer(), reference="PO")
        await coming.after(4)
        coming.do("pay", invoice="PL-1", amount="1.00")
        await coming.post()
        await swept(coming.rounds)

        found = await standing.of(coming.context, TENANT)

        assert (before.xero_at, before.gaps, before.missed) == (None, (), ())
        assert invoice
        assert found.xero_at is not None
        ended = {one.task for one in found.sweeps if one.ended_at is not None}
        assert {Task.INVOICES, Task.CONTACTS} <= ended

    play(story)
