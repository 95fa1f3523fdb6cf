"""Every event has a topic of its own, and one about somebody says whom."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.predicate import Predicate

texts = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=20)
any_event = st.tuples(st.sampled_from(Predicate), texts)


@given(any_event, any_event)
def test_different_events_have_different_topics(
    left: tuple[Predicate, str], right: tuple[Predicate, str]
) -> None:
    assert (left[0].of(left[1]) == right[0].of(right[1])) == (left == right)
