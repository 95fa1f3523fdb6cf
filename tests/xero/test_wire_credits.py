"""A credit settles on the day it was put onto the invoice, not on its own (facts §5.1)."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import Garbled
from syncd.domain.model.invoice import LiveMoney, MoneyKind
from syncd.domain.rules.limits.allowance import Lane
from syncd.xero import wire_credits
from tests.xero.support import invoices
from tests.xero.support.worlds import TENANT, Connected, created, played

NOTE = "9ac9f4c4-9c7f-478f-be3a-39c0c82b32f3"


@pytest.mark.parametrize("kind", wire_credits.CREDITS)
def test_credit_settles_when_it_was_used_however_the_invoice_is_read(kind: MoneyKind) -> None:
    async def world(xero: Connected) -> None:
        one = await created(xero)
        since = one.updated_at
        credit = xero.do(
            do="credit", invoice=one.id, kind=kind, amount=14, allocate=False, date="2026-10-01"
        )
        for day in ("2026-11-15", "2026-11-20"):
            xero.do(do="allocate", invoice=one.id, credit=credit["ID"], amount=7, date=day)
        xero.transport.sent.clear()
        ledger, lane = xero.ledger, Lane.WRITE

        read = [
            *await ledger.invoices_by_id(TENANT, [one.id], lane=lane),
            *await ledger.invoices_by_number(TENANT, [one.number], lane=lane),
            *await ledger.invoices_since(TENANT, since, lane=lane),
            *(await ledger.invoice_changes(TENANT, since, page=1, lane=lane)).rows,
            *(await ledger.invoices_dated(TENANT, None, None, page=1, lane=lane)).rows,
        ]

        money = [(each.kind, each.amount, each.paid_on) for row in read for each in row.money]
        assert set(money) == {(kind, 14, date(2026, 11, 20))}
        assert len(read) == 5
        asked = [wire_credits.path(kind) in each.url for each in xero.transport.sent]
        assert (asked.count(True), len(asked)) == (1, 6), "one call more, and only the first time"

    played(world)


def test_invoices_without_credits_cost_no_call_more() -> None:
    async def world(xero: Connected) -> None:
        one = await created(xero)
        xero.do(do="part_pay", invoice=one.id, amount=10)
        xero.transport.sent.clear()

        await xero.ledger.invoices_by_id(TENANT, [one.id], lane=Lane.WRITE)

        assert len(xero.transport.sent) == 1

    played(world)


def _allocated(*parts: tuple[str, date]) -> bytes:
    row = {
        "CreditNoteID": NOTE,
        "Allocations": [
            {"Invoice": {"InvoiceID": invoice}, "Date": invoices.wire_day(day)}
            for invoice, day in parts
        ],
    }
    return invoices.dumped({"CreditNotes": [row]})


@given(st.lists(st.tuples(st.sampled_from("abc"), invoices.days), max_size=6))
def test_the_last_use_of_a_credit_on_an_invoice_counts(parts: list[tuple[str, date]]) -> None:
    found = wire_credits.days(_allocated(*parts), MoneyKind.CREDIT_NOTE)

    by_invoice = itertools.groupby(sorted(parts), key=lambda part: part[0])
    assert found == {(NOTE, one): max(day for _, day in some) for one, some in by_invoice}


def test_payments_and_credits_that_nobody_could_read_keep_their_day() -> None:
    day, other = date(2026, 11, 1), date(2026, 11, 9)
    paid, unread, settled = (
        LiveMoney(kind=kind, id=own, amount=invoices.live().total, paid_on=day)
        for kind, own in (
            (MoneyKind.PAYMENT, NOTE),
            (MoneyKind.CREDIT_NOTE, "unread"),
            (MoneyKind.CREDIT_NOTE, NOTE),
        )
    )
    invoice = invoices.live(money=(paid, unread, settled))

    shown = wire_credits.dated(invoice, {(NOTE, invoice.id): other})

    assert [one.paid_on for one in shown.money] == [day, day, other]
    assert wire_credits.named(MoneyKind.CREDIT_NOTE, [invoice, invoice]) == (NOTE,)


def test_an_odd_credit_stops_no_other_and_no_list_is_no_answer() -> None:
    odd = b'{"CreditNotes": [{"CreditNoteID": 7}, %s' % _allocated(("a", date(2026, 1, 2)))[16:]

    assert wire_credits.days(odd, MoneyKind.CREDIT_NOTE) == {(NOTE, "a"): date(2026, 1, 2)}
    with pytest.raises(Garbled):
        wire_credits.days(b"{}", MoneyKind.CREDIT_NOTE)
