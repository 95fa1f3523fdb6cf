"""A daemon of today takes over what one of before left, in the middle of its work."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.engine.operator.release_brake import BrakeService
from tests.engine.support.dying import judged
from tests.engine.support.old_stores import CHOSEN, kept, played, taken_over, written
from tests.engine.support.restored import at_work
from tests.engine.support.rounds import Rounds
from tests.xero.support.worlds import TENANT


def _numbers(rounds: Rounds) -> list[str]:
    return sorted(
        str(book["InvoiceNumber"])
        for book in rounds.books()
        if book["Status"] not in ("VOIDED", "DELETED")
    )


async def _settled(rounds: Rounds) -> None:
    """Everybody does what was waited for, and both books agree: one document for each invoice."""
    rounds.choose(brake_money=None, cost_codes=CHOSEN)
    await at_work(rounds)
    desk = BrakeService(rounds.context, wake=lambda _: None)
    (halted,) = await desk.halted()
    assert (await desk.release(TENANT, halted.seen, who="Ada")).is_done
    (taken,) = [
        one["id"]
        for one in rounds.pipeline.dump()["tenants"][TENANT]["invoices"].values()
        if one["number"] == "PL-10"
    ]
    rounds.user(do="edit_invoice", id=taken, set={"number": "PL-12"})
    await at_work(rounds, 1500)

    assert await judged(rounds) == []
    own = ["PL-0", "PL-1", "PL-11", "PL-12", "PL-2", "PL-20", "PL-21", "PL-30", "PL-4"]
    assert _numbers(rounds) == sorted([*own, "PL-10"])


@pytest.mark.parametrize("file", kept(), ids=lambda file: file.name.split(".")[0])
def test_store_of_before_is_worked_on_to_the_end(file: Path) -> None:
    async def story(rounds: Rounds) -> None:
        await taken_over(rounds, file)
        await _settled(rounds)

    played(story)


def test_store_of_today_is_worked_on_to_the_end() -> None:
    async def story(rounds: Rounds) -> None:
        await written(rounds)
        await _settled(rounds)

    played(story)
