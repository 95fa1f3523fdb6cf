"""Lists the compared fields that moved or differ, each with its value on every side.

Called by comparison, which describes what counts. Here stands how each field is compared: header,
status, number of lines, and line by line where both sides have the line, else the line as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from operator import attrgetter

from syncd.domain.model.snapshot import (
    HEADER_FIELDS,
    LINE_FIELDS,
    PUBLIC_LINE_NAMES,
    PUBLIC_NAMES,
    Base,
    LineSnapshot,
    Snapshot,
)
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import status_order
from syncd.domain.rules.compare.line_alignment import AlignedLine
from syncd.domain.rules.compare.translation import NO_TAX

ALWAYS_ASSERTED = ("currency", "discount")
"""Empty says something here: the organisation's base currency, no discount."""
DERIVED = ("due_on", "tax")
"""Where Pipeline is empty syncd says something by a rule: the due date by `due_days`, a line's tax
type by its account. It follows what it is derived from, and is watched like any other word."""
_SHOWN_AS_EXPECTED = ("currency", "due_on", "line account", "line tax")
"""Shown to people in Xero's words on both sides, or nobody could compare them."""
_TOTALS = ("nett", "tax", "total")
_MERGES_FOLLOWED = 16
_header = attrgetter(*HEADER_FIELDS)
_line = attrgetter(*LINE_FIELDS)
_ACCOUNT = LINE_FIELDS.index("account")
_NO_HEADER: tuple[str | None, ...] = (None,) * len(HEADER_FIELDS)
_NO_LINE: tuple[str | None, ...] = (None,) * len(LINE_FIELDS)


class FieldDiff(Value, frozen=True, kw_only=True):
    """One compared field that moved or differs; `field` is its name in a snapshot.

    `line_index` is the place of its line in `Comparison.lines`; with `field` empty it is the line
    as a whole, which stands on one side only. `next_key` names it in `Base.kept`, `name` to people.
    """

    next_key: str
    name: str
    field: str
    line_index: int | None
    moved_pipeline: bool
    moved_xero: bool
    same: bool
    kept: bool
    altered: bool
    untranslated: bool
    """Nothing leads from Pipeline's word to one of Xero's yet, and none was ever agreed."""
    pipeline: str | None
    xero: str | None
    agreed: str | None

    @property
    def is_unsettled(self) -> bool:
        """It differs since Xero altered it, and Pipeline has said nothing else meanwhile."""
        return self.altered and not self.same and not self.moved_pipeline

    @property
    def is_shown(self) -> bool:
        """It differs, and somebody moved it, or decided to keep it so, or Xero altered it."""
        moved = self.moved_pipeline or self.moved_xero
        return not self.same and (moved or self.kept or self.altered)


def is_asserted(field: str, now: str | None, then: str | None, *, is_filled: bool = False) -> bool:
    """Whether Pipeline, or a rule of ours in its place, says anything of `field`.

    `now` and `then` are Pipeline's words, `is_filled`: a rule has nothing to say (`Base.filled`).
    """
    has_value = now is not None or then is not None or field in ALWAYS_ASSERTED
    return has_value or (field in DERIVED and not is_filled)


