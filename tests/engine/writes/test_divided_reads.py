"""What Xero refuses to be asked for is left out, and everything else is read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import Refused
from syncd.domain.model.value import Value
from syncd.engine.writes import divided_reads
from syncd.ports.rows import Rows

TEXTS = [f"t{number}" for number in range(40)]


class Row(Value, frozen=True):
    id: str


class Asked:
    """Answers for every text but `odd`, and counts the calls."""

    def __init__(self, odd: set[str]) -> None:
        self._odd = odd
        self.calls = 0

    async def __call__(self, wanted: Sequence[str]) -> Rows[Row]:
        self.calls += 1
        if self._odd & set(wanted):
            raise Refused("400", system="xero", status=400)
        return Rows([Row(one) for one in wanted])


@given(st.lists(st.sampled_from(TEXTS), unique=True, max_size=divided_reads.MOST_ALONE))
async def test_all_but_what_is_refused_alone_is_found(odd: list[str]) -> None:
    ask = Asked(set(odd))
    found = await divided_reads.found(ask, TEXTS)

    assert [row.id for row in found] == [one for one in TEXTS if one not in odd]
    assert ask.calls <= 1 + 12 * len(odd)


async def test_who_refuses_every_question_is_asked_a_few_times() -> None:
    ask = Asked(set(TEXTS))
    with pytest.raises(Refused):
        await divided_reads.found(ask, TEXTS)

    assert ask.calls <= 12


async def test_nothing_is_asked_for_nothing() -> None:
    ask = Asked(set())

    assert len(await divided_reads.found(ask, [])) == 0
    assert ask.calls == 0
