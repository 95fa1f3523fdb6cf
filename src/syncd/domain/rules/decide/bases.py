"""Moves the base, which remembers what both sides agreed on; nothing else moves it.

Called by whoever records an outcome, in the transaction that records it:

| it moves by                                  | function                  |
|----------------------------------------------|---------------------------|
| our write, confirmed by its answer or a look | `base_after_write`        |
| convergence, accepted edits, resolve to Xero | `base_as_both_show`       |
| a write's totals, as a look found them       | `base_of_a_look`          |
| an approval in Xero                          | `base_after_approval`     |
| adoption of a document whose answer was lost | `base_after_adoption`     |
| resolve to Pipeline                          | `base_taking_pipeline`    |

A field Pipeline leaves empty keeps in `base.xero` what Xero showed first: were an edit there taken
over quietly, a later word of Pipeline's would overwrite it without anybody having agreed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from syncd.domain.model.intent_body import EXACT, TieSlack
from syncd.domain.model.invoice import InvoiceWrite
from syncd.domain.model.snapshot import (
    HEADER_FIELDS,
    LINE_FIELDS,
    Base,
    LineSnapshot,
    Snapshot,
)
from syncd.domain.model.statuses import PipelineStatus
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import foreign_edits as foreign
from syncd.domain.rules.compare import line_joining
from syncd.domain.rules.compare.comparison import Comparison, renamed
from syncd.domain.rules.compare.field_diff import is_asserted, line_key
from syncd.domain.rules.compare.line_alignment import AlignedLine

_TOTALS = ("nett", "tax", "total")
_NEVER_FILLED = "reference"
"""What Xero leaves empty when nobody says it: a document found by a look that shows more was edited
since its answer was lost."""


class BaseAfterWrite(Value, frozen=True, kw_only=True):
    """The base after a write, and the public names of fields somebody else changed meanwhile."""

    base: Base
    foreign: tuple[str, ...]


def base_after_write(
    *,
    base: Base | None,
    desired: Snapshot,
    read: Snapshot | None,
    sent: InvoiceWrite,
    after: Snapshot,
    pairs: tuple[tuple[str, str], ...],
    lines: Sequence[AlignedLine] = (),
) -> BaseAfterWrite:
    """The base once `after` confirms `sent`; `read` is what Xero showed before (None: new).

    What Xero shows of the fields we sent is taken as it stands; the caller looks for what it
    altered (`write_confirmation.altered`), for nobody has agreed to that. A field we did not send
    that differs from the read is a bookkeeper's edit: it is named, and the base keeps the old
    value, so that it shows as moved from now on. `pairs` are `write_builder.pairs_after`'s, `lines`
    the comparison's from before the write, by which lines are called now.
    """
    if read is None:
        xero = _first_in_xero(desired, after)
        return BaseAfterWrite(base=Base(pipeline=desired, xero=xero, pairs=pairs), foreign=())
    edits = foreign.edits(read, sent, after)
    untouched = foreign.without(after, read, edits)
    if base is not None:
        base = replace(
            base,
            kept=renamed(base.kept, lines),
            filled=renamed(base.filled, lines),
        )
    xero = _keep_unasserted(base, desired, untouched, pairs, read=read)
    return BaseAfterWrite(
        base=Base(
            pipeline=desired,
            xero=xero,
            pairs=pairs,
            kept=base.kept if base else (),
            filled=_still_filled(base, sent),
        ),
        foreign=foreign.public_names(edits, read, after),
    )


def base_of_a_look(base: Base, expected: Snapshot, altered: Sequence[str]) -> Base:
    """`base`, with the totals we sent where a look, and no answer, shows others.

    Lines that show what was sent under another total may have been edited in a field that is not
    compared, a discount by amount say: it counts as moved in Xero, and no later word of Pipeline's
    is written over it.
    """
    if base.xero is None:
        return base
    sent = {field: getattr(expected, field) for field in _TOTALS if field in altered}
    return replace(base, xero=replace(base.xero, **sent))


def base_as_both_show(
    base: Base | None, desired: Snapshot, live: Snapshot, comparison: Comparison
) -> Base:
    """The base of what both sides show now; what differs is kept, and listed as kept.

    For convergence (row 12), edits accepted under row 14 and `resolve --take xero`.
    """
    return Base(
        pipeline=desired,
        xero=_keep_unasserted(base, desired, live, comparison.pairs, read=live),
        pairs=comparison.pairs,
        kept=tuple(each.next_key for each in comparison.diffs if each.is_shown),
        filled=comparison.filled,
    )


def base_after_approval(base: Base, live: Snapshot) -> Base:
    """`base` once Xero's status has come further: the status of its Xero half alone moves."""
    if base.xero is None:
        return base
    return replace(base, xero=replace(base.xero, status=live.status))


