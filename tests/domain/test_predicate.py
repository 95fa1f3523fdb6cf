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
    (event, whom), (other, another) = left, right
    is_same = event is other and (
        whom.strip().casefold() == another.strip().casefold()
        if event is Predicate.NUMBER_FREE
        else whom == another
    )
    assert (event.of(whom) == other.of(another)) == is_same


def test_a_number_is_the_same_in_other_letters_and_an_id_is_not() -> None:
    assert Predicate.NUMBER_FREE.of("INV-1") == Predicate.NUMBER_FREE.of(" inv-1 ")
    assert Predicate.MOVED_IN_XERO.of("A") != Predicate.MOVED_IN_XERO.of("a")
