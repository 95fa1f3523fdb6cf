"""Invoices nobody has linked: adopted when they are the same, never chosen between, never taken."""

from __future__ import annotations

from typing import Any

from syncd.domain.model.planned import PlanAction, PlanItem
from syncd.domain.model.settings import Mode
from tests.engine.plans.test_build import at_rest, named, planned
from tests.engine.support.existing_books import Existing
from tests.engine.support.rounds import Rounds, play


def _books(rounds: Rounds) -> Existing:
    """A customer whose contact stands in Xero, while the tenant only observes."""
    rounds.choose(mode=Mode.OBSERVE)
    books = Existing(rounds)
    books.customer(1, known=True)
    return books


async def _item(rounds: Rounds, number: str = "PL-1") -> PlanItem:
    await at_rest(rounds)
    return named(await planned(rounds), number)


def test_number_of_two_invoices_in_pipeline_is_for_a_person_to_sort_out() -> None:
    async def story(rounds: Rounds) -> None:
        books = _books(rounds)
        books.invoice("PL-1", "C001", 1)
        books.invoice("pl-1 ", "C001", 2)
        books.document("PL-1", "Harbour Build 1", 1)
        await at_rest(rounds)

        mine = [
            item for item in (await planned(rounds)).items if item.name.lower().strip() == "pl-1"
        ]

        assert {item.action for item in mine} == {PlanAction.AMBIGUOUS}
        assert {item.candidates for item in mine} == {(books.documents["PL-1"],)}

    play(story)


def test_of_two_new_invoices_of_one_number_the_first_is_created() -> None:
    async def story(rounds: Rounds) -> None:
        books = _books(rounds)
        books.invoice("PL-1", "C001", 1)
        books.invoice("pl-1", "C001", 2)
        await at_rest(rounds)

        plan = await planned(rounds)

        found = sorted(str(named(plan, name).action) for name in ("PL-1", "pl-1"))
        assert found == ["create", "hold"]

    play(story)


def test_number_of_a_voided_document_stays_taken() -> None:
    async def story(rounds: Rounds) -> None:
        books = _books(rounds)
        books.invoice("PL-1", "C001", 1)
        books.document("PL-1", "Harbour Build 1", 1)
        rounds.xero.do(do="void", invoice=books.documents["PL-1"])

        item = await _item(rounds)

        assert (item.action, item.reason) == (PlanAction.HOLD, "number_taken")
        assert "VOIDED" in item.why
        assert item.candidates == (books.documents["PL-1"],)

    play(story)


def test_number_of_another_invoices_document_is_taken_by_it() -> None:
    async def story(rounds: Rounds) -> None:
        books = _books(rounds)
        rounds.choose(mode=Mode.LIVE)
        books.invoice("PL-1", "C001", 1)
        await at_rest(rounds)
        rounds.xero.do(do="edit", invoice="PL-1", set={"InvoiceNumber": "PL-2"})
        rounds.choose(mode=Mode.OBSERVE)
        books.invoice("PL-2", "C001", 1)

        item = await _item(rounds, "PL-2")

        assert (item.action, item.reason) == (PlanAction.HOLD, "number_taken")
        assert books.invoices["PL-1"] in item.why

    play(story)


def test_document_of_ours_whose_link_was_lost_is_known_by_its_mark() -> None:
    async def story(rounds: Rounds) -> None:
        books = _books(rounds)
        books.invoice("PL-1", "C001", 1)
        url = f"https://app.test/invoices/{books.invoices['PL-1']}?syncd=installation-1"
        books.document("PL-9", "Harbour Build 1", 1, Url=url)

        item = await _item(rounds)

        assert item.xero_id == books.documents["PL-9"]
        assert (item.action, item.reason) == (PlanAction.HOLD, "out_of_sync")

    play(story)


def test_draft_there_is_no_approved_invoice_yet() -> None:
    async def story(rounds: Rounds) -> None:
        books = _books(rounds)
        books.invoice("PL-1", "C001", 1)
        books.document("PL-1", "Harbour Build 1", 1, Status="DRAFT")

        item = await _item(rounds)

        assert item.action is PlanAction.ADOPT_DIFFERING
        assert [each.field for each in item.fields] == ["status"]

    play(story)


def test_paid_one_is_the_same_document() -> None:
    async def story(rounds: Rounds) -> None:
        books = _books(rounds)
        books.invoice("PL-1", "C001", 1)
        books.document("PL-1", "Harbour Build 1", 1)
        rounds.xero.do(do="pay", invoice=books.documents["PL-1"])

        assert (await _item(rounds)).action is PlanAction.ADOPT

    play(story)


def test_what_was_deleted_or_is_too_old_leaves_the_document_alone() -> None:
    async def story(rounds: Rounds) -> None:
        books = _books(rounds)
        books.invoice("PL-1", "C001", 1)
        books.document("PL-1", "Harbour Build 1", 1)
        await at_rest(rounds)
        rounds.user(do="delete", id=books.invoices["PL-1"])
        await at_rest(rounds)

        items = (await planned(rounds)).items
        mine: list[Any] = [item for item in items if item.name == "PL-1"]

        assert {(item.action, bool(item.key)) for item in mine} == {
            (PlanAction.LEAVE, True),
            (PlanAction.LEAVE, False),
        }

    play(story)


def test_write_under_way_is_waited_for() -> None:
    async def story(rounds: Rounds) -> None:
        books = _books(rounds)
        rounds.choose(mode=Mode.LIVE)
        await at_rest(rounds)
        rounds.fault(match={"method": "PUT", "path": "/Invoices"}, do="drop_after_commit")
        books.invoice("PL-1", "C001", 1)
        await rounds.turn()

        item = named(await planned(rounds), "PL-1")

        assert (item.action, item.xero_id) == (PlanAction.HOLD, "")

    play(story)