def base_after_merge(base: Base, live: Snapshot, aliases: Mapping[str, str]) -> Base | None:
    """`base` naming the contact that Xero merged its own into, so that nothing seems moved there.

    None where Xero shows no other contact, or one that is not the same by `aliases` (each contact
    merged away, with its survivor).
    """
    before = None if base.xero is None else base.xero.contact
    after = live.contact
    if base.xero is None or before is None or after is None or before == after:
        return None
    if aliases.get(before, before) != aliases.get(after, after):
        return None
    return replace(base, xero=replace(base.xero, contact=after))


def base_after_adoption(
    *,
    desired: Snapshot,
    expected: Snapshot,
    live: Snapshot,
    tolerance: Decimal = Decimal(0),
    ties: TieSlack = EXACT,
    aliases: Mapping[str, str] | None = None,
) -> Base:
    """The base of a document found by a look, from what was sent for it (the intent's snapshots).

    Its Xero half is what we sent wherever Xero now shows something else, so that a bookkeeper's
    edit since shows as moved, and Xero's own normal form elsewhere. Lines are joined by content,
    then in their order. A line that is not there any more counts as removed in Xero.
    """
    joined = line_joining.join(expected.lines, live.lines)
    lines: list[LineSnapshot] = []
    pairs: list[tuple[str, str]] = []
    intact = len(expected.lines) == len(live.lines)
    for desired_line, expected_line, place in zip(
        desired.lines, expected.lines, joined, strict=True
    ):
        live_line = None if place is None else live.lines[place]
        line = _sent_or_in_xero(desired_line, expected_line, live_line)
        intact = intact and live_line is not None and line == live_line
        lines.append(line)
        pairs.append((desired_line.id, line.id))
    # Totals are Xero's sums; of these very lines, one may be a tie rounded otherwise.
    is_same = intact and expected.line_amount_types == live.line_amount_types
    slack = ties if is_same else EXACT
    header: dict[str, str | None] = {}
    for field in HEADER_FIELDS:
        desired_text, expected_text, live_text = (
            getattr(each, field) for each in (desired, expected, live)
        )
        most = max(tolerance, getattr(slack, field, tolerance))
        near = _is_near(field, expected_text, live_text, most, aliases or {})
        agreed = near or not (field == _NEVER_FILLED or is_asserted(field, desired_text, None))
        header[field] = live_text if agreed else expected_text
    return Base(
        pipeline=desired,
        xero=Snapshot(status=expected.status, lines=tuple(lines), **header),
        pairs=tuple(pairs),
    )


def base_taking_pipeline(desired: Snapshot, live: Snapshot, comparison: Comparison) -> Base:
    """The base of `resolve --take pipeline`: as if both had agreed on what Xero shows now.

    Every difference that was shown then counts as an edit in Pipeline (row 13), also after a
    restart; nothing is kept. A status that went back in Pipeline stays where Xero is.
    """
    differing = [each for each in comparison.diffs if each.is_shown]
    header = {
        each.field: getattr(live, each.field)
        for each in differing
        if each.line_index is None and each.field in HEADER_FIELDS
    }
    behind = any(each.field == "status" for each in differing) and not (
        comparison.moves.pipeline_regressed
    )
    lines: list[LineSnapshot] = []
    pairs: list[tuple[str, str]] = []
    for place, row in enumerate(comparison.lines):
        if row.xero is None:
            continue
        fields = {
            each.field: getattr(row.xero, each.field)
            for each in differing
            if each.line_index == place and each.field
        }
        line = (
            replace(row.pipeline, **fields)
            if row.pipeline is not None
            else replace(row.xero, id=f"+{row.xero.id}")
        )
        lines.append(line)
        pairs.append((line.id, row.xero.id))
    status = PipelineStatus.DRAFT.value if behind else desired.status
    return Base(
        pipeline=replace(desired, status=status, lines=tuple(lines), **header),
        xero=live,
        pairs=tuple(pairs),
        filled=comparison.filled,
    )


