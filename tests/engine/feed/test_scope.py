"""A start moved earlier takes in what was left alone until then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from syncd.domain.facts import StartMoved
from syncd.domain.model.settings import CreateContacts
from syncd.engine.feed import intake
from syncd.engine.recovery import lease_reaper
from syncd.store import journal
from tests.engine.support.rounds import Rounds, play


@dataclass
class Meanwhile:
    """A store beside whose commits something else happens."""

    inner: Any
    commit: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def test_start_moved_earlier_takes_in_what_was_left_alone_and_says_how_many() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(start_on=date(2026, 11, 1), create_contacts=CreateContacts.WHEN_INVOICED)
        await lease_reaper.start_up(rounds.context)
        customer = rounds.customer()
        days = ("2026-03-15", "2026-09-01", "2026-10-31")
        march, september, october = (
            rounds.invoice(customer, f"S-{day}", invoiceDate=day) for day in days
        )
        await rounds.turn()
        assert rounds.books() == []
        rounds.told.clear()

        rounds.choose(start_on=date(2026, 9, 1))
        await lease_reaper.start_up(rounds.context)
        await rounds.turn()

        assert rounds.result(march) == {}
        assert [rounds.result(one)["state"] for one in (september, october)] == ["synced"] * 2
        assert [fact for fact in rounds.told if isinstance(fact, StartMoved)] == [
            StartMoved(tenant=rounds.tenant, start_on="2026-09-01", invoices=2)
        ]

        entry, *_ = await rounds.context.store.fetch(
            journal.of_object(rounds.tenant, "Tenant", rounds.tenant)
        )
        assert entry.entry.description == "start_date is 2026-09-01 now: 2 invoices more count."
        rounds.told.clear()
        rounds.choose(start_on=None)
        await lease_reaper.apply_choices(rounds.context)
        await lease_reaper.apply_choices(rounds.context)
        await rounds.turn()
        assert rounds.result(march)["state"] == "synced"
        assert len([fact for fact in rounds.told if isinstance(fact, StartMoved)]) == 1

    play(story)


def test_start_moved_while_a_page_is_taken_misses_nothing_of_it() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(start_on=date(2026, 11, 1))
        await lease_reaper.start_up(rounds.context)
        old = rounds.invoice(rounds.customer(), "S-OLD", invoiceDate="2026-03-15")
        whole = rounds.context.store
        commit, commits = whole.commit, []

        async def moved_first(tx: Any) -> Any:
            if not commits:
                commits.append(tx)
                rounds.choose(start_on=None)
                await lease_reaper.apply_choices(rounds.context)
            return await commit(tx)

        store = Meanwhile(whole, moved_first)
        await intake.poll_once(replace(rounds.context, store=store), rounds.tenant)  # type: ignore[arg-type]  # a double
        await rounds.turn()

        assert rounds.result(old)["state"] == "synced"

    play(story)
