"""Computes the totals Xero will make of an invoice's lines, to the cent.

Called by preflight before a call is spent; what ties leave open goes with the write. Xero computes
per line and sums (facts §3.8):

    line amount = r2(quantity × unit amount × (100 − discount) / 100)
    tax         = r2(line amount × rate)              Exclusive
                = r2(line amount × rate / (1 + rate)) Inclusive
                = 0                                   NoTax
    sub total   = Σ line amount                       Exclusive, NoTax
                = Σ (line amount − tax)               Inclusive

How Xero breaks a tie is not recorded, so a difference that another tie rule explains is no
objection: it is sent, and what Xero answers is what stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from syncd.domain.model import money
from syncd.domain.model.intent_body import EXACT, TieSlack
from syncd.domain.model.invoice import Invoice, LineAmountTypes
from syncd.domain.model.value import Value

UNIT_PLACES = 4
"""Decimals Xero keeps of a unit amount when asked with unitdp=4 (facts §3.8)."""
_UNIT_STEP = Decimal(1).scaleb(-UNIT_PLACES)
_HUNDRED = Decimal(100)
_HALF_CENT = Decimal("0.005")
_EXACT = Context(prec=40)


class TieRule(StrEnum):
    """Where a value exactly between two cents goes."""

    AWAY = "away from zero"
    EVEN = "to the even cent"
    DOWN = "towards zero"
    UP = "towards plus infinity"


_ROUNDINGS = {
    TieRule.EVEN: ROUND_HALF_EVEN,
    TieRule.DOWN: ROUND_HALF_DOWN,
    TieRule.UP: ROUND_HALF_UP,  # of what is not negative
}
OTHER_TIE_RULES = (TieRule.EVEN, TieRule.DOWN, TieRule.UP)
"""What other systems do: .NET and Python (even), some ledgers (down), JavaScript (up)."""


class OracleLine(Value, frozen=True, kw_only=True):
    """What of a line decides its amounts; `tax_rate` is a fraction, the discount a percentage."""

    quantity: Decimal
    unit_amount: Decimal
    tax_rate: Decimal = Decimal(0)
    discount_percent: Decimal | None = None


class LineTotals(Value, frozen=True, kw_only=True):
    """One line's amounts at two decimals."""

    line_amount: Decimal
    tax_amount: Decimal


class Totals(Value, frozen=True, kw_only=True):
    """A document's amounts at two decimals, and each line's."""

    sub_total: Decimal
    total_tax: Decimal
    total: Decimal
    lines: tuple[LineTotals, ...]


class Agrees(Value, frozen=True, kw_only=True):
    """Pipeline's totals are Xero's, within the tolerance.

    `ties` is how far a rule for ties may take each of them from what Pipeline shows; mostly nought.
    """

    ties: TieSlack = EXACT


class OnlyTies(Value, frozen=True, kw_only=True):
    """They part only where a value lies exactly between two cents; `ties` as above."""

    ties: TieSlack = EXACT


class Differs(Value, frozen=True, kw_only=True):
    """They part, and no tie explains it; `words` says to a person where that can be seen."""

    words: str


Agreement = Agrees | OnlyTies | Differs
_AGREES = Agrees()


def xero_totals(
    lines: Sequence[OracleLine], types: LineAmountTypes, *, tie: TieRule = TieRule.AWAY
) -> Totals:
    """The totals Xero computes for `lines` (facts §3.8), exactly, at two decimals."""
    return _summed([_line_totals(line, types, tie) for line in lines], types)


def _summed(amounts: Sequence[LineTotals], types: LineAmountTypes) -> Totals:
    total_tax = sum((each.tax_amount for each in amounts), Decimal("0.00"))
    line_total = sum((each.line_amount for each in amounts), Decimal("0.00"))
    sub_total = line_total - total_tax if types is LineAmountTypes.INCLUSIVE else line_total
    return Totals(
        sub_total=sub_total, total_tax=total_tax, total=sub_total + total_tax, lines=tuple(amounts)
    )


def totals_agree(invoice: Invoice, rates: Sequence[Decimal], tolerance: Decimal) -> Agreement:
    """Whether Xero will show the totals Pipeline shows.

    `rates` holds, line by line, the fraction of the tax type the line is written with;
    `tolerance` is in currency units and allowed on each of the three totals.
    """
    lines = oracle_lines(invoice, rates)
    by_rules = _by_rules(lines, invoice.line_amount_types)
    expected, *by_other_rules = by_rules
    if _within(expected, invoice, tolerance):
        return Agrees(ties=_slack(by_rules, invoice)) if by_other_rules else _AGREES
    if any(_within(each, invoice, tolerance) for each in by_other_rules):
        return OnlyTies(ties=_slack(by_rules, invoice))
    shown = f"{expected.sub_total}, {expected.total_tax}, {expected.total}"
    return Differs(
        words=f"Pipeline shows nett {invoice.nett}, tax {invoice.tax}, total {invoice.total}; "
        f"Xero would show {shown}: {_first_parting(invoice, lines)}"
    )


def _slack(found: Sequence[Totals], invoice: Invoice) -> TieSlack:
    return TieSlack(
        nett=_furthest([each.sub_total for each in found], invoice.nett),
        tax=_furthest([each.total_tax for each in found], invoice.tax),
        total=_furthest([each.total for each in found], invoice.total),
    )


