"""The laws of joining: content before place, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.snapshot import LineSnapshot
from syncd.domain.rules.compare import line_joining

few = st.none() | st.sampled_from(["a", "b"])
lines = st.builds(
    LineSnapshot, id=st.just(""), description=few, quantity=few, unit_amount=few, tracking=few
)


def numbered(found: list[LineSnapshot]) -> list[LineSnapshot]:
    return [replace(line, id=str(place)) for place, line in enumerate(found)]


@given(st.lists(lines, max_size=6), st.randoms(use_true_random=False))
def test_any_permutation_joins_lines_of_the_same_content(
    found: list[LineSnapshot], chance: Random
) -> None:
    mine = numbered(found)
    theirs = chance.sample(mine, len(mine))

    joined = line_joining.join(mine, theirs)

    assert sorted(place for place in joined if place is not None) == [*range(len(mine))]
    for line, place in zip(mine, joined, strict=True):
        assert place is not None
        assert line_joining.content(line) == line_joining.content(theirs[place])


@given(st.lists(lines, max_size=6), st.lists(lines, max_size=6))
def test_every_line_is_joined_once_as_long_as_there_are_any(
    mine: list[LineSnapshot], theirs: list[LineSnapshot]
) -> None:
    joined = line_joining.join(mine, theirs)

    places = [place for place in joined if place is not None]
    assert len(joined) == len(mine)
    assert len(places) == len(dict.fromkeys(places)) == min(len(mine), len(theirs))


def test_lines_that_read_the_same_are_joined_by_place() -> None:
    one, other = LineSnapshot(id="", description="a"), LineSnapshot(id="", description="b")

    assert line_joining.join([one, other, one], [one, one, other]) == [0, 2, 1]


def test_a_line_that_came_back_altered_is_known_by_what_is_left_of_it() -> None:
    first = LineSnapshot(id="", description="Labour", quantity="3", unit_amount="0.1234")
    second = replace(first, quantity="4", tracking="Region: North")
    rounded = replace(first, unit_amount="0.12")
    dropped = replace(second, unit_amount="0.12", tracking=None)

    assert line_joining.join([first, second], [dropped, rounded]) == [1, 0]


@given(st.lists(lines, max_size=4), st.lists(lines, max_size=4))
def test_lists_show_the_same_text_where_each_line_shows_that_of_its_place(
    mine: list[LineSnapshot], theirs: list[LineSnapshot]
) -> None:
    shown = [[line_joining.content(line) for line in side] for side in (mine, theirs)]

    assert line_joining.is_same_text(mine, theirs) == (shown[0] == shown[1])
    again = [LineSnapshot(**{**as_dict(line), "id": "other"}) for line in mine]
    assert line_joining.is_same_text(mine, again)
    assert not line_joining.is_same_text(mine, [*again, LineSnapshot(id="")])
    assert not line_joining.is_same_text([*mine, LineSnapshot(id="")], again)


def as_dict(line: LineSnapshot) -> dict[str, str | None]:
    """Its fields anew, in texts of their own: what is equal need not be the same object."""
    fields = {name: getattr(line, name) for name in line.__struct_fields__}
    return {name: text and "".join([*text]) for name, text in fields.items()}
