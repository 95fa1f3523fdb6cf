"""Aligns lines: which line of one side is which of the other, now and when we last agreed.

Called by comparison alone. Where both sides show the same lines in the same order, they are joined
so, whatever their ids: a reader sees one document. Else by `base.pairs`, by id; without pairs, by
content and then by place (`rules.compare.line_joining`), but where a person left lines apart. Then,
in this order:

1. A line that vanished while one of the same content came under a new id is the same line: both
   sides may save a document by replacing its lines, and that is no edit.
2. Lines new on both sides are joined by content, then in their order.
3. The rest stands alone: added, removed, or kept as a decided difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncd.domain.model.snapshot import Base, LineSnapshot, Snapshot
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import line_joining


class AlignedLine(Value, frozen=True, kw_only=True):
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
    def key(self) -> str:
        """The line's key in the base, for kept differences: Pipeline's id, or `+` and Xero's.

        A line that changed its id since still goes by the one the base knows.
        """
        return _key(self.base_pipeline or self.pipeline, self.base_xero or self.xero)

    @property
    def next_key(self) -> str:
        """Its key in a base made of what both sides show now."""
        if self.pipeline is None and self.xero is None:
            return self.key
        return _key(self.pipeline, self.xero)


def _key(pipeline: LineSnapshot | None, xero: LineSnapshot | None) -> str:
    if pipeline is not None:
        return pipeline.id
    assert xero is not None, "an aligned line stands on one side at least"
    return f"+{xero.id}"


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
    """Every line of every snapshot exactly once: in Pipeline's order, then the others."""
    pipeline = _side(desired, base.pipeline if base else None)
    xero = _side(live, base.xero if base else None)
    partner = _partners(base, pipeline, xero, expected)
    if base is not None and _reads_the_same(expected, live):
        partner = _in_order(partner, pipeline, xero)
    xero_key_of = {pipeline_key: xero_key for xero_key, pipeline_key in partner.items()}

    lines = [
        _aligned(pipeline_key, xero_key_of.get(pipeline_key), pipeline, xero, expected)
        for pipeline_key in [
            *pipeline.now,
            *(each for each in pipeline.then if each not in pipeline.now),
        ]
    ]
    lines += [
        _aligned(None, xero_key, pipeline, xero, expected)
        for xero_key in [*xero.now, *(each for each in xero.then if each not in xero.now)]
        if xero_key not in partner
    ]
    return tuple(lines)


def pairs_of(lines: tuple[AlignedLine, ...]) -> tuple[tuple[str, str], ...]:
    """(Pipeline line id, LineItemID) of every line that stands on both sides now."""
    return tuple(
        (line.pipeline.id, line.xero.id)
        for line in lines
        if line.pipeline is not None and line.xero is not None
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
    if base is None or not (base.pairs or _leaves_apart(base)):
        return _by_content([*pipeline.now], [*xero.now], pipeline, xero, expected)
    used: dict[str, None] = {}
    for pipeline_key, xero_key in base.pairs:
        known_here = pipeline_key in pipeline.now or pipeline_key in pipeline.then
        known_there = xero_key in xero.now or xero_key in xero.then
        if known_here and known_there and pipeline_key not in used and xero_key not in partner:
            partner[xero_key] = pipeline_key
            used[pipeline_key] = None
    new_here = [each for each in pipeline.added if each not in used]
    new_there = [each for each in xero.added if each not in partner]
    partner.update(_by_content(new_here, new_there, pipeline, xero, expected))
    return partner


def _leaves_apart(base: Base) -> bool:
    """Whether lines were left standing on one side alone by decision."""
    return any(key.startswith("lines/") and key.endswith("/") for key in base.kept)


def _by_content(
    here: Sequence[str],
    there: Sequence[str],
    pipeline: _Side,
    xero: _Side,
    expected: Snapshot | None,
) -> dict[str, str]:
    """Xero's keys of these lines to Pipeline's, joined by their content alone."""
    pipeline_lines = [pipeline.now[each] for each in here]
    expected_lines = [
        line if expected is None else expected.lines[place] for line, place in pipeline_lines
    ]
    joined = line_joining.join(expected_lines, [xero.now[each][0] for each in there])
    return {
        there[place]: pipeline_key
        for pipeline_key, place in zip(here, joined, strict=True)
        if place is not None
    }


def _reads_the_same(expected: Snapshot | None, live: Snapshot | None) -> bool:
    """Both sides show the same lines, one after the other."""
    if expected is None or live is None:
        return False
    return line_joining.is_same_text(expected.lines, live.lines)


def _in_order(partner: Mapping[str, str], pipeline: _Side, xero: _Side) -> dict[str, str]:
    """The lines of now joined in their order; those that are gone on both sides as they were."""
    gone = {
        xero_key: pipeline_key
        for xero_key, pipeline_key in partner.items()
        if xero_key not in xero.now and pipeline_key not in pipeline.now
    }
    return {**gone, **dict(zip(xero.now, pipeline.now, strict=True))}


def _aligned(
    pipeline_key: str | None,
    xero_key: str | None,
    pipeline: _Side,
    xero: _Side,
    expected: Snapshot | None,
) -> AlignedLine:
    pipeline_line, pipeline_index = (
        pipeline.now.get(pipeline_key, (None, None)) if pipeline_key is not None else (None, None)
    )
    xero_line, xero_index = (
        xero.now.get(xero_key, (None, None)) if xero_key is not None else (None, None)
    )
    return AlignedLine(
        pipeline=pipeline_line,
        expected=expected.lines[pipeline_index]
        if expected is not None and pipeline_index is not None
        else pipeline_line,
        xero=xero_line,
        base_pipeline=pipeline.then.get(pipeline_key) if pipeline_key is not None else None,
        base_xero=xero.then.get(xero_key) if xero_key is not None else None,
        pipeline_index=pipeline_index,
        xero_index=xero_index,
    )