class DocumentDiff(Value, frozen=True, kw_only=True):
    """Compares the sides of one document field by field."""

    base: Base
    desired: Snapshot | None
    live: Snapshot | None
    expected: Snapshot | None
    tolerance: Decimal
    aliases: Mapping[str, str]

    def status(self, status: status_order.StatusMoves) -> Iterator[FieldDiff]:
        """The status, whose order has been judged elsewhere."""
        was = self.base.xero or self.base.pipeline
        yield from self._diff_if_notable(
            "status",
            moved=(status.pipeline, status.xero),
            same=status.same,
            texts=(
                self.desired.status if self.desired else None,
                self.live.status if self.live else None,
                was.status if was else None,
            ),
        )

    def header(self) -> Iterator[FieldDiff]:
        """The document's own fields."""
        pipeline = _header(self.desired) if self.desired else _NO_HEADER
        expected = _header(self.expected) if self.expected else _NO_HEADER
        xero = _header(self.live) if self.live else _NO_HEADER
        was_pipeline = _header(self.base.pipeline) if self.base.pipeline else _NO_HEADER
        was_xero = _header(self.base.xero) if self.base.xero else _NO_HEADER
        for place, field in enumerate(HEADER_FIELDS):
            yield from self._field(
                field,
                pipeline=pipeline[place],
                expected=expected[place],
                xero=xero[place],
                was_pipeline=was_pipeline[place],
                was_xero=was_xero[place],
                not_in_base=(self.base.pipeline is None, self.base.xero is None),
                leads=field == "due_on" and self._has_moved("invoice_on"),
            )

    def _has_moved(self, field: str) -> bool:
        before, now = self.base.pipeline, self.desired
        return None not in (before, now) and getattr(before, field) != getattr(now, field)

    def line_count(self) -> Iterator[FieldDiff]:
        """The number of lines, one of the product's own triggers."""
        pipeline, expected, xero, was_pipeline, was_xero = (
            str(len(each.lines)) if each else None
            for each in (
                self.desired,
                self.expected,
                self.live,
                self.base.pipeline,
                self.base.xero,
            )
        )
        yield from self._field(
            "lines",
            pipeline=pipeline,
            expected=expected,
            xero=xero,
            was_pipeline=was_pipeline,
            was_xero=was_xero,
            not_in_base=(was_pipeline is None, was_xero is None),
        )

    def lines(self, lines: tuple[AlignedLine, ...]) -> Iterator[FieldDiff]:
        """Every line: field by field where both sides have it, else as a whole."""
        for index, line in enumerate(lines):
            withdrawn = self.desired is None and line.base_xero is not None
            if line.xero is not None and (line.pipeline is not None or withdrawn):
                yield from self._line_fields(index, line)
            else:
                yield from self._whole_line(index, line)

    def _line_fields(self, place: int, line: AlignedLine) -> Iterator[FieldDiff]:
        pipeline = _line(line.pipeline) if line.pipeline else _NO_LINE
        expected = _line(line.expected) if line.expected else _NO_LINE
        xero = _line(line.xero)
        was_pipeline = _line(line.base_pipeline) if line.base_pipeline else _NO_LINE
        was_xero = _line(line.base_xero) if line.base_xero else _NO_LINE
        if pipeline == was_pipeline and xero == was_xero == expected:
            return
        for index, field in enumerate(LINE_FIELDS):
            yield from self._field(
                field,
                pipeline=pipeline[index],
                expected=expected[index],
                xero=xero[index],
                was_pipeline=was_pipeline[index],
                was_xero=was_xero[index],
                not_in_base=(line.base_pipeline is None, line.base_xero is None),
                at=(place, line),
                leads=field == "tax" and pipeline[_ACCOUNT] != was_pipeline[_ACCOUNT],
            )

    def _whole_line(self, index: int, line: AlignedLine) -> Iterator[FieldDiff]:
        was_pipeline, was_xero = _content(line.base_pipeline), _content(line.base_xero)
        yield from self._diff_if_notable(
            "",
            moved=(
                self.desired is not None
                and (self.base.pipeline is None or _content(line.pipeline) != was_pipeline),
                self.live is not None
                and (self.base.xero is None or _content(line.xero) != was_xero),
            ),
            same=line.pipeline is None and line.xero is None,
            texts=(
                _content(line.expected),
                _content(line.xero),
                was_xero if self.base.xero else was_pipeline,
            ),
            at=(index, line),
        )

    def _field(
        self,
        field: str,
        *,
        pipeline: str | None,
        expected: str | None,
        xero: str | None,
        was_pipeline: str | None,
        was_xero: str | None,
        not_in_base: tuple[bool, bool],
        at: tuple[int, AlignedLine] | None = None,
        leads: bool = False,
    ) -> Iterator[FieldDiff]:
        """`not_in_base`: Pipeline's, and Xero's, half of the base knows nothing of this field.

        `leads`: what it is derived from moved in Pipeline. It follows, but where it was decided on.
        """
        unknown = self.desired is None and not_in_base[0]
        kept = bool(self.base.kept) and _key(field, at) in self.base.kept
        is_filled = not_in_base[0] or (
            bool(self.base.filled) and _key(field, at) in self.base.filled
        )
        if not (unknown or kept or is_asserted(field, pipeline, was_pipeline, is_filled=is_filled)):
            return
        how = f"line {field}" if at is not None else field
        follows = leads and pipeline is None and was_pipeline is None and not kept
        moved = (
            self.desired is not None
            and (not_in_base[0] or follows or not self._same(how, pipeline, was_pipeline)),
            self.live is not None and (not_in_base[1] or not self._same(how, xero, was_xero)),
        )
        both = self.desired is not None and self.live is not None
        yield from self._diff_if_notable(
            field,
            moved=moved,
            same=both and (self._same(how, expected, xero) or _is_untaxed(how, expected, xero)),
            texts=(
                expected if how in _SHOWN_AS_EXPECTED else pipeline,
                xero,
                was_pipeline if not_in_base[1] else was_xero,
            ),
            at=at,
            untranslated=pipeline is not None and expected is None and all(not_in_base),
        )

    def _diff_if_notable(
        self,
        field: str,
        *,
        moved: tuple[bool, bool],
        same: bool,
        texts: tuple[str | None, str | None, str | None],
        at: tuple[int, AlignedLine] | None = None,
        untranslated: bool = False,
    ) -> Iterator[FieldDiff]:
        both = self.desired is not None and self.live is not None
        if not any(moved) and (same or not both):
            return
        index, line = at if at is not None else (None, None)
        key = _key(field, at)
        altered = key in self.base.altered
        yield FieldDiff(
            next_key=line_key(line.next_key, field) if line is not None else field,
            name=_public_name(field, index),
            field=field,
            line_index=index,
            moved_pipeline=moved[0],
            moved_xero=moved[1],
            same=same,
            kept=key in self.base.kept,
            altered=altered,
            untranslated=untranslated and both,
            pipeline=texts[0],
            xero=texts[1],
            agreed=None if altered else texts[2],
        )

    def _same(self, how: str, one: str | None, other: str | None) -> bool:
        if one == other:
            return True
        if one is None or other is None:
            return False
        if how == "contact":
            return self._survivor(one) == self._survivor(other)
        if how in _TOTALS:
            return abs(Decimal(one) - Decimal(other)) <= self.tolerance
        return False

    def _survivor(self, contact: str) -> str:
        for _ in range(_MERGES_FOLLOWED):
            if contact not in self.aliases:
                break
            contact = self.aliases[contact]
        return contact


def _is_untaxed(how: str, expected: str | None, xero: str | None) -> bool:
    """A line of an untaxed document may show no tax type at all."""
    return how == "line tax" and expected == NO_TAX and xero is None


def line_key(name: str, field: str) -> str:
    """What `Base.kept` calls a field of a line; with `field` empty, the line as a whole."""
    return f"lines/{name}/{field}"


def _key(field: str, at: tuple[int, AlignedLine] | None) -> str:
    return field if at is None else line_key(at[1].key, field)


def _public_name(field: str, index: int | None) -> str:
    if index is None:
        return PUBLIC_NAMES[field]
    return f"lines[{index}].{PUBLIC_LINE_NAMES[field]}" if field else f"lines[{index}]"


def _content(line: LineSnapshot | None) -> str | None:
    """A whole line in words, which two lines share only when their content is the same."""
    if line is None:
        return None
    texts = [
        f"{name}: {value}" for name, value in zip(LINE_FIELDS, _line(line), strict=True) if value
    ]
    return "; ".join(texts)
