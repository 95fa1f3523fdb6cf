"""A credit that is as it was is not read again; one that changed is (facts §5.1, §5.2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import LiveInvoice, LiveMoney, MoneyKind
from syncd.domain.rules.limits.allowance import Lane
from syncd.xero import wire_credits
from syncd.xero.settled_days import BELIEVED_FOR, SettledDays
from tests.xero.support import invoices
from tests.xero.support.worlds import TENANT, Connected, created, passes, played

DAY = date(2026, 11, 20)
OTHER_TENANT = TenantId("other")


class StandingClock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.at = invoices.UPDATED_AT

    def now(self) -> datetime:
        return self.at


def credited(at: int, *, amount: int = 7, minutes: int = 0) -> LiveInvoice:
    money = LiveMoney(
        kind=MoneyKind.CREDIT_NOTE, id=f"note-{at}", amount=Decimal(amount), paid_on=date.min
    )
    return invoices.live(
        id=f"invoice-{at}",
        money=(money,),
        updated_at=invoices.UPDATED_AT + timedelta(minutes=minutes),
    )


def settled(invoice: LiveInvoice) -> wire_credits.Settled:
    return invoice.money[0].id, invoice.id


@pytest.mark.parametrize("kind", wire_credits.CREDITS)
def test_unchanged_credit_costs_no_call_and_a_changed_one_a_single_one(kind: MoneyKind) -> None:
    async def world(xero: Connected) -> None:
        one = await created(xero)
        credit = xero.do(do="credit", invoice=one.id, kind=kind, amount=14, allocate=False)["ID"]

        async def read() -> tuple[int, list[tuple[Decimal, date]]]:
            """How many calls a read of the invoice takes, and what it shows."""
            xero.transport.sent.clear()
            (row,) = await xero.ledger.invoices_by_id(TENANT, [one.id], lane=Lane.WRITE)
            return len(xero.transport.sent), [(each.amount, each.paid_on) for each in row.money]

        def use(amount: int, day: str) -> None:
            xero.do(do="allocate", invoice=one.id, credit=credit, amount=amount, date=day)

        use(7, "2026-11-15")
        seen = [await read() for _ in range(3)]
        use(7, "2026-11-20")
        seen += [await read(), await read()]
        xero.do(do="deallocate", invoice=one.id)
        await passes(1)
        use(7, "2026-11-18")
        seen += [await read(), await read()]

        first, twice = [(Decimal(7), date(2026, 11, 15))], [(Decimal(14), date(2026, 11, 20))]
        moved = [(Decimal(14), date(2026, 11, 18))]
        assert seen == [
            *((2, first), (1, first), (1, first)),
            *((2, twice), (1, twice)),
            *((2, moved), (1, moved)),
        ]

    played(world)


@pytest.mark.parametrize(
    ("later", "is_known"),
    [
        (credited(1), True),
        (credited(1, amount=8), False),
        (credited(1, minutes=1), False),
        (credited(2), False),
    ],
)
def test_day_is_kept_for_one_amount_on_one_invoice_as_it_was(
    later: LiveInvoice, is_known: bool
) -> None:
    days, before = SettledDays(clock=StandingClock()), credited(1)
    days.keep(TENANT, [before], {settled(before): DAY})

    assert days.known(TENANT, [later]) == ({settled(later): DAY} if is_known else {})
    assert days.known(OTHER_TENANT, [before]) == {}


def test_what_a_read_did_not_show_is_not_kept() -> None:
    days, one = SettledDays(clock=StandingClock()), credited(1)
    days.keep(TENANT, [one], {("note-9", one.id): DAY})

    assert days.known(TENANT, [one]) == {}


def test_day_is_believed_for_some_hours_only() -> None:
    clock = StandingClock()
    days, one = SettledDays(clock=clock), credited(1)
    days.keep(TENANT, [one], {settled(one): DAY})

    clock.at = invoices.UPDATED_AT + BELIEVED_FOR - timedelta(seconds=1)
    assert days.known(TENANT, [one])
    clock.at = invoices.UPDATED_AT + BELIEVED_FOR
    assert days.known(TENANT, [one]) == {}


def test_no_more_are_kept_than_said_and_the_longest_unused_goes_first() -> None:
    days, (one, two, three) = SettledDays(clock=StandingClock(), most=2), map(credited, (1, 2, 3))
    for each in (one, two):
        days.keep(TENANT, [each], {settled(each): DAY})
    days.known(TENANT, [one])
    days.keep(TENANT, [three], {settled(three): DAY})

    assert [bool(days.known(TENANT, [each])) for each in (one, two, three)] == [True, False, True]
