"""Control totals: both books added up by group, and every difference carried by an exception.

Pure, and fed one document at a time, so that memory does not grow with the books. Per currency,
and per group of every dimension:

    Σ Pipeline − Σ exceptions (Pipeline's side) = Σ Xero − Σ exceptions (Xero's side)

A pair that differs without a cause is no exception, so it leaves a remainder; a document that is
VOIDED or DELETED in Xero, or withdrawn in Pipeline, counts nothing there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from syncd.domain.model.control_totals import (
    NO_MONEY,
    NOTHING,
    ZERO,
    Amounts,
    Cause,
    Contribution,
    ControlTotals,
    Dimension,
    GroupTotals,
    ListedException,
    Money,
    MoneyException,
    MoneyTotals,
    Part,
)
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.result import InvoiceResult
from syncd.domain.model.value import like
from syncd.domain.rules.report.causes import PairCause, Paper

_PLACES = {dimension: place for place, dimension in enumerate(Dimension)}
_Place = tuple[str, Dimension, str]
"""Currency, dimension, key."""


@dataclass(slots=True)
class _Group:
    pipeline_count: int = 0
    pipeline: Amounts = NOTHING
    xero_count: int = 0
    xero: Amounts = NOTHING
    exceptions: int = 0
    explained: Amounts = NOTHING


@dataclass(slots=True)
class _MoneyGroup:
    documents: int = 0
    xero: Money = NO_MONEY
    told: Money = NO_MONEY


@dataclass(slots=True)
class Tally:
    """Adds documents up. `total` may be asked for at any time."""

    _groups: dict[_Place, _Group] = field(default_factory=dict)
    _money: dict[str, _MoneyGroup] = field(default_factory=dict)
    _exceptions: list[ListedException] = field(default_factory=list)
    _suspects: list[ListedException] = field(default_factory=list)
    _money_exceptions: list[MoneyException] = field(default_factory=list)

    def add(
        self,
        ours: Contribution | None,
        theirs: Contribution | None,
        judged: PairCause | None,
        *,
        paper: Paper | None = None,
        live: LiveInvoice | None = None,
    ) -> None:
        """One document as each side shows it; `judged` None: no exception."""
        for part in ours.parts if ours is not None else ():
            group = self._group(ours, part)
            group.pipeline_count += 1
            group.pipeline += part.amounts
        for part in theirs.parts if theirs is not None else ():
            group = self._group(theirs, part)
            group.xero_count += 1
            group.xero += part.amounts
        if judged is None:
            return
        listed = list(_listed(ours, theirs, judged, paper, live))
        if judged.cause is None:
            self._suspects += listed
            return
        self._exceptions += listed
        self._explain(ours, theirs)

    def add_unread(self, xero_id: str, number: str, text: str) -> None:
        """A document in Xero that nobody can read, and so in no sum."""
        cause = Cause.UNREADABLE_IN_XERO
        self._exceptions.append(
            ListedException(cause=cause, text=text, number=number, currency="", xero_id=xero_id)
        )

    def add_money(self, paper: Paper, live: LiveInvoice, told: InvoiceResult | None) -> None:
        """The money on a living linked document, and what Pipeline was last told of it."""
        shows = Money(paid=live.amount_paid, credited=live.amount_credited, due=live.amount_due)
        said = _told(live, told)
        group = self._money.setdefault(live.currency_code, _MoneyGroup())
        group.documents += 1
        group.xero += shows
        group.told += said
        if shows == said:
            return
        untold = told is None or told.amount_due is None
        self._money_exceptions.append(
            MoneyException(
                text=(
                    "Pipeline has not been told of any money on it yet."
                    if untold
                    else "It changed in Xero after Pipeline was last told; it is told by itself."
                ),
                number=live.number,
                currency=live.currency_code,
                pipeline_id=paper.key,
                xero_id=live.id,
                told=said,
                xero=shows,
            )
        )

    def total(self, labels: Mapping[tuple[Dimension, str], str]) -> ControlTotals:
        """What was added so far; `labels` says what people call a group's key."""
        groups = tuple(
            like(
                GroupTotals,
                one,
                dimension=dimension,
                key=key,
                label=labels.get((dimension, key), key),
                currency=currency,
            )
            for (currency, dimension, key), one in sorted(self._groups.items(), key=_in_order)
        )
        return ControlTotals(
            groups=groups,
            exceptions=tuple(sorted(self._exceptions, key=_by_number)),
            unexplained=tuple(one for one in groups if not one.unexplained.is_zero),
            suspects=tuple(sorted(self._suspects, key=_by_number)),
            money=tuple(
                like(MoneyTotals, one, currency=currency)
                for currency, one in sorted(self._money.items())
            ),
            money_exceptions=tuple(
                sorted(self._money_exceptions, key=lambda one: (one.number, one.xero_id))
            ),
        )

    def _explain(self, ours: Contribution | None, theirs: Contribution | None) -> None:
        touched: dict[_Place, Amounts] = {}
        for side, sign in ((ours, 1), (theirs, -1)):
            for part in side.parts if side is not None else ():
                assert side is not None
                place = (side.currency, part.dimension, part.key)
                before = touched.get(place, NOTHING)
                touched[place] = before + part.amounts if sign > 0 else before - part.amounts
        for place, apart in touched.items():
            group = self._groups[place]
            group.exceptions += 1
            group.explained += apart

    def _group(self, side: Contribution | None, part: Part) -> _Group:
        assert side is not None
        return self._groups.setdefault((side.currency, part.dimension, part.key), _Group())


def _listed(
    ours: Contribution | None,
    theirs: Contribution | None,
    judged: PairCause,
    paper: Paper | None,
    live: LiveInvoice | None,
) -> Iterable[ListedException]:
    """The exception, once in each currency it has amounts in; once without where it has none."""
    currencies = [side.currency for side in (ours, theirs) if side is not None]
    number = live.number if paper is None and live is not None else ""
    for currency in dict.fromkeys(currencies) or ("",):
        yield ListedException(
            cause=judged.cause,
            text=judged.text,
            number=number if paper is None else paper.number,
            currency=currency,
            pipeline_id=None if paper is None else paper.key,
            xero_id=None if live is None else live.id,
            state=None if paper is None else paper.state,
            reason=None if paper is None else paper.reason,
            fields=judged.fields,
            pipeline=ours.amounts if ours is not None and ours.currency == currency else None,
            xero=theirs.amounts if theirs is not None and theirs.currency == currency else None,
        )


def _told(live: LiveInvoice, told: InvoiceResult | None) -> Money:
    """What Pipeline was told. Told nothing, it shows all as outstanding (product C18)."""
    if told is None or told.amount_due is None:
        return Money(due=live.total)
    return Money(
        paid=told.amount_paid or ZERO,
        credited=told.amount_credited or ZERO,
        due=told.amount_due,
    )


def _in_order(item: tuple[_Place, _Group]) -> tuple[str, int, str]:
    (currency, dimension, key), _ = item
    return currency, _PLACES[dimension], key


def _by_number(one: ListedException) -> tuple[str, str, str]:
    return one.number, one.pipeline_id or one.xero_id or "", one.currency
