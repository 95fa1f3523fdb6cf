"""Whether a live document shows what a write sent, and whether money on it forbids the write.

Called by the probe, which looks for writes of unknown outcome, by the decision about an invoice,
and with every confirmed write, to find what Xero altered as it took it. All compare in normal
forms, so that what Xero trims or rounds by its rules is still what was sent.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from operator import attrgetter

from syncd.domain.model.intent_body import EXACT, TieSlack
from syncd.domain.model.invoice import InvoiceWrite, LineWrite, LiveInvoice, LiveLine, StepKind
from syncd.domain.model.snapshot import HEADER_FIELDS, Snapshot
from syncd.domain.model.statuses import rank_in_xero
from syncd.domain.rules.compare import foreign_edits, line_joining, snapshots
from syncd.domain.rules.compare.comparison import Comparison
from syncd.domain.rules.compare.field_diff import FieldDiff

_TOTALS = ("nett", "tax", "total")
_LEFT_TO_XERO = ("account", "tax")
"""What a write may leave out of a line, for Xero to fill."""
_header = attrgetter(*HEADER_FIELDS)
_Words = tuple[str | None, ...]


def shows(write: InvoiceWrite, live: LiveInvoice) -> bool:
    """Whether `live` shows all that `write` sent; what was not sent is not looked at.

    A status further on is reached. A line's code that was left out may be anything.
    """
    if write.step in (StepKind.VOID, StepKind.DELETE):
        return live.status.is_gone
    return (
        not live.status.is_gone
        and _header_shows(write, live)
        and (write.status is None or rank_in_xero(live.status) >= rank_in_xero(write.status))
        and (not write.sent_to_contact or live.sent_to_contact)
        and (write.lines is None or _lines_show(write.lines, live.lines))
    )


def shows_exactly(expected: Snapshot, after: Snapshot) -> bool:
    """Whether `after` shows all of `expected` and nothing else: then nothing was altered."""
    return (
        _header(expected) == _header(after)
        and expected.status == after.status
        and line_joining.is_same_text(expected.lines, after.lines)
    )


def altered(
    write: InvoiceWrite,
    found: Comparison,
    ties: TieSlack = EXACT,
    *,
    wanted: Collection[str] = (),
) -> tuple[str, ...]:
    """What Xero shows otherwise than `write` sent it, by the names of `Base.altered`.

    `found` compares what was meant with the answer, under the base made of both: what differs there
    differs by decision, was not sent, or was altered. Totals are Xero's sums, so they are altered
    where no tie rule explains them: `ties` is how far one may take each. A write that has no lines
    leaves them as they were, which is agreed but for those of the `wanted` fields.
    """
    diffs = [each for each in found.diffs if not (each.same or each.kept or each.moved_xero)]
    lines = [
        each
        for each in diffs
        if each.line_index is not None and _is_line_altered(write, each, found)
    ]
    slack = EXACT if lines else ties
    is_derived = write.lines is not None or write.line_amount_types is not None
    header = [
        each
        for each in diffs
        if each.line_index is None
        and _is_altered(write, each, slack, is_wanted=is_derived or each.field in wanted)
    ]
    if not any(each.field == "" for each in lines):
        header = [each for each in header if each.field != "lines"]
    return tuple(each.next_key for each in (*header, *lines))


def forbidden_by_money(live: LiveInvoice, write: InvoiceWrite) -> bool:
    """Whether money on `live` makes Xero refuse `write`: the hold is then `has_payments`.

    With a payment or credit on it only reference, due date, number, contact, url, SentToContact and
    per line description, account and tracking may change (facts §3.4, §3.7).
    """
    if not live.has_money:
        return False
    if write.step in (StepKind.VOID, StepKind.DELETE):
        return True
    fixed = (write.invoice_on, write.status, write.currency_code, write.line_amount_types)
    if any(each is not None for each in fixed):
        return True
    if write.lines is None:
        return False
    by_id = {line.line_item_id: line for line in live.lines}
    if len(write.lines) != len(by_id):
        return True
    return any(
        line.line_item_id not in by_id
        or _amounts(line, by_id[line.line_item_id]) != _live_amounts(by_id[line.line_item_id])
        for line in write.lines
    )


def _header_shows(write: InvoiceWrite, live: LiveInvoice) -> bool:
    texts = ((write.number, live.number), (write.reference, live.reference))
    values = (
        (write.contact_id, live.contact_id),
        (write.invoice_on, live.invoice_on),
        (write.due_on, live.due_on),
        (write.currency_code, live.currency_code),
        (write.line_amount_types, live.line_amount_types),
    )
    return all(
        sent is None or snapshots.text(sent) == snapshots.text(actual) for sent, actual in texts
    ) and all(sent is None or sent == actual for sent, actual in values)


def _is_altered(write: InvoiceWrite, diff: FieldDiff, slack: TieSlack, *, is_wanted: bool) -> bool:
    """A field of the document; `is_wanted`: the write was to change it, were it a total."""
    if diff.field in _TOTALS:
        return is_wanted and not _is_within(diff.pipeline, diff.xero, getattr(slack, diff.field))
    if diff.field == "lines":
        return write.lines is not None
    return getattr(write, foreign_edits.SENT_AS[diff.field]) is not None


def _is_line_altered(write: InvoiceWrite, diff: FieldDiff, found: Comparison) -> bool:
    """A field of a line, or the line as a whole: missing, or one that nobody sent."""
    aligned = found.lines[diff.line_index or 0]
    sent = {line.pipeline_line_id: line for line in write.lines or ()}
    if aligned.pipeline is None:
        known = [line.line_item_id for line in write.lines or ()]
        return write.lines is not None and aligned.xero is not None and aligned.xero.id not in known
    sent_line = sent.get(aligned.pipeline.id)
    if sent_line is None or aligned.xero is None:
        return sent_line is not None
    sent_value = getattr(snapshots.of_written(sent_line), diff.field)
    if sent_value is None and diff.field in _LEFT_TO_XERO:
        return False
    return bool(sent_value != getattr(aligned.xero, diff.field))


def _is_within(one: str | None, other: str | None, slack: Decimal) -> bool:
    return one is not None and other is not None and abs(Decimal(one) - Decimal(other)) <= slack


def _amounts(line: LineWrite, live: LiveLine) -> _Words:
    return (
        snapshots.number(line.quantity),
        snapshots.number(line.unit_amount),
        snapshots.number(line.discount_rate) if line.discount_rate else None,
        line.tax_type or live.tax_type,
    )


def _live_amounts(line: LiveLine) -> _Words:
    return (
        snapshots.number(line.quantity),
        snapshots.number(line.unit_amount),
        snapshots.number(line.discount_rate) if line.discount_rate else None,
        line.tax_type,
    )


def _lines_show(sent: Sequence[LineWrite], actual: Sequence[LiveLine]) -> bool:
    """Whether every line sent is shown once, and no other; a new line may bear any LineItemID."""
    if len(sent) != len(actual):
        return False
    left = list(actual)
    staying_first = sorted(sent, key=lambda line: line.line_item_id is None)
    for line in staying_first:
        match = next((each for each in left if _line_shows(line, each)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _line_shows(sent: LineWrite, actual: LiveLine) -> bool:
    return (
        sent.line_item_id in (None, actual.line_item_id)
        and snapshots.text(sent.description) == snapshots.text(actual.description)
        and _amounts(sent, actual) == _live_amounts(actual)
        and sent.account_code in (None, actual.account_code)
        and snapshots.tracking_text(sent.tracking) == snapshots.tracking_text(actual.tracking)
    )
