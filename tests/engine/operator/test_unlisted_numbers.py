"""Every number has an answer, also one that no listing has."""

from __future__ import annotations

from datetime import date

from syncd.domain.model.trouble import Trouble, TroubleKind
from syncd.engine.operator import unlisted_numbers
from syncd.engine.operator.unlisted_numbers import Unlisted
from syncd.ports.billing import ChangeKind
from syncd.store import desired
from syncd.store.desired import DesiredChange, Moved
from syncd.store.unit_of_work import Statement
from tests.engine.support.rounds import Rounds, play
from tests.xero.support import worlds

DOWN = Trouble(kind=TroubleKind.PIPELINE_DOWN, text="Pipeline answered with an error (503).")


async def why(rounds: Rounds, number: str, *troubles: Trouble) -> Unlisted:
    return await unlisted_numbers.explain(rounds.context, rounds.tenant, number, troubles)


def test_an_invoice_from_before_the_start_says_both_dates() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(start_on=date(2026, 11, 1))
        invoice = rounds.invoice(rounds.customer(), "S-OLD", invoiceDate="2026-03-15")
        await rounds.turn()

        found = await why(rounds, "S-OLD")

        assert found.id == invoice
        for words in ("2026-03-15", "start_date 2026-11-01", "left alone"):
            assert words in found.text

    play(story)


def test_a_number_pipeline_has_not_told_of_says_when_it_was_read_and_what_is_wrong() -> None:
    async def story(rounds: Rounds) -> None:
        await rounds.turn()
        await worlds.passes(40)

        found = await why(rounds, "PL-9")
        down = await why(rounds, "PL-9", DOWN)

        assert found.id is None
        assert "has told of no invoice PL-9" in found.text
        assert "read 40 s ago" in found.text
        assert down.text.endswith(DOWN.text)

    play(story)


def test_an_invoice_deleted_before_the_start_of_its_scope_says_so() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(start_on=date(2026, 11, 1))
        invoice = rounds.invoice(rounds.customer(), "S-OLD", invoiceDate="2026-03-15")
        await rounds.turn()
        await rounds.context.store.run(_withdrawn(rounds, invoice))

        assert "deleted in Pipeline before it was ever sent" in (await why(rounds, "S-OLD")).text

    play(story)


def _withdrawn(rounds: Rounds, invoice: str) -> Statement[Moved]:
    change = DesiredChange(
        kind=ChangeKind.INVOICE, key=invoice, version=9, at=rounds.context.now(), by="Dana"
    )
    return desired.put(rounds.tenant, [change])


def test_the_number_an_invoice_has_in_xero_alone_leads_to_it() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), "PL-1")
        await rounds.turn()
        rounds.xero.world.faults.set([{"do": "unavailable", "times": 100}])
        rounds.user(do="edit_invoice", id=invoice, set={"number": "PL-2"})
        await rounds.turn()

        quickly = await unlisted_numbers.explain(
            rounds.context, rounds.tenant, "PL-1", (), in_xero=False
        )

        assert "another number in Pipeline now: PL-2" in (await why(rounds, "PL-1")).text
        assert "has told of no invoice PL-1" in quickly.text

    play(story)
