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
from syncd.domain.rules.report.causes import PairCause, StoredInvoice

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
    published: Money = NO_MONEY


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
        pipeline: Contribution | None,
        xero: Contribution | None,
        found: PairCause | None,
        *,
        stored: StoredInvoice | None = None,
        live: LiveInvoice | None = None,
    ) -> None:
        """One document as each side shows it; `found` None: no exception."""
        for part in pipeline.parts if pipeline is not None else ():
            group = self._group(pipeline, part)
            group.pipeline_count += 1
            group.pipeline += part.amounts
        for part in xero.parts if xero is not None else ():
            group = self._group(xero, part)
            group.xero_count += 1
            group.xero += part.amounts
        if found is None:
            return
        listed = list(_listed(pipeline, xero, found, stored, live))
        if found.cause is None:
            self._suspects += listed
            return
        self._exceptions += listed
        self._explain(pipeline, xero)

    def add_unread(self, xero_id: str, number: str, text: str) -> None:
        """A document in Xero that nobody can read, and so in no sum."""
        cause = Cause.UNREADABLE_IN_XERO
        self._exceptions.append(
            ListedException(cause=cause, text=text, number=number, currency="", xero_id=xero_id)
        )

    def add_money(
        self,
        stored: StoredInvoice,
        live: LiveInvoice,
        result: InvoiceResult | None,
        *,
        is_on_its_way: bool = False,
    ) -> None:
        """The money on a living linked document, and the newest result of it.

        `result` None: Pipeline was told of none; `is_on_its_way`: of this one it is not known.
        """
        in_xero = Money(paid=live.amount_paid, credited=live.amount_credited, due=live.amount_due)
        published = _published(live, result)
        group = self._money.setdefault(live.currency_code, _MoneyGroup())
        group.documents += 1
        group.xero += in_xero
        group.published += published
        is_unconfirmed = is_on_its_way and result is not None
        if in_xero == published and not is_unconfirmed:
            return
        self._money_exceptions.append(
            MoneyException(
                text=_why_money(result, is_unconfirmed=is_unconfirmed),
                number=live.number,
                currency=live.currency_code,
                pipeline_id=stored.key,
                xero_id=live.id,
                published=published,
                xero=in_xero,
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

    def _explain(self, pipeline: Contribution | None, xero: Contribution | None) -> None:
        touched: dict[_Place, Amounts] = {}
        for side, sign in ((pipeline, 1), (xero, -1)):
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
    pipeline: Contribution | None,
    xero: Contribution | None,
    found: PairCause,
    stored: StoredInvoice | None,
    live: LiveInvoice | None,
) -> Iterable[ListedException]:
    """The exception, once in each currency it has amounts in; once without where it has none."""
    currencies = [side.currency for side in (pipeline, xero) if side is not None]
    number = live.number if stored is None and live is not None else ""
    for currency in dict.fromkeys(currencies) or ("",):
        shown = [
            side for side in (pipeline, xero) if side is not None and side.currency == currency
        ]
        months = [
            part.key for side in shown for part in side.parts if part.dimension is Dimension.MONTH
        ]
        yield ListedException(
            cause=found.cause,
            text=found.text,
            number=number if stored is None else stored.number,
            currency=currency,
            pipeline_id=None if stored is None else stored.key,
            xero_id=None if live is None else live.id,
            state=None if stored is None else stored.state,
            reason=None if stored is None else stored.reason,
            fields=found.fields,
            months=tuple(dict.fromkeys(months)),
            pipeline=pipeline.amounts
            if pipeline is not None and pipeline.currency == currency
            else None,
            xero=xero.amounts if xero is not None and xero.currency == currency else None,
        )


def _why_money(result: InvoiceResult | None, *, is_unconfirmed: bool) -> str:
    if result is None or result.amount_due is None:
        return "Pipeline has not been told of any money on it yet."
    if is_unconfirmed:
        return (
            "Pipeline has not confirmed these amounts, and may show those before; it is told by "
            "itself."
        )
    return "It changed in Xero after Pipeline was last told; it is told by itself."


def _published(live: LiveInvoice, published: InvoiceResult | None) -> Money:
    """The amounts Pipeline shows: all outstanding until a result was published (product C18)."""
    if published is None or published.amount_due is None:
        return Money(due=live.total)
    return Money(
        paid=published.amount_paid or ZERO,
        credited=published.amount_credited or ZERO,
        due=published.amount_due,
    )


def _in_order(item: tuple[_Place, _Group]) -> tuple[str, int, str]:
    (currency, dimension, key), _ = item
    return currency, _PLACES[dimension], key


def _by_number(one: ListedException) -> tuple[str, str, str]:
    return one.number, one.pipeline_id or one.xero_id or "", one.currency
