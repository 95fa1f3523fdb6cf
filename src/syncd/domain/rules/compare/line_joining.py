"""Joining: which line of one list is which line of another, where no id says so.

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


def reads_the_same(mine: Sequence[LineSnapshot], theirs: Sequence[LineSnapshot]) -> bool:
    """Whether both lists show the same lines, one after the other."""
    return len(mine) == len(theirs) and all(map(_same, mine, theirs))


def join(mine: Sequence[LineSnapshot], theirs: Sequence[LineSnapshot]) -> list[int | None]:
    """For each line of `mine` the place of its line in `theirs`; None where none is left."""
    if reads_the_same(mine, theirs):
        return [*range(len(mine))]
    found: list[int | None] = [None] * len(mine)
    left = dict.fromkeys(range(len(theirs)))
    for words in _WORDS:
        waiting: dict[object, list[int]] = {}
        for place in reversed(left):
            waiting.setdefault(words(theirs[place]), []).append(place)
        for index, line in enumerate(mine):
            if found[index] is None and (same := waiting.get(words(line))):
                place = found[index] = same.pop()
                left.pop(place)
    rest = iter(left)
    return [next(rest, None) if place is None else place for place in found]


def _same(one: LineSnapshot, other: LineSnapshot) -> bool:
    return content(one) == content(other)
