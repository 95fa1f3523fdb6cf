"""What a report says, word for word, and the digest it is stamped with.

Amounts are texts at two decimals, so that no reader rounds them and the digest can be recomputed:
it is the SHA-256 of this JSON without `digest`, keys sorted, no spaces, UTF-8. Made from the
engine's report; every form (table, CSV, page) is drawn from these shapes alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal

import msgspec

from syncd.domain.model.control_totals import (
    Amounts,
    Dimension,
    GroupTotals,
    ListedException,
    Money,
    MoneyException,
    MoneyTotals,
)
from syncd.domain.model.money import CENT
from syncd.domain.model.value import like
from syncd.engine.reports.control_totals import Report

TIME_ZONE = (
    "Months are of invoice dates, which are calendar dates and know no time zone; instants are UTC."
)


class ReportAmounts(msgspec.Struct, frozen=True, kw_only=True):
    """Nett, tax and total, at two decimals."""

    nett: str
    tax: str
    total: str


class ReportSide(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a group: how many documents, and what they come to."""

    count: int
    nett: str
    tax: str
    total: str


class ReportGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group. `difference` is Pipeline less Xero, `explained` its exceptions' part of that."""

    dimension: str
    key: str
    label: str
    currency: str
    pipeline: ReportSide
    xero: ReportSide
    exceptions: int
    difference: ReportAmounts
    explained: ReportAmounts
    unexplained: ReportAmounts


class ReportException(msgspec.Struct, frozen=True, kw_only=True):
    """A document that keeps the books apart or rests unsettled; a side that is null shows none.

    `months`: of its date as each side has it, `2026-11`; empty where nobody can read it.
    """

    number: str
    cause: str | None
    text: str
    state: str | None
    reason_code: str | None
    fields: list[str]
    currency: str
    pipeline: ReportAmounts | None
    xero: ReportAmounts | None
    difference: ReportAmounts
    id: str | None
    xero_invoice_id: str | None
    months: list[str] = msgspec.field(default_factory=list)


class ReportMoney(msgspec.Struct, frozen=True, kw_only=True):
    """Total Paid, credits and Amount Outstanding."""

    paid: str
    credited: str
    due: str


class ReportMoneyTotals(msgspec.Struct, frozen=True, kw_only=True):
    """Money on linked documents: as Xero shows it, and as Pipeline was last told."""

    currency: str
    documents: int
    xero: ReportMoney
    told: ReportMoney
    difference: ReportMoney


class ReportMoneyException(msgspec.Struct, frozen=True, kw_only=True):
    """A document whose money Pipeline was told otherwise."""

    number: str
    text: str
    currency: str
    xero: ReportMoney
    told: ReportMoney
    id: str
    xero_invoice_id: str


class ReportBody(msgspec.Struct, frozen=True, kw_only=True):
    """A report before it is stamped."""

    tenant: str
    organisation: str
    organisation_id: str
    mode: str
    base_currency: str
    start_date: dt.date | None
    totals_tolerance: str
    time_zone: str
    pipeline_as_of: dt.datetime | None
    read_from: dt.datetime
    read_to: dt.datetime
    ties_out: bool
    unexplained: list[ReportGroup]
    suspects: list[ReportException]
    totals: list[ReportGroup]
    groups: list[ReportGroup]
    exceptions: list[ReportException]
    money: list[ReportMoneyTotals]
    money_exceptions: list[ReportMoneyException]


class ControlReport(ReportBody, frozen=True, kw_only=True):
    """Control totals: Pipeline = Xero + listed exceptions.

    `suspects` differ and nothing says why; with them, or with a group `unexplained`, the books do
    not tie out. `pipeline_as_of`: Pipeline's feed was taken up to then; Xero was read in between
    `read_from` and `read_to`.
    """

    digest: str


def digest_of(body: ReportBody) -> str:
    """`sha256:` and the digest of the canonical JSON; of a stamped report, of what was stamped."""
    fields = {name: getattr(body, name) for name in ReportBody.__struct_fields__}
    canonical = msgspec.json.encode(fields, order="sorted")
    return f"sha256:{hashlib.sha256(canonical).hexdigest()}"


def shape(of: Report) -> ControlReport:
    """The report as it is shown, stamped."""
    totals = of.totals
    groups = [_group(one) for one in totals.groups]
    body = ReportBody(
        tenant=of.tenant,
        organisation=of.organisation.name,
        organisation_id=of.organisation.organisation_id,
        mode=of.policy.mode,
        base_currency=of.organisation.base_currency,
        start_date=of.moments.start_on,
        totals_tolerance=_text(of.policy.totals_tolerance),
        time_zone=TIME_ZONE,
        pipeline_as_of=of.moments.feed_at,
        read_from=of.moments.began_at,
        read_to=of.moments.ended_at,
        ties_out=totals.ties_out,
        unexplained=[_group(one) for one in totals.unexplained],
        suspects=[_exception(one) for one in totals.suspects],
        totals=[one for one in groups if one.dimension == Dimension.CURRENCY],
        groups=[one for one in groups if one.dimension != Dimension.CURRENCY],
        exceptions=[_exception(one) for one in totals.exceptions],
        money=[_money_totals(one) for one in totals.money],
        money_exceptions=[_money_exception(one) for one in totals.money_exceptions],
    )
    fields = {name: getattr(body, name) for name in ReportBody.__struct_fields__}
    return ControlReport(**fields, digest=digest_of(body))


def _group(of: GroupTotals) -> ReportGroup:
    return like(
        ReportGroup,
        of,
        pipeline=_side(of.pipeline_count, of.pipeline),
        xero=_side(of.xero_count, of.xero),
        difference=_amounts(of.difference),
        explained=_amounts(of.explained),
        unexplained=_amounts(of.unexplained),
    )


def _exception(of: ListedException) -> ReportException:
    return like(
        ReportException,
        of,
        reason_code=of.reason,
        fields=list(of.fields),
        months=list(of.months),
        pipeline=None if of.pipeline is None else _amounts(of.pipeline),
        xero=None if of.xero is None else _amounts(of.xero),
        difference=_amounts(of.difference),
        id=of.pipeline_id,
        xero_invoice_id=of.xero_id,
    )


def _money_totals(of: MoneyTotals) -> ReportMoneyTotals:
    return ReportMoneyTotals(
        currency=of.currency,
        documents=of.documents,
        xero=_money(of.xero),
        told=_money(of.published),
        difference=_money(of.published - of.xero),
    )


def _money_exception(of: MoneyException) -> ReportMoneyException:
    return ReportMoneyException(
        number=of.number,
        text=of.text,
        currency=of.currency,
        xero=_money(of.xero),
        told=_money(of.published),
        id=of.pipeline_id,
        xero_invoice_id=of.xero_id,
    )


def _side(count: int, of: Amounts) -> ReportSide:
    return ReportSide(count=count, nett=_text(of.nett), tax=_text(of.tax), total=_text(of.total))


def _amounts(of: Amounts) -> ReportAmounts:
    return ReportAmounts(nett=_text(of.nett), tax=_text(of.tax), total=_text(of.total))


def _money(of: Money) -> ReportMoney:
    return ReportMoney(paid=_text(of.paid), credited=_text(of.credited), due=_text(of.due))


def _text(amount: Decimal) -> str:
    """Two decimals; nothing is 0.00, never -0.00."""
    return format(amount.quantize(CENT) + 0, "f")