def _keep_unasserted(
    base: Base | None,
    desired: Snapshot,
    after: Snapshot,
    pairs: tuple[tuple[str, str], ...],
    *,
    read: Snapshot,
) -> Snapshot:
    """`after`, with the base's value where Pipeline is empty and the write changed nothing."""
    if base is None or base.xero is None:
        return _first_in_xero(desired, after)
    old, then = base.xero, base.pipeline
    header = {
        field: getattr(old, field)
        for field in HEADER_FIELDS
        if not is_asserted(
            field,
            getattr(desired, field),
            getattr(then, field, None),
            is_filled=field in base.filled,
        )
        and getattr(after, field) == getattr(read, field)
    }
    lines_now = {line.id: line for line in desired.lines}
    lines_then = {line.id: line for line in then.lines} if then else {}
    partner = {
        xero_line: (lines_now[each], lines_then.get(each))
        for each, xero_line in pairs
        if each in lines_now
    }
    was = {line.id: line for line in old.lines}
    before = {line.id: line for line in read.lines}
    lines = tuple(
        _old_line_fields(
            line, partner.get(line.id), was.get(line.id), before.get(line.id), filled=base.filled
        )
        for line in after.lines
    )
    return replace(after, lines=lines, **header)


def _first_in_xero(desired: Snapshot, xero: Snapshot) -> Snapshot:
    """`xero` for a first base, without the reference where Pipeline has none: a person wrote it."""
    return xero if desired.reference is not None else replace(xero, reference=None)


def _still_filled(base: Base | None, sent: InvoiceWrite) -> tuple[str, ...]:
    """What was filled and we have not written since."""
    if base is None or not base.filled:
        return ()
    tax_of = {line.id: line.tax for line in base.xero.lines} if base.xero else {}
    written = {
        line_key(line.pipeline_line_id, "tax"): None
        for line in sent.lines or ()
        if line.pipeline_line_id and line.tax_type != tax_of.get(line.line_item_id or "")
    }
    if sent.due_on is not None:
        written["due_on"] = None
    return tuple(each for each in base.filled if each not in written)


def _old_line_fields(
    line: LineSnapshot,
    partner: tuple[LineSnapshot, LineSnapshot | None] | None,
    was: LineSnapshot | None,
    read: LineSnapshot | None,
    *,
    filled: Sequence[str],
) -> LineSnapshot:
    if partner is None or was is None or read is None:
        return line
    pipeline, then = partner
    fields = {
        field: getattr(was, field)
        for field in LINE_FIELDS
        if not is_asserted(
            field,
            getattr(pipeline, field),
            getattr(then, field, None),
            is_filled=line_key(pipeline.id, field) in filled,
        )
        and getattr(line, field) == getattr(read, field)
        and getattr(line, field) != getattr(was, field)
    }
    return replace(line, **fields) if fields else line


def _sent_or_in_xero(
    pipeline: LineSnapshot, expected: LineSnapshot, xero: LineSnapshot | None
) -> LineSnapshot:
    """The sent value where Xero shows another; a line that Xero lost gets a key of its own."""
    if xero is None:
        return replace(expected, id=f"sent:{pipeline.id}")
    fields = {
        field: getattr(expected, field)
        for field in LINE_FIELDS
        if getattr(expected, field) != getattr(xero, field)
        and is_asserted(field, getattr(pipeline, field), None)
    }
    return replace(xero, **fields) if fields else xero


def _is_near(
    field: str,
    sent: str | None,
    xero: str | None,
    slack: Decimal,
    aliases: Mapping[str, str],
) -> bool:
    if sent == xero:
        return True
    if sent is None or xero is None:
        return False
    if field == "contact":
        return aliases.get(sent, sent) == aliases.get(xero, xero)
    return field in _TOTALS and abs(Decimal(sent) - Decimal(xero)) <= slack
