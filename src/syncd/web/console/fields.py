"""Compared fields in words: which line it is, what follows from what, and what a text changed.

Pure. Called by the page of one invoice. Names come under the sync API's names, as differences do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from syncd.domain.model.invoice import Invoice
from syncd.domain.model.result import Difference, MovedBy
from syncd.domain.model.value import Value
from syncd.web.console import amounts
from syncd.web.report.words import field, place_of

_SUMS = ("nett", "tax", "total")
"""What follows from lines, so long as one of them explains it."""
_EXPLAIN_SUMS = ("lineAmountTypes", "lines", "currencyCode")
_AMOUNTS = (*_SUMS, "unitAmount")
_DATES = ("invoiceDate", "dueDate")
_LONG = 60
_LONGEST_LABEL = 40
_LONGEST_DIFFED = 4_000
_BOTH_NAMES = {MovedBy.PIPELINE: "Pipeline", MovedBy.XERO: "Xero", MovedBy.BOTH: "both"}


class Piece(Value, frozen=True, kw_only=True):
    """A part of a text: `kept`, `gone` or `new` beside what was agreed."""

    kind: str
    text: str


class ShownDifference(Value, frozen=True, kw_only=True):
    """A difference as a row shows it; a side's text is in pieces where it is long and changed."""

    label: str
    agreed: str
    pipeline: tuple[Piece, ...]
    xero: tuple[Piece, ...]
    moved: str
    pipeline_moved: bool
    xero_moved: bool
    follows: bool
    is_number: bool


class Effects(Value, frozen=True, kw_only=True):
    """What taking Pipeline's side does, and what taking Xero's, before either is pressed."""

    pipeline: str
    xero: str


class Differences(Value, frozen=True, kw_only=True):
    """What people changed first, then what follows from it; `kept` apart."""

    shown: tuple[ShownDifference, ...]
    kept: tuple[ShownDifference, ...]


def label(name: str, invoice: Invoice | None = None) -> str:
    """A field as people call it: `Line 1 “Heat pump” unit amount`."""
    place = place_of(name)
    if place is None or invoice is None or place >= len(invoice.lines):
        return field(name)
    said = invoice.lines[place].description.strip()
    line = f"Line {place + 1}"
    of_line = field(name).removeprefix(line)
    return f"{line} “{_shortened(said)}”{of_line}" if said else field(name)


def differences(found: Sequence[Difference], invoice: Invoice | None) -> Differences:
    """The rows of both tables."""
    explains = any(_explains_sums(one) for one in found)
    rows = [(one, explains and one.field in _SUMS) for one in found]
    rows.sort(key=lambda row: (row[1], row[0].moved_by is None))
    return Differences(
        shown=tuple(_row(one, invoice, follows=f) for one, f in rows if one.moved_by is not None),
        kept=tuple(_row(one, invoice, follows=f) for one, f in rows if one.moved_by is None),
    )


def said(found: Iterable[Difference], invoice: Invoice | None, *, side: str, most: int = 4) -> str:
    """`Reference PO-1986, Line 1 quantity 14 and 2 more`: what one side would show."""
    moved = [one for one in found if one.moved_by is not None]
    explains = any(_explains_sums(one) for one in moved)
    told = [one for one in moved if not (explains and one.field in _SUMS[:-1])]
    told.sort(key=lambda one: one.field in _SUMS)
    shown = [
        f"{label(one.field, invoice)} {value(one.field, getattr(one, side)) or 'empty'}"
        for one in told
    ]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more


def effects(
    found: Sequence[Difference],
    invoice: Invoice | None,
    *,
    is_withdrawn: bool = False,
    gone_as: str | None = None,
) -> Effects:
    """What either decision does; `gone_as`: the number of a document that is gone in Xero."""
    if gone_as is not None:
        xero = "Nothing is written. It stays gone in Xero, and is accepted as gone."
        if invoice is not None and invoice.number != gone_as:
            made = f"It is created in Xero again, as {invoice.number}."
            return Effects(pipeline=made, xero=xero)
        taken = f"Refused as long as it is called {gone_as}: Xero gives that number to no other"
        refused = f"{taken} document. Give it a new one in Pipeline first."
        return Effects(pipeline=refused, xero=xero)
    if is_withdrawn:
        return Effects(
            pipeline="It is voided or deleted in Xero too, with what was edited there.",
            xero="Nothing is written. It stays in Xero as it is there, deleted in Pipeline alone.",
        )
    pipeline, xero = (said(found, invoice, side=side) for side in ("pipeline", "xero"))
    keeps = f" Xero keeps {xero}, and the difference stays listed." if xero else ""
    return Effects(
        pipeline=f"Xero becomes: {pipeline}." if pipeline else "Xero becomes what Pipeline shows.",
        xero=f"Nothing is written.{keeps}",
    )


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """A changed text word by word, where it is long; else as it is."""
    is_long = max(len(before), len(after)) > _LONG
    if not is_long or not before or before == after or len(after) > _LONGEST_DIFFED:
        return (Piece(kind="kept", text=after),)
    old, new = (re.findall(r"\S+\s*|\s+", text) for text in (before, after))
    found: list[Piece] = []
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Piece(kind="kept", text="".join(new[k:m])))
            continue
        if j > i:
            found.append(Piece(kind="gone", text="".join(old[i:j])))
        if m > k:
            found.append(Piece(kind="new", text="".join(new[k:m])))
    return tuple(found)


def _explains_sums(one: Difference) -> bool:
    return one.moved_by is not None and (
        one.field in _EXPLAIN_SUMS or place_of(one.field) is not None
    )


def _row(one: Difference, invoice: Invoice | None, *, follows: bool) -> ShownDifference:
    agreed, pipeline, xero = (
        value(one.field, each) for each in (one.agreed, one.pipeline, one.xero)
    )
    by = one.moved_by
    return ShownDifference(
        label=label(one.field, invoice),
        agreed=agreed,
        pipeline=pieces(agreed, pipeline),
        xero=pieces(agreed, xero),
        moved="" if by is None else _BOTH_NAMES[by],
        pipeline_moved=by in (MovedBy.PIPELINE, MovedBy.BOTH),
        xero_moved=by in (MovedBy.XERO, MovedBy.BOTH),
        follows=follows,
        is_number=_is_number(one.field),
    )


def _field_of(name: str) -> str:
    return name.rpartition(".")[2]


def _is_number(name: str) -> bool:
    return _field_of(name) in (*_AMOUNTS, "quantity", "discountPercent")


def value(name: str, text: str | None) -> str:
    """What a field shows, as people read it; nothing for none."""
    if text is None:
        return ""
    field = _field_of(name)
    if field in _AMOUNTS:
        return amounts.amount(text)
    return amounts.day(text) if field in _DATES else text


def _shortened(text: str) -> str:
    first = text.splitlines()[0]
    return first if len(first) <= _LONGEST_LABEL else first[: _LONGEST_LABEL - 1] + "…"
