"""Identifiers follow from their seed."""

from __future__ import annotations

import pytest

from syncd.sandbox.xero.ledger.identifiers import Mint, is_guid, sql_order


def test_one_seed_mints_one_row() -> None:
    first, second, other = Mint("a"), Mint("a"), Mint("b")
    row = [first.guid() for _ in range(50)]

    assert row == [second.guid() for _ in range(50)]
    assert not set(row) & {other.guid() for _ in range(50)}
    assert len(set(row)) == 50


def test_guids_have_their_form() -> None:
    assert all(is_guid(Mint(f"{seed}").guid()) for seed in range(20))


@pytest.mark.parametrize("text", ["", "PL-1", "2f79af6c-5f57-49e8-9e44-301499538ad", "z" * 36])
def test_other_texts_are_no_guids(text: str) -> None:
    assert not is_guid(text)


def test_lengths_are_as_asked() -> None:
    mint = Mint("a")

    assert [len(mint.letters(20)), len(mint.opaque(43)), len(mint.hexadecimal(32))] == [20, 43, 32]


def test_sql_server_compares_the_last_group_first_and_the_first_three_backwards() -> None:
    """Facts §3.4, the default order of lists: 53 rows of one instant were seen so."""
    in_order = [
        "ffffffff-ffff-4fff-ffff-000000000001",
        "00000001-0000-4000-a000-000000000002",
        "01000000-0000-4000-a000-000000000002",
        "00000000-0001-4000-a000-000000000002",
        "00000000-0100-4000-a000-000000000002",
        "00000000-0000-4001-a000-000000000002",
        "00000000-0000-4000-a001-000000000002",
    ]
    swapped = [in_order[0], in_order[2], in_order[1], in_order[4], in_order[3], *in_order[5:]]

    assert sorted(in_order, key=sql_order) == swapped
    assert sql_order("A" * 8 + in_order[0][8:]) == sql_order("a" * 8 + in_order[0][8:])
    assert sql_order("PL-1") == "PL-1"
