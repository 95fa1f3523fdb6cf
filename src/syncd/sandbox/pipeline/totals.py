"""What an invoice adds up to: amounts and tax per line, rounded there, then summed.

Called by `pipeline.documents`. Pipeline follows Xero's rule so that both books agree: line amounts
are quantity × unit amount × (100 − discount) / 100, rounded half away from zero to cents; tax is
rounded per line (facts §3.8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
_NOTHING = Decimal("0.00")
_DIGITS = 60
"""Room for the product of two largest numbers of four decimals, and its discount, unrounded."""


def cents(value: Decimal) -> Decimal:
    """Round half away from zero to two decimals."""
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


def line_amount(line: Mapping[str, Any]) -> Decimal:
    """The line's amount in currency units, discount taken off, rounded to cents."""
    full: Decimal = line["quantity"] * line["unitAmount"]
    discount = line.get("discountPercent")
    return cents(full if discount is None else full * (_HUNDRED - discount) / _HUNDRED)


def line_tax(line: Mapping[str, Any], line_amount_types: str) -> Decimal:
    """The line's tax in currency units, rounded to cents; a line without a rate carries none."""
    rate = line.get("taxRate")
    if rate is None or line_amount_types == "NoTax":
        return _NOTHING
    amount = line_amount(line)
    return cents(amount * rate / (1 + rate) if line_amount_types == "Inclusive" else amount * rate)


def totals(lines: Sequence[Mapping[str, Any]], line_amount_types: str) -> dict[str, Decimal]:
    """`nett`, `tax` and `total` of these lines, in currency units."""
    with localcontext(prec=_DIGITS):
        tax = sum((line_tax(line, line_amount_types) for line in lines), _NOTHING)
        amount = sum((line_amount(line) for line in lines), _NOTHING)
    nett = amount - tax if line_amount_types == "Inclusive" else amount
    return {"nett": nett, "tax": tax, "total": nett + tax}
