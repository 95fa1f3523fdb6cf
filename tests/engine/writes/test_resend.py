"""A call goes out again under its key only while its tenant may write, up to the last instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from syncd.domain.model.settings import Mode
from syncd.ports.driver import BoundStatement, Row
from syncd.store import tenants
from syncd.store.unit_of_work import Statement, Store
from tests.engine.support.mortal import Mortal
from tests.engine.support.rounds import Rounds, play
from tests.xero.support.worlds import TENANT

AT = datetime.fromisoformat("2026-11-22T00:00:00+00:00")
SWITCHES: dict[str, tuple[Statement[None], Statement[None]]] = {
    "observe": (tenants.set_mode(TENANT, Mode.OBSERVE), tenants.set_mode(TENANT, Mode.LIVE)),
    "pause": (tenants.pause(TENANT, AT, "Ada"), tenants.resume(TENANT)),
}
"""Each with the one that takes it back."""


class Switched(Mortal):
    """A store in which a person's switch is committed just before the first repeat is noted."""

    switch: Sequence[BoundStatement] = ()

    async def write(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        if self.switch and any(one.name == "calls.resent" for one in statements):
            await self.inner.write(self.switch)
            self.switch = ()
        return await super().write(statements)


def sends(rounds: Rounds) -> int:
    """How often a create has left."""
    sent = rounds.xero.transport.sent
    return sum(one.method == "PUT" and "/Invoices" in one.url for one in sent)


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_between_the_look_and_the_repeat_keeps_the_repeat_back(switch: str) -> None:
    turned, taken_back = SWITCHES[switch]

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        driver = Switched(rounds.context.store._driver)
        driver.switch = (turned.bound,)
        rounds.context = replace(rounds.context, store=Store(driver))
        rounds.fault(do="drop_before_commit", match={"method": "PUT", "contains": "PL-1"}, times=1)
        invoice = rounds.invoice(customer)

        await rounds.after(120)
        assert driver.switch == ()
        assert sends(rounds) == 1
        assert rounds.result(invoice)["state"] == "uncertain"

        await rounds.context.store.run(taken_back)
        await rounds.after(600)
        assert [book["InvoiceNumber"] for book in rounds.books()] == ["PL-1"]
        assert rounds.result(invoice)["state"] == "synced"
        assert sends(rounds) == 2

    play(story)


def test_a_call_is_not_repeated_once_a_neighbour_of_its_update_went_back_to_what_it_was() -> None:
    """Simulation, seed 802022 without sweeps: where Xero has lost the key, the neighbour's newest
    edit would be written over by the one before."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        both = rounds.invoice(customer, "PL-1"), rounds.invoice(customer, "PL-2")
        await rounds.turn()
        rounds.fault(do="partial_commit", match={"method": "POST", "path": "/Invoices"}, commit=1)
        for each in both:
            rounds.user(do="edit_invoice", id=each, set={"reference": "PO 2"})
        await rounds.after(20)
        # Which of them came first in the call is the store's to say.
        landed, lost = sorted(both, key=lambda each: str(rounds.result(each)["state"]))
        assert [rounds.result(each)["state"] for each in (landed, lost)] == ["synced", "uncertain"]

        rounds.user(do="edit_invoice", id=landed, set={"reference": ""})
        await rounds.after(600, step_s=10)

        posts = [each for each in rounds.xero.transport.sent if each.method == "POST"]
        keys = [each.headers["Idempotency-Key"] for each in posts if "/Invoices" in each.url]
        assert len(keys) == len(set(keys)) == 3
        shown = {book["InvoiceID"]: book["Reference"] for book in rounds.books()}
        assert shown == {rounds.xero_id(landed): "", rounds.xero_id(lost): "PO 2"}
        assert rounds.result(lost)["state"] == "synced"

    play(story)
