"""A person at the daemon: sees what the API shows of an invoice, and takes a side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.result import Difference, InvoiceResult
from syncd.domain.rules.decide.resolve import Take
from syncd.engine.operator import resolve as operator_resolve
from syncd.engine.operator import statuses
from syncd.engine.operator.resolve import Answer, Order, Resolved
from syncd.ports.billing import ChangeKind
from syncd.store import views
from syncd.store.unit_of_work import Transaction
from tests.engine.support.rounds import Rounds

WHO = "Robin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the API shows of one invoice."""

    state: PublicState
    reason: Reason | None
    why: str
    differences: tuple[Difference, ...]
    seen: str
    history: tuple[tuple[str, str], ...]

    @property
    def moved(self) -> dict[str, str | None]:
        return {each.field: each.moved_by for each in self.differences}


async def shown(rounds: Rounds, invoice: str) -> Shown:
    """One invoice as `GET …/invoices/{id}` has it."""
    read = Transaction()
    row = read.add(views.one(rounds.tenant, ChangeKind.INVOICE, invoice))
    sides = read.add(views.invoice_sides(rounds.tenant, invoice))
    entries = read.add(views.history(rounds.tenant, "Invoice", invoice))
    await rounds.context.store.read(read)
    result = sides.one.result
    told = None if result is None else msgspec.json.decode(result, type=InvoiceResult)
    return Shown(
        state=row.one.state,
        reason=row.one.reason,
        why=row.one.note or "",
        differences=() if told is None else told.differences,
        seen=statuses.seen_of(sides.one, told),
        history=tuple((each.entry.description, each.entry.who) for each in entries.rows),
    )


async def order(rounds: Rounds, invoice: str, take: str, *, seen: str | None = None) -> Answer:
    """Take a side of what is shown now, or of what was `seen`; nothing follows yet."""
    if seen is None:
        seen = (await shown(rounds, invoice)).seen
    wanted = Order(take=Take(take), seen=seen, who=WHO)
    return await operator_resolve.resolve(rounds.context, rounds.tenant, invoice, wanted)


async def take(rounds: Rounds, invoice: str, side: str) -> Shown:
    """Take a side, let the daemon work, and look again."""
    answer = await order(rounds, invoice, side)
    assert isinstance(answer, Resolved), answer
    await rounds.turn()
    return await shown(rounds, invoice)


def book(rounds: Rounds, number: str = "PL-1") -> dict[str, object]:
    """The document in Xero with this number."""
    (found,) = (each for each in rounds.books() if each["InvoiceNumber"] == number)
    return found


def fields(differences: Sequence[Difference]) -> list[str]:
    return [each.field for each in differences]
