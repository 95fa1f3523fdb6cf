"""Alignment: which line of one side is which line of the other, now and when we last agreed.

Called by comparison alone. Where both sides show the same lines in the same order, they are joined
so, whatever their ids: a reader sees one document. Else by `base.pairs`, by id; without pairs, by
content and then by place (`rules.compare.line_joining`). Then, in this order:

1. A line that vanished while one of the same content came under a new id is the same line: both
   sides may save a document by replacing its lines, and that is no edit.
2. Lines new on both sides are joined by content, then in their order.
3. The rest stands alone: added, removed, or kept as a decided difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncd.domain.model.snapshot import Base, LineSnapshot, Snapshot
from syncd.domain.rules.compare import line_joining


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedLine:
    """One line through every snapshot; None where a snapshot does not have it.

    `expected` is Pipeline's line in Xero's words. `pipeline_index` and `xero_index` are the line's
    places on the two sides now.
    """

    pipeline: LineSnapshot | None
    expected: LineSnapshot | None
    xero: LineSnapshot | None
    base_pipeline: LineSnapshot | None
    base_xero: LineSnapshot | None
    pipeline_index: int | None
    xero_index: int | None

    @property
    def known_as(self) -> str:
        """The name a kept difference of this line bears in the base: Pipeline's id, or `+` Xero's.

        A line that changed its id since still goes by the one the base knows.
        """
        return _name(self.base_pipeline or self.pipeline, self.base_xero or self.xero)

    @property
    def now_known_as(self) -> str:
        """The name it will bear in a base made of what both sides show now."""
        if self.pipeline is None and self.xero is None:
            return self.known_as
        return _name(self.pipeline, self.xero)


def _name(mine: LineSnapshot | None, theirs: LineSnapshot | None) -> str:
    if mine is not None:
        return mine.id
    assert theirs is not None, "a row shows at least one line"
    return f"+{theirs.id}"


@dataclass(slots=True)
class _Side:
    """One side's lines by id, in order: `now` (line and place) and in the base."""

    now: dict[str, tuple[LineSnapshot, int]]
    then: dict[str, LineSnapshot]

    @property
    def added(self) -> list[str]:
        return [each for each in self.now if each not in self.then]


def align(
    *,
    base: Base | None,
    desired: Snapshot | None,
    live: Snapshot | None,
    expected: Snapshot | None,
) -> tuple[AlignedLine, ...]:
    """Every line of every snapshot in exactly one row: Pipeline's order first, then the others."""
    pipeline = _side(desired, base.pipeline if base else None)
    xero = _side(live, base.xero if base else None)
    partner = _partners(base, pipeline, xero, expected)
    if base is not None and _reads_the_same(expected, live):
        partner = _in_order(partner, pipeline, xero)
    theirs = {mine: other for other, mine in partner.items()}

    rows = [
        _row(mine, theirs.get(mine), pipeline, xero, expected)
        for mine in [*pipeline.now, *(each for each in pipeline.then if each not in pipeline.now)]
    ]
    rows += [
        _row(None, other, pipeline, xero, expected)
        for other in [*xero.now, *(each for each in xero.then if each not in xero.now)]
        if other not in partner
    ]
    return tuple(rows)


def pairs_of(rows: tuple[AlignedLine, ...]) -> tuple[tuple[str, str], ...]:
    """(Pipeline line id, LineItemID) of every line that stands on both sides now."""
    return tuple(
        (row.pipeline.id, row.xero.id)
        for row in rows
        if row.pipeline is not None and row.xero is not None
    )


def _side(now: Snapshot | None, then: Snapshot | None) -> _Side:
    before: dict[str, LineSnapshot] = {}
    for line in then.lines if then else ():
        before.setdefault(line.id, line)
    current: dict[str, tuple[LineSnapshot, int]] = {}
    for index, line in enumerate(now.lines if now else ()):
        # Two lines of one id break the contract; the second is then a line of its own.
        key = line.id if line.id not in current else f"{line.id}#{index}"
        current[key] = (line, index)
    gone = [each for each in before if each not in current]
    if gone and now is not None:
        current = _renamed(current, before, gone)
    return _Side(now=current, then=before)


def _renamed(
    current: dict[str, tuple[LineSnapshot, int]],
    before: Mapping[str, LineSnapshot],
    gone: list[str],
) -> dict[str, tuple[LineSnapshot, int]]:
    """`current` with lines that merely changed their id under the id the base knows them by."""
    waiting: dict[object, list[str]] = {}
    for each in reversed(gone):
        waiting.setdefault(line_joining.content(before[each]), []).append(each)
    found: dict[str, tuple[LineSnapshot, int]] = {}
    for key, (line, index) in current.items():
        known = key if key in before else None
        if known is None and (same := waiting.get(line_joining.content(line))):
            known = same.pop()
        found[known or key] = (line, index)
    return found


def _partners(
    base: Base | None, pipeline: _Side, xero: _Side, expected: Snapshot | None
) -> dict[str, str]:
    """Xero's line keys to Pipeline's."""
    partner: dict[str, str] = {}
    if base is None or not base.pairs:
        return _by_content([*pipeline.now], [*xero.now], pipeline, xero, expected)
    used: dict[str, None] = {}
    for mine, other in base.pairs:
        known_here = mine in pipeline.now or mine in pipeline.then
        known_there = other in xero.now or other in xero.then
        if known_here and known_there and mine not in used and other not in partner:
            partner[other] = mine
            used[mine] = None
    new_here = [each for each in pipeline.added if each not in used]
    new_there = [each for each in xero.added if each not in partner]
    partner.update(_by_content(new_here, new_there, pipeline, xero, expected))
    return partner


def _by_content(
    here: Sequence[str],
    there: Sequence[str],
    pipeline: _Side,
    xero: _Side,
    expected: Snapshot | None,
) -> dict[str, str]:
    """Xero's keys of these lines to Pipeline's, where nothing but what they say joins them."""
    said = [pipeline.now[each] for each in here]
    meant = [line if expected is None else expected.lines[place] for line, place in said]
    joined = line_joining.join(meant, [xero.now[each][0] for each in there])
    return {
        there[place]: mine for mine, place in zip(here, joined, strict=True) if place is not None
    }


def _reads_the_same(expected: Snapshot | None, live: Snapshot | None) -> bool:
    """Both sides show the same lines, one after the other."""
    if expected is None or live is None:
        return False
    return line_joining.reads_the_same(expected.lines, live.lines)


def _in_order(partner: Mapping[str, str], pipeline: _Side, xero: _Side) -> dict[str, str]:
    """The lines of now joined in their order; those that are gone on both sides as they were."""
    gone = {
        other: mine
        for other, mine in partner.items()
        if other not in xero.now and mine not in pipeline.now
    }
    return {**gone, **dict(zip(xero.now, pipeline.now, strict=True))}


def _row(
    mine: str | None, other: str | None, pipeline: _Side, xero: _Side, expected: Snapshot | None
) -> AlignedLine:
    said, place = pipeline.now.get(mine, (None, None)) if mine is not None else (None, None)
    shown, shown_at = xero.now.get(other, (None, None)) if other is not None else (None, None)
    return AlignedLine(
        pipeline=said,
        expected=expected.lines[place] if expected is not None and place is not None else said,
        xero=shown,
        base_pipeline=pipeline.then.get(mine) if mine is not None else None,
        base_xero=xero.then.get(other) if other is not None else None,
        pipeline_index=place,
        xero_index=shown_at,
    )
