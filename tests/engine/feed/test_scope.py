"""A start moved earlier takes in what was left alone; what leaves the scope is left alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from syncd.domain.facts import StartMoved
from syncd.domain.model.settings import CreateContacts, Mode
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
        assert rounds.calls("PUT Contacts") == 0  # no invoice that counts waits for one
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


def test_start_moved_later_leaves_alone_what_waited_and_says_so() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(mode=Mode.OBSERVE)
        await lease_reaper.start_up(rounds.context)
        customer = rounds.customer()
        old = rounds.invoice(customer, "S-OLD", invoiceDate="2026-03-15")
        new = rounds.invoice(customer, "S-NEW", invoiceDate="2026-11-15")
        await rounds.turn()

        rounds.choose(start_on=date(2026, 11, 1))
        await lease_reaper.apply_choices(rounds.context)
        await rounds.turn()
        shown = rounds.result(old)["reason"]
        rounds.choose(mode=Mode.LIVE)
        await lease_reaper.apply_choices(rounds.context)
        await rounds.after(60)

        assert [book["InvoiceNumber"] for book in rounds.books()] == ["S-NEW"]
        assert rounds.result(new)["state"] == "synced"
        assert rounds.result(old)["state"] == "waiting"
        assert rounds.result(old)["reason"] == shown
        assert shown.startswith("It is dated 2026-03-15, before the tenant's start_date 2026-11-01")

        rounds.choose(start_on=None)
        await lease_reaper.apply_choices(rounds.context)
        await rounds.turn()
        assert rounds.result(old)["state"] == "synced"

    play(story)


def test_an_invoice_that_leaves_the_scope_and_returns_is_told_each_time() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(start_on=date(2026, 11, 1), create_contacts=CreateContacts.NEVER)
        await lease_reaper.start_up(rounds.context)
        moved = rounds.invoice(rounds.customer(), "S-1", invoiceDate="2026-11-15")
        await rounds.turn()
        waited_for = rounds.result(moved)["reasonCode"]

        rounds.user(do="edit_invoice", id=moved, set={"invoiceDate": "2026-10-15"})
        await rounds.turn()
        left = rounds.result(moved)
        rounds.choose(create_contacts=CreateContacts.ALWAYS)
        await lease_reaper.apply_choices(rounds.context)
        await rounds.turn()
        books = rounds.books()
        rounds.user(do="edit_invoice", id=moved, set={"invoiceDate": "2026-11-16"})
        await rounds.turn()

        assert waited_for == "contact_unmapped"
        assert (left["state"], left["reasonCode"]) == ("waiting", "observing")
        assert left["reason"].startswith("It is dated 2026-10-15, before")
        assert books == []
        assert rounds.result(moved)["state"] == "synced"

    play(story)
