"""Cells: one compared field each, beside each other on all sides, when it moved or differs.

Called by comparison, which describes what counts. Here stands how each field is looked at: header,
status, number of lines, and line by line where both sides have the line, else the line as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
from syncd.domain.rules.compare import status_order
from syncd.domain.rules.compare.line_alignment import AlignedLine
from syncd.domain.rules.compare.translation import NO_TAX

ALWAYS_ASSERTED = ("currency", "discount")
"""Empty says something here: the organisation's base currency, no discount."""
DERIVED = ("due_on", "tax")
"""Where Pipeline is empty syncd says something by a rule: the due date by `due_days`, a line's tax
type by its account. It follows what it is derived from, and is watched like any other word."""
_MEANT = ("currency", "due_on", "line account", "line tax")
"""Shown to people in Xero's words on both sides, or nobody could compare them."""
_TOTALS = ("nett", "tax", "total")
_MERGES_FOLLOWED = 16
_header = attrgetter(*HEADER_FIELDS)
_line = attrgetter(*LINE_FIELDS)
_ACCOUNT = LINE_FIELDS.index("account")
_NO_HEADER: tuple[str | None, ...] = (None,) * len(HEADER_FIELDS)
_NO_LINE: tuple[str | None, ...] = (None,) * len(LINE_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDiff:
    """One compared field that moved or differs; `field` is its name in a snapshot.

    `row` is the place of its line in `Comparison.rows`; with `field` empty it is the line as a
    whole, which stands on one side only. `key` names it in `Base.kept`, `name` to people.
    """

    key: str
    now_key: str
    name: str
    field: str
    row: int | None
    moved_pipeline: bool
    moved_xero: bool
    same: bool
    kept: bool
    altered: bool
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
    said = now is not None or then is not None or field in ALWAYS_ASSERTED
    return said or (field in DERIVED and not is_filled)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDiff:
    """The sides beside each other, asked field by field for the cells worth keeping."""

    base: Base
    desired: Snapshot | None
    live: Snapshot | None
    expected: Snapshot | None
    tolerance: Decimal
    aliases: Mapping[str, str]

    def status(self, status: status_order.StatusMoves) -> Iterator[FieldDiff]:
        """The status, whose order has been judged elsewhere."""
        was = self.base.xero or self.base.pipeline
        yield from self._worth_keeping(
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
        said = _header(self.desired) if self.desired else _NO_HEADER
        meant = _header(self.expected) if self.expected else _NO_HEADER
        shown = _header(self.live) if self.live else _NO_HEADER
        was_said = _header(self.base.pipeline) if self.base.pipeline else _NO_HEADER
        was_shown = _header(self.base.xero) if self.base.xero else _NO_HEADER
        for place, field in enumerate(HEADER_FIELDS):
            yield from self._field(
                field,
                said=said[place],
                meant=meant[place],
                shown=shown[place],
                was_said=was_said[place],
                was_shown=was_shown[place],
                news=(self.base.pipeline is None, self.base.xero is None),
                leads=field == "due_on" and self._has_moved("invoice_on"),
            )

    def _has_moved(self, field: str) -> bool:
        before, now = self.base.pipeline, self.desired
        return None not in (before, now) and getattr(before, field) != getattr(now, field)

    def line_count(self) -> Iterator[FieldDiff]:
        """The number of lines, one of the product's own triggers."""
        said, meant, shown, was_said, was_shown = (
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
            said=said,
            meant=meant,
            shown=shown,
            was_said=was_said,
            was_shown=was_shown,
            news=(was_said is None, was_shown is None),
        )

    def lines(self, rows: tuple[AlignedLine, ...]) -> Iterator[FieldDiff]:
        """Every line: field by field where both sides have it, else as a whole."""
        for place, row in enumerate(rows):
            withdrawn = self.desired is None and row.base_xero is not None
            if row.xero is not None and (row.pipeline is not None or withdrawn):
                yield from self._line_fields(place, row)
            else:
                yield from self._whole_line(place, row)

    def _line_fields(self, place: int, row: AlignedLine) -> Iterator[FieldDiff]:
        said = _line(row.pipeline) if row.pipeline else _NO_LINE
        meant = _line(row.expected) if row.expected else _NO_LINE
        shown = _line(row.xero)
        was_said = _line(row.base_pipeline) if row.base_pipeline else _NO_LINE
        was_shown = _line(row.base_xero) if row.base_xero else _NO_LINE
        if said == was_said and shown == was_shown == meant:
            return
        for index, field in enumerate(LINE_FIELDS):
            yield from self._field(
                field,
                said=said[index],
                meant=meant[index],
                shown=shown[index],
                was_said=was_said[index],
                was_shown=was_shown[index],
                news=(row.base_pipeline is None, row.base_xero is None),
                at=(place, row),
                leads=field == "tax" and said[_ACCOUNT] != was_said[_ACCOUNT],
            )

    def _whole_line(self, place: int, row: AlignedLine) -> Iterator[FieldDiff]:
        was_said, was_shown = _content(row.base_pipeline), _content(row.base_xero)
        yield from self._worth_keeping(
            "",
            moved=(
                self.desired is not None
                and (self.base.pipeline is None or _content(row.pipeline) != was_said),
                self.live is not None
                and (self.base.xero is None or _content(row.xero) != was_shown),
            ),
            same=row.pipeline is None and row.xero is None,
            texts=(
                _content(row.expected),
                _content(row.xero),
                was_shown if self.base.xero else was_said,
            ),
            at=(place, row),
        )

    def _field(
        self,
        field: str,
        *,
        said: str | None,
        meant: str | None,
        shown: str | None,
        was_said: str | None,
        was_shown: str | None,
        news: tuple[bool, bool],
        at: tuple[int, AlignedLine] | None = None,
        leads: bool = False,
    ) -> Iterator[FieldDiff]:
        """`news`: Pipeline's, and Xero's, half of the base knows nothing of this field.

        `leads`: what it is derived from moved in Pipeline. It follows, but where it was decided on.
        """
        unknown = self.desired is None and news[0]
        kept = bool(self.base.kept) and _key(field, at) in self.base.kept
        is_filled = news[0] or (bool(self.base.filled) and _key(field, at) in self.base.filled)
        if not (unknown or kept or is_asserted(field, said, was_said, is_filled=is_filled)):
            return
        how = f"line {field}" if at is not None else field
        follows = leads and said is None and was_said is None and not kept
        moved = (
            self.desired is not None
            and (news[0] or follows or not self._same(how, said, was_said)),
            self.live is not None and (news[1] or not self._same(how, shown, was_shown)),
        )
        both = self.desired is not None and self.live is not None
        yield from self._worth_keeping(
            field,
            moved=moved,
            same=both and (self._same(how, meant, shown) or _is_untaxed(how, meant, shown)),
            texts=(
                meant if how in _MEANT else said,
                shown,
                was_said if news[1] else was_shown,
            ),
            at=at,
        )

    def _worth_keeping(
        self,
        field: str,
        *,
        moved: tuple[bool, bool],
        same: bool,
        texts: tuple[str | None, str | None, str | None],
        at: tuple[int, AlignedLine] | None = None,
    ) -> Iterator[FieldDiff]:
        both = self.desired is not None and self.live is not None
        if not any(moved) and (same or not both):
            return
        place, row = at if at is not None else (None, None)
        key = _key(field, at)
        altered = key in self.base.altered
        yield FieldDiff(
            key=key,
            now_key=line_key(row.now_known_as, field) if row is not None else field,
            name=_public_name(field, place),
            field=field,
            row=place,
            moved_pipeline=moved[0],
            moved_xero=moved[1],
            same=same,
            kept=key in self.base.kept,
            altered=altered,
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


def _is_untaxed(how: str, meant: str | None, shown: str | None) -> bool:
    """A line of an untaxed document may show no tax type at all."""
    return how == "line tax" and meant == NO_TAX and shown is None


def line_key(name: str, field: str) -> str:
    """What `Base.kept` calls a field of a line; with `field` empty, the line as a whole."""
    return f"lines/{name}/{field}"


def _key(field: str, at: tuple[int, AlignedLine] | None) -> str:
    return field if at is None else line_key(at[1].known_as, field)


def _public_name(field: str, place: int | None) -> str:
    if place is None:
        return PUBLIC_NAMES[field]
    return f"lines[{place}].{PUBLIC_LINE_NAMES[field]}" if field else f"lines[{place}]"


def _content(line: LineSnapshot | None) -> str | None:
    """A whole line in words, which two lines share only when their content is the same."""
    if line is None:
        return None
    told = [
        f"{name}: {value}" for name, value in zip(LINE_FIELDS, _line(line), strict=True) if value
    ]
    return "; ".join(told)
