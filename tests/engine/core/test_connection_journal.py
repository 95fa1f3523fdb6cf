"""The trail of a connection names the daemon when no person acted."""

from __future__ import annotations

from pathlib import Path

from syncd.engine.core import connection_journal
from syncd.store import journal
from syncd.store.journal import RecordType
from tests.engine.connecting import ACME, AT, a_world


async def test_entry_stands_under_the_tenants_connection(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.store.run(connection_journal.entry(ACME, RecordType.EDIT, "renewed", at=AT))

        (written,) = await world.store.fetch(journal.of_object(ACME, "Xero connection", ACME))
        assert (written.entry.who, written.entry.description) == ("syncd", "renewed")
