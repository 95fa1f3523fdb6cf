"""Joins two lists of lines by content: which line is which, where no id says so.

Called wherever LineItemIDs are learnt (a write's answer, a look, an adoption) and by alignment for
lines that are new on both sides. Xero may return lines in another order than they were sent (facts
§3.7), so content decides: the whole of it first, then less and less, and place only among what is
left. Of lines that read the same the first is the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from syncd.domain.model.snapshot import LINE_FIELDS, LineSnapshot

content = attrgetter(*LINE_FIELDS)
"""A line without its id; two lines read the same when this is equal."""
_WORDS = (
    content,
    attrgetter("description", "quantity", "unit_amount", "discount"),
    attrgetter("description", "quantity"),
    attrgetter("description", "unit_amount"),
    attrgetter("quantity", "unit_amount"),
    attrgetter("description"),
)
"""What two lines must share to be joined, from the strongest to the weakest."""


def is_same_text(lines: Sequence[LineSnapshot], others: Sequence[LineSnapshot]) -> bool:
    """Whether both lists show the same lines, one after the other."""
    return len(lines) == len(others) and all(map(_same, lines, others))


def join(lines: Sequence[LineSnapshot], others: Sequence[LineSnapshot]) -> list[int | None]:
    """For each of `lines` the place of its counterpart in `others`; None where none is left."""
    if is_same_text(lines, others):
        return [*range(len(lines))]
    found: list[int | None] = [None] * len(lines)
    left = dict.fromkeys(range(len(others)))
    for words in _WORDS:
        waiting: dict[object, list[int]] = {}
        for place in reversed(left):
            waiting.setdefault(words(others[place]), []).append(place)
        for index, line in enumerate(lines):
            if found[index] is None and (same := waiting.get(words(line))):
                place = found[index] = same.pop()
                left.pop(place)
    unjoined = iter(left)
    return [next(unjoined, None) if place is None else place for place in found]


def _same(one: LineSnapshot, other: LineSnapshot) -> bool:
    return content(one) == content(other)
