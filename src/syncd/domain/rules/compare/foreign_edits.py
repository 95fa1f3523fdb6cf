"""Foreign edits: what a write's answer shows changed that we did not send.

Between our last read and our write a bookkeeper may have saved the same document. Xero has no
compare-and-set, so the whole answer is compared with read ⊕ sent: a field we left out that differs
from the read is somebody else's edit. Totals are not told apart where lines were sent, for they
follow from the lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncd.domain.model.invoice import InvoiceWrite, LineWrite
from syncd.domain.model.snapshot import (
    HEADER_FIELDS,
    LINE_FIELDS,
    PUBLIC_LINE_NAMES,
    PUBLIC_NAMES,
    LineSnapshot,
    Snapshot,
)
from syncd.domain.model.statuses import XeroStatus, rank_in_xero
from syncd.domain.model.value import Value

SENT_AS = {
    "number": "number",
    "reference": "reference",
    "contact": "contact_id",
    "invoice_on": "invoice_on",
    "due_on": "due_on",
    "currency": "currency_code",
    "line_amount_types": "line_amount_types",
    "status": "status",
}
"""Header fields of a snapshot, as a write calls them."""
_LEFT_OUT_WHEN_NONE = {"discount": "discount_rate", "account": "account_code", "tax": "tax_type"}
"""Line fields a write may leave out; the others always travel with their line."""


class ForeignEdit(Value, frozen=True, kw_only=True):
    """One field somebody else changed; `line` is the LineItemID, `field` empty the whole line."""

    field: str
    line: str | None = None


def edits(before: Snapshot, sent: InvoiceWrite, after: Snapshot) -> tuple[ForeignEdit, ...]:
    """The fields we did not send that differ; header first, then lines in the answer's order."""
    derived = sent.lines is not None or sent.line_amount_types is not None
    found = [
        ForeignEdit(field=field)
        for field in HEADER_FIELDS
        if getattr(before, field) != getattr(after, field)
        and (getattr(sent, SENT_AS[field]) is None if field in SENT_AS else not derived)
    ]
    if sent.status is None and _is_behind(before.status, after.status):
        found.append(ForeignEdit(field="status"))
    was = {line.id: line for line in before.lines}
    now = {line.id: line for line in after.lines}
    if sent.lines is None:
        found += [ForeignEdit(field="", line=each) for each in was if each not in now]
        for line in after.lines:
            if line.id in was:
                found += _changed(was[line.id], line, LINE_FIELDS)
            else:
                found.append(ForeignEdit(field="", line=line.id))
    else:
        for each in sent.lines:
            if each.line_item_id in was and each.line_item_id in now:
                found += _changed(was[each.line_item_id], now[each.line_item_id], _left_out(each))
    return tuple(found)


def without(after: Snapshot, before: Snapshot, found: Sequence[ForeignEdit]) -> Snapshot:
    """`after` as it would be had nobody else written: the edited fields as `before` showed them."""
    header = {each.field: getattr(before, each.field) for each in found if each.line is None}
    was = {line.id: line for line in before.lines}
    edited: dict[str, list[str]] = {}
    for each in found:
        if each.line is not None:
            edited.setdefault(each.line, []).append(each.field)
    lines = [
        _undone(line, was[line.id], edited.get(line.id, ())) if line.id in was else line
        for line in after.lines
        if line.id in was or line.id not in edited
    ]
    here = {line.id: None for line in after.lines}
    lines += [was[each] for each in edited if each not in here]
    return replace(after, lines=tuple(lines), **header)


def public_names(
    found: Sequence[ForeignEdit], before: Snapshot, after: Snapshot
) -> tuple[str, ...]:
    """The names people know the fields by; a line that is gone goes by its place before."""
    places: Mapping[str, int] = {
        **{line.id: place for place, line in enumerate(before.lines)},
        **{line.id: place for place, line in enumerate(after.lines)},
    }
    return tuple(_public_name(each, places) for each in found)


def _public_name(edit: ForeignEdit, places: Mapping[str, int]) -> str:
    if edit.line is None:
        return PUBLIC_NAMES[edit.field]
    line = f"lines[{places[edit.line]}]"
    return f"{line}.{PUBLIC_LINE_NAMES[edit.field]}" if edit.field else line


def _undone(line: LineSnapshot, was: LineSnapshot, fields: Sequence[str]) -> LineSnapshot:
    return replace(line, **{field: getattr(was, field) for field in fields if field})


def _left_out(line: LineWrite) -> tuple[str, ...]:
    return tuple(
        field for field, name in _LEFT_OUT_WHEN_NONE.items() if getattr(line, name) is None
    )


def _changed(was: LineSnapshot, now: LineSnapshot, fields: Sequence[str]) -> list[ForeignEdit]:
    return [
        ForeignEdit(field=field, line=now.id)
        for field in fields
        if getattr(was, field) != getattr(now, field)
    ]


def _is_behind(before: str, after: str) -> bool:
    was, now = XeroStatus(before), XeroStatus(after)
    if was.is_gone or now.is_gone:
        return was is not now
    return rank_in_xero(now) < rank_in_xero(was)
