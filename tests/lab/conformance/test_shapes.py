"""What the contract's numbers, dates and instants may look like."""

from __future__ import annotations

import asyncio
import itertools
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.lab.conformance import feed, reads, shapes, write_back
from syncd.lab.conformance.expectations import EXPECTED
from tests.lab.conformance.support import canned


@given(st.decimals(-(10**12), 10**12, places=4, allow_nan=False))
def test_amount_of_four_decimals_is_one_however_it_is_written(amount: Decimal) -> None:
    read = json.loads(f"{amount:f}0", parse_float=Decimal)

    assert shapes.is_amount(read)
    assert not shapes.is_amount(str(amount))
    assert not shapes.is_amount(amount + Decimal("0.00001"))


@pytest.mark.parametrize("value", [True, None, "1", [1], {}])
def test_what_is_no_number_is_no_amount(value: object) -> None:
    assert not shapes.is_amount(value)


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("2026-11-20T01:02:03Z", True),
        ("2026-11-20T01:02:03.123456Z", True),
        ("2026-11-20T01:02:03", False),
        ("2026-11-20T01:02:03+00:00", False),
        ("2026-13-20T01:02:03Z", False),
        ("2026-11-20", False),
    ],
)
def test_instant_is_in_utc_with_z(text: str, is_so: bool) -> None:
    assert shapes.is_instant(text) is is_so
    assert not shapes.is_day(text) or text == "2026-11-20"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["changes", "items", "results", "nextCursor", "hasMore", "seq", "id", "kind"]
            )
            | st.sampled_from(["version", "at", "deleted", "data", "lines", "updatedAt", "index"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(said=st.lists(_JSON, min_size=1, max_size=6))
def test_no_answer_whatever_it_says_stops_the_look(said: list[object]) -> None:
    turn = itertools.cycle(said)
    at = canned.looked(lambda *_: (200, next(turn)), most_calls=40)

    async def look() -> None:
        found = await feed.look(at.server, old_cursor="old")
        await reads.look(at.server, found)
        await write_back.look(at.server, canned.ID, found.end)

    asyncio.run(look())

    assert len(at.server.expectations.lines()) == len(EXPECTED)
