"""A digest is told by its values and their kinds, and computed by the book."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.journal import hash_chain
from tests.searching import examples

SCALARS = st.one_of(
    st.none(), st.text(max_size=3), st.binary(max_size=3), st.integers(-(2**63), 2**63 - 1)
)


def test_digest_is_that_of_a_messagepack_array() -> None:
    array = b"\x94\xc0\x07\xa2\xc3\xa9\xc4\x01\xff"

    assert hash_chain.digest(None, 7, "é", b"\xff") == sha256(array).digest()


@examples(40)
@given(st.lists(SCALARS, max_size=4), st.lists(SCALARS, max_size=4))
def test_digest_tells_rows_apart(left: list[str | None], right: list[str | None]) -> None:
    kinds = [[type(one) for one in row] for row in (left, right)]
    is_same = left == right and kinds[0] == kinds[1]

    assert (hash_chain.digest(*left) == hash_chain.digest(*right)) is is_same
