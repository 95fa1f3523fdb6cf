"""A change set is empty only while none of its parts holds anything."""

from __future__ import annotations

from syncd.domain.model.job import JobKind
from syncd.engine.core import journal_entries
from syncd.engine.core.changeset import ChangeSet
from syncd.store import journal
from tests.engine.support.rounds import Rounds, play


def test_what_holds_an_entry_alone_is_committed() -> None:
    async def story(rounds: Rounds) -> None:
        changeset = ChangeSet(rounds.context, rounds.tenant, JobKind.PUSH_INVOICE)
        before = changeset.is_empty
        entry = journal_entries.note(rounds.tenant, rounds.context.now(), "Seen", key="t")
        changeset.entries.append(entry)

        await changeset.commit()

        found = await rounds.context.store.fetch(journal.of_object(rounds.tenant, "Tenant", "t"))
        assert (before, changeset.is_empty) == (True, False)
        assert [one.entry.description for one in found] == ["Seen"]

    play(story)
