"""The judges' look into the store: work is due when it may be taken up, and no earlier."""

from __future__ import annotations

from pathlib import Path

from syncd.domain.ids import XeroOrganisationId
from syncd.domain.model.inbox import ResourceChange
from syncd.domain.rules.inbound.event_routing import Reread
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.lab.watch.store_reader import StoreReader
from syncd.store import inbox, tenants
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, later
from tests.support.migrated import migrated

EVENT = ResourceChange(
    category="CONTACT",
    event="UPDATE",
    organisation_id=XeroOrganisationId("org-1"),
    resource_id="x1",
    happened_at=AT,
    sequence=7,
)


def milliseconds(after_s: float) -> int:
    return int(later(after_s).timestamp() * 1000)


async def test_event_whose_read_came_too_early_is_due_when_it_is_read_again(tmp_path: Path) -> None:
    driver = InlineDriver(migrated(tmp_path / "store.db"))
    store = Store(driver)
    await store.run(tenants.ensure([ACME]))
    await store.run(inbox.add([inbox.of_xero(EVENT, ACME, None, later(1))]))
    reader = StoreReader(tmp_path / "store.db", ACME)
    at_once = reader.oldest_due_ms()

    waiting = await store.fetch(inbox.waiting(ACME, AT, limit=100))
    await store.run(inbox.put_off([(one, Reread(at=later(90), tries=1)) for one in waiting]))
    put_off = reader.oldest_due_ms()
    reader.close()
    await driver.close()

    assert (at_once, put_off) == (milliseconds(1), milliseconds(90))
