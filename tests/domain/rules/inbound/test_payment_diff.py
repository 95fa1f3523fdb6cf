"""Pipeline has exactly the money Xero shows, told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import PipelineInvoiceId
from syncd.domain.model.invoice import LiveInvoice, LiveMoney, MoneyKind
from syncd.domain.model.job import PublicState
from syncd.domain.model.result import InvoiceResult, PaymentResult, PaymentStatus
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules.inbound import payment_diff
from tests.domain import builders

INVOICE = PipelineInvoiceId("i1")
DAY = date(2026, 11, 20)


@st.composite
def moneys(draw: st.DrawFn) -> tuple[LiveMoney, ...]:
    """Some of six payments and credits, in any order."""
    ids = draw(st.permutations([f"p{number}" for number in range(6)]))
    some = ids[: draw(st.integers(0, 6))]
    return tuple(
        LiveMoney(
            kind=draw(st.sampled_from(MoneyKind)),
            id=each,
            amount=draw(st.decimals("0.01", "999.99", places=2)),
            paid_on=DAY + timedelta(days=draw(st.integers(0, 3))),
            reference=draw(st.sampled_from(["", "BACS"])),
        )
        for each in some
    )


def showing(money: tuple[LiveMoney, ...]) -> LiveInvoice:
    return replace(builders.live_invoice(), money=money)


def after(
    told: tuple[PaymentResult, ...], news: tuple[PaymentResult, ...]
) -> dict[str, PaymentResult]:
    """What stands in Pipeline once the news is put."""
    return {one.payment_id: one for one in (*told, *news)}


@given(st.lists(moneys(), min_size=1, max_size=6))
def test_after_any_history_pipeline_has_what_xero_shows(
    history: list[tuple[LiveMoney, ...]],
) -> None:
    told: tuple[PaymentResult, ...] = ()
    for money in history:
        told = tuple(after(told, payment_diff.differences(INVOICE, showing(money), told)).values())

    alive = {
        one.payment_id: (one.type, one.amount, one.paid_on, one.reference)
        for one in told
        if one.status is PaymentStatus.AUTHORISED
    }
    assert alive == {
        one.id: (one.kind, one.amount, one.paid_on, one.reference) for one in history[-1]
    }


@given(moneys(), moneys())
def test_what_was_told_is_not_told_again(
    before: tuple[LiveMoney, ...], now: tuple[LiveMoney, ...]
) -> None:
    told = payment_diff.differences(INVOICE, showing(before), ())
    news = payment_diff.differences(INVOICE, showing(now), told)

    assert payment_diff.differences(INVOICE, showing(now), after(told, news).values()) == ()
    changed = {one.id for one in before} ^ {one.id for one in now}
    assert changed <= {one.payment_id for one in news}


@given(moneys(), st.randoms())
def test_order_says_nothing(money: tuple[LiveMoney, ...], chance: object) -> None:
    shuffled = list(money)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own Random
    told = payment_diff.differences(INVOICE, showing(money), ())

    assert payment_diff.differences(INVOICE, showing(tuple(shuffled)), told) == ()


@given(moneys())
def test_what_is_told_survives_storage(money: tuple[LiveMoney, ...]) -> None:
    for one in payment_diff.differences(INVOICE, showing(money), ()):
        assert msgspec.json.decode(msgspec.json.encode(one), type=PaymentResult) == one


def test_deleted_payment_keeps_its_amount() -> None:
    paid = LiveMoney(kind=MoneyKind.PAYMENT, id="p1", amount=Decimal(40), paid_on=DAY)
    told = payment_diff.differences(INVOICE, showing((paid,)), ())

    (gone,) = payment_diff.differences(INVOICE, showing(()), told)

    assert gone == replace(told[0], status=PaymentStatus.DELETED)


@pytest.mark.parametrize("kind", MoneyKind)
def test_what_an_answer_leaves_out_is_not_taken_back(kind: MoneyKind) -> None:
    """AmountPaid and AmountCredited are the sums of what it lists (facts §5.1)."""
    one, other = (
        LiveMoney(kind=kind, id=each, amount=Decimal(40), paid_on=DAY) for each in ("a", "b")
    )
    sums = "amount_paid" if kind is MoneyKind.PAYMENT else "amount_credited"
    told = payment_diff.differences(INVOICE, showing((one, other)), ())

    half = replace(showing((other,)), **{sums: Decimal(80)})
    whole = replace(half, **{sums: Decimal(40)})

    assert payment_diff.differences(INVOICE, half, told) == ()
    assert payment_diff.differences(INVOICE, whole, told) == (
        replace(told[0], status=PaymentStatus.DELETED),
    )


def test_thin_answer_says_nothing_of_money() -> None:
    thin = replace(builders.live_invoice(), is_whole=False)
    result = InvoiceResult(id=INVOICE, state=PublicState.SYNCED)

    with pytest.raises(AssertionError):
        payment_diff.differences(INVOICE, thin, ())
    with pytest.raises(AssertionError):
        payment_diff.refreshed(result, thin)


def test_refresh_moves_money_and_status_and_nothing_else() -> None:
    result = InvoiceResult(id=INVOICE, state=PublicState.OUT_OF_SYNC, reason="someone moved it")
    live = replace(
        builders.live_invoice(),
        status=XeroStatus.PAID,
        amount_paid=Decimal("115.00"),
        amount_due=Decimal(0),
        fully_paid_on=DAY,
    )

    refreshed = payment_diff.refreshed(result, live)

    assert refreshed.amount_paid == Decimal("115.00")
    assert (refreshed.xero_status, refreshed.fully_paid_on) == (XeroStatus.PAID, DAY)
    assert replace(refreshed, xero_status=None, amount_paid=None, amount_credited=None,
                   amount_due=None, fully_paid_on=None) == result  # fmt: skip