def _by_rules(lines: Sequence[OracleLine], types: LineAmountTypes) -> tuple[Totals, ...]:
    """The totals by each rule in turn, the usual one first; alone where no line has a tie."""
    found = [_by_rule(line, types) for line in lines]
    if all(line[0] is line[-1] for line in found):  # reckoned once
        return (_summed([line[0] for line in found], types),)
    return tuple([_summed(amounts, types) for amounts in zip(*found, strict=True)])


def _by_rule(line: OracleLine, types: LineAmountTypes) -> tuple[LineTotals, ...]:
    """The line's amounts by each rule in turn; reckoned once where there is nothing to break."""
    exact = _exact_amount(line)
    amount = money.cents(exact)
    if _is_tie(exact, amount):
        return tuple([_line_totals(line, types, tie) for tie in TieRule])
    tax = _exact_tax(amount, line, types)
    rounded = money.cents(tax)
    usual = LineTotals(line_amount=amount, tax_amount=rounded)
    if not _is_tie(tax, rounded):
        return (usual,) * len(TieRule)
    taxes = [_to_cents(tax, tie) for tie in TieRule]
    return tuple([LineTotals(line_amount=amount, tax_amount=each) for each in taxes])


def _is_tie(exact: Decimal, rounded: Decimal) -> bool:
    """Whether a value lies exactly between two cents."""
    return exact != rounded and abs(_EXACT.subtract(exact, rounded)) == _HALF_CENT


def _furthest(amounts: Sequence[Decimal], stated: Decimal) -> Decimal:
    """Nought where all rules agree."""
    least, most = min(amounts), max(amounts)
    return Decimal(0) if least == most else max(abs(least - stated), abs(most - stated))


def oracle_lines(invoice: Invoice, rates: Sequence[Decimal]) -> tuple[OracleLine, ...]:
    """The invoice's lines with the rate each is written with."""
    return tuple(
        [
            OracleLine(
                quantity=line.quantity,
                unit_amount=line.unit_amount,
                tax_rate=rate,
                discount_percent=line.discount_percent,
            )
            for line, rate in zip(invoice.lines, rates, strict=True)
        ]
    )


def _line_totals(line: OracleLine, types: LineAmountTypes, tie: TieRule) -> LineTotals:
    amount = _to_cents(_exact_amount(line), tie)
    return LineTotals(
        line_amount=amount, tax_amount=_to_cents(_exact_tax(amount, line, types), tie)
    )


def _exact_amount(line: OracleLine) -> Decimal:
    unit_amount = line.unit_amount.quantize(_UNIT_STEP, rounding=ROUND_HALF_UP, context=_EXACT)
    gross = _EXACT.multiply(line.quantity, unit_amount)
    if line.discount_percent is None:
        return gross
    return money.share(gross, _EXACT.subtract(_HUNDRED, line.discount_percent), _HUNDRED)


def _exact_tax(amount: Decimal, line: OracleLine, types: LineAmountTypes) -> Decimal:
    match types:
        case LineAmountTypes.NO_TAX:
            return Decimal(0)
        case LineAmountTypes.EXCLUSIVE:
            return _EXACT.multiply(amount, line.tax_rate)
        case LineAmountTypes.INCLUSIVE:
            return money.share(amount, line.tax_rate, 1 + line.tax_rate)


def _to_cents(value: Decimal, tie: TieRule) -> Decimal:
    if tie is TieRule.AWAY:
        return money.cents(value)
    rounding = _ROUNDINGS[tie]
    if tie is TieRule.UP and value < 0:
        rounding = ROUND_HALF_DOWN
    return value.quantize(money.CENT, rounding=rounding, context=_EXACT)


def _within(expected: Totals, invoice: Invoice, tolerance: Decimal) -> bool:
    return (
        abs(expected.sub_total - invoice.nett) <= tolerance
        and abs(expected.total_tax - invoice.tax) <= tolerance
        and abs(expected.total - invoice.total) <= tolerance
    )


def _first_parting(invoice: Invoice, lines: Sequence[OracleLine]) -> str:
    """The first line where two systems can part: another rate, else an amount Xero rounds.

    Pipeline sends no amounts per line, so this is the first place to look, not a proof.
    """
    if invoice.nett + invoice.tax != invoice.total:
        return "in Pipeline nett and tax do not add up to the total"
    for position, (ours, line) in enumerate(zip(invoice.lines, lines, strict=True), start=1):
        if ours.tax_rate is not None and ours.tax_rate != line.tax_rate:
            return (
                f"line {position} is taxed at {_percent(ours.tax_rate)} in Pipeline "
                f"and at {_percent(line.tax_rate)} in Xero"
            )
    for position, line in enumerate(lines, start=1):
        exact = _exact_amount(line)
        amount = money.cents(exact)
        if exact != amount:
            return f"line {position} comes to {_plain(exact)}, which Xero makes {amount}"
        tax = _exact_tax(amount, line, invoice.line_amount_types)
        if tax != money.cents(tax):
            return (
                f"the tax of line {position} comes to {_plain(tax)}, "
                f"which Xero makes {money.cents(tax)}"
            )
    return "no line needs rounding, so the lines themselves say something else"


def _percent(rate: Decimal) -> str:
    return f"{money.canonical(rate * 100)} %"


def _plain(value: Decimal) -> str:
    return money.canonical(money.round_to(value, 6))
