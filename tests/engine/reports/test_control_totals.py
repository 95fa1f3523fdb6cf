"""Control totals of two real worlds: every difference has its cause, and the witness agrees."""

from __future__ import annotations

from syncd.engine.feed import intake
from syncd.engine.reports.control_totals import ReportService
from syncd.store import tenants
from tests.engine.support import reporting
from tests.engine.support.operating import Column
from tests.engine.support.rounds import Rounds, play
from tests.xero.support import worlds


def test_every_mishap_is_listed_with_its_cause_and_the_books_tie_out() -> None:
    async def story(rounds: Rounds) -> None:
        await reporting.seeded(rounds)

        report = await reporting.read(rounds)

        found = {one["number"]: one["cause"] for one in report["exceptions"]}
        assert found == reporting.CAUSES
        assert report["ties_out"]
        assert (report["suspects"], report["unexplained"]) == ([], [])
        assert reporting.objections(rounds, report) == []
        assert all(one["text"] for one in report["exceptions"])

    play(story)


def test_money_is_what_pipeline_was_told_or_listed() -> None:
    async def story(rounds: Rounds) -> None:
        await reporting.seeded(rounds)

        report = await reporting.read(rounds)

        listed = {one["number"]: one for one in report["money_exceptions"]}
        assert listed["OK-4"]["xero"]["paid"] == "5.00"
        assert listed["OK-4"]["told"]["paid"] == "0.00"
        assert "OK-1" not in listed  # paid in full, and Pipeline knows

    play(story)


def test_a_report_of_settled_books_lists_nothing_and_writes_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        for place in range(3):
            rounds.invoice(customer, f"PL-{place}")
        await rounds.turn()
        before = rounds.xero.world.dump()["organisations"]
        told = rounds.pipeline.dump()

        report = await reporting.read(rounds)

        assert (report["exceptions"], report["money_exceptions"]) == ([], [])
        assert [one["pipeline"]["total"] for one in report["totals"]] == ["1242.00"]
        assert reporting.objections(rounds, report) == []
        assert rounds.xero.world.dump()["organisations"] == before
        assert rounds.pipeline.dump() == told

    play(story)


def test_what_was_paused_is_said_to_wait_for_that() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer())
        await rounds.turn()
        rounds.user(do="edit_line", number="PL-1", line=0, set={"quantity": 4})
        await intake.poll_once(rounds.context, rounds.tenant)
        await rounds.context.store.run(tenants.pause(rounds.tenant, rounds.context.now(), "Ada"))

        report = await reporting.read(rounds)

        (one,) = report["exceptions"]
        assert (one["cause"], one["reason_code"]) == ("held", "paused")
        assert reporting.objections(rounds, report) == []

    play(story)


def test_a_document_settled_while_its_page_was_read_is_read_again() -> None:
    async def story(rounds: Rounds) -> None:
        key = rounds.invoice(rounds.customer())
        await rounds.turn()
        pages = rounds.context.ledger.invoices_dated

        async def slow(*asked: object, **more: object) -> object:
            page = await pages(*asked, **more)  # type: ignore[arg-type]  # handed on as it came
            rounds.user(do="edit_line", id=key, line=0, set={"unitAmount": "200"})
            await worlds.passes(1)
            await rounds.turn()
            rounds.context.ledger.invoices_dated = pages  # type: ignore[method-assign]  # once is enough
            return page

        rounds.context.ledger.invoices_dated = slow  # type: ignore[method-assign,assignment]  # the world moves on

        report = await reporting.read(rounds)

        assert report["exceptions"] == []
        assert reporting.objections(rounds, report) == []

    play(story)


def test_contact_of_nobodys_is_called_by_its_name_in_xero() -> None:
    async def story(rounds: Rounds) -> None:
        contact = rounds.xero.do(do="create_contact", set={"Name": "Walk-in"})["ContactID"]
        fields = {"InvoiceNumber": "X-1", "Contact": {"ContactID": contact}}
        rounds.xero.do(do="create_invoice", set=fields)
        await rounds.turn()

        report = await ReportService(rounds.context, gates=Column()).report(rounds.tenant)

        labels = [one.label for one in report.totals.groups if one.key == contact]
        assert labels == [f"Walk-in ({contact})"]

    play(story)


def test_money_that_pipeline_has_not_confirmed_is_not_said_to_be_told() -> None:
    """It is stored as the newest result at once, and Pipeline may be away for a day."""

    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()
        rounds.xero.do(do="part_pay", invoice="PL-1", amount="5")
        rounds.pipeline.faults.set([{"do": "unavailable", "times": None}])
        await reporting.look(rounds, "PL-1")

        away = await reporting.read(rounds)
        rounds.pipeline.faults.set([])
        await rounds.after(120)
        back = await reporting.read(rounds)

        (one,) = away["money_exceptions"]
        assert (one["number"], one["xero"]["paid"]) == ("PL-1", "5.00")
        assert "has not confirmed these amounts" in one["text"]
        assert back["money_exceptions"] == []

    play(story)
