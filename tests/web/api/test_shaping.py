"""Engine values as JSON; what is missing is null, never left out."""

from __future__ import annotations

import msgspec

from syncd.web.api import shaping
from syncd.web.http import endpoint
from tests.engine.support.operating import QUEUED, desk
from tests.store.build import ACME


async def test_invoice_that_was_never_sent_says_null() -> None:
    async with desk() as at:
        await at.seed({"a": QUEUED})
        story = await at.operations.invoice(ACME, "a")
        assert story is not None

        found = msgspec.json.decode(endpoint.encode(shaping.invoice_in_full(story)))

    missing = ("xero_invoice_id", "xero_status", "synced_version", "amount_due", "xero_url")
    assert [found[name] for name in missing] == [None] * len(missing)
    assert (found["differences"], found["history"], found["open_write"]) == ([], [], None)
    assert found["sides"]["agreed_pipeline"] is None
    assert found["sides"]["pipeline"]["invoiceDate"] == "2026-11-20"
