"""Contributions: what a document adds to each group of the control totals, on either side.

Pure. Pipeline's lines are counted under what they mean in Xero (`rules.compare.translation`), with
the line amounts Xero computes (`rules.compare.rounding`), for Pipeline sends none. What the lines
of a document leave of its own totals is a group of its own, so that every dimension adds up to the
same sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from syncd.domain.model.control_totals import Amounts, Contribution, Dimension, Part
from syncd.domain.model.invoice import Invoice, LineAmountTypes, LiveInvoice
from syncd.domain.model.money import cents
from syncd.domain.model.settings import OrganisationSettings
from syncd.domain.model.statuses import Rank, XeroStatus, rank_in_xero
from syncd.domain.rules.compare import rounding
from syncd.domain.rules.compare.translation import Translation

NO_ACCOUNT = "(no account)"
NO_TAX_TYPE = "(no tax type)"
NOT_ON_LINES = "(not on lines)"
_STATUS = {
    Rank.DRAFT: XeroStatus.DRAFT,
    Rank.SUBMITTED: XeroStatus.SUBMITTED,
    Rank.AUTHORISED: XeroStatus.AUTHORISED,
}
_Lines = Iterable[tuple[str, str, Amounts]]


def of_pipeline(
    invoice: Invoice, translation: Translation, settings: OrganisationSettings
) -> Contribution:
    """What Pipeline's document adds, in Xero's words."""
    amounts = Amounts(nett=cents(invoice.nett), tax=cents(invoice.tax), total=cents(invoice.total))
    rates = [_rate(line.tax_type, settings) for line in translation.lines]
    reckoned = rounding.xero_totals(
        rounding.oracle_lines(invoice, rates), invoice.line_amount_types
    ).lines
    lines = (
        (
            translated.account_code or NO_ACCOUNT,
            translated.tax_type or NO_TAX_TYPE,
            _of_line(line.line_amount, line.tax_amount, invoice.line_amount_types),
        )
        for translated, line in zip(translation.lines, reckoned, strict=True)
    )
    return _contribution(
        currency=translation.currency_code,
        status=translation.status,
        month=invoice.invoice_on.isoformat()[:7],
        customer=invoice.customer_id,
        amounts=amounts,
        lines=lines,
    )


def of_xero(live: LiveInvoice, customer: str) -> Contribution:
    """What Xero's document adds; `customer` is Pipeline's name for its contact, or the contact's.

    PAID counts as the AUTHORISED it is: money is no status of the document.
    """
    lines = (
        (
            line.account_code or NO_ACCOUNT,
            line.tax_type or NO_TAX_TYPE,
            _of_line(line.line_amount, line.tax_amount, live.line_amount_types),
        )
        for line in live.lines
    )
    return _contribution(
        currency=live.currency_code,
        status=live.status,
        month=live.invoice_on.isoformat()[:7],
        customer=customer,
        amounts=Amounts(
            nett=cents(live.sub_total), tax=cents(live.total_tax), total=cents(live.total)
        ),
        lines=lines,
    )


def _contribution(
    *, currency: str, status: XeroStatus, month: str, customer: str, amounts: Amounts, lines: _Lines
) -> Contribution:
    parts = [
        Part(dimension=Dimension.CURRENCY, key=currency, amounts=amounts),
        Part(dimension=Dimension.STATUS, key=_STATUS[rank_in_xero(status)].value, amounts=amounts),
        Part(dimension=Dimension.MONTH, key=month, amounts=amounts),
        Part(dimension=Dimension.CUSTOMER, key=customer, amounts=amounts),
    ]
    sums: dict[tuple[Dimension, str], Amounts] = {}
    left = amounts
    for account, tax_type, line in lines:
        for place in ((Dimension.ACCOUNT, account), (Dimension.TAX, tax_type)):
            sums[place] = sums[place] + line if place in sums else line
        left = left - line
    if not left.is_zero:
        for dimension in (Dimension.ACCOUNT, Dimension.TAX):
            sums[dimension, NOT_ON_LINES] = left
    for (dimension, key), sum_ in sorted(sums.items()):
        parts.append(Part(dimension=dimension, key=key, amounts=sum_))
    return Contribution(currency=currency, amounts=amounts, parts=tuple(parts))


def _of_line(amount: Decimal, tax: Decimal, types: LineAmountTypes) -> Amounts:
    if types is LineAmountTypes.INCLUSIVE:
        return Amounts(nett=amount - tax, tax=tax, total=amount)
    return Amounts(nett=amount, tax=tax, total=amount + tax)


def _rate(tax_type: str | None, settings: OrganisationSettings) -> Decimal:
    found = settings.tax_rates.get(tax_type) if tax_type is not None else None
    return Decimal(0) if found is None else found.rate
