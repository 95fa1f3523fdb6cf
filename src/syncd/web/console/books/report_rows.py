"""Control totals as people read them: the verdict, sums by currency, exceptions by cause, rows.

Pure. Called by the pages of reports; drawn from the report's own shapes, as its other forms are, so
that every figure here is one of those its digest is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlencode

from syncd.domain.model.control_totals import Dimension
from syncd.domain.model.value import Value
from syncd.web.console import amounts, words
from syncd.web.console.books.plan_rows import signed
from syncd.web.console.openings import Opening
from syncd.web.console.verdicts import Press
from syncd.web.console.visit import place
from syncd.web.console.words import GOOD, STOP, Look
from syncd.web.report import page
from syncd.web.report import words as report_words
from syncd.web.report.shapes import (
    ControlReport,
    ReportAmounts,
    ReportException,
    ReportGroup,
    ReportMoneyException,
    ReportMoneyTotals,
)

SUSPECT = "suspect"
"""Stands for the cause of what has none."""
_BY = tuple(one for one in Dimension if one is not Dimension.CURRENCY)


class CauseSum(Value, frozen=True, kw_only=True):
    """All exceptions of one cause; `difference` a line for each currency they keep apart."""

    key: str
    text: str
    count: int
    difference: tuple[str, ...]
    href: str


class ExceptionRow(Value, frozen=True, kw_only=True):
    """One document that keeps the books apart, or rests unsettled."""

    number: str
    href: str | None
    cause: str
    text: str
    pipeline: str
    xero: str
    difference: str


class GroupRow(Value, frozen=True, kw_only=True):
    """One group of one currency: both sides, and what is between them."""

    label: str
    pipeline_count: int
    pipeline: str
    xero_count: int
    xero: str
    difference: str
    unexplained: str
    exceptions: int
    href: str | None = None
    """Its exceptions, where they are listed apart."""


class MoneyRow(Value, frozen=True, kw_only=True):
    """Money of one currency, or of one document, as Xero shows it and as Pipeline was told."""

    label: str
    href: str | None
    documents: int
    text: str
    xero: tuple[str, str, str]
    told: tuple[str, str, str]
    is_even: bool


def opening(report: ControlReport, tenant: str, *, is_reviewed: bool) -> Opening:
    """Whether both books tie out: the sentence under which they are signed, and signing it."""
    href = place(tenant, "reports", report.digest, "review")
    press = Press(label="Note as reviewed", href=href, operation="reviewReport", posts=True)
    found = _opening(report)
    return found if is_reviewed else replace(found, press=press)


def _opening(report: ControlReport) -> Opening:
    if report.ties_out:
        look = Look(word="Both books tie out to the cent.", tone=GOOD, icon="check")
        listed = words.counted(len(report.exceptions), "listed exception", "listed exceptions")
        text = f"Pipeline = Xero + {listed}." if report.exceptions else "Pipeline = Xero."
        return Opening(look=look, text=" ".join(filter(None, (text, page.unread(report)))))
    look = Look(word="The books do not tie out.", tone=STOP, icon="cross")
    if not report.suspects:
        groups = words.counted(len(report.unexplained), "group is", "groups are")
        return Opening(look=look, text=f"{groups} apart by more than the exceptions explain.")
    many = words.counted(len(report.suspects), "document differs", "documents differ")
    return Opening(look=look, text=f"{many}, and nothing here says why: start with those below.")


def causes(report: ControlReport, tenant: str) -> tuple[CauseSum, ...]:
    """Exceptions by what they wait for, the most of them first."""
    here = place(tenant, "reports", report.digest)
    found: dict[str, list[ReportException]] = {}
    for one in report.exceptions:
        found.setdefault(key_of(one), []).append(one)
    return tuple(
        CauseSum(
            key=key,
            text=report_words.cause_of(some[0]),
            count=len(some),
            difference=_differences(some),
            href=f"{here}?{urlencode({'cause': key})}#exceptions",
        )
        for key, some in sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    )


def key_of(one: ReportException) -> str:
    """What exceptions are put together by: the cause, and the reason of what waits."""
    if one.cause is None:
        return SUSPECT
    reason = report_words.own_reason(one)
    return one.cause if reason is None else f"{one.cause}:{reason}"


def exceptions(found: Sequence[ReportException], tenant: str) -> tuple[ExceptionRow, ...]:
    """These documents as rows, each with the page it is decided on."""
    return tuple(
        ExceptionRow(
            number=one.number or "without a number",
            href=place(tenant, "invoices", one.id) if one.id else None,
            cause=report_words.cause_of(one),
            text=report_words.why(one),
            pipeline=_total(one.pipeline, one.currency),
            xero=_total(one.xero, one.currency),
            difference=_apart(one.difference.total, one.currency),
        )
        for one in found
    )


def groups(found: Iterable[ReportGroup], here: str = "") -> tuple[GroupRow, ...]:
    """These groups as rows; `here`: the page on which a month leads to its exceptions."""
    return tuple(
        GroupRow(
            label=one.currency if one.key == one.currency else f"{one.label} {one.currency}",
            pipeline_count=one.pipeline.count,
            pipeline=amounts.amount(one.pipeline.total),
            xero_count=one.xero.count,
            xero=amounts.amount(one.xero.total),
            difference=_apart(one.difference.total, ""),
            unexplained=_worst(one.unexplained),
            exceptions=one.exceptions,
            href=f"{here}?{urlencode({'month': one.key, 'currency': one.currency})}#exceptions"
            if here and one.dimension == Dimension.MONTH
            else None,
        )
        for one in found
    )


def is_wanted(one: ReportException, cause: str, month: str, currency: str) -> bool:
    """Whether an exception is of that cause, month and currency; empty: of any."""
    is_of_month = not month or month in one.months
    return cause in ("", key_of(one)) and is_of_month and currency in ("", one.currency)


def without_amount(report: ControlReport) -> int:
    """How many exceptions stand in no sum, because nobody can read their amount."""
    return sum(not one.currency for one in report.exceptions)


def dimensions(report: ControlReport) -> tuple[Dimension, ...]:
    """What its documents are grouped by, beside the currency."""
    there = {one.dimension for one in report.groups}
    return tuple(one for one in _BY if one in there)


def money(report: ControlReport, tenant: str) -> tuple[MoneyRow, ...]:
    """Total Paid, credits and Amount Outstanding by currency, then the documents that part."""
    totals = tuple(_money_total(one) for one in report.money)
    return (*totals, *(_money_exception(one, tenant) for one in report.money_exceptions))


def _money_total(of: ReportMoneyTotals) -> MoneyRow:
    return MoneyRow(
        label=of.currency,
        href=None,
        documents=of.documents,
        text="",
        xero=(of.xero.paid, of.xero.credited, of.xero.due),
        told=(of.told.paid, of.told.credited, of.told.due),
        is_even=of.xero == of.told,
    )


def _money_exception(of: ReportMoneyException, tenant: str) -> MoneyRow:
    return MoneyRow(
        label=of.number or "without a number",
        href=place(tenant, "invoices", of.id),
        documents=1,
        text=words.plain(of.text),
        xero=(of.xero.paid, of.xero.credited, of.xero.due),
        told=(of.told.paid, of.told.credited, of.told.due),
        is_even=False,
    )


def _differences(found: Iterable[ReportException]) -> tuple[str, ...]:
    by: dict[str, Decimal] = {}
    for one in found:
        by[one.currency] = by.get(one.currency, Decimal(0)) + Decimal(one.difference.total)
    return tuple(signed(amount, currency) for currency, amount in by.items() if amount)


def _total(of: ReportAmounts | None, currency: str) -> str:
    return "" if of is None else amounts.amount(of.total, currency)


def _apart(total: str, currency: str) -> str:
    amount = Decimal(total)
    return signed(amount, currency) if amount else ""


def _worst(of: ReportAmounts) -> str:
    """The first of nett, tax and total that is left without a cause."""
    return next((_apart(each, "") for each in (of.total, of.nett, of.tax) if Decimal(each)), "")
